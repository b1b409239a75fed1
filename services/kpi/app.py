"""The service put together: `uvicorn services.kpi.app:app`."""

from .replica import build

app = build()
