"""The events behind a figure: the days of its cells lead to offsets, the messages there run through the same fold."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.contracts.envelope import Envelope, envelope_of

from .figures import MEMBER_DIMENSIONS, Asked, Cells, Indicator
from .measures import BEFORE_DIMENSIONS, Cell, Dimensions, Measure
from .reading import Reader

MOST_MESSAGES = 200_000
Narrow = Callable[[str, Dimensions], bool]
Stretch = tuple[TopicPartition, int, int]


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
    """Newest first. `complete` is false where there was more than one look reads; `closed` counts answers that
    never open."""

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

    def stretches(self, cells: Cells) -> list[Stretch]:
        """The offsets of every recorded day that has a cell of the figure; neighbours are one, the newest first."""
        days: dict[str, set[str]] = defaultdict(set)
        for measure in self.asked:
            for block, counts in cells.merged.blocks(measure):
                place = block.rsplit("/", 3)[0]
                days[place] |= {cell[2] for cell in counts if self.counts(measure, cell)}
        spans = cells.merged.spans()
        found = [
            (_partition(place), first, end)
            for place, recorded in days.items()
            for first, end in _joined(span for day, span in spans.get(place, {}).items() if day in recorded)
        ]
        return sorted(found, key=lambda stretch: (stretch[0].topic, stretch[0].partition, -stretch[2]))


async def explain(one: Indicator, cells: Cells, reader: Reader, bootstrap: str) -> Explanation:
    """Read the log again where the figure comes from. Raises `KafkaError` where it cannot be read."""
    question = Question(one, cells)
    stretches, complete = _within(question.stretches(cells), MOST_MESSAGES)
    found: list[Behind] = []
    if stretches:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
        )
        await consumer.start()
        try:
            for stretch in stretches:
                async for records in _read(consumer, stretch):
                    found += events_in(records, question, reader)
                    await asyncio.sleep(0)  # the live figures go first
        finally:
            await consumer.stop()
    found.sort(key=lambda event: (event.envelope.time, event.envelope.id), reverse=True)
    return Explanation(tuple(found), complete)


def events_in(records: Iterable[ConsumerRecord], question: Question, reader: Reader) -> list[Behind]:
    """Those of the records that count for the question, with what they count."""
    found = []
    for record in records:
        folded = reader.fold([record])
        counted, members = [], set()
        for measure, sums in zip(reader.measures, folded.sums, strict=True):
            for cell, delta in sums.items():
                if delta and question.counts(measure.name, cell):
                    counted.append(Counted(measure.name, delta, cell[1]))
                    members |= {
                        str(cell[BEFORE_DIMENSIONS + at])
                        for at, name in enumerate(measure.by)
                        if name in MEMBER_DIMENSIONS and cell[BEFORE_DIMENSIONS + at]
                    }
        if counted:
            place = f"{record.topic}/{record.partition}/{record.offset}"
            found.append(Behind(envelope_of(record.headers), place, tuple(counted), frozenset(members)))
    return found


async def _read(consumer: AIOKafkaConsumer, stretch: Stretch) -> AsyncIterator[list[ConsumerRecord]]:
    partition, first, end = stretch
    consumer.assign([partition])
    consumer.seek(partition, first)
    while await consumer.position(partition) < end:
        batch = await consumer.getmany(partition, timeout_ms=500, max_records=1_000)
        yield [record for record in batch.get(partition, ()) if record.offset < end]


def _within(stretches: Sequence[Stretch], most: int) -> tuple[list[Stretch], bool]:
    kept: list[Stretch] = []
    left = most
    for partition, first, end in stretches:
        start = max(first, end - left)
        if start < end:
            kept.append((partition, start, end))
            left -= end - start
        if start > first:
            return kept, False
    return kept, True


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, end in sorted(spans):
        if joined and joined[-1][1] == first:
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
