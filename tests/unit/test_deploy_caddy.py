"""The front door leads to every page that the services have."""

import re
from fnmatch import fnmatchcase

import pytest

from deploy.local.layout import CHECKOUT
from shared.contracts.publish.writing import _app
from shared.web.rights import all_actions_of

INSIDE = ("/health/", "/metrics")
"""Asked on the services' own ports alone."""
_LEADS = re.compile(r"^\s*@(\w+) path (.+)$", re.MULTILINE)


@pytest.mark.parametrize("service", ["requests", "matching", "events", "kpi"])
def test_every_route_is_reached_through_the_front_door(service):
    leads = dict(_LEADS.findall((CHECKOUT / "deploy/caddy/Caddyfile").read_text()))
    everywhere = [path for paths in leads.values() for path in paths.split()]
    routes = {path for _method, path, _actions in all_actions_of(_app(service)) if not path.startswith(INSIDE)} - {"/"}
    own = [path for path in routes if path.startswith(f"/{service}/")]
    assert all(any(fnmatchcase(path, lead) for lead in leads[service].split()) for path in own)
    assert {path for path in routes if not any(fnmatchcase(path, lead) for lead in everywhere)} == set()
