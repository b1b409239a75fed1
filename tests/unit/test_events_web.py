"""What the routes of `events` declare, and what its intake makes of a form's words; no server behind them."""

from pathlib import Path

import pytest

import services.events.web
from services.events import intake
from services.events.certifying import decisions_of_path
from services.events.commands import Asked
from services.events.commands.certificate import CompletePath
from services.events.domain.certificate import Certificate
from services.events.domain.path import Path as LearningPath
from services.events.web.door import Scans
from services.events.web.rules import _numbers
from shared.contracts.certificates import CertificateIssued
from shared.contracts.refused import Refused
from shared.profiles import load
from shared.settings import Settings
from shared.web.app import create_app
from shared.web.openapi import describe
from shared.web.rights import actions_of
from tests.support.sessions import SessionsInMemory

TEMPLATES = Path(services.events.web.__file__).parent.parent / "templates"


@pytest.fixture(scope="module")
def app():
    return create_app(
        "events",
        title="Events",
        routers=services.events.web.routers,
        templates=TEMPLATES,
        settings=Settings(profile="local"),
        sessions=SessionsInMemory(),
    )


def test_every_route_declares_who_may(app) -> None:
    undeclared = [(method, path) for method, path, action in actions_of(app) if action is None]
    assert undeclared == []


def test_links_and_feedback_are_open_to_everybody_and_nothing_else_that_changes_something(app) -> None:
    open_to_all = {path for method, path, action in actions_of(app) if action == "public" and method == "POST"}
    ours = {path for path in open_to_all if path.startswith("/events/")}
    assert ours == {
        "/events/feedback/{survey:survey}/{token}",
        "/events/api/v1/feedback/{survey:survey}/{token}",
        "/events/intake/webhook/{connection:connection}",
        "/events/mine/{token}/cancel",
        "/events/mine/{token}/accept",
        "/events/mine/{token}/here",
        "/events/mine/{token}/mode",
        "/events/mine/{token}/link",
    }


def test_the_description_names_the_bodies(app) -> None:
    document = describe(app)
    paths = document["paths"]
    assert "/events/api/v1/activities/{activity}/registrations" in paths
    body = paths["/events/api/v1/activities/{activity}/schedule"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"]["$ref"].endswith("/ScheduleBody")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("BG", "BG"),
        ("bulgaria", "BG"),
        ("България", "BG"),
        ("GR", "EL"),
        ("European Commission", "commission"),
        ("Atlantis", None),
        ("slic", "slic"),
    ],
)
def test_a_forms_word_for_a_member_becomes_its_code(text: str, code: str | None) -> None:
    if code is None:
        with pytest.raises(Refused):
            intake.member_code(text, load("ela"))
    else:
        assert intake.member_code(text, load("ela")) == code


def test_a_forms_word_for_a_mode_becomes_ours() -> None:
    data = {"name": "A", "email": "a@example.eu", "member": "BG"}
    assert intake.Answers.model_validate(data | {"mode": "In person"}).mode == "on-site"
    assert intake.Answers.model_validate(data | {"mode": ""}).mode is None


def test_a_question_keeps_its_number_when_others_go() -> None:
    kept = [Asked(id=id, title="?", kind="words") for id in ("own-2", "of-a-template-that-left", "own-5")]
    assert _numbers(kept) == [2, 1, 5]


def test_one_wrong_scan_keeps_none_of_the_others_back() -> None:
    own = {"scan": "a", "code": "ABCDE23456"}
    kept = [own, {**own, "code": "x" * 5_000}, {**own, "ago": 1e300}]
    assert len(Scans.model_validate({"scans": kept}).scans) == 3
    with pytest.raises(ValueError, match="finite"):
        Scans.model_validate({"scans": [{**own, "ago": float("inf")}]})


def test_who_completes_a_path_at_once_gets_a_place_of_their_own_in_its_list() -> None:
    path, own = f"path-{'0' * 8}-0000-7000-8000-{'0' * 12}", "certificate-1"
    issued = CertificateIssued(person="a", member="BG", path=path, index=0, on="2024-09-01", expires_on=None)
    decides = decisions_of_path(path, own, issued)
    command = CompletePath(path=path, person="a", happened_at="2024-09-01T09:00:00Z")
    decides[path](LearningPath(completed={"b": "certificate-2"}), command)
    (event,) = decides[own](Certificate(), command)
    assert event.index == 1
