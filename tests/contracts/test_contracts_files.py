"""What is committed under docs/contracts is what the code says, and nothing published before is broken by it."""

import json
import shutil
import subprocess

import pytest
from jsonschema import Draft202012Validator

from shared.contracts.catalogue import BY_SERVICE
from shared.contracts.publish import published, writing
from shared.contracts.publish.published import broken, current_events
from shared.contracts.publish.writing import FOLDER, LOCK

EARLIER = ("HEAD", "HEAD^", "merge-base")


@pytest.fixture(scope="module")
def now():
    """The events' schemas and the services' descriptions as the code has them."""
    return current_events(), writing.apis()


def test_the_files_are_what_the_models_say():
    wanted = writing.files(writing.read_lock())
    found = {path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in FOLDER.rglob("*.json")}
    found.pop(LOCK, None)
    other = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    assert not other, f"Run `make contracts` and commit docs/contracts; these are not as the code has them: {other}"


def test_nothing_published_is_broken(now):
    sentences = broken(writing.read_lock(), *now)
    assert not sentences, "\n".join(sentences)


def test_the_lock_holds_all_that_is_there(now):
    lock = writing.read_lock()
    assert published.extended(lock, *now) == lock, "Run `make contracts` and commit docs/contracts/published.json."


@pytest.mark.parametrize("earlier", EARLIER)
def test_nothing_of_an_earlier_commit_is_broken(earlier, now):
    """A lock narrowed by hand, beside the code that breaks it, is found out here."""
    text = _lock_of(earlier)
    sentences = broken(published.parse(text), *now) if text else []
    assert not sentences, "\n".join(sentences)


def _lock_of(earlier: str) -> str | None:
    """The lock as an earlier commit had it; None where there is no such commit, or no lock in it."""
    commit = _git("merge-base", "HEAD", "@{upstream}") if earlier == "merge-base" else earlier
    return _git("show", f"{commit.strip()}:docs/contracts/{LOCK}") if commit else None


def _git(*words: str) -> str | None:
    if not shutil.which("git"):
        return None
    done = subprocess.run(["git", *words], cwd=FOLDER, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def test_a_breaking_change_is_not_written(tmp_path, monkeypatch):
    """A field taken from the code: the command writes nothing and says what to do instead."""
    assert writing.write(tmp_path) == []
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    kind = "liaison.requests.plan.adopted.v1"
    events = current_events()
    del events[kind]["properties"]["data"]["properties"]["activities"]
    monkeypatch.setattr(published, "current_events", lambda: events)
    (sentence,) = writing.write(tmp_path)
    assert sentence.startswith(f"{kind} is published: data.activities is gone. Leave it as it is, make {kind[:-1]}2")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before


def test_writing_again_changes_nothing(tmp_path):
    writing.write(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    (tmp_path / "events" / "stale.json").write_text("{}")
    writing.write(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before


def test_a_type_written_no_more_keeps_its_file():
    gone = {"type": "object", "properties": {}}
    content = writing.files({"events": {"liaison.requests.request.wished.v1": gone}, "apis": {}})
    assert json.loads(content["events/liaison.requests.request.wished.v1.json"]) == gone | {"deprecated": True}


def test_every_schema_is_one():
    for schema in current_events().values():
        Draft202012Validator.check_schema(schema)


def test_every_service_publishes_under_its_own_name():
    for service, events in BY_SERVICE.items():
        for event in events:
            assert event.type.startswith(f"liaison.{service}."), event.type


def test_every_reference_of_the_bus_leads_somewhere():
    document = json.loads(writing.files({})["asyncapi.json"])
    references = list(_references(document))
    assert len(references) > len(current_events())
    for reference in references:
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def _references(document):
    if isinstance(document, dict):
        if "$ref" in document:
            yield document["$ref"]
        for value in document.values():
            yield from _references(value)
    elif isinstance(document, list):
        for value in document:
            yield from _references(value)
