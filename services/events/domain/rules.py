"""How places are given, published before anybody registers; the draw, and quotas that are released."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from services.events.commands import DrawPlaces, FillPlaces, LapseOffer, ReleaseQuotas, SetRules
from shared.contracts.base import Command, Event
from shared.contracts.events import RegistrationCancelled, RegistrationConfirmed
from shared.contracts.refused import Refused
from shared.contracts.registering import (
    PlacesDrawn,
    QuotaReleased,
    RegistrationOffered,
    RegistrationRulesSet,
)
from shared.contracts.registering import Quota as Kept

from .booking import B, Booking, Quota
from .placing import MOST_PROMOTED, commitment_of, drawn, fill, fill_all

Due = tuple[str, datetime | None, Command | None]


def set_rules(booking: Booking, command: SetRules, dimensions: dict[str, Any]) -> list[Event]:
    drawn_at = command.draw_at.astimezone(UTC) if command.draw_at else None
    draws = (command.policy, drawn_at.isoformat() if drawn_at else "")
    if booking.registrations and draws != (booking.policy, booking.draw_at):
        raise Refused("policy-fixed", "Somebody has registered by the published policy: it stays as it is.")
    if drawn_at and drawn_at <= command.when and draws != (booking.policy, booking.draw_at):
        raise Refused("draw-past", "Draw at a time to come.", status=422)
    event = RegistrationRulesSet(
        **dimensions,
        policy=command.policy,
        offer_hours=command.offer_hours,
        approval=command.approval,
        quotas=tuple(Kept(**one.model_dump()) for one in command.quotas),
        draw_at=drawn_at,
        commitment=(booking.commitment if draws == (booking.policy, booking.draw_at) else command.commitment),
    )
    after = evolve(booking, event)
    demand_quotas(after, after.places)
    return [] if after == booking else [event, *fill_all(after, command.when)]


def demand_quotas(booking: Booking, places: dict[str, int]) -> None:
    """Refuse quotas for which there are not the places."""
    needed: Counter[str] = Counter({mode: sum(held.values()) for mode, held in booking.held.items()})
    for quota in booking.quotas:
        if places and quota.mode not in places:
            raise Refused("mode-not-offered", "There are no such places; choose another way to attend.", status=422)
        needed[quota.mode] += max(quota.places - booking.held.get(quota.mode, {}).get(quota.member, 0), 0)
    for mode, number in needed.items():
        if places and booking.quotas and number > places.get(mode, 0):
            sentence = "%(number)s places are taken or kept for members: there are only %(places)s."
            raise Refused("quotas-too-many", sentence, status=422, number=number, places=places.get(mode, 0))


def draw(booking: Booking, command: DrawPlaces, dimensions: dict[str, Any]) -> list[Event]:
    if not booking.before_draw or command.when < datetime.fromisoformat(booking.draw_at):
        return []
    if commitment_of(command.seed) != booking.commitment:
        raise Refused("seed-unknown", "This is not the seed that was committed to.")
    event = PlacesDrawn(**dimensions, seed=command.seed)
    return [event, *fill(evolve(booking, event), command.when)]


def release(booking: Booking, command: ReleaseQuotas, dimensions: dict[str, Any]) -> list[Event]:
    today = command.when.date().isoformat()
    events: list[Event] = [
        QuotaReleased(
            **dimensions, of=one.member, mode=one.mode,
            unused=max(one.places - booking.held.get(one.mode, {}).get(one.member, 0), 0),
        )
        for one in booking.quotas
        if one.release_on and one.release_on <= today
    ]  # fmt: skip
    after = booking
    for event in events:
        after = evolve(after, event)
    return [*events, *fill(after, command.when, MOST_PROMOTED - len(events))] if events else []


def evolve(booking: B, event: Event) -> B:
    match event:
        case RegistrationRulesSet():
            quotas = tuple(
                Quota(one.member, one.mode, one.places, one.release_on.isoformat() if one.release_on else "")
                for one in event.quotas
            )
            return replace(
                booking, ruled=True, policy=event.policy, offer_hours=event.offer_hours, approval=event.approval,
                quotas=quotas,
                draw_at=event.draw_at.isoformat() if event.draw_at else "", commitment=event.commitment,
                seed=booking.seed if event.commitment == booking.commitment else "",
            )  # fmt: skip
        case PlacesDrawn():
            return replace(booking, seed=event.seed, waiting=drawn(booking, event.seed))
        case QuotaReleased():
            left = tuple(one for one in booking.quotas if (one.member, one.mode) != (event.of, event.mode))
            return replace(booking, quotas=left)
    return booking


def falls_due(stream: str, event: Event, now: datetime) -> Iterable[Due]:
    """The draw, the release of quotas, what they leave to be given away, the end of an offer."""
    match event:
        case RegistrationRulesSet():
            yield f"{stream}/draw", event.draw_at, DrawPlaces(activity=stream) if event.draw_at else None
            for day in {one.release_on for one in event.quotas if one.release_on}:
                at = datetime.combine(day, time(), UTC)
                yield f"{stream}/quotas/{day}", at, ReleaseQuotas(activity=stream)
        case PlacesDrawn() | QuotaReleased():
            yield f"{stream}/fill", now, FillPlaces(activity=stream)
        case RegistrationOffered():
            command = LapseOffer(activity=stream, registration=event.registration)
            yield f"{stream}/offer/{event.registration}", event.until, command
        case RegistrationConfirmed(from_waitlist=True) | RegistrationCancelled(previously="waitlisted"):
            yield f"{stream}/offer/{event.registration}", None, None
