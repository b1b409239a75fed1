"""The JSON API, `/events/api/v1`."""

from fastapi import APIRouter

from . import activity, registration

router = APIRouter(prefix="/events/api/v1", tags=["events"])
router.include_router(activity.router)
router.include_router(registration.router)
