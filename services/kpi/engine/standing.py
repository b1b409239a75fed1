"""The sums of one network as they stood on an earlier day, moved forward a day at a time.

Reads like `Merged`, so that every formula works on it unchanged. A day is either when things happened, as they are
known now, or when they were recorded: what was known then, to the digit.
"""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Literal

from .measures import BEFORE_DIMENSIONS, Cell
from .merging import Merged, Sum

Axis = Literal["happened", "recorded"]
AT_ONCE = 4_000
"""Cells worked at a stretch before others may go on."""


class Standing:
    """Stands at the end of `day`, before any at first; `forward` never goes back. Take all measures by `load`."""

    def __init__(self, merged: Merged, network: str, axis: Axis) -> None:
        self.measures, self.day = merged.measures, ""
        self._merged, self._network, self._at = merged, network, 1 if axis == "happened" else 2
        self._cells: dict[str, list[tuple[Cell, int]]] = {}
        """By measure, in the order of days; `_done` says how many of them stand."""
        self._done: dict[str, int] = {}
        self._sums: dict[str, dict[int, Sum]] = {}
        self._ever: dict[str, Sum] = {}

    async def load(self, measures: Iterable[str], known: str = "9999") -> None:
        """All of one moment, whatever is committed meanwhile; what was recorded after the day `known` stays out."""
        blocks = {name: [cells for _block, cells in self._merged.blocks(name)] for name in measures}
        worked = 0
        for name, parts in blocks.items():
            found: list[tuple[Cell, int]] = []
            for cells in parts:
                found += [
                    (cell, value)
                    for cell, value in cells.items()
                    if value and cell[0] == self._network and cell[2] <= known
                ]
                if (worked := worked + len(cells)) >= AT_ONCE:
                    worked = 0
                    await asyncio.sleep(0)  # the live figures go first
            found.sort(key=lambda one: one[0][self._at])
            self._cells[name], self._done[name] = found, 0
            self._sums[name], self._ever[name] = {}, {}

    def forward(self, day: str) -> bool:
        """Go on to the end of this day; says whether anything changed."""
        self.day = day
        moved = [self._advance(name) for name in self._cells]
        return any(moved)

    def _advance(self, name: str) -> bool:
        cells, at, year_at = self._cells[name], self._at, self.measures[name].year_at
        first = done = self._done[name]
        sums, ever = self._sums[name], self._ever[name]
        while done < len(cells) and cells[done][0][at] <= self.day:
            cell, value = cells[done]
            dimensions = cell[BEFORE_DIMENSIONS:]
            year = dimensions[year_at] if year_at is not None else int(cell[1][:4])
            for of in (sums.setdefault(year, {}), ever):
                if left := of.get(dimensions, 0) + value:
                    of[dimensions] = left
                else:
                    del of[dimensions]
            done += 1
        self._done[name] = done
        return done > first

    # As `Merged`

    def sums(self, network: str, measure: str, year: int) -> Sum:
        return self._sums[measure].get(year, {})

    def ever(self, network: str, measure: str) -> Sum:
        return self._ever[measure]

    def cells(self, network: str, measure: str) -> Iterator[tuple[Cell, int]]:
        return iter(self._cells[measure][: self._done[measure]])
