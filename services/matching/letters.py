"""Whom `matching` writes to: the liaison officers of both sides of an exchange."""

from collections.abc import Iterable
from typing import Any

from shared.contracts.matching import (
    ExchangeAccepted,
    ExchangeAgreed,
    ExchangeCancelled,
    ExchangeDeclined,
    ExchangeHeld,
    ExchangeLapsed,
    ExchangeMissed,
    ExchangeMoved,
    ExchangeProposed,
    ExchangeTakenBack,
    MatchRunCompleted,
)
from shared.messages import letter, members
from shared.messages.correspondence import Correspondence, Happened, Telling
from shared.people import Role
from shared.profiles import load
from shared.spine.draft import Once

from . import queries, week
from .domain.call import Call
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
        case ExchangeMoved():
            return _write("exchange-moved", happened, [one for one in both if one != event.by], "moved", event.by)
        case ExchangeMissed():
            return _write("exchange-missed", happened, both, "missed", event.absent)
        case ExchangeHeld():
            return _write("exchange-held", happened, both, "held")
        case ExchangeCancelled() if happened.with_a(ExchangeMissed):
            return []
    return _write("exchange-cancelled", happened, both, "cancelled")


def _write(kind: str, happened: Happened, sides: Iterable[str], outcome: str = "", by: str = "") -> list[Once]:
    words = getattr(happened.event, "words", None)
    data = {"exchange": happened.stream, "outcome": outcome, "by": by, "words": words}
    return [letter(kind, members(Role.NLO, side), happened.network, data, happened.id) for side in sides]


def matched_again(happened: Happened) -> Iterable[Once]:
    """A run by itself found something: a coordinator looks at it, unless it is proposed at once."""
    event: MatchRunCompleted = happened.event
    if not event.by_itself or not event.matched:
        return []
    data = {"call": happened.stream, "run": event.run, "matched": event.matched}
    return [letter("call-matched-again", members(Role.COORDINATOR), happened.network, data, happened.id)]


async def tell_of_run(telling: Telling) -> dict[str, Any] | None:
    """None where its matches were proposed meanwhile."""
    data, network = telling.data, telling.network
    found = await queries.find(telling.db, network, data["call"], Call, None)
    proposed = await queries.exchanges_of_run(telling.db, network, data["run"])
    if found is None or len(proposed) >= data["matched"]:
        return None
    return {"year": found.state.year, "matched": data["matched"], "link": f"/matching/runs/{data['run']}"}


async def tell_of_exchange(telling: Telling) -> dict[str, Any] | None:
    """The exchange as it stands; a proposal that is answered by all or over is no news any more."""
    stream, network = telling.data["exchange"], telling.network
    found = await queries.find(telling.db, network, stream, Exchange, None)
    if found is None:
        return None
    state = found.state
    if telling.letter.kind in ("exchange-proposed", "exchange-moved") and state.status is not Status.PROPOSED:
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
    ExchangeMoved, ExchangeMissed, ExchangeHeld,
):  # fmt: skip
    letters.on(_event, answer)
for _outcome in ("proposed", "answered", "declined", "cancelled", "withdrawn", "moved", "missed", "held"):
    letters.tell(f"exchange-{_outcome}", tell_of_exchange)
letters.on(MatchRunCompleted, matched_again)
letters.tell("call-matched-again", tell_of_run)
