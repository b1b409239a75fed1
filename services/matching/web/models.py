"""What the API takes and gives. Bodies of commands are the commands; these are the answers, and bodies beside them."""

from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.matching import commands
from services.matching.commands import Code, InterestId, Moment
from services.matching.domain import call, exchange, interest, offer
from services.matching.domain.market import Rule
from services.matching.domain.reasons import Unmatched
from services.matching.domain.solution import Level, Match
from services.matching.queries import Counts, Found, Run
from services.matching.web.runs import to_see
from services.matching.web.sentences import why_matched, why_unmatched
from shared.profiles import Profile

T = TypeVar("T")


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    happened_at: Moment | None = None


class InterestBody(commands.FileInterest):
    member: Code | None = None  # type: ignore[assignment]
    """Left out: one's own."""


class OfferBody(commands.MakeOffer):
    member: Code | None = None  # type: ignore[assignment]
    """Left out: one's own."""


class AnswerBody(Body):
    member: Code | None = None
    """The side that answers; left out: one's own."""


class DeclineBody(AnswerBody):
    reason: Annotated[str, Field(max_length=2_000), AfterValidator(commands.printable)] = ""


class ReasonBody(Body):
    reason: Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(commands.printable)]


class CallTerms(Body):
    """What stands from now on; what is left out has its default."""

    focus_areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    minimum: int = Field(0, ge=0, le=100_000)
    answer_days: int = Field(14, ge=1, le=90)


class InterestTerms(Body):
    """What stands from now on; what is left out has its default."""

    focus: Code
    languages: commands.Languages
    officials: int = Field(1, ge=1, le=50)
    weeks: Annotated[tuple[commands.Week, ...], Field(min_length=1, max_length=106)]
    duration: int = Field(1, ge=1, le=26)
    wishes: Annotated[tuple[Code, ...], Field(max_length=5)] = ()


class OfferTerms(Body):
    """What stands from now on."""

    focus_areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    languages: commands.Languages
    places: Annotated[dict[commands.Week, commands.Places], Field(min_length=1, max_length=106)]


class ProposeBody(Body):
    interests: Annotated[tuple[InterestId, ...], Field(max_length=1_000)] | None = None
    """Which of the run's matches; left out: all."""


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
    status: call.Status
    year: int
    focus_areas: list[str]
    minimum: int
    answer_days: int
    interests: int
    offers: int
    exchanges: dict[str, int]
    """By status."""
    runs: list[str]

    @classmethod
    def of(cls, found: Found[call.Call], counts: Counts) -> Self:
        figures = {"interests": counts.interests, "offers": counts.offers, "exchanges": dict(counts.exchanges)}
        return cls(id=found.id, version=found.version, **_told(found.state, cls), **figures)


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
    filed_on: str
    exchange: str | None

    @classmethod
    def of(cls, found: Found[interest.Interest]) -> Self:
        return cls(id=found.id, version=found.version, **_told(found.state, cls))


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
    made_on: str

    @classmethod
    def of(cls, found: Found[offer.Offer]) -> Self:
        return cls(id=found.id, version=found.version, **_told(found.state, cls))


class ExchangeView(BaseModel):
    id: str
    version: int
    status: exchange.Status
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

    @classmethod
    def of(cls, found: Found[exchange.Exchange]) -> Self:
        return cls(id=found.id, version=found.version, **_told(found.state, cls))


class LevelView(BaseModel):
    level: Level
    value: int
    bound: int
    proven: bool


class MatchView(BaseModel):
    interest: str
    offer: str
    sender: str
    host: str
    focus: str
    week: str
    duration: int
    officials: int
    language: str
    why: list[str]

    @classmethod
    def of(cls, match: Match, profile: Profile, reader: str | None) -> Self:
        names = [name for name in cls.model_fields if name != "why"]
        return cls(**{name: getattr(match, name) for name in names}, why=why_matched(match, profile, reader))


class FallenView(BaseModel):
    rule: Rule
    offers: int
    candidates: int


class TakenView(BaseModel):
    host: str
    starts: int
    by: list[str]


class UnmatchedView(BaseModel):
    interest: str
    sender: str
    fallen: list[FallenView]
    """By rule: the offers that it left without a start week, and the pairs of offer and start week that broke it."""
    open: int
    """Pairs of offer and start week that broke no rule."""
    taken: list[TakenView]
    """Who was given the places there; for those alone who see the whole call."""
    why: list[str]

    @classmethod
    def of(cls, one: Unmatched, focus: str, offers: int, profile: Profile, reader: str | None) -> Self:
        fallen = [FallenView(rule=row.rule, offers=row.offers, candidates=row.candidates) for row in one.fallen]
        taken = [TakenView(host=row.host, starts=row.starts, by=list(row.by)) for row in one.taken]
        return cls(
            interest=one.interest,
            sender=one.sender,
            fallen=fallen,
            open=one.open,
            taken=taken if reader is None else [],
            why=why_unmatched(one, focus, offers, profile, reader),
        )


class RunView(BaseModel):
    id: str
    call: str
    at: str
    proven: bool
    interests: int
    offers: int
    candidates: int
    matched: int
    levels: list[LevelView]
    matches: list[MatchView]
    """Those that the reader may see."""
    unmatched: list[UnmatchedView]

    @classmethod
    def of(cls, run: Run, focus: dict[str, str], profile: Profile, reader: str | None) -> Self:
        solution = run.solution
        matches, unmatched = to_see(run, reader)
        return cls(
            id=run.id,
            call=run.call,
            at=run.at,
            proven=solution.proven,
            interests=solution.interests,
            offers=solution.offers,
            candidates=solution.candidates,
            matched=len(solution.matches),
            levels=[LevelView(**_told(one, LevelView)) for one in solution.levels],
            matches=[MatchView.of(one, profile, reader) for one in matches],
            unmatched=[
                UnmatchedView.of(one, focus.get(one.interest, ""), solution.offers, profile, reader)
                for one in unmatched
            ],
        )


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


def _told(state: Any, view: type[BaseModel]) -> dict[str, Any]:
    """The state's fields that the view has."""
    return {name: getattr(state, name) for name in view.model_fields if hasattr(state, name)}
