"""What a network is, as data: its members, request kinds, plan, indicators and words, quoted from its documents."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field

from shared.contracts.names import OFFICIAL_LANGUAGES
from shared.profiles.certificates import Certificates
from shared.profiles.markets import ORDINARY, ExpertRules, IdeaRules, Market
from shared.profiles.registering import Registering
from shared.profiles.rows import (
    COUNTRY_ROWS,
    ActivityKind,
    Asker,
    BilateralActivity,
    Channel,
    CommunicationTarget,
    ExchangeKind,
    FormField,
    Groups,
    History,
    Indicator,
    Line,
    Member,
    NeedsAnalysis,
    Partner,
    Plan,
    Privacy,
    Project,
    Reading,
    RequestKind,
    Retention,
    Row,
    Terms,
    keyed,
    listed,
)  # fmt: skip
from shared.profiles.surveys import Feedback


class Profile(Row):
    id: str
    name: str
    title: str
    description: str
    source: str
    zone: str
    language: str
    languages: tuple[str, ...]
    members: Annotated[tuple[Member, ...], BeforeValidator(lambda value: listed(value, COUNTRY_ROWS, "code", "name"))]
    members_stated: int | None = None
    """How many the source says there are, where it does not name them all."""
    members_note: str = ""
    units: Terms = ()
    askers: Annotated[tuple[Asker, ...], BeforeValidator(listed)] = ()
    """Who may ask besides members and units."""
    headings: Terms
    objectives: Terms = ()
    """Of the multiannual strategy; each line of the annual plan says which it serves."""
    pillars: Terms = ()
    topics: Terms = ()
    priorities: Terms = ()
    target_groups: Groups
    focus_areas: Terms = ()
    exchange_kinds: Annotated[dict[str, ExchangeKind], BeforeValidator(keyed)] = Field(default_factory=dict)
    markets: Annotated[dict[str, Market], BeforeValidator(keyed)] = Field(default_factory=lambda: dict(ORDINARY))
    """What its calls match."""
    experts: ExpertRules = ExpertRules()
    ideas: IdeaRules = IdeaRules()
    request_kinds: Annotated[dict[str, RequestKind], BeforeValidator(keyed)]
    activity_kinds: Annotated[dict[str, ActivityKind], BeforeValidator(keyed)]
    plans: tuple[Plan, ...]
    indicators: Annotated[tuple[Indicator, ...], BeforeValidator(listed)] = ()
    first_answer_days: int | None = Field(default=None, ge=1)
    """Within how many days a request gets its first answer; none where the network sets no time."""
    certificates: Certificates = Field(default_factory=Certificates)
    retention: Retention
    privacy: Privacy
    reading: str
    readings: Annotated[tuple[Reading, ...], BeforeValidator(listed)]
    partners: Annotated[tuple[Partner, ...], BeforeValidator(listed)] = ()
    stages: Terms = ()
    needs: NeedsAnalysis | None = None
    consulted_on: Terms = ()
    history: tuple[History, ...] = ()
    bilateral: Annotated[tuple[BilateralActivity, ...], BeforeValidator(listed)] = ()
    communication: Annotated[tuple[CommunicationTarget, ...], BeforeValidator(listed)] = ()
    projects: Annotated[tuple[Project, ...], BeforeValidator(listed)] = ()
    practice_fields: Annotated[tuple[FormField, ...], BeforeValidator(listed)] = ()
    registering: Registering = Field(default_factory=Registering)
    feedback: Feedback
    """What participants are asked, and when."""
    channel: Channel | None = None
    """Where alerts are passed on among named members; none in a network without one."""
    features: Terms = ()
    """What else the network's documents ask of the software, by name."""
    open_points: tuple[str, ...] = ()

    @cached_property
    def called(self) -> Mapping[str, str]:
        """The codes of members and ids of partners by all that forms call them, in lower case."""
        known: dict[str, str] = {}
        for partner in self.partners:
            known[partner.id] = known[partner.title.casefold()] = partner.id
        for member in self.members:
            known[member.code.casefold()] = known[member.name.casefold()] = member.code
        return known

    @cached_property
    def targets(self) -> dict[str, float]:
        return {one.id: one.target for one in self.indicators if one.target is not None}

    @cached_property
    def outside(self) -> tuple[Indicator | CommunicationTarget, ...]:
        """The figures that come from outside and are entered as readings."""
        return (*(one for one in self.indicators if one.entered), *self.communication)

    @property
    def practice_criteria(self) -> tuple[FormField, ...]:
        return tuple(field for field in self.practice_fields if field.criterion)

    @cached_property
    def member_codes(self) -> tuple[str, ...]:
        return tuple(member.code for member in self.members)

    @cached_property
    def requesters(self) -> dict[str, str]:
        """Who may ask and is no member -> what they are: unit, social-partner, network."""
        return {unit.id: "unit" for unit in self.units} | {asker.id: asker.kind for asker in self.askers}

    def member(self, code: str) -> Member | None:
        return next((member for member in self.members if member.code == code), None)

    def spoken_in(self, code: str) -> tuple[str, ...]:
        """A member's national languages, the one most used first; none where they are not known."""
        member = self.member(code)
        if member is None:
            return ()
        return member.languages or OFFICIAL_LANGUAGES.get(member.country or member.code, ())

    def plan(self, year: int) -> Plan | None:
        """The plan the source gives for that very year."""
        return next((plan for plan in self.plans if plan.year == year), None)

    def lines(self, year: int) -> tuple[Line, ...]:
        """That year's lines; of a year without a plan those of the nearest earlier one, else of the first."""
        earlier = [(plan.year, place) for place, plan in enumerate(self.plans) if plan.year and plan.year <= year]
        return self.plans[max(earlier)[1] if earlier else 0].lines

    def line_titles(self, year: int) -> dict[str, str]:
        """That year's lines by id; with the heading where a title is shared by several or a single word."""
        lines = self.lines(year)
        titles = [line.title for line in lines]

        def told(line: Line) -> str:
            alone = titles.count(line.title) == 1 and " " in line.title
            return line.title if alone else f"{line.title} ({self.title_of(line.heading)})"

        return {line.id: told(line) for line in lines}

    def line(self, id: str) -> Line | None:
        return next((line for plan in self.plans for line in plan.lines if line.id == id), None)

    def title_of(self, id: str) -> str:
        """What people read for the id of a kind, member, topic, group, area or line; the id itself where unknown.

        A line may share its id with a kind, which comes first here: for lines alone there is `line_title`.
        """
        return self._titles.get(id, id)

    def line_title(self, id: str) -> str:
        """A line's title; the id itself where unknown."""
        line = self.line(id)
        return id if line is None else line.title

    @cached_property
    def _titles(self) -> dict[str, str]:
        lists = (
            self.headings,
            self.pillars,
            self.topics,
            self.target_groups,
            self.focus_areas,
            self.units,
            self.askers,
        )
        titles = {term.id: term.title for terms in lists for term in terms}
        titles |= {line.id: line.title for plan in self.plans for line in plan.lines}
        for kinds in (self.exchange_kinds, self.request_kinds, self.activity_kinds):
            titles |= {kind.id: kind.title for kind in kinds.values()}
        return titles | {member.code: member.name for member in self.members}
