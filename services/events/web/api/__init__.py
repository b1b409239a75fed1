"""The JSON API, `/events/api/v1`."""

from . import activity, registration

routers = (activity.router, registration.router)
