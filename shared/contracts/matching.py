"""Events of `matching`: calls, interests, offers, runs and the exchanges that come of them.

`week` reads `2024-W38`; `focus` is a focus area's id of the network's profile; languages are ISO 639-1 codes.
"""

from datetime import date, datetime

from pydantic import Field

from .base import Event


class CallTerms(Event):
    """What a call lays down; amounts are whole euros."""

    year: int
    focus_areas: tuple[str, ...] = ()
    minimum: int = 0
    """Exchanges that the network wants at least."""
    answer_days: int = 14
    """Days that both sides have to answer a proposal."""
    market: str = "staff-exchange"
    """Of the network's profile."""
    closes_on: date | None = None
    """After this day it closes by itself."""
    first_week: str | None = None
    last_week: str | None = None
    """The weeks in which exchanges take place."""
    budget: int | None = None
    travel: int = 0
    """Planned for each official."""
    accommodation: int = 0
    """Planned for each official and week."""
    interpretation: int = 0
    """Planned for each week without a common language."""
    interpreted: bool = False
    """Whether exchanges without a common language are possible."""
    cap: int | None = None
    """Exchanges that a member may send at most."""
    focus_minimum: dict[str, int] = Field(default_factory=dict)
    eligible: tuple[str, ...] = ()
    """Members that may take part; all where none is named."""
    reciprocal: bool = False
    """Who sends must host, and who hosts sends."""
    endorsed_only: bool = False
    """Only interests that the member's liaison officer endorsed are matched."""
    rolling: bool = False
    """It is matched whenever something new arrives."""
    automatic: bool = False
    """What a run by itself finds is proposed at once."""
    levels: tuple[dict[str, int], ...] = ()
    """What a run aims at, the first before all others, several in one with their weights; empty: as its market does."""


class CallDrafted(CallTerms, type="liaison.matching.call.drafted.v1"):
    """It is prepared; nobody may file or offer yet."""

    number: int = 1


class CallOpened(CallTerms, type="liaison.matching.call.opened.v1"):
    number: int = 1
    """Which of the year's calls of its market it is."""
    opened_on: str = ""


class CallClosed(Event, type="liaison.matching.call.closed.v1"):
    year: int


class CallChanged(CallTerms, type="liaison.matching.call.changed.v1"):
    """Its terms are others from now on."""


class CallMatched(Event, type="liaison.matching.call.matched.v1"):
    """It is closed, and what a run found was proposed."""

    year: int


class CallBegun(Event, type="liaison.matching.call.begun.v1"):
    """Its exchanges take place."""

    year: int


class CallReported(Event, type="liaison.matching.call.reported.v1"):
    """All its exchanges are over, and the call with them."""

    year: int


class ExchangeCounted(Event, type="liaison.matching.call.exchange-counted.v1"):
    """An exchange counts against the call's budget and its sender's most; `amount` is what it costs by now."""

    exchange: str
    sender: str
    focus: str
    amount: int = 0
    previously: int | None = None


class ExchangeUncounted(Event, type="liaison.matching.call.exchange-uncounted.v1"):
    exchange: str
    sender: str
    focus: str
    amount: int = 0


class CallReopened(Event, type="liaison.matching.call.reopened.v1"):
    """It was closed too early: interests and offers may come in again."""

    year: int
    words: str | None = None
    """Under which id the service keeps the reason."""


class InterestFiled(Event, type="liaison.matching.interest.filed.v1"):
    call: str
    member: str
    focus: str
    languages: tuple[str, ...] = ()
    officials: int = Field(default=1, ge=1)
    weeks: tuple[str, ...] = ()
    """Start weeks that suit."""
    duration: int = Field(default=1, ge=1)
    """Weeks of stay."""
    wishes: tuple[str, ...] = ()
    """Members wished as host, best first."""
    request: str | None = None
    """The request that was accepted for the call, and is this interest now."""
    filed_on: str = ""
    joint_inspection: bool = False
    """Whether it shall go with a joint inspection."""
    fewer_opportunities: int = 0
    """Of the officials, how many have fewer opportunities."""
    excluded: tuple[str, ...] = ()
    """Members to which it does not want to go."""
    levels: dict[str, str] = Field(default_factory=dict)
    """CEFR, by language."""
    endorsed: bool = False
    """Whether the member's liaison officer filed it."""
    rolling: bool = False
    """Whether the call is matched whenever something arrives."""


class InterestChanged(Event, type="liaison.matching.interest.changed.v1"):
    """Its terms are others from now on."""

    call: str
    member: str
    focus: str
    languages: tuple[str, ...] = ()
    officials: int = Field(default=1, ge=1)
    weeks: tuple[str, ...] = ()
    duration: int = Field(default=1, ge=1)
    wishes: tuple[str, ...] = ()
    joint_inspection: bool = False
    """Whether it shall go with a joint inspection."""
    fewer_opportunities: int = 0
    """Of the officials, how many have fewer opportunities."""
    excluded: tuple[str, ...] = ()
    """Members to which it does not want to go."""
    levels: dict[str, str] = Field(default_factory=dict)
    """CEFR, by language."""


class InterestEndorsed(Event, type="liaison.matching.interest.endorsed.v1"):
    """The member's liaison officer stands behind it."""

    call: str
    member: str


class InterestWithdrawn(Event, type="liaison.matching.interest.withdrawn.v1"):
    call: str
    member: str
    focus: str
    filed_on: str


class InterestMatched(Event, type="liaison.matching.interest.matched.v1"):
    """A proposal holds it: it takes part in no other run meanwhile."""

    call: str
    member: str
    exchange: str
    offer: str


