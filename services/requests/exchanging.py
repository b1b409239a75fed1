"""What becomes of a request in its call: the exchange agreed for it, held or cancelled."""

from dataclasses import dataclass

from shared.contracts.envelope import Received
from shared.contracts.matching import ExchangeAgreed, ExchangeCancelled, ExchangeHeld
from shared.mongo import Database
from shared.spine.draft import Receipt
from shared.spine.listener import Listener
from shared.spine.store import Store

from .commands import FulfilRequest, ReturnRequest
from .domain.calling import MatchRequest, matched
from .handlers import fulfil_request, return_request
from .hearing import HEARD
from .queries import Shown


async def match_request(command: MatchRequest, store: Store) -> Receipt:
    """Its page shows the exchange from now on; for a request that left the call nothing follows."""
    return await store.execute(command.request, command, matched)


async def keep_agreed(received: Received, store: Store) -> None:
    event = received.event
    assert isinstance(event, ExchangeAgreed)
    if event.request:
        facts = event.model_dump(include={"request", "call", "host", "week", "duration", "officials"})
        at = received.envelope.happened_at
        await match_request(MatchRequest(**facts, exchange=received.stream, happened_at=at), store)


async def close_matched(received: Received, store: Store) -> None:
    """The exchange was held, and the request with it."""
    event = received.event
    assert isinstance(event, ExchangeHeld)
    if event.request:
        told = {"exchange": received.stream, "happened_at": received.envelope.happened_at}
        await fulfil_request(FulfilRequest(request=event.request, activity=event.activity, **told), store)


async def take_back_matched(received: Received, store: Store) -> None:
    """The exchange will not be held, or one side did not turn up: the request is to be decided anew."""
    event = received.event
    assert isinstance(event, ExchangeCancelled)
    if event.request:
        told = {"exchange": received.stream, "happened_at": received.envelope.happened_at}
        await return_request(ReturnRequest(request=event.request, **told), store)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a request's exchange and its activity are to be seen; empty where there is none yet."""

    link: str = ""
    activity: str = ""


async def exchange_of(db: Database, shown: Shown) -> Found:
    """The exchange agreed for it, else the one that both sides are asked about now."""
    agreed, known = shown.state["exchange"], {"network": shown.network}
    if not agreed:
        asked = {"aspect": "exchange", "request": shown.id, "status": {"$in": ["proposed", "accepted"]}}
        proposed = await db[HEARD].find_one(known | asked, sort=[("_id", -1)])
        return Found(f"/matching/exchanges/{proposed['about']}") if proposed else Found()
    made = await db[HEARD].find_one(known | {"aspect": "announced", "exchange": agreed})
    activity = shown.state["activity"] or (made or {}).get("about", "")
    return Found(f"/matching/exchanges/{agreed}", activity)


def listen_with(listen: Listener) -> None:
    listen.on(ExchangeAgreed, keep_agreed)
    listen.on(ExchangeHeld, close_matched)
    listen.on(ExchangeCancelled, take_back_matched)
