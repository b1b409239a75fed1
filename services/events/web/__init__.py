"""The pages and the JSON API of `events`; the same name in every room is the same thing."""

from . import (
    activity,
    attendance,
    catalogue,
    certificate_check,
    certificate_mine,
    certificates,
    connection,
    course,
    desk,
    documents,
    feedback,
    mine,
    door,
    registration,
    setting_up,
)  # fmt: skip
from .api import routers as api

    reports,
    rules,
# What has a word in its address comes before what has an activity's id there.
routers = (
    *api, *practices.routers, alert.router, door.router, reports.router, certificate_mine.router,
    certificate_check.router, certificates.router, documents.router, catalogue.router, feedback.router,
    connection.router, setting_up.router, desk.router, course.router, attendance.router, mine.router,
    registration.router, answering.router, rules.router, delegation.router, activity.router,
)  # fmt: skip
