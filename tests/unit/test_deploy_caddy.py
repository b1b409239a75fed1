"""The front door leads to every page that the services have."""

import re
from fnmatch import fnmatchcase

import pytest

from deploy.local.layout import CHECKOUT
from shared.contracts.publish.writing import _app
from shared.web.rights import all_actions_of

CADDYFILE = CHECKOUT / "deploy/caddy/Caddyfile"
INSIDE = ("/health/", "/metrics")
"""Asked on the services' own ports alone."""
_LEADS = re.compile(r"^\s*@(\w+) path (.+)$", re.MULTILINE)


@pytest.mark.parametrize("service", ["requests", "matching", "events", "kpi"])
def test_every_route_is_reached_through_the_front_door(service):
    leads = dict(_LEADS.findall(CADDYFILE.read_text()))
    everywhere = [path for paths in leads.values() for path in paths.split()]
    routes = {path for _method, path, _actions in all_actions_of(_app(service)) if not path.startswith(INSIDE)} - {"/"}
    own = [path for path in routes if path.startswith(f"/{service}/")]
    assert all(any(fnmatchcase(path, lead) for lead in leads[service].split()) for path in own)
    assert {path for path in routes if not any(fnmatchcase(path, lead) for lead in everywhere)} == set()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/events/feedback/survey-1/a-token", "/events/feedback/survey-"),
        ("/events/api/v1/feedback/survey-1/a-token", "/events/api/v1/feedback/survey-"),
        ("/events/mine/a-token/cancel?code=1", "/events/mine/"),
        ("/certificates/mine/a-token/badge.json", "/certificates/mine/"),
        ("/mail/unsubscribe/a-token", "/mail/unsubscribe/"),
        ("/search?q=Marta", "/search"),
        ("/events/activity-1/desk", "/events/activity-1/desk"),
    ],
)
def test_personal_links_and_searches_stay_out_of_its_log(address, kept):
    [(pattern, instead)] = re.findall(r"request>uri regexp (\S+) (\S+)", CADDYFILE.read_text())
    assert re.sub(pattern, instead.replace("$", "\\"), address) == kept


def test_every_personal_link_is_kept_out_of_its_log():
    [pattern] = re.findall(r"request>uri regexp (\S+)", CADDYFILE.read_text())
    routes = [path for name in ("requests", "events") for _method, path, _actions in all_actions_of(_app(name))]
    personal = {path for path in routes if "{token}" in path}
    assert personal
    assert {path for path in personal if not re.search(pattern, path.replace("{survey:survey}", "survey-1"))} == set()


def test_its_log_does_not_say_who_asked():
    assert {"remote_ip", "client_ip"} <= set(re.findall(r"request>(\w+) delete", CADDYFILE.read_text()))
