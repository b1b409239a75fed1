"""Reads the networks' files. A mistake in one is told with its file and line, and stops the start."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.profiles.profile import Profile

FOLDER = Path(__file__).parent
NETWORKS = ("ela", "earlall", "fr-it-pt-es", "eures", "etf")

Place = tuple[str | int, ...]


class ProfileError(Exception):
    """A profile that cannot be used; reads `<file>, line <n>: <what is wrong>`."""


@cache
def load(network: str) -> Profile:
    """The profile of a network; raises `ProfileError`."""
    if network not in NETWORKS:
        raise ProfileError(f"There is no network {network!r}; there are {', '.join(NETWORKS)}.")
    return read(FOLDER / f"{network}.toml")


@cache
def profiles() -> dict[str, Profile]:
    """All networks by their id."""
    return {network: load(network) for network in NETWORKS}


def read(path: Path) -> Profile:
    """The profile in a file, checked; raises `ProfileError` that names file and line."""
    raw, text = read_toml(path)
    raw.setdefault("practice_fields", read_toml(path.parent / raw.pop("practice_form", "practice-form.toml"))[0])
    registering = read_toml(path.parent / raw.pop("registration_form", "registration-form.toml"))[0]
    raw["registering"] = {**registering, **raw.get("registering", {})}
    raw.setdefault("feedback", read_toml(path.parent / raw.pop("feedback_form", "feedback-form.toml"))[0])
    try:
        profile = Profile.model_validate(raw)
    except ValidationError as error:
        raise ProfileError("\n".join(told(path, text, raw, one["loc"], one["msg"]) for one in error.errors())) from None
    found = [told(path, text, raw, place, sentence) for place, sentence in _contradictions(profile)]
    if profile.id != path.stem:
        found.append(told(path, text, raw, ("id",), f"The id is {profile.id!r}, the file's name {path.stem!r}."))
    if found:
        raise ProfileError("\n".join(found))
    return profile


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    text = path.read_text("utf-8")
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        sentence, _, where = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", where)
        at = line[1] if line else str(len(text.splitlines()))
        raise ProfileError(f"{path.name}, line {at}: {sentence}.") from None


def _contradictions(profile: Profile) -> Iterator[tuple[Place, str]]:
    """What refers to nothing. (That each row is well formed, the model has checked.)"""
    lines = {line.id for plan in profile.plans for line in plan.lines}
    headings = {heading.id for heading in profile.headings}
    pillars = {"", *(pillar.id for pillar in profile.pillars)}
    members = set(profile.member_codes)
    objectives = {objective.id for objective in profile.objectives}
    for at, plan in enumerate(profile.plans):
        for line in plan.lines:
            place: Place = ("plans", at, "lines", line.heading, line.id)
            if line.heading not in headings:
                yield place, f"There is no heading {line.heading!r}."
            if line.pillar not in pillars:
                yield place, f"There is no pillar {line.pillar!r}."
            if strangers := set(line.objectives) - objectives:
                yield place, f"There is no objective {', '.join(sorted(strangers))!r}."
    for asked in profile.request_kinds.values():
        place = ("request_kinds", asked.id)
        if asked.line is not None and asked.line not in lines:
            yield (*place, "line"), f"No plan has a line {asked.line!r}."
        if asked.activity_kind not in profile.activity_kinds:
            yield (*place, "activity_kind"), f"There is no activity kind {asked.activity_kind!r}."
    for kind in profile.activity_kinds.values():
        place = ("activity_kinds", kind.id)
        if kind.line is not None and kind.line not in lines:
            yield (*place, "line"), f"No plan has a line {kind.line!r}."
        if kind.pillar not in pillars:
            yield (*place, "pillar"), f"There is no pillar {kind.pillar!r}."
    for one in profile.bilateral:
        place = ("bilateral", one.id)
        if one.kind not in profile.activity_kinds:
            yield (*place, "kind"), f"There is no activity kind {one.kind!r}."
        if one.line not in lines:
            yield (*place, "line"), f"No plan has a line {one.line!r}."
        if strangers := set(one.members) - members:
            yield (*place, "members"), f"Not members of this network: {', '.join(sorted(strangers))}."
    if profile.reading not in {reading.id for reading in profile.readings}:
        yield ("reading",), f"There is no reading {profile.reading!r}."


def told(path: Path, text: str, raw: dict[str, Any], place: Place, sentence: str) -> str:
    """The sentence with the file and the line of the nearest table or key that leads to the place."""
    keys = _as_keys(raw, place)
    lines = _lines(text)
    known = next((keys[:n] for n in range(len(keys), 0, -1) if keys[:n] in lines), ())
    what = ".".join(str(key) for key in keys)
    return f"{path.name}, line {lines.get(known, 1)}: {what}: {sentence}"


def _as_keys(raw: Any, place: Place) -> Place:
    """The place as the file writes it: where the model counts the rows of a table, the table's key."""
    keys: list[str | int] = []
    for step in place:
        if isinstance(step, int) and isinstance(raw, dict) and step < len(raw):
            step = list(raw)[step]  # noqa: PLW2901
        keys.append(step)
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            raw = None
    return tuple(keys)


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r'^\s*("[^"]*"|[A-Za-z0-9_-]+)\s*=')


def _lines(text: str) -> dict[Place, int]:
    """The line of every table and key, as far as one look at each line can tell."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        was_inside, inside = inside, inside ^ (line.count('"""') % 2 == 1)
        if was_inside:
            continue
        if header := _HEADER.match(line):
            path: Place = ()
            for part in header[2].split("."):
                path = (*path, part.strip().strip('"'))
                if path in counts and path != _plain(header[2]):
                    path = (*path, counts[path])
            if header[1] == "[[":
                counts[path] = counts.get(path, -1) + 1
                path = (*path, counts[path])
            table = path
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key[1].strip('"')), number)
    return found


def _plain(header: str) -> Place:
    return tuple(part.strip().strip('"') for part in header.split("."))
