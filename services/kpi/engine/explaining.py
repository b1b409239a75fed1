"""The events behind a figure: the days of its cells lead to offsets, the messages there run through the same fold."""

import asyncio
from bisect import bisect
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.contracts.envelope import Envelope, envelope_of

from .figures import MEMBER_DIMENSIONS, Asked, Cells, Indicator
from .measures import BEFORE_DIMENSIONS, Cell, Dimensions, Measure
from .merging import Merged
from .reading import Reader

MOST_MESSAGES, GAP, NEVER = 200_000, 5_000, 1 << 62
Narrow = Callable[[str, Dimensions], bool]
Day = tuple[int, int, str]
"""A partition's recorded day: its first offset, the one after its last, the day."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An event's part in a figure: what it adds to which measure, on which day."""

    measure: str
    delta: int
    day: str


@dataclass(frozen=True, slots=True)
class Behind:
    """One event behind a figure. `members` are those of its cells."""

    envelope: Envelope
    place: str
    counted: tuple[Counted, ...]
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Newest first. `complete` is false where there was more than one look reads."""

    events: tuple[Behind, ...]
    complete: bool = True


class Question:
    """Which cells belong to an indicator in a scope."""

    def __init__(self, one: Indicator, cells: Cells) -> None:
        one.formula(cells.profile)(cells)
        self.scope, measures = cells.scope, cells.merged.measures
        self.asked: dict[str, list[Asked]] = defaultdict(list)
        for asked in cells.asked:
            if measures[asked.measure].opens:
                self.asked[asked.measure].append(asked)
        self._narrow: Narrow = one.behind(cells) if one.behind else lambda measure, dimensions: True
        self._measures = measures

    def counts(self, measure: str, cell: Cell) -> bool:
        if measure not in self.asked or cell[0] != self.scope.network or cell[2] > (self.scope.known or "9999"):
            return False
        dimensions, of = cell[BEFORE_DIMENSIONS:], self._measures[measure]
        year = dimensions[of.year_at] if of.year_at is not None else int(cell[1][:4])
        return self._narrow(measure, dimensions) and any(
            (asked.ever or year == self.scope.year)
            and all(dimensions[of.by.index(name)] == value for name, value in asked.where)
            and (asked.of_all_members or self._of_member(of, dimensions))
            for asked in self.asked[measure]
        )

    def _of_member(self, measure: Measure, dimensions: Dimensions) -> bool:
        member = self.scope.member
        places = [measure.by.index(name) for name in MEMBER_DIMENSIONS if name in measure.by]
        return not member or not places or any(dimensions[at] == member for at in places)

    def days(self, merged: Merged) -> dict[TopicPartition, list[Day]]:
        """By partition: the recorded days that have a cell of the figure, in the log's order."""
        recorded: dict[str, set[str]] = defaultdict(set)
        for measure in self.asked:
            for block, counts in merged.blocks(measure):
                place = block.rsplit("/", 3)[0]
                recorded[place] |= {cell[2] for cell in counts if self.counts(measure, cell)}
        spans = merged.spans()
        return {
            _partition(place): sorted((*span, day) for day, span in spans.get(place, {}).items() if day in days)
            for place, days in recorded.items()
            if days
        }


async def explain(one: Indicator, cells: Cells, merged: Merged, reader: Reader, bootstrap: str) -> Explanation:
    """Read the log again where the figure comes from. Raises `KafkaError` where it cannot be read."""
    question = Question(one, cells)
    found: list[Behind] = []
    left, complete = MOST_MESSAGES, True
    if days := question.days(merged):
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
        )
        try:
            await consumer.start()
            for partition, wanted in days.items():
                kept = _newest(wanted, left)
                complete &= kept == wanted
                left -= sum(end - first for first, end, _day in kept)
                async for records in _read(consumer, partition, kept):
                    found += events_in(records, kept, question, reader)
                    await asyncio.sleep(0)  # the live figures go first
        finally:
            await consumer.stop()
    found.sort(key=lambda event: (event.envelope.time, event.envelope.id), reverse=True)
    return Explanation(tuple(found), complete)


def events_in(
    records: Iterable[ConsumerRecord], days: Sequence[Day], question: Question, reader: Reader
) -> list[Behind]:
    """Those of one partition's records that count for the question, with what they count."""
    found = []
    for record in records:
        at = bisect(days, (record.offset, NEVER, "")) - 1
        if at < 0 or record.offset >= days[at][1]:
            continue
        folded = reader.fold([record], days[at][2])
        counted: list[Counted] = []
        members: set[str] = set()
        for measure, sums in zip(reader.measures, folded.sums, strict=True):
            for cell, delta in sums.items():
                if delta and question.counts(measure.name, cell):
                    counted.append(Counted(measure.name, delta, cell[1]))
                    members |= _members(measure, cell)
        if counted:
            place = f"{record.topic}/{record.partition}/{record.offset}"
            found.append(Behind(envelope_of(record.headers), place, tuple(counted), frozenset(members)))
    return found


def _members(measure: Measure, cell: Cell) -> set[str]:
    named = zip(measure.by, cell[BEFORE_DIMENSIONS:], strict=True)
    return {str(value) for name, value in named if name in MEMBER_DIMENSIONS and value}


async def _read(
    consumer: AIOKafkaConsumer, partition: TopicPartition, days: Sequence[Day]
) -> AsyncIterator[list[ConsumerRecord]]:
    """All messages from each day's first to its last; a small gap is read over, since going elsewhere costs more."""
    if not days:
        return
    consumer.assign([partition])
    for first, end in _joined(days):
        consumer.seek(partition, first)
        while await consumer.position(partition) < end:
            batch = await consumer.getmany(partition, timeout_ms=500, max_records=200)
            yield [record for record in batch.get(partition, ()) if record.offset < end]


def _newest(days: Sequence[Day], most: int) -> list[Day]:
    kept: list[Day] = []
    for first, end, day in reversed(days):
        most -= end - first
        if most < 0:
            break
        kept.append((first, end, day))
    return kept[::-1]


def _joined(days: Iterable[Day]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, end, _day in days:
        if joined and first - joined[-1][1] <= GAP:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return joined


def _partition(place: str) -> TopicPartition:
    topic, _, number = place.rpartition("/")
    return TopicPartition(topic, int(number))


def counted_by(events: Iterable[Behind]) -> Mapping[str, int]:
    """What the events add up to, by measure."""
    totals: dict[str, int] = defaultdict(int)
    for event in events:
        for one in event.counted:
            totals[one.measure] += one.delta
    return totals
