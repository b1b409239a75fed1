"""The pages and the JSON API of `events`; the same name in every room is the same thing."""

from . import (
    activity,
    alert,
    answering,
    attendance,
    catalogue,
    certificate_check,
    certificate_mine,
    certificates,
    connection,
    course,
    delegation,
    desk,
    documents,
    door,
    feedback,
    mine,
    paths,
    practices,
    registration,
    reports,
    rules,
    setting_up,
)  # fmt: skip
from .api import routers as api

# What has a word in its address comes before what has an activity's id there.
routers = (
    *api, *practices.routers, alert.router, door.router, paths.router, reports.router, certificate_mine.router,
    certificate_check.router, certificates.router, documents.router, catalogue.router, feedback.router,
    connection.router, setting_up.router, desk.router, course.router, attendance.router, mine.router,
    registration.router, answering.router, rules.router, delegation.router, activity.router,
)  # fmt: skip
