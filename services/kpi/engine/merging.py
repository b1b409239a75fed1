"""The partitions' cells together: what every replica knows of all of them, as committed.

Blocks come from this process after its own commits, from the collection at the start and by change stream from the
other replicas. A block counts once: the one with the highest `at` of its partition stands, whichever way it came.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .cells import CELLS, NEWS, Document, cells_of
from .kept import Grouped, Keeping, Story, Told, Where
from .measures import BEFORE_DIMENSIONS, Cell, Dimensions, Measure

MOST_KEPT, BACKLOG_BLOCKS = 200, 200
"""Sums kept for a measure; and from how many blocks at once on they are let go: adding them up again costs less."""

Sum = dict[Dimensions, int]
"""Value by dimensions, never zero."""


@dataclass(slots=True)
class Known:
    at: int
    cells: Mapping[Cell, int]


class Merged:
    """All committed cells, and their sums by network, measure and year. `put` is the only way in."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self.measures = {measure.name: measure for measure in measures}
        self._by_key = {measure.key: measure for measure in measures}
        self._blocks: dict[str, dict[str, Known]] = {measure.name: {} for measure in measures}
        self._sums: dict[tuple[str, str], dict[int, Sum]] = defaultdict(dict)
        self._ever: dict[tuple[str, str], tuple[int, Sum]] = {}
        self._others: dict[str, Document] = {}
        self._kept: dict[tuple[str, str], dict[Any, Keeping]] = defaultdict(dict)
        self.revisions: dict[tuple[str, str], int] = defaultdict(int)
        """How often the sums of a network and measure have changed."""

    def forget(self) -> None:
        """Everything is counted anew."""
        self._blocks = {name: {} for name in self.measures}
        self._sums.clear()
        self._ever.clear()
        self._others.clear()
        self._kept.clear()
        for one in self.revisions:
            self.revisions[one] += 1

    def put(self, documents: Sequence[Document]) -> set[tuple[str, str]]:
        """Take in committed documents; returns network and measure of the sums that moved."""
        if len(documents) > BACKLOG_BLOCKS:
            self._kept.clear()
        moved: set[tuple[str, str]] = set()
        for document in documents:
            if document["kind"] == CELLS:
                measure = self._by_key.get(document["measure"])
                if measure is not None:
                    self._put_cells(measure, document, moved)
            elif document["at"] >= self._others.get(document["_id"], {"at": -1})["at"]:
                self._others[document["_id"]] = document
                if document["kind"] == NEWS:
                    moved |= {(line["network"], NEWS) for line in document["news"]}
        for one in moved:
            self.revisions[one] += 1
        return moved

    def _put_cells(self, measure: Measure, document: Document, moved: set[tuple[str, str]]) -> None:
        blocks = self._blocks[measure.name]
        known = blocks.get(document["_id"])
        if known is not None and known.at >= document["at"]:
            return
        cells = cells_of(document)
        before: Mapping[Cell, int] = known.cells if known is not None else {}
        year_at = measure.year_at
        for cell, value in cells.items():
            delta = value - before.get(cell, 0)
            if not delta:
                continue
            network, dimensions = cell[0], cell[BEFORE_DIMENSIONS:]
            year = dimensions[year_at] if year_at is not None else int(cell[1][:4])
            sums = self._sums[network, measure.name].setdefault(year, {})
            left = sums.get(dimensions, 0) + delta
            if left:
                sums[dimensions] = left
            else:
                del sums[dimensions]
            moved.add((network, measure.name))
            for one in self._kept.get((network, measure.name), {}).values():
                one.moved(measure.name, year, cell, delta)
        blocks[document["_id"]] = Known(document["at"], cells)

    def sums(self, network: str, measure: str, year: int) -> Sum:
        return self._sums.get((network, measure), {}).get(year, {})

    def ever(self, network: str, measure: str) -> Sum:
        """Over all years."""
        revision = self.revisions[network, measure]
        kept = self._ever.get((network, measure))
        if kept is None or kept[0] != revision:
            years = self._sums.get((network, measure), {})
            kept = self._ever[network, measure] = (revision, _together(years.values()))
        return kept[1]

    def grouped(self, network: str, measure: str, year: int | None, places: tuple[int, ...], where: Where) -> Grouped:
        """The sums by these dimensions of one year, or of all; kept up from now on."""
        kept = self._room(network, measure)
        found = kept.get((year, places, where))
        if not isinstance(found, Grouped):
            found = kept[year, places, where] = Grouped(year, places, where)
            years = self._sums.get((network, measure), {})
            for sums in years.values() if year is None else [years.get(year, {})]:
                for dimensions, value in sums.items():
                    found.add(dimensions, value)
        return found

    def told(self, network: str, story: Story) -> Counter[Any]:
        """What the story's entities count as; kept up from now on."""
        rooms = [self._room(network, measure) for measure in story.by]
        found = rooms[0].get(story.name)
        if not isinstance(found, Told) or any(room.get(story.name) is not found for room in rooms):
            found = told_of(self, network, story)
            for room in rooms:
                room[story.name] = found
        return found.counts()

    def _room(self, network: str, measure: str) -> dict[Any, Keeping]:
        kept = self._kept[network, measure]
        if len(kept) > MOST_KEPT:
            kept.clear()
        return kept

    def cells(self, network: str, measure: str) -> Iterator[tuple[Cell, int]]:
        """Each cell of every partition; the same key may come more than once."""
        for known in self._blocks[measure].values():
            for cell, value in known.cells.items():
                if value and cell[0] == network:
                    yield cell, value

    def blocks(self, measure: str) -> Iterator[tuple[str, Mapping[Cell, int]]]:
        """Id and cells of each block of a measure."""
        for block, known in self._blocks[measure].items():
            yield block, known.cells

    def years(self, network: str) -> list[int]:
        """The years of which anything is known."""
        known = (years for (of, _), years in self._sums.items() if of == network)
        return sorted({year for years in known for year, sums in years.items() if sums})

    def spans(self) -> dict[str, dict[str, tuple[int, int]]]:
        """By place on the log: each recorded day's first offset and the one after its last."""
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for document in self._others.values():
            if document["kind"] == "spans":
                of = found.setdefault(f"{document['topic']}/{document['partition']}", {})
                of |= {day: (ends[0], ends[1]) for day, ends in document["spans"].items()}
        return found

    def seen(self) -> dict[str, int]:
        """By place on the log: the highest offset whose message counts in what is shown."""
        return {
            f"{document['topic']}/{document['partition']}": max(document["at"] - 1, -1)
            for document in sorted(self._others.values(), key=lambda one: int(one["at"]))
        }

    def news(self, network: str) -> list[dict[str, Any]]:
        """What went on of late, the newest first."""
        lines = [
            line
            for document in self._others.values()
            if document["kind"] == NEWS
            for line in document["news"]
            if line["network"] == network
        ]
        return sorted(lines, key=lambda line: (line["at"], line["id"]), reverse=True)

    def sizes(self) -> dict[str, int]:
        """Cells by measure, for the operations panel."""
        return {name: sum(len(known.cells) for known in blocks.values()) for name, blocks in self._blocks.items()}


class _Cells(Protocol):
    measures: dict[str, Measure]

    def cells(self, network: str, measure: str) -> Iterator[tuple[Cell, int]]: ...


def told_of(cells: _Cells, network: str, story: Story, known: str = "9999") -> Told:
    """The story as all cells tell it, or those recorded up to a day."""
    places = {measure: cells.measures[measure].by.index(name) for measure, name in story.by.items()}
    told = Told(story, places)
    for measure in story.by:
        for cell, value in cells.cells(network, measure):
            if cell[2] <= known:
                told.moved(measure, 0, cell, value)
    return told


def _together(sums: Iterable[Sum]) -> Sum:
    total: Sum = {}
    for one in sums:
        for dimensions, value in one.items():
            total[dimensions] = total.get(dimensions, 0) + value
    return {dimensions: value for dimensions, value in total.items() if value}
