"""Messages into deltas: the one fold that consuming, explaining and verifying share. Pure, a function of the log."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

import orjson

from shared import clock
from shared.contracts.base import EVENTS, UPCASTERS, parse_event

from .compiling import Compiled, compile_all
from .decoding import Decode, decoder_of
from .measures import Cell, Measure

Sums = Sequence[dict[Cell, int]]
NEWS_KEPT = 30
MOST_NETWORKS, MOST_NAME, LARGE = 10_000, 200, 16_384
AHEAD = timedelta(days=1)
"""A block keeps 100 cells: with names of any length it would outgrow what a document may hold."""


class Record(Protocol):
    """What is read of a Kafka message."""

    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Unreadable(ValueError):
    """The message is not what the bus agreed on; the sentence says what is missing."""


@dataclass(frozen=True, slots=True)
class Taker:
    decode: Decode
    compiled: Compiled


@dataclass(slots=True)
class Span:
    """The messages that a partition's recorded day begins and ends with: `[first, end)`."""

    first: int
    end: int


@dataclass(slots=True)
class Folded:
    """What a stretch of one partition comes to. `recorded` is the highest day recorded so far in the partition."""

    recorded: str
    sums: Sums
    spans: dict[str, Span] = field(default_factory=dict)
    poison: list[tuple[Any, Exception]] = field(default_factory=list)


