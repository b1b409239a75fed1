"""A mobility promoter's page: shown, changed, taken back."""

from dataclasses import dataclass, replace
from enum import StrEnum

from services.matching.commands.promoters import HidePromoter, ShowPromoter
from shared.contracts.base import Command, Event
from shared.contracts.promoters import PromoterHidden, PromoterShown
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    SHOWN = "shown"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Promoter:
    status: Status = Status.NEW
    person: str = ""
    member: str | None = None
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    hosts: bool = False
    sends: bool = False
    words: str | None = None


_SHOWN = ("person", "member", "themes", "languages", "hosts", "sends", "words")


def decide(promoter: Promoter, command: Command) -> list[Event]:
    match command, promoter.status:
        case ShowPromoter(), _:
            return [PromoterShown(**{name: getattr(command, name) for name in _SHOWN})]
        case HidePromoter(), Status.SHOWN:
            return [PromoterHidden(person=promoter.person, member=promoter.member)]
        case HidePromoter(), Status.HIDDEN:
            return []
    raise Refused("not-found", "There is no such promoter here.", status=404)


def evolve(promoter: Promoter, event: Event) -> Promoter:
    match event:
        case PromoterShown():
            return Promoter(Status.SHOWN, **{name: getattr(event, name) for name in _SHOWN})
        case PromoterHidden():
            return replace(promoter, status=Status.HIDDEN)
    return promoter
