"""What the network knows beside its requests: needs, figures from outside, projects; and a member's year."""

from . import matrix, needs, needs_api, projects, projects_api, readings, readings_api, readings_entry, year

routers = (
    needs_api.router, readings_api.router, projects_api.router, matrix.router, needs.router, readings_entry.router,
    readings.router, projects.router, year.router,
)  # fmt: skip
