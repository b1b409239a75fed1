"""For those who run it: is the process up, can it work, what has it measured. Not passed on by the front door."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

from shared import clock
from shared.web.rights import unasked

Probe = Callable[[], Awaitable[str | None]]
"""None where all is well, else the reason why the service cannot work now."""


def health_router(probes: Sequence[Probe]) -> APIRouter:
    router = APIRouter(dependencies=[unasked()], include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "up", "clock": clock.now().isoformat()}

    @router.get("/health/ready")
    async def ready() -> Response:
        reasons = [reason for probe in probes if (reason := await _asked(probe))]
        status = "not ready" if reasons else "ready"
        return JSONResponse({"status": status, "reasons": reasons}, 503 if reasons else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _asked(probe: Probe) -> str | None:
    try:
        return await probe()
    except Exception as error:
        return f"{getattr(probe, '__name__', 'probe')}: {type(error).__name__}"
