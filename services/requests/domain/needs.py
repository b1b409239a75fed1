"""What people need: analyses with their findings, what evaluations tell, and when the newest analysis is too old."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from services.requests.commands import Drawn, Id, Moment, Reason, Title, Words
from shared.contracts.base import Command, Event
from shared.contracts.needs import (
    AgendaNoted,
    EvaluationReceived,
    FindingRow,
    NeedsOutdated,
    NeedsRecorded,
    NeedsRevised,
    NeedsWithdrawn,
)
from shared.contracts.refused import Refused

LIGHTEST, HEAVIEST, MOST_FINDINGS = 1, 5, 200
FEWEST_ANSWERS = 5
"""Of an activity's survey: fewer could tell who gave which."""
NeedsId = Annotated[str, StringConstraints(pattern=r"^needs-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Finding(Command):
    """A need: who, what, and how much."""

    target_group: Id
    topic: Id
    weight: Annotated[int, Field(ge=LIGHTEST, le=HEAVIEST)] = 3

    @property
    def row(self) -> FindingRow:
        return self.target_group, self.topic, self.weight


class AboutNeeds(Command):
    happened_at: Moment | None = None
    source: Id
    on: date
    title: Title
    summary: Words = ""
    member: Id | None = None
    findings: Annotated[tuple[Finding, ...], Field(max_length=MOST_FINDINGS)] = ()


class RecordNeeds(AboutNeeds):
    """An analysis was made."""

    needs: Annotated[str, Drawn] = ""


class ReviseNeeds(AboutNeeds):
    """What the analysis says from now on."""

    needs: NeedsId


class WithdrawNeeds(Command):
    """It was no analysis of this network, or is there twice."""

    happened_at: Moment | None = None
    needs: NeedsId
    reason: Annotated[Reason, StringConstraints(min_length=1)]
    words: Annotated[str, Drawn] = ""


class ReceiveEvaluation(Command):
    """Somebody answered the survey of an activity."""

    activity: str
    kind: str
    line: str
    relevance: int
    added_value: int


class RemindOfNeeds(Command):
    """The newest analysis is too old today, unless there is a newer one meanwhile."""

    agenda: str


class Rules(NamedTuple):
    """What the network's profile knows."""

    sources: frozenset[str]
    groups: frozenset[str]
    topics: frozenset[str]
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Analysis:
    source: str = ""
    on: str = ""
    member: str | None = None
    findings: tuple[FindingRow, ...] = ()
    withdrawn: bool = False


def check(command: AboutNeeds, rules: Rules) -> None:
    """Refuse what the network does not know."""
    if command.on > command.when.date():
        raise Refused(
            "on-in-the-future", "Give the day on which the analysis was made; it has not come yet.", status=422
        )
    known = [("source", command.source, rules.sources), ("member", command.member, rules.members)]
    for one in command.findings:
        known += [("target-group", one.target_group, rules.groups), ("topic", one.topic, rules.topics)]
    for name, value, choices in known:
        if value is not None and value not in choices:
            raise Refused(f"{name}-unknown", "Choose one of the list; %(value)s is not on it.", status=422, value=value)
    if not command.findings:
        raise Refused("findings-missing", "Add a finding: a target group, a topic and a weight.", status=422)
    pairs = [one.row[:2] for one in command.findings]
    if len(set(pairs)) < len(pairs):
        raise Refused("finding-twice", "The same target group and topic stand here twice; keep one weight.", status=422)


def record(analysis: Analysis, command: RecordNeeds, *, rules: Rules) -> list[Event]:
    check(command, rules)
    return [NeedsRecorded(**_facts(command))]


def revise(analysis: Analysis, command: ReviseNeeds, *, rules: Rules, described: Sequence[str] = ()) -> list[Event]:
    _there(analysis)
    check(command, rules)
    facts = _facts(command)
    before = {"source": analysis.source, "on": date.fromisoformat(analysis.on), "member": analysis.member,
              "findings": analysis.findings}  # fmt: skip
    if facts == before and not described:
        return []
    return [
        NeedsRevised(**facts, **{f"previous_{name}": one for name, one in before.items()}, described=tuple(described))
    ]


def withdraw(analysis: Analysis, command: WithdrawNeeds) -> list[Event]:
    _there(analysis)
    return [
        NeedsWithdrawn(
            source=analysis.source,
            on=date.fromisoformat(analysis.on),
            member=analysis.member,
            findings=analysis.findings,
            words=command.words or None,
        )
    ]


def _facts(command: AboutNeeds) -> dict[str, object]:
    findings = tuple(one.row for one in command.findings)
    return {"source": command.source, "on": command.on, "member": command.member, "findings": findings}


def _there(analysis: Analysis) -> None:
    if not analysis.source or analysis.withdrawn:
        raise Refused("not-found", "There is no such analysis any more.", status=404)


def evolve(analysis: Analysis, event: Event) -> Analysis:
    match event:
        case NeedsRecorded() | NeedsRevised():
            return Analysis(event.source, event.on.isoformat(), event.member, event.findings)
        case NeedsWithdrawn():
            return replace(analysis, withdrawn=True)
    return analysis


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What participants of one activity said of it, summed up."""

    activity: str = ""
    kind: str = ""
    line: str = ""
    answers: int = 0
    relevance: int = 0
    added_value: int = 0


def weight_of(answers: int, relevance: int) -> int | None:
    """The weight of an evaluation's finding: how relevant it was found, rounded; None where too few have answered."""
    return (2 * relevance + answers) // (2 * answers) if answers >= FEWEST_ANSWERS else None


def receive(evaluation: Evaluation, command: ReceiveEvaluation) -> list[Event]:
    return [EvaluationReceived(**command.model_dump(exclude={"happened_at"}))]


def evolve_evaluation(evaluation: Evaluation, event: Event) -> Evaluation:
    match event:
        case EvaluationReceived():
            return Evaluation(
                event.activity,
                event.kind,
                event.line,
                evaluation.answers + 1,
                evaluation.relevance + event.relevance,
                evaluation.added_value + event.added_value,
            )
    return evaluation


@dataclass(frozen=True, slots=True)
class Agenda:
    """The days of a network's analyses; it knows the newest and when that is too old."""

    days: Mapping[str, str] = field(default_factory=dict)
    newest_on: str | None = None
    due_on: str | None = None
    outdated: bool = False
    """Whether the coordinators were reminded since the newest."""


def note(agenda: Agenda, analysis: str, on: date | None, *, years: int) -> list[Event]:
    """An analysis is of that day, or is none any more; nothing where the day is as it was."""
    if agenda.days.get(analysis) == (on.isoformat() if on else None):
        return []
    days = _noted(agenda.days, analysis, on)
    newest = date.fromisoformat(max(days.values())) if days else None
    return [AgendaNoted(analysis=analysis, on=on, newest_on=newest, due_on=_years_later(newest, years))]


def remind(agenda: Agenda, command: RemindOfNeeds) -> list[Event]:
    """Once for each newest analysis; where a newer one came, nothing follows."""
    if agenda.due_on is None or agenda.newest_on is None or agenda.outdated:
        return []
    if command.when.date().isoformat() < agenda.due_on:
        return []
    return [NeedsOutdated(newest_on=date.fromisoformat(agenda.newest_on), due_on=date.fromisoformat(agenda.due_on))]


def evolve_agenda(agenda: Agenda, event: Event) -> Agenda:
    match event:
        case AgendaNoted():
            newest = event.newest_on.isoformat() if event.newest_on else None
            due = event.due_on.isoformat() if event.due_on else None
            told = agenda.outdated and newest == agenda.newest_on
            return Agenda(_noted(agenda.days, event.analysis, event.on), newest, due, told)
        case NeedsOutdated():
            return replace(agenda, outdated=True)
    return agenda


def _noted(days: Mapping[str, str], analysis: str, on: date | None) -> dict[str, str]:
    others = {one: day for one, day in days.items() if one != analysis}
    return others | ({analysis: on.isoformat()} if on else {})


def _years_later(day: date | None, years: int) -> date | None:
    if day is None:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, month=3, day=1)
