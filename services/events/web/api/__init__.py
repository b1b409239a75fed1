"""The JSON API, `/events/api/v1`."""

from . import activity, alert, feedback, practice, registration, rules

# Routes are tried in their order: registering is what a thousand people do at once.
routers = (registration.router, activity.router, rules.router, feedback.router, practice.router, alert.router)
