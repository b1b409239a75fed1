"""What a group of commands comes to, worked out in memory before anything is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from shared import clock
from shared.contracts.base import Command, Event, parse_event
from shared.contracts.envelope import MOST_BYTES, iso
from shared.contracts.refused import Refused
from shared.ids import aggregate_of

from .aggregate import Aggregate, Deadline, Decide
from .expected import Stale
from .origin import Origin, content_hash

Document = dict[str, Any]
Letters = Callable[["Sequence[Appended]", str], "Iterable[Once]"]
"""The letters that a command's events write, in this network."""
BACKDATE_FREELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Put:
    """A document beside the streams (words, answers, files' names), written with the events."""

    collection: str
    id: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Once(Put):
    """A document that is written only where there is none of its id yet; `current` alone is not told of history."""

    current: bool = False
    """Left out where what happened is history that is imported: nobody wants a letter about last year."""


@dataclass(frozen=True, slots=True)
class Remove:
    collection: str
    id: str


@dataclass(frozen=True, slots=True)
class Appended:
    """An event as it was written."""

    id: str
    stream: str
    event: Event
    data: Mapping[str, Any] | None = field(default=None, compare=False)
    """The event as it is kept, where it was written just now."""


@dataclass(frozen=True, slots=True)
class Following:
    """What is written beside depends on what was decided: made of this command's events, none where none followed."""

    make: Callable[[Sequence[Appended]], Iterable[Put | Remove]]


Beside = Put | Remove | Following


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a command; the same for the same command id."""

    events: tuple[Appended, ...] = ()

    def first(self, kind: type[Event]) -> Appended | None:
        return next((one for one in self.events if isinstance(one.event, kind)), None)


@dataclass(frozen=True, slots=True)
class Work:
    """One command to its streams, in the order in which they decide."""

    origin: Origin
    command: Command
    decides: Mapping[str, Decide]
    beside: tuple[Beside, ...] = ()
    expected: Mapping[str, int] = field(default_factory=dict)
    """Versions at which the sender saw streams; one that moved on since makes it `Stale`."""

    @property
    def hash(self) -> str:
        """The streams' kinds count, not their ids: a caller that makes a new stream draws a new id each time."""
        return content_hash(self.command, [aggregate_of(stream) for stream in self.decides], self.origin.on_behalf_of)


@dataclass(slots=True)
class Current:
    """A stream as loaded, then as the group leaves it."""

    aggregate: Aggregate
    loaded: int
    version: int
    state: Any
    network: str


@dataclass(slots=True)
class Draft:
    """A group in the making. `outcomes` has one entry a work, in order: its receipt or what it raised."""

    aggregates: Mapping[str, Aggregate]
    streams: dict[str, Current] = field(default_factory=dict)
    receipts: dict[str, Document] = field(default_factory=dict)
    new_receipts: list[Document] = field(default_factory=list)
    events: list[Document] = field(default_factory=list)
    beside: list[Put | Remove] = field(default_factory=list)
    deadlines: dict[str, tuple[Deadline, str, str]] = field(default_factory=dict)
    outcomes: list[Receipt | Exception] = field(default_factory=list)
    letters: Letters | None = None

    def take(self, stored: Iterable[Document]) -> None:
        for one in stored:
            aggregate = self.aggregates[aggregate_of(one["_id"])]
            state = aggregate.load(one["state"])
            self.streams[one["_id"]] = Current(aggregate, one["version"], one["version"], state, one["network"])

    def add(self, work: Work) -> None:
        """Decide one work on what the group has come to so far; a refused one leaves no trace but its receipt."""
        receipt_id = work.origin.receipt_id
        if receipt_id and (known := self.receipts.get(receipt_id)):
            self.outcomes.append(_repeated(known, work))
            return
        moment = clock.now()
        try:
            outcome: Receipt | Refused = self._decide(work, moment)
        except Stale as stale:
            self.outcomes.append(stale)
            return
        except Refused as refused:
            outcome = refused
        except Exception as error:  # a fault of this command's own: the others of its group go on
            self.outcomes.append(error)
            return
        self.outcomes.append(outcome)
        if receipt_id:
            self.receipts[receipt_id] = document = _receipt(receipt_id, work, outcome)
            self.new_receipts.append(document)

    def _decide(self, work: Work, moment: datetime) -> Receipt:
        command = work.command.at(moment)
        _check_time(command.when, moment, work.origin)
        left: dict[str, Current] = {}
        events: list[Document] = []
        appended: list[Appended] = []
        for stream, decide in work.decides.items():
            now = self.streams.get(stream) or self._begin(stream, work.origin.network)
            if now.network != work.origin.network:
                raise Refused("not-found", "There is nothing of this name here.", status=404)
            if (seen := work.expected.get(stream)) is not None and seen != now.version:
                raise Stale(stream, seen, now.version)
            new = decide(now.state, command)
            version, state = now.version, now.state
            for event in new:
                version += 1
                state = now.aggregate.evolve(state, event)
                document = _document(f"{stream}@{version}", event, command.when, moment, work.origin)
                _check_data(document["data"])
                events.append(document)
                appended.append(Appended(document["_id"], stream, event, document["data"]))
            left[stream] = Current(now.aggregate, now.loaded, version, state, now.network)
        history = _is_history(command.when, moment, work.origin)
        beside = list(_beside(work, appended, history=history))
        if self.letters and not history:
            beside += self.letters(appended, work.origin.network)
        self.streams |= left
        self.events += events
        self.beside += beside
        for one in appended:
            for deadline in left[one.stream].aggregate.deadlines(one.stream, one.event):
                self.deadlines[deadline.id] = (deadline, one.stream, work.origin.network)
        return Receipt(tuple(appended))

    def _begin(self, stream: str, network: str) -> Current:
        aggregate = self.aggregates[aggregate_of(stream)]
        return Current(aggregate, 0, 0, aggregate.state(), network)

    @property
    def moved(self) -> dict[str, Current]:
        return {stream: now for stream, now in self.streams.items() if now.version > now.loaded}


