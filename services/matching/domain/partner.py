"""A member's offer to join project ideas. This stream guards how many ideas count on it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.matching.commands.ideas import (
    ChangePartnership,
    DeclinePartner,
    LapsePartner,
    OfferPartnership,
    ProposePartner,
    WithdrawIdea,
    WithdrawPartnership,
)
from shared.contracts.base import Command, Event
from shared.contracts.ideas import (
    PartnerFreed,
    PartnerHeld,
    PartnershipChanged,
    PartnershipOffered,
    PartnershipWithdrawn,
)
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Partner:
    status: Status = Status.NEW
    member: str = ""
    roles: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    most: int = 1
    likes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    offered_on: str = ""
    ideas: dict[str, str] = field(default_factory=dict)
    """Those that count on it, by seat."""

    @property
    def left(self) -> int:
        return max(0, self.most - len(self.ideas))


_TERMS = ("roles", "themes", "languages", "most", "likes", "excluded")


def decide(partner: Partner, command: Command) -> list[Event]:
    match command, partner.status:
        case OfferPartnership(), Status.NEW | Status.WITHDRAWN:
            told = {name: getattr(command, name) for name in (*_TERMS, "member", "market")}
            return [PartnershipOffered(**told, offered_on=command.when.date().isoformat())]
        case OfferPartnership(), _:
            raise Refused("offered-already", "Your member offers already: change that offer instead.")
        case _, Status.NEW:
            raise Refused("not-found", "There is no such offer here.", status=404)
        case ChangePartnership(most=most), Status.OFFERED:
            if most < len(partner.ideas):
                sentence = "%(count)s ideas count on you: offer at least as many."
                raise Refused("ideas-held", sentence, count=len(partner.ideas))
            told = {name: getattr(command, name) for name in (*_TERMS, "market")}
            event = PartnershipChanged(member=partner.member, offered_on=partner.offered_on, **told)
            return [event] if evolve(partner, event) != partner else []
        case WithdrawPartnership(), Status.OFFERED:
            if partner.ideas:
                raise Refused("ideas-held", "Ideas count on you: decline those first.")
            return [PartnershipWithdrawn(member=partner.member)]
        case ProposePartner(), _:
            return _held(partner, command)
        case ((DeclinePartner(seat=seat) | LapsePartner(seat=seat)), _):
            return _freed(partner, [seat])
        case WithdrawIdea(idea=idea), _:
            return _freed(partner, [seat for seat, one in partner.ideas.items() if one == idea])
    raise Refused("offer-withdrawn", "This offer was withdrawn already.")


def evolve(partner: Partner, event: Event) -> Partner:
    match event:
        case PartnershipOffered():
            told = {name: getattr(event, name) for name in (*_TERMS, "member", "offered_on")}
            return replace(partner, status=Status.OFFERED, **told)
        case PartnershipWithdrawn():
            return replace(partner, status=Status.WITHDRAWN)
        case PartnerHeld():
            return replace(partner, ideas={**partner.ideas, event.seat: event.idea})
        case PartnerFreed():
            return replace(partner, ideas={seat: one for seat, one in partner.ideas.items() if seat != event.seat})
    return partner


def _held(partner: Partner, command: ProposePartner) -> list[Event]:
    if command.seat in partner.ideas:
        return []
    if partner.status is not Status.OFFERED:
        raise Refused("offer-withdrawn", "This partner's offer was withdrawn since the run; run the match again.")
    suits = command.role in partner.roles and command.theme in partner.themes
    if not suits or command.lead in partner.excluded or not set(command.languages) & set(partner.languages):
        raise Refused("offer-changed", "This partner's offer was changed since the run; run the match again.")
    if partner.left == 0:
        raise Refused("load-reached", "This partner joins as many ideas as it offered.")
    if command.idea in partner.ideas.values():
        raise Refused("asked-already", "This partner has a role in this idea.")
    return [PartnerHeld(member=partner.member, seat=command.seat, idea=command.idea)]


def _freed(partner: Partner, seats: list[str]) -> list[Event]:
    return [
        PartnerFreed(member=partner.member, seat=seat, idea=partner.ideas[seat])
        for seat in seats
        if seat in partner.ideas
    ]
