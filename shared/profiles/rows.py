"""The rows of a profile: member, request kind, plan line, indicator and the rest.

They quote their source: figures as stated there, dates as written (`..._as_quoted`); what it leaves open is None or
empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.contracts import vocabulary
from shared.contracts.vocabulary import TargetGroup, Term

Taken = Literal[
    "agenda", "contact", "duration", "focus_area", "format", "host_member", "host_place", "inside_event", "language",
    "level", "members", "mode", "network", "officials", "owner", "participants", "period", "quarter_wished",
    "target_groups", "topic", "website", "weeks",
]  # fmt: skip
"""What a request form may ask for beyond title, reason and description, which every kind takes."""


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def listed(value: Any, known: Mapping[str, Any] | None = None, key: str = "id", text: str = "title") -> Any:
    """Rows from a table `id = "title"` or `id = {...}`; or from a list of ids that the vocabulary explains."""
    if isinstance(value, dict):
        return [{key: name, **(row if isinstance(row, dict) else {text: row})} for name, row in value.items()]
    if known is not None and isinstance(value, list):
        return [known.get(name, name) if isinstance(name, str) else name for name in value]
    return value


def keyed(value: Any) -> Any:
    """Tables that know their own id."""
    if not isinstance(value, dict):
        return value
    return {
        name: {"id": name, **(row if isinstance(row, dict) else {"title": row})} if isinstance(row, dict | str) else row
        for name, row in value.items()
    }


def _explained(*terms: tuple[Term, ...] | tuple[TargetGroup, ...]) -> BeforeValidator:
    known = {term.id: term for group in terms for term in group}
    return BeforeValidator(lambda value: listed(value, known))


COUNTRY_ROWS = {c.value: {"code": c.value, "name": c.english, "kind": "member-state"} for c in vocabulary.Country}

Terms = Annotated[tuple[Term, ...], _explained(vocabulary.FOCUS_AREAS, vocabulary.PILLARS, vocabulary.PLAN_HEADINGS)]
Groups = Annotated[tuple[TargetGroup, ...], _explained(vocabulary.TARGET_GROUPS)]


class Retention(Row):
    """Days that each kind of data is kept; what is older is deleted by itself (`shared/spine/aging.py`)."""

    persons: int = Field(ge=30)
    """Somebody without a role, after they were last registered or named."""
    requests: int = Field(ge=30)
    """The words of requests, decisions and proposals, after the last that happened to them."""
    activities: int = Field(ge=30)
    """The words of activities, likewise."""
    feedback: int = Field(ge=30)
    files: int = Field(ge=30)
    letters: int = Field(ge=1)
    dead_letters: int = Field(ge=1)
    sessions: int = Field(ge=1)

    def __getitem__(self, kind: str) -> int:
        return int(getattr(self, kind.replace("-", "_")))


class Privacy(Row):
    """Who answers for the personal data, as the notices on the forms say."""

    controller: str
    contact: str


class Member(Row):
    code: str
    name: str
    kind: Literal["member-state", "region", "municipality", "organisation", "institution", "coordination-office",
                  "cluster"]  # fmt: skip
    country: str | None = None
    languages: tuple[str, ...] = ()
    """Its national languages, the first one most; where none is named, those of its country."""
    note: str = ""


AskerKind = Literal["member", "unit", "social-partner", "network"]


class Asker(Row):
    """Somebody who asks and is no member: a network or platform, a social partner."""

    id: str
    title: str
    kind: Literal["social-partner", "network"]
    note: str = ""


class RequestKind(Row):
    """One thing a member may ask for, and what its form takes."""

    id: str
    title: str
    help: str
    line: str | None = None
    """The plan line it goes to unless the coordinator chooses another; none where the plan has no line for it."""
    activity_kind: str
    takes: tuple[Taken, ...] = ()
    options: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The choices of a field that has few: `duration`, `level`, `network`."""
    required: tuple[Taken, ...] = ()
    """Which of its fields cannot be left open."""
    requesters: tuple[AskerKind, ...] = ("member",)
    """Who may ask for it."""
    trains_directly: bool = False
    """Whether it trains people, so that groups which are reached but not trained are refused."""
    to_call: bool = False
    """Whether it becomes an interest in the open call of `matching` instead of an activity of the plan."""
    offered: bool = True
    not_offered_reason: str = ""
    recurrence: str = ""
    goal: str = ""
    cap: int | None = None
    """Requests a year; none where the source gives no number."""
    cap_note: str = ""
    source: str = ""

    def takes_field(self, name: str) -> bool:
        return name in self.takes


