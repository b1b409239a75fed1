"""What the API answers: each thing as its reader may see it, and a page of a list."""

from datetime import date, datetime
from typing import Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, Field

from services.matching.domain import call, exchange, interest, offer
from services.matching.domain.costs import Costs
from services.matching.queries import Counts, Found

T = TypeVar("T")


class PageOf(BaseModel, Generic[T]):
    items: list[T]
    total: int
    page: int
    per_page: int


class Asked(BaseModel):
    """Which part of a list: of one call, and which page of it."""

    call: str = Field("", max_length=100)
    page: int = Field(1, ge=1, le=100_000)
    per_page: int = Field(50, ge=1, le=200)

    @property
    def part(self) -> dict[str, Any]:
        return {"skip": (self.page - 1) * self.per_page, "limit": self.per_page}

    def of(self, items: list[T], total: int) -> PageOf[T]:
        return PageOf(items=items, total=total, page=self.page, per_page=self.per_page)


class CallView(BaseModel):
    id: str
    version: int
    status: Literal["new", "open", "closed"]
    """As far as interests and offers go; `stage` says more."""
    stage: str
    """draft, open, closed, matched, running, reported; others may come to be."""
    year: int
    focus_areas: list[str]
    minimum: int
    answer_days: int
    market: str
    number: int
    opened_on: str
    closes_on: date | None
    first_week: str | None
    last_week: str | None
    budget: int | None
    committed: int
    """Euros that its exchanges cost, as planned or paid."""
    travel: int
    accommodation: int
    interpretation: int
    interpreted: bool
    cap: int | None
    focus_minimum: dict[str, int]
    eligible: list[str]
    reciprocal: bool
    endorsed_only: bool
    rolling: bool
    automatic: bool
    levels: list[dict[str, int]]
    """What a run aims at, instead of what its market lays down; empty: as that does."""
    interests: int
    offers: int
    exchanges: dict[str, int]
    """By status."""
    runs: list[str]

    @classmethod
    def of(cls, found: Found[call.Call], counts: Counts) -> Self:
        figures = {"interests": counts.interests, "offers": counts.offers, "exchanges": dict(counts.exchanges)}
        stage = found.state.status
        known = {"draft": "new", "open": "open", "new": "new"}
        status = {"status": known.get(stage, "closed"), "stage": stage}
        return cls(id=found.id, version=found.version, **told(found.state, cls) | status, **figures)


class InterestView(BaseModel):
    id: str
    version: int
    status: interest.Status
    call: str
    member: str
    focus: str
    languages: list[str]
    officials: int
    weeks: list[str]
    duration: int
    wishes: list[str]
    joint_inspection: bool
    fewer_opportunities: int
    excluded: list[str]
    levels: dict[str, str]
    """CEFR, by language."""
    endorsed: bool
    """Whether the member's liaison officer stands behind it."""
    filed_on: str
    exchange: str | None
    request: str | None = None
    """The request that was accepted for the call and is this interest now."""

    @classmethod
    def of(cls, found: Found[interest.Interest]) -> Self:
        return cls(id=found.id, version=found.version, **told(found.state, cls))


class OfferView(BaseModel):
    id: str
    version: int
    status: offer.Status
    call: str
    member: str
    focus_areas: list[str]
    languages: list[str]
    places: dict[str, int]
    """Officials that can be received, by week."""
    free: dict[str, int]
    joint_inspection: bool
    excluded: list[str]
    levels: dict[str, str]
    """The least CEFR level, by language."""
    only_if_sends: bool
    made_on: str

    @classmethod
    def of(cls, found: Found[offer.Offer]) -> Self:
        return cls(id=found.id, version=found.version, **told(found.state, cls))


class CostsView(BaseModel):
    """Whole euros."""

    travel: int
    accommodation: int
    interpretation: int
    amount: int

    @classmethod
    def of(cls, costs: Costs) -> Self:
        return cls(**told(costs, cls))


class ReportView(BaseModel):
    useful: int
    joint_inspection: bool


class ExchangeView(BaseModel):
    id: str
    version: int
    status: Literal["new", "proposed", "agreed", "declined", "lapsed", "held", "cancelled"]
    """Of a no-show: cancelled."""
    stage: str
    """As the status, and missed; others may come to be."""
    call: str
    run: str | None
    interest: str
    offer: str
    sender: str
    host: str
    focus: str
    week: str
    duration: int
    officials: int
    language: str | None
    answer_by: datetime | None
    accepted: list[str]
    declined_by: str | None
    agreed_on: str
    activity: str | None
    request: str | None = None
    """What it answers, where its interest came of a request."""
    asked: list[str]
    """Members that asked for another week."""
    absent: str | None
    """Who did not turn up."""
    planned: CostsView
    paid: CostsView | None
    reports: dict[str, ReportView]
    """By the member that reports."""

    @classmethod
    def of(cls, found: Found[exchange.Exchange]) -> Self:
        state = found.state
        reports = {member: ReportView(**told(one, ReportView)) for member, one in state.reports.items()}
        costs = {"planned": CostsView.of(state.planned), "paid": CostsView.of(state.paid) if state.paid else None}
        status = {"status": "cancelled" if state.status == "missed" else state.status, "stage": state.status}
        return cls(id=found.id, version=found.version, **told(state, cls) | costs | status, reports=reports)


class RunSummary(BaseModel):
    run: str
    at: str
    interests: int
    offers: int
    matched: int
    proven: bool


class ProposedView(BaseModel):
    interest: str
    exchange: str


class NotProposedView(BaseModel):
    interest: str
    code: str
    detail: str


class ProposalsView(BaseModel):
    proposed: list[ProposedView]
    """Also those that were proposed before."""
    refused: list[NotProposedView]


def told(state: Any, view: type[BaseModel]) -> dict[str, Any]:
    """The state's fields that the view has."""
    return {name: getattr(state, name) for name in view.model_fields if hasattr(state, name) and name != "reports"}
