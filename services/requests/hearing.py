"""What other services said last of activities and exchanges, kept beside the streams for who reads of a member's year.

One document an aspect, each written whole: what is heard of one thing comes in order, so the last one stands.
"""

from collections.abc import Iterable
from typing import Any

from shared.contracts.base import Command
from shared.contracts.envelope import Received
from shared.contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityHeld,
    ActivityScheduled,
    FeedbackGiven,
    RegistrationOpened,
)
from shared.contracts.matching import (
    ExchangeAccepted,
    ExchangeAgreed,
    ExchangeCancelled,
    ExchangeDeclined,
    ExchangeEvent,
    ExchangeHeld,
    ExchangeLapsed,
    ExchangeProposed,
    ExchangeTakenBack,
)
from shared.mongo import Database
from shared.spine.draft import Put
from shared.spine.listener import Listener
from shared.spine.store import Store

from . import analysing
from .domain.needs import ReceiveEvaluation

HEARD = "heard"
EXCHANGES: dict[type[ExchangeEvent], str] = {
    ExchangeProposed: "proposed",
    ExchangeAccepted: "accepted",
    ExchangeAgreed: "agreed",
    ExchangeDeclined: "declined",
    ExchangeLapsed: "lapsed",
    ExchangeTakenBack: "taken-back",
    ExchangeHeld: "held",
    ExchangeCancelled: "cancelled",
}


class KeepHeard(Command):
    about: str


async def prepare(db: Database) -> None:
    await db[HEARD].create_index([("network", 1), ("members", 1)])
    await db[HEARD].create_index([("network", 1), ("aspect", 1), ("topic", 1)])
    await db[HEARD].create_index("about")
    await db[HEARD].create_index([("network", 1), ("request", 1)])
    await db[HEARD].create_index([("network", 1), ("exchange", 1)])


async def keep_announced(received: Received, store: Store) -> None:
    """What it is about and for whom, from the plan, an exchange or an organiser."""
    event = received.event
    assert isinstance(event, ActivityAnnounced)
    facts = event.model_dump(mode="json", include={"kind", "quarter", "planned", "request", "exchange", "topic",
                                                   "target_groups", "language"})  # fmt: skip
    await _keep(received, "announced", (*event.members, event.member), facts, store)


async def keep_dated(received: Received, store: Store) -> None:
    event = received.event
    assert isinstance(event, ActivityScheduled)
    facts = event.model_dump(mode="json", include={"kind", "quarter", "starts_on", "ends_on", "mode"})
    await _keep(received, "dated", (*event.invited, event.member), facts, store)


async def keep_opened(received: Received, store: Store) -> None:
    """Who is invited; opened again it names nobody, and those invited before stay so."""
    event = received.event
    assert isinstance(event, RegistrationOpened)
    if event.invited:
        await _keep(received, "opened", (*event.invited, event.member), {"kind": event.kind}, store)


async def keep_ended(received: Received, store: Store) -> None:
    """Held or cancelled."""
    event = received.event
    assert isinstance(event, ActivityHeld | ActivityCancelled)
    held = isinstance(event, ActivityHeld)
    on = event.held_on.isoformat() if isinstance(event, ActivityHeld) else received.envelope.happened_on
    members = (*event.members, event.member) if isinstance(event, ActivityHeld) else (event.member,)
    facts = {"kind": event.kind, "quarter": event.quarter, "status": "held" if held else "cancelled", "on": on}
    await _keep(received, "ended", members, facts, store)


async def keep_exchange(received: Received, store: Store) -> None:
    event = received.event
    assert isinstance(event, ExchangeEvent)
    facts = event.model_dump(
        mode="json", include={"sender", "host", "focus", "week", "duration", "officials", "request"}
    )
    facts |= {"status": EXCHANGES[type(event)], "on": received.envelope.happened_on, "by": getattr(event, "by", None)}
    await _keep(received, "exchange", (event.sender, event.host), facts, store)


async def _keep(
    received: Received, aspect: str, members: Iterable[str | None], facts: dict[str, Any], store: Store
) -> None:
    about, network = received.stream, received.network
    document = {"about": about, "aspect": aspect, "network": network, **facts}
    document["members"] = sorted({one for one in members if one})
    command = KeepHeard(about=about, happened_at=received.envelope.happened_at)
    put = Put(HEARD, f"{about}/{aspect}", document)
    await store.execute(analysing.agenda_id(network), command, lambda _state, _command: [], [put])


async def take_evaluation(received: Received, store: Store) -> None:
    """An answer to an activity's survey is a sign of need for what it was about."""
    event = received.event
    assert isinstance(event, FeedbackGiven)
    facts = event.model_dump(include={"activity", "kind", "line", "relevance", "added_value"})
    command = ReceiveEvaluation(**facts, happened_at=received.envelope.happened_at)
    await analysing.receive_evaluation(command, store)


def listen_with(listen: Listener) -> None:
    """Enter these in the service's table."""
    listen.on(ActivityAnnounced, keep_announced)
    listen.on(ActivityScheduled, keep_dated)
    listen.on(RegistrationOpened, keep_opened)
    listen.on(ActivityHeld, keep_ended)
    listen.on(ActivityCancelled, keep_ended)
    listen.on(FeedbackGiven, take_evaluation)
    for event in EXCHANGES:
        listen.on(event, keep_exchange)
