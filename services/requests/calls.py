"""The calls of `matching`, as this service has heard of them: where one is open, exchanges are asked for there; what
was asked for without one is accepted for the next."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from shared.contracts.base import Command
from shared.contracts.envelope import Received
from shared.contracts.matching import CallChanged, CallClosed, CallOpened, CallReopened
from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.mongo import Database
from shared.spine.draft import Put, Receipt
from shared.spine.listener import Listener
from shared.spine.store import Store

from .commands import AcceptForCall
from .domain import plan
from .domain.calling import accept
from .domain.state import Request
from .offered import kind_of
from .reasons import reason_of
from .streams import CALLS, plan_id


class KeepCall(Command):
    call: str


async def prepare(db: Database) -> None:
    await db[CALLS].create_index([("network", 1), ("open", 1)])


async def open_call(db: Database, network: str) -> dict[str, Any] | None:
    """The call that takes interests today, that of the latest year where there are several."""
    return next(iter(await open_calls(db, network)), None)


async def open_calls(db: Database, network: str) -> list[dict[str, Any]]:
    """Each with the focus areas that it names."""
    rows = await db[CALLS].find({"network": network, "open": True}).sort("year", -1).to_list(20)
    terms = db[CALLS].find({"_id": {"$in": [_terms_of(row["_id"]) for row in rows]}})
    areas = {one["_id"]: one["focus_areas"] async for one in terms}
    return [{**row, "focus_areas": areas.get(_terms_of(row["_id"]), [])} for row in rows]


def _terms_of(call: str) -> str:
    """Under which id its terms lie: each document is written whole, by the event that says it."""
    return f"{call}/terms"


async def accept_for_call(
    command: AcceptForCall, store: Store, call: Mapping[str, Any] | None, words: Mapping[str, Any]
) -> Receipt:
    """It leaves the plan's list and joins the open call; `words` are those of the request."""
    asked: Request = await store.load(command.request)
    if not kind_of(store.origin.network, asked.kind).to_call:
        raise Refused("not-for-a-call", "Only exchanges are matched in a call; plan this request.", status=422)
    areas, focus = (call or {}).get("focus_areas", ()), words.get("focus_area")
    if call is not None and focus not in areas:
        raise Refused(
            "focus-not-in-call",
            "The call does not name the focus area of this request; ask its sender which one it may be.",
        )
    if call is None:
        raise Refused("call-not-open", "Choose a call that is open.", status=422)
    command = command.model_copy(update={"words": new_id("words") if command.reason else ""})
    facts: dict[str, Any] = {"focus_area": focus, "officials": int(words.get("officials") or 1)}
    wishes = (str(words["host_member"]),) if words.get("host_member") else ()
    decides = {
        command.request: partial(accept, held_by=asked.plan, wishes=wishes, **facts),
        asked.plan: partial(plan.let_go, activity=None),
    }
    return await store.execute_all(command, decides, beside=reason_of(command, store))


async def keep_open(received: Received, store: Store) -> None:
    event = received.event
    assert isinstance(event, CallOpened | CallReopened)
    await _keep(received, event.year, store, received.stream, {"year": event.year, "open": True})


async def keep_closed(received: Received, store: Store) -> None:
    event = received.event
    assert isinstance(event, CallClosed)
    await _keep(received, event.year, store, received.stream, {"year": event.year, "open": False})


async def keep_terms(received: Received, store: Store) -> None:
    event = received.event
    assert isinstance(event, CallOpened | CallChanged)
    facts = {"focus_areas": list(event.focus_areas)}
    await _keep(received, event.year, store, _terms_of(received.stream), facts)


async def _keep(received: Received, year: int, store: Store, id: str, facts: Mapping[str, Any]) -> None:
    network = store.origin.network
    command = KeepCall(call=received.stream, happened_at=received.envelope.happened_at)
    beside = [Put(CALLS, id, {"network": network, **facts})]
    await store.execute(plan_id(network, year), command, plan.nothing, beside)


def listen_with(listen: Listener) -> None:
    listen.on(CallOpened, keep_open)
    listen.on(CallOpened, keep_terms)
    listen.on(CallChanged, keep_terms)
    listen.on(CallReopened, keep_open)
    listen.on(CallClosed, keep_closed)
