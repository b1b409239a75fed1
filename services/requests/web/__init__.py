"""Pages and API, a module per aggregate."""

from . import api, attachments, desk, forms, intake, plan, plan_api, reopen, triage

# The fixed addresses go before `/requests/{id}`.
routers = (
    api.router, attachments.router, plan_api.router, forms.router, intake.router, triage.router, plan.router,
    reopen.router, desk.router,
)  # fmt: skip