def _is_history(happened: datetime, moment: datetime, origin: Origin) -> bool:
    """A message or deadline that is worked late is no history; one that was imported is."""
    late = origin.source in ("bus", "deadline")
    return origin.imported if late else moment - happened > BACKDATE_FREELY


def _beside(work: Work, appended: Sequence[Appended], *, history: bool) -> Iterable[Put | Remove]:
    for one in work.beside:
        for made in one.make(appended) if isinstance(one, Following) else (one,):
            if not (history and isinstance(made, Once) and made.current):
                yield made


def _check_time(happened: datetime, moment: datetime, origin: Origin) -> None:
    if happened > moment and origin.source != "bus":  # what is heard has happened, though this clock be a little behind
        raise Refused("in-the-future", "It cannot have happened yet: give a time that has passed.", status=422)
    if moment - happened > BACKDATE_FREELY and not origin.history:
        raise Refused(
            "too-long-ago", "Give a time within the last day, or ask a coordinator to import history.", status=422
        )


def _check_data(data: Document) -> None:
    """What the log would not take must not get into the store: the relay could never send it, nor what follows."""
    try:
        size = len(orjson.dumps(data))
    except TypeError:  # a number beyond 64 bits, or text that is no Unicode
        raise Refused("unusable", "A number or a text in it cannot be kept; write it otherwise.", status=422) from None
    if size > MOST_BYTES:
        raise Refused("too-large", "This says too much at once; shorten it.", status=413)


def _document(event_id: str, event: Event, when: datetime, moment: datetime, origin: Origin) -> Document:
    stream, _, version = event_id.rpartition("@")
    document: Document = {
        "_id": event_id,
        "stream": stream,
        "version": int(version),
        "type": event.type,
        "source": "/" + event.type.split(".")[1],
        "network": origin.network,
        "data": event.model_dump(mode="json"),
    }
    if event.anonymous:
        day = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
        return document | {"time": iso(when.replace(**day)), "recordedtime": iso(moment.replace(**day))}  # type: ignore[arg-type]
    if origin.on_behalf_of:
        document["onbehalfof"] = origin.on_behalf_of
    return document | {
        "time": iso(when),
        "recordedtime": iso(moment),
        "actor": origin.actor,
        "causationid": origin.causation,
        "correlationid": origin.correlation,
        "traceparent": origin.traceparent,
    }


def _receipt(receipt_id: str, work: Work, outcome: Receipt | Refused) -> Document:
    document: Document = {"_id": receipt_id, "hash": work.hash, "stays": work.origin.receipt_stays}
    if isinstance(outcome, Refused):
        return document | {"refused": [outcome.code, outcome.sentence, outcome.status]}
    return document | {
        "events": [
            {"id": one.id, "type": one.event.type, "data": one.data or one.event.model_dump(mode="json")}
            for one in outcome.events
        ]
    }


def _repeated(known: Document, work: Work) -> Receipt | Refused:
    if known["hash"] != work.hash:
        sentence = "This command id was used before with other content; use a new one."
        return Refused("command-id-reused", sentence, status=422)
    if refused := known.get("refused"):
        return Refused(refused[0], refused[1], status=refused[2])
    return Receipt(
        tuple(
            Appended(one["id"], one["id"].rpartition("@")[0], parse_event(one["type"], one["data"]))
            for one in known["events"]
        )
    )
