"""Sums that move with the cells, so that a page need not go through all of them again.

`Grouped` keeps a measure's sums by some of its dimensions. `Told` keeps what entities come to whose cells have to be
read together, such as a request's fate: when a cell moves, its entity alone is looked at again.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .measures import BEFORE_DIMENSIONS, Cell, Dimension, Dimensions

Where = tuple[tuple[int, Dimension], ...]
"""Places among a measure's dimensions, and the values that they must have."""


class Keeping(Protocol):
    """What hears of each cell that moves, after the fact."""

    def moved(self, measure: str, year: int, cell: Cell, delta: int) -> None: ...


def key_of(dimensions: Dimensions, places: tuple[int, ...]) -> Any:
    """One dimension by itself, several as a tuple."""
    return dimensions[places[0]] if len(places) == 1 else tuple(dimensions[at] for at in places)


@dataclass(slots=True)
class Grouped:
    """Sums by `places`, none of them zero, of one year or (None) of all; `positive` is how many are above zero."""

    year: int | None
    places: tuple[int, ...]
    where: Where
    sums: dict[Any, int] = field(default_factory=dict)
    positive: int = 0

    def moved(self, measure: str, year: int, cell: Cell, delta: int) -> None:
        if self.year in (None, year):
            self.add(cell[BEFORE_DIMENSIONS:], delta)

    def add(self, dimensions: Dimensions, delta: int) -> None:
        if any(dimensions[at] != value for at, value in self.where):
            return
        key = key_of(dimensions, self.places)
        before = self.sums.get(key, 0)
        if after := before + delta:
            self.sums[key] = after
        else:
            self.sums.pop(key, None)
        self.positive += (after > 0) - (before > 0)


Entity = Mapping[tuple[str, str, Dimensions], int]
"""An entity's cells: measure, day it happened, dimensions."""


@dataclass(frozen=True)
class Story:
    """Entities whose cells are read together. `by` names, for each measure, the dimension that says whose cell it is;
    `tell` gives what an entity counts as."""

    name: str
    by: Mapping[str, str]
    tell: Callable[[Entity], Iterable[Hashable]]


class Told:
    """What all entities of a story count as, kept up; `places` are those of the entity in each measure's cells."""

    def __init__(self, story: Story, places: Mapping[str, int]) -> None:
        self._tell = story.tell
        self._at = {measure: BEFORE_DIMENSIONS + place for measure, place in places.items()}
        self._cells: dict[Dimension, dict[tuple[str, str, Dimensions], int]] = {}
        self._counted: dict[Dimension, tuple[Hashable, ...]] = {}
        self._moved: set[Dimension] = set()
        self._counts: Counter[Any] = Counter()

    def moved(self, measure: str, year: int, cell: Cell, delta: int) -> None:
        entity = cell[self._at[measure]]
        of = self._cells.setdefault(entity, {})
        key = (measure, cell[1], cell[BEFORE_DIMENSIONS:])
        if left := of.get(key, 0) + delta:
            of[key] = left
        else:
            of.pop(key, None)
        self._moved.add(entity)

    def counts(self) -> Counter[Any]:
        """How many entities count as what; not to be changed."""
        for entity in self._moved:
            self._counts.subtract(self._counted.pop(entity, ()))
            if told := tuple(self._tell(self._cells[entity])):
                self._counted[entity] = told
                self._counts.update(told)
            if not self._cells[entity]:
                del self._cells[entity]
        self._moved.clear()
        return self._counts
