"""Pages and JSON API: a module per aggregate, the API beside them."""

from services.matching.web import api, calls, exchanges, home, interests, offers, runs

routers = (home.router, calls.router, interests.router, offers.router, runs.router, exchanges.router, api.router)
