"""The cells of one partition, in memory and as documents.

A cell's key is network, day happened, day recorded and the measure's dimensions. About 100 cells share a block
(partition, measure, month), since single documents would make a large flush take longer than a transaction may.
A block is always written whole, so writing it twice is writing it once. Collection `blocks`:

    cells  `<topic>/<partition>/<measure>.<version>/<month>/<n>`: `cells` is a JSON text of `[value, *key]` rows
           where a dead letter was replayed, `<n>` is `replayed-<offset>` and the document has `replayed`
    spans  `<topic>/<partition>/spans/<year>`: the offsets that each recorded day begins and ends with
    news   `<topic>/<partition>/news`: the last lines of what is going on
    measures `<topic>/<partition>/measures`: which measures the partition was counted with
    rebuild  tells every process that everything is counted anew

Each carries `at`, the partition's next offset when it was written, and `by`, the process that wrote it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import TopicPartition

from .measures import Cell, Measure
from .reading import NEWS_KEPT, Folded, Span

CELLS_A_BLOCK = 100
CELLS, SPANS, NEWS, MEASURES, REBUILD = "cells", "spans", "news", "measures", "rebuild"
Document = dict[str, Any]


def place(partition: TopicPartition) -> str:
    """`liaison.events/3`"""
    return f"{partition.topic}/{partition.partition}"


@dataclass(eq=False, slots=True)
class Block:
    id: str
    measure: str
    cells: dict[Cell, int] = field(default_factory=dict)


class Partition:
    """What one partition has come to. `stored` is the next offset that the database knows, `next` the next to read.

    Dirty between `add` and `flushed`: what is dirty is not in the database yet.
    """

    def __init__(self, partition: TopicPartition, measures: Sequence[Measure], stored: int = 0) -> None:
        self.partition, self.measures = partition, measures
        self.stored = self.next = stored
        self.recorded = ""
        self.spans: dict[str, Span] = {}
        self.news: list[dict[str, str]] = []
        self._where: list[dict[Cell, Block]] = [{} for _ in measures]
        self._open: dict[tuple[str, str], Block] = {}
        self._made: dict[tuple[str, str], int] = {}
        self.dirty_blocks: set[Block] = set()
        self._dirty_years: set[str] = set()
        self._dirty_news = False

    @property
    def dirty(self) -> bool:
        return self.next != self.stored

    def add(self, folded: Folded, upto: int, news: Sequence[dict[str, str]] = ()) -> None:
        """Take in what a stretch came to that ends before offset `upto`."""
        for place_of, sums in enumerate(folded.sums):
            if sums:
                self._add_cells(place_of, sums)
        for day, span in folded.spans.items():
            known = self.spans.get(day)
            self.spans[day] = Span(known.first, span.end) if known else span
            self._dirty_years.add(day[:4])
        if news:
            self.news = [*self.news, *news][-NEWS_KEPT:]
            self._dirty_news = True
        self.recorded = folded.recorded
        self.next = upto

    def _add_cells(self, place_of: int, sums: Mapping[Cell, int]) -> None:
        where, key, dirty = self._where[place_of], self.measures[place_of].key, self.dirty_blocks
        for cell, delta in sums.items():
            if not delta:
                continue
            block = where.get(cell)
            if block is None:
                block = where[cell] = self._block_for(key, cell[1][:7])
                block.cells[cell] = delta
            else:
                block.cells[cell] += delta
            dirty.add(block)

    def _block_for(self, measure: str, month: str) -> Block:
        block = self._open.get((measure, month))
        if block is None or len(block.cells) >= CELLS_A_BLOCK:
            number = self._made.get((measure, month), -1) + 1
            block = Block(f"{place(self.partition)}/{measure}/{month}/{number}", measure)
            self._open[measure, month], self._made[measure, month] = block, number
        return block

    def documents(self, by: str) -> list[Document]:
        """What is dirty, copied; `as_stored` makes of it what is written."""
        beside = {"at": self.next, "by": by}
        beside |= {"topic": self.partition.topic, "partition": self.partition.partition}
        documents = [
            {"_id": block.id, "kind": CELLS, "measure": block.measure, "cells": dict(block.cells), **beside}
            for block in self.dirty_blocks
        ]
        for year in sorted(self._dirty_years):
            days = {day: [span.first, span.end] for day, span in self.spans.items() if day[:4] == year}
            documents.append({"_id": f"{place(self.partition)}/{SPANS}/{year}", "kind": SPANS, "spans": days, **beside})
        if self._dirty_news:
            documents.append({"_id": f"{place(self.partition)}/{NEWS}", "kind": NEWS, "news": self.news, **beside})
        return documents

    def flushed(self) -> None:
        self.stored = self.next
        self.dirty_blocks = set()
        self._dirty_years = set()
        self._dirty_news = False

    def load(self, documents: Iterable[Document]) -> None:
        """Take over what is stored; blocks of measures that are no more, or of older versions, are passed over."""
        places = {measure.key: number for number, measure in enumerate(self.measures)}
        for document in documents:
            match document["kind"]:
                case "spans":
                    self.spans |= {day: Span(*ends) for day, ends in document["spans"].items()}
                case "news":
                    self.news = document["news"]
                case "cells" if document["measure"] in places:
                    self._load_block(document, places[document["measure"]])
        self.recorded = max(self.spans, default="")

    def _load_block(self, document: Document, place_of: int) -> None:
        block = Block(document["_id"], document["measure"], cells_of(document))
        month, number = document["_id"].rsplit("/", 2)[1:]
        if int(number) > self._made.get((block.measure, month), -1):
            self._made[block.measure, month], self._open[block.measure, month] = int(number), block
        where = self._where[place_of]
        for cell in block.cells:
            where[cell] = block

    def cells(self) -> Iterator[tuple[str, Cell, int]]:
        """Measure, key and value of each cell that is not zero."""
        for measure, where in zip(self.measures, self._where, strict=True):
            for cell, block in where.items():
                if value := block.cells[cell]:
                    yield measure.name, cell, value


def replayed(partition: TopicPartition, offset: int, measures: Sequence[Measure], folded: Folded) -> list[Document]:
    """The blocks of one message that was counted late. They are written once, and by nobody who follows them."""
    beside = {"at": offset + 1, "by": "replay", "replayed": offset}
    beside |= {"topic": partition.topic, "partition": partition.partition}
    documents: dict[str, Document] = {}
    for measure, sums in zip(measures, folded.sums, strict=True):
        for cell, delta in sums.items():
            if delta:
                id = f"{place(partition)}/{measure.key}/{cell[1][:7]}/replayed-{offset}"
                block = {"_id": id, "kind": CELLS, "measure": measure.key, "cells": {}, **beside}
                documents.setdefault(id, block)["cells"][cell] = delta
    return list(documents.values())


def as_stored(document: Document) -> Document:
    """Its cells as one text: BSON would make a key and a type of each of their thousand elements."""
    if document["kind"] != CELLS:
        return document
    return document | {"cells": orjson.dumps([(value, *cell) for cell, value in document["cells"].items()]).decode()}


def cells_of(document: Document) -> dict[Cell, int]:
    """The cells of a document, stored or as `Partition.documents` gives it."""
    if isinstance(document["cells"], dict):
        return document["cells"]
    return {tuple(cell): value for value, *cell in orjson.loads(document["cells"])}


def sums_of(measures: Sequence[Measure], partitions: Iterable[Partition]) -> dict[str, dict[Cell, int]]:
    """The cells of several partitions together, without those that are zero."""
    merged: dict[str, dict[Cell, int]] = {measure.name: {} for measure in measures}
    for partition in partitions:
        for name, cell, value in partition.cells():
            merged[name][cell] = merged[name].get(cell, 0) + value
    return {name: {cell: value for cell, value in cells.items() if value} for name, cells in merged.items()}
