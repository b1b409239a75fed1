"""Pages and JSON API: a module per aggregate, the API beside them."""

from services.matching.web import (
    api,
    call_forms,
    calls,
    changes_api,
    comparing,
    demands,
    exchanges,
    exchanges_api,
    expert_own,
    experts,
    experts_api,
    home,
    ideas,
    ideas_api,
    interests,
    life,
    life_api,
    offers,
    promoters,
    promoters_api,
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
    expert_own.router, experts.router, demands.router, experts_api.router, ideas.router, ideas_api.router,
    promoters.router, promoters_api.router,
)  # fmt: skip
