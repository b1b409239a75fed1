"""Pages and JSON API: a module per aggregate, the API beside them."""

from services.matching.web import (
    api,
    call_forms,
    calls,
    changes_api,
    comparing,
    exchanges,
    exchanges_api,
    home,
    interests,
    life,
    life_api,
    offers,
    reasons_api,
    runs,
    runs_api,
    solving,
    supposing,
)

routers = (
    home.router, call_forms.router, calls.router, interests.router, offers.router, runs.router, exchanges.router,
    solving.router, reasons_api.router, runs_api.router, life.router,
    api.router, changes_api.router, exchanges_api.router, comparing.router, supposing.router,
    life_api.router,
)  # fmt: skip
