"""Events of `matching`: calls, interests, offers, runs and the exchanges that come of them.

`week` reads `2024-W38`; `focus` is a focus area's id of the network's profile; languages are ISO 639-1 codes.
"""

from datetime import datetime

from pydantic import Field

from .base import Event


class CallOpened(Event, type="liaison.matching.call.opened.v1"):
    year: int
    focus_areas: tuple[str, ...] = ()
    minimum: int = 0
    """Exchanges that the network wants at least."""
    answer_days: int = 14
    """Days that both sides have to answer a proposal."""


class CallClosed(Event, type="liaison.matching.call.closed.v1"):
    year: int


class CallChanged(Event, type="liaison.matching.call.changed.v1"):
    """Its terms are others from now on."""

    year: int
    focus_areas: tuple[str, ...] = ()
    minimum: int = 0
    answer_days: int = 14


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
    filed_on: str = ""


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


class OfferChanged(Event, type="liaison.matching.offer.changed.v1"):
    """Its terms are others from now on."""

    call: str
    member: str
    focus_areas: tuple[str, ...]
    languages: tuple[str, ...]
    places: dict[str, int]


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


class ExchangeEvent(Event):
    call: str
    sender: str
    host: str
    focus: str
    week: str
    duration: int = 1
    officials: int = 1


class ExchangeProposed(ExchangeEvent, type="liaison.matching.exchange.proposed.v1"):
    interest: str
    offer: str
    run: str | None = None
    language: str | None = None
    answer_by: datetime | None = None
    """Without both answers by then it lapses."""


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


EVENTS = (
    CallOpened, CallChanged, CallClosed, CallReopened, InterestFiled, InterestChanged, InterestWithdrawn,
    InterestMatched, InterestFreed, OfferMade, OfferChanged, OfferWithdrawn, PlacesHeld, PlacesReleased,
    MatchRunCompleted, ExchangeProposed, ExchangeAccepted, ExchangeAgreed, ExchangeDeclined, ExchangeLapsed,
    ExchangeTakenBack, ExchangeHeld, ExchangeCancelled,
)  # fmt: skip
