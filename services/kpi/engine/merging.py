"""The partitions' cells together: what every replica knows of all of them, as committed.

Blocks come from this process after its own commits, from the collection at the start and by change stream from the
other replicas. A block counts once: the one with the highest `at` of its partition stands, whichever way it came.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .cells import CELLS, NEWS, Document, cells_of
from .measures import BEFORE_DIMENSIONS, Cell, Dimensions, Measure

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
        self.revisions: dict[tuple[str, str], int] = defaultdict(int)
        """How often the sums of a network and measure have changed."""

    def forget(self) -> None:
        """Everything is counted anew."""
        self._blocks = {name: {} for name in self.measures}
        self._sums.clear()
        self._ever.clear()
        self._others.clear()
        for one in self.revisions:
            self.revisions[one] += 1

    def put(self, documents: Iterable[Document]) -> set[tuple[str, str]]:
        """Take in committed documents; returns network and measure of the sums that moved."""
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


def _together(sums: Iterable[Sum]) -> Sum:
    total: Sum = {}
    for one in sums:
        for dimensions, value in one.items():
            total[dimensions] = total.get(dimensions, 0) + value
    return {dimensions: value for dimensions, value in total.items() if value}
