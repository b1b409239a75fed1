"""Pages and API, a module per aggregate."""

from . import (
    accepting,
    api,
    attachments,
    desk,
    drafts,
    fates_api,
    forms,
    intake,
    knowing,
    merging,
    plans,
    proposal,
    questions,
    reopen,
    resources,
    together,
    triage,
)

# The fixed addresses go before `/requests/{id}`.
routers = (
    api.router, fates_api.router, attachments.router, forms.router, drafts.router, intake.router, triage.router,
    resources.router, resources.api, proposal.router,
    *plans.routers, *knowing.routers,
    reopen.router, merging.router, accepting.router, questions.router, together.router, desk.router,
)  # fmt: skip
