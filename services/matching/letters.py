"""Whom `matching` writes to: the liaison officers of both sides of an exchange."""

from collections.abc import Iterable
from typing import Any

from shared.contracts.matching import (
    ExchangeAccepted,
    ExchangeAgreed,
    ExchangeCancelled,
    ExchangeDeclined,
    ExchangeLapsed,
    ExchangeProposed,
    ExchangeTakenBack,
)
from shared.messages import letter, members
from shared.messages.correspondence import Correspondence, Happened, Telling
from shared.people import Role
from shared.profiles import load
from shared.spine.draft import Once

from . import queries, week
from .domain.exchange import Exchange, Status
from .handlers import focus_areas


def propose(happened: Happened) -> Iterable[Once]:
    """Both sides are asked, with the day by which they answer."""
    return _write("exchange-proposed", happened, (happened.event.sender, happened.event.host))


def answer(happened: Happened) -> Iterable[Once]:
    """What one side said, to the other; what became of it, to both."""
    event = happened.event
    both = event.sender, event.host
    match event:
        case ExchangeAccepted():
            if happened.with_a(ExchangeAgreed):
                return []
            return _write("exchange-answered", happened, [one for one in both if one != event.by], "accepted", event.by)
        case ExchangeDeclined():
            return _write("exchange-declined", happened, [one for one in both if one != event.by], "declined", event.by)
        case ExchangeAgreed():
            return _write("exchange-answered", happened, both, "agreed")
        case ExchangeLapsed():
            return _write("exchange-answered", happened, both, "lapsed")
        case ExchangeTakenBack():
            return _write("exchange-withdrawn", happened, both, "withdrawn")
    return _write("exchange-cancelled", happened, both, "cancelled")


def _write(kind: str, happened: Happened, sides: Iterable[str], outcome: str = "", by: str = "") -> list[Once]:
    words = getattr(happened.event, "words", None)
    data = {"exchange": happened.stream, "outcome": outcome, "by": by, "words": words}
    return [letter(kind, members(Role.NLO, side), happened.network, data, happened.id) for side in sides]


async def tell_of_exchange(telling: Telling) -> dict[str, Any] | None:
    """The exchange as it stands; a proposal that is answered by all or over is no news any more."""
    stream, network = telling.data["exchange"], telling.network
    found = await queries.find(telling.db, network, stream, Exchange, None)
    if found is None:
        return None
    state = found.state
    if telling.letter.kind == "exchange-proposed" and state.status is not Status.PROPOSED:
        return None
    words = telling.data.get("words") or stream
    kept = await telling.db.words.find_one({"_id": words, "network": network})
    focus = dict(focus_areas(load(network))).get(state.focus, state.focus)
    return {
        "sender": state.sender, "host": state.host, "answer_by": state.answer_by, "officials": state.officials,
        "begins": week.monday(state.week), "duration": state.duration, "language": state.language or "",
        "focus": focus, "reason": (kept or {}).get("reason", ""),
        "outcome": telling.data["outcome"], "by": telling.data["by"], "link": f"/matching/exchanges/{stream}",
    }  # fmt: skip


letters = Correspondence()
letters.on(ExchangeProposed, propose)
for _event in (
    ExchangeAccepted, ExchangeAgreed, ExchangeDeclined, ExchangeLapsed, ExchangeTakenBack, ExchangeCancelled,
):  # fmt: skip
    letters.on(_event, answer)
for _outcome in ("proposed", "answered", "declined", "cancelled", "withdrawn"):
    letters.tell(f"exchange-{_outcome}", tell_of_exchange)
