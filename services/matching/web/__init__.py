"""Pages and JSON API: a module per aggregate, the API beside them."""

from services.matching.web import api, calls, changes_api, exchanges, home, interests, life, life_api, offers, runs

routers = (
    home.router, calls.router, interests.router, offers.router, runs.router, exchanges.router, life.router, api.router,
    changes_api.router, life_api.router,
)  # fmt: skip
