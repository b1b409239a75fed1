"""The JSON API, `/events/api/v1`."""

from . import activity, feedback, registration

routers = (activity.router, registration.router, feedback.router)
