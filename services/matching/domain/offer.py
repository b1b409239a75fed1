"""A member's offer to host. This stream guards its places: no week ever holds more officials than were offered."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.matching.commands import (
    AskWeek,
    CancelExchange,
    ChangeOffer,
    DeclineExchange,
    ExpireProposal,
    MakeOffer,
    ProposeExchange,
    TakeBackProposal,
    WithdrawOffer,
)
from services.matching.week import stay
from shared.contracts.base import Command, Event
from shared.contracts.matching import OfferChanged, OfferMade, OfferWithdrawn, PlacesHeld, PlacesReleased
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    MADE = "made"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Hold:
    """The places that one exchange, proposed or agreed, keeps."""

    weeks: tuple[str, ...]
    officials: int


@dataclass(frozen=True, slots=True)
class Offer:
    status: Status = Status.NEW
    call: str = ""
    member: str = ""
    focus_areas: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    places: dict[str, int] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    """By exchange."""
    made_on: str = ""
    joint_inspection: bool = False
    """Whether the host can make a joint inspection part of it."""
    excluded: tuple[str, ...] = ()
    """Members that it does not receive."""
    levels: dict[str, str] = field(default_factory=dict)
    """The least CEFR level, by language."""
    only_if_sends: bool = False

    @property
    def free(self) -> dict[str, int]:
        """Places left, by week."""
        left = dict(self.places)
        for hold in self.holds.values():
            for week in hold.weeks:
                left[week] -= hold.officials
        return left


_MORE = ("joint_inspection", "excluded", "levels", "only_if_sends")


def decide(offer: Offer, command: Command) -> list[Event]:
    match command, offer.status:
        case MakeOffer(), Status.NEW:
            places = dict(sorted(command.places.items()))
            told = command.model_dump(exclude={"happened_at", "places"})
            on = command.when.date().isoformat()
            return [OfferMade(**told, places=places, made_on=on, rolling=command.rolling)]
        case _, Status.NEW:
            raise Refused("not-found", "There is no such offer here.", status=404)
        case ChangeOffer(), Status.MADE:
            return _changed(offer, command)
        case ((ChangeOffer() | WithdrawOffer()), Status.WITHDRAWN):
            raise Refused("offer-withdrawn", "This offer was withdrawn already.")
        case WithdrawOffer(), Status.MADE if offer.holds:
            raise Refused("places-held", "Exchanges hold places of this offer: decline or cancel those first.")
        case WithdrawOffer(), Status.MADE:
            return [OfferWithdrawn(call=offer.call, member=offer.member)]
        case ProposeExchange(), Status.WITHDRAWN:
            raise Refused("offer-withdrawn", "The host withdrew this offer since the run; run the match again.")
        case ProposeExchange(), Status.MADE:
            return _held(offer, command)
        case AskWeek(), _:
            return _held_anew(offer, command)
        case (
            (
                ExpireProposal(exchange=exchange)
                | CancelExchange(exchange=exchange)
                | DeclineExchange(exchange=exchange)
                | TakeBackProposal(exchange=exchange)
            ),
            _,
        ):
            return _released(offer, exchange)
    return []


def evolve(offer: Offer, event: Event) -> Offer:
    match event:
        case OfferMade():
            shown = {name: getattr(event, name) for name in ("call", "member", "focus_areas", "languages", "places")}
            more = {name: getattr(event, name) for name in ("made_on", *_MORE)}
            return Offer(status=Status.MADE, **shown, **more)
        case OfferChanged():
            names = ("focus_areas", "languages", "places", *_MORE)
            return replace(offer, **{name: getattr(event, name) for name in names})
        case OfferWithdrawn():
            return replace(offer, status=Status.WITHDRAWN)
        case PlacesHeld():
            return replace(offer, holds={**offer.holds, event.exchange: Hold(event.weeks, event.officials)})
        case PlacesReleased():
            return replace(offer, holds={key: hold for key, hold in offer.holds.items() if key != event.exchange})
    return offer


def _changed(offer: Offer, command: ChangeOffer) -> list[Event]:
    """Never fewer places than exchanges hold; nothing where all is as it was."""
    taken: dict[str, int] = {}
    for hold in offer.holds.values():
        for week in hold.weeks:
            taken[week] = taken.get(week, 0) + hold.officials
    if short := [week for week, officials in taken.items() if command.places.get(week, 0) < officials]:
        sentence = "Exchanges hold places in %(week)s: offer at least %(places)s there."
        raise Refused("places-held", sentence, week=short[0], places=taken[short[0]])
    told = command.model_dump(include={"focus_areas", "languages", *_MORE})
    event = OfferChanged(call=offer.call, member=offer.member, places=dict(sorted(command.places.items())), **told)
    return [event] if evolve(offer, event) != offer else []


def _held(offer: Offer, command: ProposeExchange) -> list[Event]:
    weeks = stay(command.week, command.duration)
    free = offer.free
    if command.exchange in offer.holds:
        return []
    spoken = command.language is None or command.language in offer.languages
    if command.focus not in offer.focus_areas or command.sender in offer.excluded or not spoken:
        raise Refused("offer-changed", "The host changed this offer since the run; run the match again.")
    if any(free.get(week, 0) < command.officials for week in weeks):
        raise Refused("places-taken", "The host has no place left for this stay; run the match again.")
    return [PlacesHeld(exchange=command.exchange, weeks=weeks, officials=command.officials)]


def _held_anew(offer: Offer, command: AskWeek) -> list[Event]:
    """The same officials for as long, from another week on."""
    hold = offer.holds.get(command.exchange)
    if hold is None:
        return []
    released = _released(offer, command.exchange)
    free = replace(offer, holds={key: one for key, one in offer.holds.items() if key != command.exchange}).free
    weeks = stay(command.week, len(hold.weeks))
    if any(free.get(week, 0) < hold.officials for week in weeks):
        sentence = "The host has no places for the whole stay from %(week)s on: ask for another week, or decline."
        raise Refused("places-taken", sentence, week=command.week)
    return [*released, PlacesHeld(exchange=command.exchange, weeks=weeks, officials=hold.officials)]


def _released(offer: Offer, exchange: str) -> list[Event]:
    hold = offer.holds.get(exchange)
    return [PlacesReleased(exchange=exchange, weeks=hold.weeks, officials=hold.officials)] if hold else []