class InterestFreed(Event, type="liaison.matching.interest.freed.v1"):
    """Its proposal came to nothing, or its exchange was cancelled: it takes part in the next run again."""

    call: str
    member: str
    exchange: str
    offer: str
    turned_down: bool = False
    """Whether one side said no: the two are not brought together again."""


class OfferMade(Event, type="liaison.matching.offer.made.v1"):
    call: str
    member: str
    focus_areas: tuple[str, ...]
    languages: tuple[str, ...]
    places: dict[str, int]
    """Officials that can be received, by week."""
    made_on: str = ""
    joint_inspection: bool = False
    """Whether the host can make a joint inspection part of it."""
    excluded: tuple[str, ...] = ()
    """Members that it does not receive."""
    levels: dict[str, str] = Field(default_factory=dict)
    """The least CEFR level, by language."""
    only_if_sends: bool = False
    """It hosts only if its member sends somebody in this call."""
    rolling: bool = False


class OfferChanged(Event, type="liaison.matching.offer.changed.v1"):
    """Its terms are others from now on."""

    call: str
    member: str
    focus_areas: tuple[str, ...]
    languages: tuple[str, ...]
    places: dict[str, int]
    joint_inspection: bool = False
    excluded: tuple[str, ...] = ()
    """Members that it does not receive."""
    levels: dict[str, str] = Field(default_factory=dict)
    """The least CEFR level, by language."""
    only_if_sends: bool = False
    """It hosts only if its member sends somebody in this call."""


class OfferWithdrawn(Event, type="liaison.matching.offer.withdrawn.v1"):
    call: str
    member: str


class PlacesHeld(Event, type="liaison.matching.offer.places-held.v1"):
    exchange: str
    weeks: tuple[str, ...]
    officials: int


class PlacesReleased(Event, type="liaison.matching.offer.places-released.v1"):
    exchange: str
    weeks: tuple[str, ...]
    officials: int


class MatchRunCompleted(Event, type="liaison.matching.call.match-run-completed.v1"):
    """The optimum of a call, or the best within the limit; the run's document holds the reasons."""

    run: str
    interests: int
    offers: int
    matched: int
    proven: bool
    by_itself: bool = False
    """Nobody asked for it: places came free, or something arrived."""


class ExchangeEvent(Event):
    call: str
    sender: str
    host: str
    focus: str
    week: str
    duration: int = 1
    officials: int = 1
    request: str | None = None
    """What it answers, where its interest came of a request."""


class ExchangeProposed(ExchangeEvent, type="liaison.matching.exchange.proposed.v1"):
    interest: str
    offer: str
    run: str | None = None
    language: str | None = None
    answer_by: datetime | None = None
    """Without both answers by then it lapses."""
    travel: int = 0
    accommodation: int = 0
    interpretation: int = 0
    """Planned, in euros."""
    joint_inspection: bool = False


class ExchangeMoved(ExchangeEvent, type="liaison.matching.exchange.moved.v1"):
    """One side asked for another start week and says yes to that; the other answers anew."""

    by: str
    previously: str
    answer_by: datetime | None = None
    words: str | None = None


class ExchangeCosted(ExchangeEvent, type="liaison.matching.exchange.costed.v1"):
    """What it costs, in euros: planned, or what was actually paid."""

    actual: bool = False
    travel: int = 0
    accommodation: int = 0
    interpretation: int = 0


class ExchangeMissed(ExchangeEvent, type="liaison.matching.exchange.missed.v1"):
    """Agreed, and one side did not turn up."""

    absent: str
    agreed_on: str = ""
    words: str | None = None


class ExchangeReported(ExchangeEvent, type="liaison.matching.exchange.reported.v1"):
    """One side's report; its words stay in the service."""

    by: str
    useful: int = Field(default=3, ge=1, le=5)
    joint_inspection: bool = False
    """Whether a joint inspection took place."""
    words: str | None = None


class ExchangeAccepted(ExchangeEvent, type="liaison.matching.exchange.accepted.v1"):
    """One side said yes."""

    by: str


class ExchangeAgreed(ExchangeEvent, type="liaison.matching.exchange.agreed.v1"):
    """Both sides said yes; `events` holds it."""

    language: str | None = None
    agreed_on: str = ""


class ExchangeDeclined(ExchangeEvent, type="liaison.matching.exchange.declined.v1"):
    by: str


class ExchangeLapsed(ExchangeEvent, type="liaison.matching.exchange.lapsed.v1"):
    """Nobody answered in time."""


class ExchangeTakenBack(ExchangeEvent, type="liaison.matching.exchange.taken-back.v1"):
    """The coordinator took the proposal back before both sides had accepted."""

    words: str | None = None
    """Under which id the service keeps the reason."""


class ExchangeHeld(ExchangeEvent, type="liaison.matching.exchange.held.v1"):
    activity: str
    agreed_on: str = ""


class ExchangeCancelled(ExchangeEvent, type="liaison.matching.exchange.cancelled.v1"):
    """It was agreed and will not be held."""

    agreed_on: str
    words: str | None = None


EVENTS = (
    CallDrafted, CallOpened, CallChanged, CallClosed, CallReopened, CallMatched, CallBegun, CallReported,
    ExchangeCounted, ExchangeUncounted, InterestFiled, InterestChanged, InterestEndorsed, InterestWithdrawn,
    InterestMatched, InterestFreed, OfferMade, OfferChanged, OfferWithdrawn, PlacesHeld, PlacesReleased,
    MatchRunCompleted, ExchangeProposed, ExchangeMoved, ExchangeAccepted, ExchangeAgreed, ExchangeDeclined,
    ExchangeLapsed, ExchangeTakenBack, ExchangeCosted, ExchangeHeld, ExchangeCancelled, ExchangeMissed,
    ExchangeReported,
)  # fmt: skip
