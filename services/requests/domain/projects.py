"""Projects: their stage, grants and members; and the months of a period as it is written."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from services.requests.commands import Drawn, Moment, Reason, Several, Title
from shared.contracts.base import Command, Event
from shared.contracts.projects import ProjectChanged, ProjectEntered, ProjectRemoved
from shared.contracts.refused import Refused

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(r"\b([A-Za-z]{3})[a-z]*\.?\s+(20\d\d)\b")
ProjectId = Annotated[str, StringConstraints(pattern=r"^project-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("Leave out characters that cannot be printed.")
    return text


Phrase = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True), AfterValidator(_one_line)]
Grant = Annotated[Decimal, Field(ge=0, le=10_000_000_000, decimal_places=2)]


class Stage(StrEnum):
    CURRENT = "current"
    SUBMITTED = "submitted"
    PIPELINE = "pipeline"
    ENDED = "ended"


class AboutProject(Command):
    happened_at: Moment | None = None
    title: Title
    stage: Stage
    programme: Phrase = ""
    coordinator: Phrase = ""
    lead: Phrase = ""
    themes: Phrase = ""
    period: Phrase = ""
    """As it is written: `Mar 2022 - Feb 2025`."""
    starts_on: date | None = None
    ends_on: date | None = None
    eu_grant: Grant | None = None
    own_grant: Grant | None = None
    members: Several = ()


class EnterProject(AboutProject):
    project: Annotated[str, Drawn] = ""


class ChangeProject(AboutProject):
    """What the project is from now on."""

    project: ProjectId


class RemoveProject(Command):
    """It was entered by mistake."""

    happened_at: Moment | None = None
    project: ProjectId
    reason: Annotated[Reason, StringConstraints(min_length=1)]
    words: Annotated[str, Drawn] = ""


WORDS_OF = ("title", "programme", "coordinator", "lead", "themes", "period")


@dataclass(frozen=True, slots=True)
class Project:
    stage: str = ""
    members: tuple[str, ...] = ()
    eu_grant: int | None = None
    """In cents."""
    own_grant: int | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    removed: bool = False


def enter(project: Project, command: EnterProject, *, members: frozenset[str]) -> list[Event]:
    _check(command, members)
    return [ProjectEntered(**_facts(command))]


def change(
    project: Project, command: ChangeProject, *, members: frozenset[str], described: Sequence[str] = ()
) -> list[Event]:
    _there(project)
    _check(command, members)
    facts = _facts(command)
    if facts == _stands(project) and not described:
        return []
    return [
        ProjectChanged(
            **facts,
            previous_stage=project.stage,
            previous_members=project.members,
            previous_eu_grant=project.eu_grant,
            previous_own_grant=project.own_grant,
            described=tuple(described),
        )
    ]


def remove(project: Project, command: RemoveProject) -> list[Event]:
    _there(project)
    return [ProjectRemoved(**_stands(project), words=command.words or None)]


def _facts(command: AboutProject) -> dict[str, Any]:
    first, last = months_of(command.period) or (None, None)
    return {
        "stage": command.stage.value,
        "members": command.members,
        "eu_grant": cents(command.eu_grant),
        "own_grant": cents(command.own_grant),
        "starts_on": command.starts_on or first,
        "ends_on": command.ends_on or last,
    }


def _stands(project: Project) -> dict[str, Any]:
    return {
        "stage": project.stage,
        "members": project.members,
        "eu_grant": project.eu_grant,
        "own_grant": project.own_grant,
        "starts_on": date.fromisoformat(project.starts_on) if project.starts_on else None,
        "ends_on": date.fromisoformat(project.ends_on) if project.ends_on else None,
    }


def cents(grant: Decimal | None) -> int | None:
    return None if grant is None else int(grant * 100)


def months_of(period: str) -> tuple[date, date] | None:
    """First and last day of `Mar 2022 - Feb 2025`; None where it does not name two months with their years."""
    found = [(MONTHS.index(name.lower()) + 1, int(year)) for name, year in _MONTH.findall(period)
             if name.lower() in MONTHS]  # fmt: skip
    if len(found) != 2:
        return None
    (first, of), (last, until) = found
    start, end = date(of, first, 1), date(until, last, monthrange(until, last)[1])
    return (start, end) if start < end else None


def _check(command: AboutProject, members: frozenset[str]) -> None:
    if command.starts_on and command.ends_on and command.ends_on < command.starts_on:
        raise Refused("ends-before-it-starts", "Give an end that is not before the start.", status=422)
    if unknown := [one for one in command.members if one not in members]:
        named = ", ".join(unknown)
        raise Refused("members-unknown", "Choose members of this network; %(named)s is none.", status=422, named=named)


def _there(project: Project) -> None:
    if not project.stage or project.removed:
        raise Refused("not-found", "There is no such project any more.", status=404)


def evolve(project: Project, event: Event) -> Project:
    match event:
        case ProjectEntered() | ProjectChanged():
            return Project(
                event.stage,
                event.members,
                event.eu_grant,
                event.own_grant,
                event.starts_on.isoformat() if event.starts_on else None,
                event.ends_on.isoformat() if event.ends_on else None,
            )
        case ProjectRemoved():
            return replace(project, removed=True)
    return project