class Reader:
    """The measures compiled, and their events' decoders. `news` are types worth a line in what is going on now."""

    def __init__(self, measures: Sequence[Measure], news: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.measures = tuple(measures)
        compiled = compile_all(self.measures)
        self.takers: dict[bytes, Taker] = {
            type.encode(): Taker(decoder_of(one.event, one.fields), one) for type, one in compiled.items()
        }
        self.counts = sorted(one.key for one in self.measures)
        """The measures with their versions: what was counted with others is counted anew."""
        self.news = {type.encode(): fields for type, fields in (news or {}).items()}
        self._anonymous = {type.encode() for type, event in EVENTS.items() if event.anonymous}
        self._days: dict[bytes, str] = {}
        self._texts: dict[bytes, str] = {}

    def fold(self, records: Sequence[Record], recorded: str = "") -> Folded:
        """Deltas of the records, in order. One that cannot be read is named in `poison` and leaves no trace beside."""
        broken: dict[int, Exception] = {}
        while True:
            folded = Folded(recorded, [defaultdict(int) for _ in self.measures])
            try:
                self._fold(records, folded, broken)
            except _Broke as broke:  # it may have added half of its deltas: once more without it
                broken[broke.offset] = broke.error
            else:
                return folded

    def _fold(self, records: Sequence[Record], folded: Folded, broken: Mapping[int, Exception]) -> None:
        sums, spans, day_of, text_of = folded.sums, folded.spans, self._day, self._text
        high, first, next_offset = folded.recorded, -1, -1
        latest = _latest_day()
        for record in records:
            offset = record.offset
            if first < 0:
                first = offset
            if offset in broken:
                folded.poison.append((record, broken[offset]))
                continue
            try:
                headers = dict(record.headers)
                recorded = day_of(headers["ce_recordedtime"][:10])
                if recorded > high:
                    if recorded > latest:
                        raise Unreadable("it says to be recorded more than a day ahead of the clock")
                    if high and offset > first:
                        spans[high] = Span(first, offset)
                    high, first = recorded, offset
                taker = self.takers.get(headers["ce_type"])
                if taker is not None:
                    event = taker.decode(record.value)  # type: ignore[arg-type]
                elif headers["ce_type"].decode() in UPCASTERS:
                    taker, event = self._upcast(headers, record)
                    if taker is None:
                        continue
                else:
                    continue
                if len(record.value) > LARGE:  # type: ignore[arg-type]
                    _check_lengths(event)
                network, stream = text_of(headers["ce_network"]), _name(headers["ce_subject"])
                day = day_of(headers["ce_time"][:10])
            except Exception as error:
                folded.poison.append((record, _plain(error)))
                continue
            try:
                taker.compiled.run(event, network, stream, day, high, sums)
            except Exception as error:
                raise _Broke(offset, error) from error
        if first >= 0 and high:
            next_offset = records[-1].offset + 1
            spans[high] = Span(first, next_offset)
        folded.recorded = high

    def _upcast(self, headers: Mapping[str, bytes], record: Record) -> tuple[Taker | None, Any]:
        event = parse_event(headers["ce_type"].decode(), orjson.loads(record.value or b""))
        return self.takers.get(event.type.encode()), event

    def lines(self, records: Sequence[Record]) -> list[dict[str, str]]:
        """The last of these records worth a line in what is going on now: their fields, type, network, time and id."""
        lines: list[dict[str, str]] = []
        for record in reversed(records[-10 * NEWS_KEPT :]):
            headers = dict(record.headers)
            fields = self.news.get(headers.get("ce_type", b""))
            if fields is None or len(lines) == NEWS_KEPT:
                continue
            try:
                data = orjson.loads(record.value or b"")
                line = {name: str(data[name])[:MOST_NAME] for name in fields if data.get(name) not in (None, "")}
            except (ValueError, AttributeError):  # poison: it is told of elsewhere
                continue
            names = (("type", "ce_type"), ("network", "ce_network"), ("at", "ce_time"), ("id", "ce_id"))
            lines.append(line | {name: _decoded(headers, header)[:MOST_NAME] for name, header in names})
        return lines[::-1]

    def ids(self, records: Sequence[Record]) -> list[tuple[str, str]]:
        """Network and id of each event read; an anonymous one's moment is nobody's business."""
        found = []
        for record in records:
            headers = dict(record.headers)
            if headers.get("ce_type") not in self._anonymous and headers.get("ce_id") and headers.get("ce_network"):
                found.append((_decoded(headers, "ce_network"), _decoded(headers, "ce_id")))
        return found

    def _day(self, raw: bytes) -> str:
        """The day as text, one object for all its messages; raises for what is none."""
        known = self._days.get(raw)
        if known is None:
            known = date.fromisoformat(raw.decode()).isoformat()
            self._days[raw] = known
        return known

    def _text(self, raw: bytes) -> str:
        known = self._texts.get(raw)
        if known is None:
            known = _name(raw)
            if not known or len(self._texts) > MOST_NETWORKS:
                raise Unreadable("the network is missing, or there are far too many")
            self._texts[raw] = known
        return known


def _latest_day() -> str:
    """A message from further ahead would move its partition's recorded day for good.

    The common clock may have been set back since the message was recorded, so the real one counts too.
    """
    return (max(clock.now(), datetime.now(UTC)) + AHEAD).date().isoformat()


class _Broke(Exception):
    def __init__(self, offset: int, error: Exception) -> None:
        super().__init__(offset)
        self.offset, self.error = offset, error


def _plain(error: Exception) -> Exception:
    return Unreadable(f"a header is missing: {error.args[0]}") if isinstance(error, KeyError) else error


def _decoded(headers: Mapping[str, bytes], name: str) -> str:
    return (headers.get(name) or b"").decode(errors="replace")


def _name(raw: bytes) -> str:
    if len(raw) > MOST_NAME:
        raise Unreadable("a name in its headers is far too long")
    return raw.decode()


def _check_lengths(event: Any) -> None:
    """For a large message alone: each of its texts may become part of a cell's name."""
    names = getattr(event, "__struct_fields__", None) or type(event).model_fields
    if any(len(text) > MOST_NAME for name in names for text in _texts_in(getattr(event, name))):
        raise Unreadable("a name in its data is far too long")


def _texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from (text for pair in value.items() for one in pair for text in _texts_in(one))
        case list() | tuple():
            yield from (text for one in value for text in _texts_in(one))
