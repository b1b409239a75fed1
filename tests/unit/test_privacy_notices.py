"""Wherever somebody writes in their own words, the form says what becomes of it."""

import re
from pathlib import Path

import pytest

from shared.people.notices import NOTICES
from shared.profiles import NETWORKS, load

ROOT = Path(__file__).parents[2]
TEMPLATES = [path for part in ("services", "shared") for path in sorted((ROOT / part).rglob("*.html"))]


def test_every_form_with_free_text_carries_a_notice() -> None:
    written = [path for path in TEMPLATES if "ui.textarea(" in path.read_text()]
    assert len(written) > 10
    without = [str(path.relative_to(ROOT)) for path in written if "ui.privacy(" not in path.read_text()]
    assert without == []


def test_every_notice_named_is_there() -> None:
    named = {name for path in TEMPLATES for name in re.findall(r'ui\.privacy\("(\w+)"', path.read_text())}
    assert named <= NOTICES.keys()


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_says_how_long_each_kind_is_kept(network: str) -> None:
    retention = load(network).retention
    assert min(retention[notice.kept] for notice in NOTICES.values()) > 0