class Line(Row):
    """A line of an annual plan, as the source writes it."""

    id: str
    title: str
    heading: str = ""
    pillar: str = ""
    owner: str = ""
    period_as_quoted: str = ""
    other_period_as_quoted: str = ""
    """Where the source dates the same item a second time, differently."""
    status: str = ""
    quarters: tuple[str, ...] | None = None
    """None where the source leaves the marks open."""
    objectives: tuple[str, ...] = ()
    """The strategy's objectives that it serves."""
    recurrence: Literal["", "annual"] = ""
    """`annual`: what the network plans on it by itself comes again with the next year's plan."""
    note: str = ""


class Plan(Row):
    year: int | None = None
    """None where the source gives no year."""
    title: str
    stated_actions: int | None = None
    """How many actions the source says there are; the lines are those it itemises."""
    note: str = ""
    lines_by_heading: Annotated[dict[str, Annotated[dict[str, Line], BeforeValidator(keyed)]], Field(alias="lines")]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return tuple(
            line.model_copy(update={"heading": heading})
            for heading, lines in self.lines_by_heading.items()
            for line in lines.values()
        )


class ActivityKind(Row):
    id: str
    title: str
    pillar: str = ""
    line: str | None = None
    is_training: bool = False
    is_exchange: bool = False
    note: str = ""


class ExchangeKind(Row):
    id: str
    title: str
    offered: bool = True
    note: str = ""


class Indicator(Row):
    """An indicator of the network and its target; none where the source sets no number."""

    id: str
    title: str
    target: float | None = None
    unit: Literal["share", "count", "score"] = "count"
    due: str = ""
    note: str = ""
    entered: bool = False
    """Whether its figures come from outside and are entered as readings; a share as a part and its whole."""


class Reading(Row):
    """One way to read the participation rate, whose denominator the source does not define."""

    id: str
    title: str
    numerator: str
    denominator: str


class Partner(Row):
    id: str
    title: str
    kind: str
    stakeholder: bool = False
    """Whether it counts among the named stakeholder groups of the participation rate."""
    note: str = ""


class History(Row):
    """What the source tells of earlier activities."""

    what: str
    date_as_quoted: str
    place: str = ""
    members: int | None = None
    member_codes: tuple[str, ...] = ()
    note: str = ""


class BilateralActivity(Row):
    """An itemised activity between two members; `start` and `end` only where the source's date is complete."""

    id: str
    title: str
    kind: str
    members: tuple[str, ...]
    line: str
    place: str = ""
    country: str = ""
    sector: str = ""
    count: int | None = None
    """How many inspections or sites the source counts here; none where it gives no number."""
    part_of: str = ""
    """The listed action that this row is one day or one place of; rows of one action share it."""
    dates_as_quoted: str = ""
    date_doubtful: bool = False
    """Whether the date as quoted cannot be right."""
    start: date | None = None
    end: date | None = None
    with_cji: bool = False
    note: str = ""


class CommunicationTarget(Row):
    id: str
    title: str
    channel: str
    target: int | None = None
    baseline: int | None = None
    baseline_date: date | None = None
    per: str = ""
    quoted: str = ""
    note: str = ""


class Project(Row):
    id: str
    title: str
    status: Literal["current", "submitted", "pipeline"]
    programme: str = ""
    period_as_quoted: str = ""
    coordinator: str = ""
    lead: str = ""
    themes: str = ""
    eu_grant: float | None = None
    eu_grant_as_quoted: str = ""
    own_grant: float | None = None
    own_grant_as_quoted: str = ""


class FormField(Row):
    """A field of the good-practice form; `criterion` marks the criteria it is judged by."""

    id: str
    title: str
    section: str
    help: str = ""
    criterion: bool = False
    required: bool = True
    short: bool = False
    """Whether a line is enough for its answer."""


class Channel(Row):
    """A restricted channel among named members: alerts that expire, and what they say about them."""

    title: str
    members: tuple[str, ...]
    note: str = ""
    longest_days: int = Field(default=90, ge=1, le=730)
    """After so many days, at the latest, the words of an alert are deleted."""
    topics: Terms = ()


class NeedsAnalysis(Row):
    every_years: int
    sources: Terms = ()
    note: str = ""
