"""The pages and the API around the annual plan, put together."""

from . import (
    actions,
    actions_api,
    consultation,
    consultations,
    consultations_api,
    cycle,
    plan,
    plan_activities,
    plan_adoption,
    plan_api,
    plan_lineage,
    plan_more_api,
)

routers = (
    plan_api.router,
    plan_more_api.router,
    consultations_api.router,
    actions_api.router,
    plan.router,
    plan_activities.router,
    plan_adoption.router,
    plan_lineage.router,
    consultations.router,
    consultation.router,
    actions.router,
    cycle.router,
)
