"""A call for exchanges: drafted, open while interests and offers come in, closed, matched, running, reported.

This stream guards the call's budget and the most that a member may send: what counts against both stands in `counted`.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from services.matching.commands import (
    TERMS,
    AskWeek,
    BeginCall,
    CancelExchange,
    ChangeCall,
    ChangeInterest,
    ChangeOffer,
    CloseCall,
    DeclineExchange,
    DraftCall,
    ExpireProposal,
    FileInterest,
    MakeOffer,
    OpenCall,
    ProposeExchange,
    PublishCall,
    ReopenCall,
    ReportCall,
    RerunMatch,
    RunMatch,
    SetCosts,
    TakeBackProposal,
)
from services.matching.domain.terms import (
    Call,
    Counted,
    Outcome,
    Status,
    costed,
    counted,
    fits,
    must_be_possible,
    must_be_within,
    stays,
    uncounted,
)
from shared.contracts.base import Command, Event
from shared.contracts.matching import (
    CallBegun,
    CallChanged,
    CallClosed,
    CallDrafted,
    CallMatched,
    CallOpened,
    CallReopened,
    CallReported,
    ExchangeCounted,
    ExchangeUncounted,
    MatchRunCompleted,
)
from shared.contracts.refused import Refused

__all__ = ["Call", "Counted", "Outcome", "Status", "closing", "decide", "decide_run", "evolve", "must_be_matched"]

_CLOSED = "This call is closed; wait for the next one or ask its coordinator."


def decide(call: Call, command: Command) -> list[Event]:
    match command, call.status:
        case ((OpenCall() | DraftCall()), Status.NEW):
            must_be_possible(command)
            named = {
                "year": command.year,
                "market": command.market or "staff-exchange",
                "number": command.number,
                **_terms(command),
            }
            if isinstance(command, DraftCall):
                return [CallDrafted(**named)]
            return [CallOpened(**named, opened_on=command.when.date().isoformat())]
        case _, Status.NEW:
            raise Refused("not-found", "There is no such call here.", status=404)
        case PublishCall(), Status.DRAFT:
            named = {"year": call.year, "market": call.market, "number": call.number, **_terms(call)}
            return [CallOpened(**named, opened_on=command.when.date().isoformat())]
        case PublishCall(), _:
            raise Refused("call-open", "This call was opened already.")
        case CloseCall(), Status.OPEN:
            return [CallClosed(year=call.year)]
        case CloseCall(), Status.CLOSED:
            raise Refused("call-closed", "This call is closed already.")
        case ReopenCall(), Status.CLOSED | Status.MATCHED:
            return [CallReopened(year=call.year, words=command.words or None)]
        case ReopenCall(), Status.OPEN:
            raise Refused("call-open", "This call is open; nothing is to be taken back.")
        case BeginCall(), Status.CLOSED | Status.MATCHED:
            return [CallBegun(year=call.year)]
        case ReportCall(), Status.CLOSED | Status.MATCHED | Status.RUNNING:
            return [CallReported(year=call.year)]
        case ChangeCall(), Status.REPORTED:
            raise Refused("call-closed", "This call is over and reported; it stays as it is.")
        case ChangeCall(), Status.CLOSED | Status.MATCHED | Status.RUNNING if _only_amounts(call, command):
            return _changed(call, command)
        case ChangeCall(), Status.OPEN | Status.DRAFT:
            return _changed(call, command)
        case ChangeCall(), _:
            sentence = "This call is closed: its budget and its days to answer can change, for the rest open it again."
            raise Refused("call-closed", sentence)
        case ((FileInterest() | MakeOffer() | ChangeInterest() | ChangeOffer()), Status.DRAFT):
            raise Refused("call-draft", "This call is not open yet.")
        case ((FileInterest() | MakeOffer()), Status.CLOSED | Status.MATCHED | Status.RUNNING | Status.REPORTED):
            raise Refused("call-closed", _CLOSED)
        case ((ChangeInterest() | ChangeOffer()), Status.CLOSED | Status.MATCHED | Status.RUNNING | Status.REPORTED):
            raise Refused("call-closed", "This call is closed: what was filed and offered stays as it is.")
        case ((FileInterest(focus=focus) | ChangeInterest(focus=focus)), _):
            return fits(call, command, (focus,), stays(command))
        case ((MakeOffer(focus_areas=areas) | ChangeOffer(focus_areas=areas)), _):
            return fits(call, command, areas, command.places)
        case ProposeExchange(), Status.DRAFT | Status.REPORTED:
            raise Refused("wrong-status", "Nothing is proposed in this call by now: it is a draft, or over.")
        case ProposeExchange(), _:
            return counted(call, command)
        case AskWeek(week=week), _:
            must_be_within(call, (week,))
            return []
        case SetCosts(), _:
            return costed(call, command)
        case (
            (
                DeclineExchange(exchange=exchange)
                | ExpireProposal(exchange=exchange)
                | CancelExchange(exchange=exchange)
                | TakeBackProposal(exchange=exchange)
            ),
            _,
        ):
            return uncounted(call, exchange)
    raise Refused("wrong-status", "This call is %(state)s.", state=call.status)


def decide_run(call: Call, command: RunMatch | RerunMatch, outcome: Outcome) -> list[Event]:
    """A run counts whether the call is still open or closed; it changes nothing but the list of runs."""
    if outcome.run in call.runs:
        return []
    must_be_matched(call)
    return [MatchRunCompleted(**{name: getattr(outcome, name) for name in Outcome.__slots__})]


def must_be_matched(call: Call) -> None:
    """Refused where a run of the call comes to nothing."""
    if call.status is Status.NEW:
        raise Refused("not-found", "There is no such call here.", status=404)
    if call.status in (Status.DRAFT, Status.REPORTED):
        raise Refused("wrong-status", "Nothing is matched in this call by now: it is a draft, or over.")


def evolve(call: Call, event: Event) -> Call:
    match event:
        case CallDrafted() | CallOpened():
            status = Status.DRAFT if isinstance(event, CallDrafted) else Status.OPEN
            named = {name: getattr(event, name) for name in ("year", "market", "number")}
            return replace(call, status=status, opened_on=getattr(event, "opened_on", ""), **named, **_terms(event))
        case CallChanged():
            return replace(call, **_terms(event))
        case CallReopened():
            return replace(call, status=Status.OPEN, closes_on=None)
        case CallClosed():
            return replace(call, status=Status.CLOSED)
        case CallMatched():
            return replace(call, status=Status.MATCHED)
        case CallBegun():
            return replace(call, status=Status.RUNNING)
        case CallReported():
            return replace(call, status=Status.REPORTED)
        case MatchRunCompleted():
            return replace(call, runs=(*call.runs, event.run))
        case ExchangeCounted():
            now = Counted(event.sender, event.focus, event.amount)
            return replace(call, counted={**call.counted, event.exchange: now})
        case ExchangeUncounted():
            return replace(call, counted={key: one for key, one in call.counted.items() if key != event.exchange})
    return call


def closing(stream: str, event: Event) -> Iterable[tuple[str, datetime | None, Command | None]]:
    """The end of its last day closes an open call; set by its terms, cleared once it is closed otherwise."""
    match event:
        case CallOpened(closes_on=on) | CallChanged(closes_on=on):
            at = datetime.combine(on + timedelta(days=1), time(), UTC) if on else None
            yield f"close-{stream}", at, CloseCall(call=stream) if at else None
        case CallClosed() | CallReopened():
            yield f"close-{stream}", None, None


def _terms(source: Any) -> dict[str, Any]:
    return {name: getattr(source, name) for name in TERMS}


def _changed(call: Call, command: ChangeCall) -> list[Event]:
    """Nothing where all is as it was; never less money than its exchanges cost already."""
    must_be_possible(command)
    if command.budget is not None and command.budget < call.committed:
        sentence = "Exchanges that are proposed or agreed cost %(amount)s EUR: keep at least that."
        raise Refused("budget-committed", sentence, amount=call.committed)
    event = CallChanged(year=call.year, market=call.market, **_terms(command))
    return [event] if evolve(call, event) != call else []


def _only_amounts(call: Call, command: ChangeCall) -> bool:
    """A closed call takes other money, caps and times to answer; who may take part and when stays."""
    free = {"budget", "travel", "accommodation", "interpretation", "cap", "answer_days", "minimum", "automatic"}
    return all(getattr(call, name) == getattr(command, name) for name in TERMS - free - {"closes_on"})
