"""What formulas read and what they give: the cells of one network, year, member and day of knowledge; figures."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Protocol

from shared.profiles import Profile

from .kept import Grouped, Story
from .measures import BEFORE_DIMENSIONS, Cell, Dimension, Dimensions, Measure
from .merging import Merged, Sum, told_of

FEWEST_ANSWERS = 5
MEMBER_DIMENSIONS = ("member", "sender", "host")
Row = dict[str, Any]


class Sums(Protocol):
    """Where cells are read: `Merged` as it stands now, `Standing` as it stood."""

    measures: dict[str, Measure]

    def sums(self, network: str, measure: str, year: int) -> Sum: ...

    def ever(self, network: str, measure: str) -> Sum: ...

    def cells(self, network: str, measure: str) -> Iterator[tuple[Cell, int]]: ...


@dataclass(frozen=True)
class Scope:
    """Which cells count. `known` leaves out what was recorded after that day; `member` is one, or all."""

    network: str
    year: int
    member: str = ""
    known: str = ""


@dataclass(frozen=True)
class Asked:
    """What a formula asked the cells for: which events are behind its figure follows from it."""

    measure: str
    where: tuple[tuple[str, Dimension], ...] = ()
    ever: bool = False
    of_all_members: bool = False


@dataclass(frozen=True)
class Cells:
    """The sums of one scope, as formulas read them; `asked` collects what was asked for."""

    merged: Sums
    scope: Scope
    profile: Profile
    asked: set[Asked] = field(default_factory=set)
    is_of_all_members: bool = False

    @property
    def used(self) -> set[str]:
        """The measures asked for."""
        return {one.measure for one in self.asked}

    @cached_property
    def of_all_members(self) -> "Cells":
        """The same without the member's filter: for what belongs to an activity, not to its participants."""
        return replace(self, scope=replace(self.scope, member=""), is_of_all_members=True)

    def of_member(self, member: str) -> "Cells":
        return replace(self, scope=replace(self.scope, member=member), asked=set())

    def table(self, measure: str, *, ever: bool = False) -> Sum:
        """Value by dimensions, none of them zero: of the year, or over all years."""
        network, year = self.scope.network, self.scope.year
        if self.scope.known:
            sums = self._as_known(measure, None if ever else year)
        else:
            sums = self.merged.ever(network, measure) if ever else self.merged.sums(network, measure, year)
        return self._of_member(measure, sums) if self.scope.member else sums

    def _as_known(self, measure: str, year: int | None) -> Sum:
        year_at, known, sums = self.merged.measures[measure].year_at, self.scope.known, Counter[Dimensions]()
        for cell, value in self.merged.cells(self.scope.network, measure):
            dimensions = cell[BEFORE_DIMENSIONS:]
            of = dimensions[year_at] if year_at is not None else int(cell[1][:4])
            if cell[2] <= known and year in (None, of):
                sums[dimensions] += value
        return {dimensions: value for dimensions, value in sums.items() if value}

    def _of_member(self, measure: str, sums: Sum) -> Sum:
        by = self.merged.measures[measure].by
        places = [by.index(name) for name in MEMBER_DIMENSIONS if name in by]
        if not places:
            return sums
        return {key: value for key, value in sums.items() if any(key[at] == self.scope.member for at in places)}

    def total(self, measure: str, **where: Dimension) -> int:
        return self._grouped(measure, (), where, ever=False).sums.get((), 0)

    def by(self, measure: str, *names: str, ever: bool = False, **where: Dimension) -> Counter[Any]:
        """Sums by one dimension, or by tuples of several; what comes to zero is left out."""
        return Counter(self._grouped(measure, names, where, ever=ever).sums)

    def distinct(self, measure: str, *names: str, ever: bool = False, **where: Dimension) -> set[Any]:
        """The different values of these dimensions whose cells do not come to zero."""
        return {key for key, value in self._grouped(measure, names, where, ever=ever).sums.items() if value > 0}

    def count(self, measure: str, *names: str, ever: bool = False, **where: Dimension) -> int:
        """How many `distinct` gives."""
        return self._grouped(measure, names, where, ever=ever).positive

    def _grouped(self, measure: str, names: Sequence[str], where: Mapping[str, Dimension], *, ever: bool) -> Grouped:
        """Kept up where it is asked for what is known now of all members, else added up."""
        self.asked.add(Asked(measure, tuple(where.items()), ever, self.is_of_all_members))
        places = tuple(self._at(measure, name) for name in names)
        wanted = tuple((self._at(measure, name), value) for name, value in where.items())
        year, merged = None if ever else self.scope.year, self.merged
        if isinstance(merged, Merged) and not self.scope.known and not self.scope.member:
            return merged.grouped(self.scope.network, measure, year, places, wanted)
        found = Grouped(year, places, wanted)
        for dimensions, value in self.table(measure, ever=ever).items():
            found.add(dimensions, value)
        return found

    def told(self, story: Story) -> Counter[Any]:
        """What the story's entities count as, of all years and members; not to be changed."""
        self.asked.update(Asked(measure, (), True, self.is_of_all_members) for measure in story.by)
        if isinstance(self.merged, Merged) and not self.scope.known:
            return self.merged.told(self.scope.network, story)
        return told_of(self.merged, self.scope.network, story, self.scope.known or "9999").counts()

    def days(self, measure: str, *names: str, ever: bool = False, **where: Dimension) -> list[tuple[str, Any, int]]:
        """Day it happened, key and value of each cell, by day; only those of the year, or of all."""
        self.asked.add(Asked(measure, tuple(where.items()), ever, self.is_of_all_members))
        places = [BEFORE_DIMENSIONS + self._at(measure, name) for name in names]
        wanted = [(BEFORE_DIMENSIONS + self._at(measure, name), value) for name, value in where.items()]
        table, year_at = self.table(measure, ever=ever), self.merged.measures[measure].year_at
        sums: Counter[tuple[str, Any]] = Counter()
        year, known = str(self.scope.year), self.scope.known or "9999"
        for cell, value in self.merged.cells(self.scope.network, measure):
            if (
                (ever or year_at is not None or cell[1].startswith(year))
                and cell[2] <= known
                and cell[BEFORE_DIMENSIONS:] in table
                and all(cell[at] == one for at, one in wanted)
            ):
                sums[cell[1], tuple(cell[at] for at in places)] += value
        return sorted((day, key, value) for (day, key), value in sums.items() if value)

    def _at(self, measure: str, name: str) -> int:
        return self.merged.measures[measure].by.index(name)


@dataclass(frozen=True, slots=True)
class Share:
    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Mean:
    """Of scores from 1 to 5; `counts` says how often each was given."""

    counts: tuple[int, int, int, int, int]

    @property
    def answers(self) -> int:
        return sum(self.counts)

    @property
    def points(self) -> int:
        return sum(score * count for score, count in enumerate(self.counts, 1))

    @property
    def value(self) -> float | None:
        return self.points / self.answers if self.answers else None

    @property
    def may_be_shown(self) -> bool:
        """Fewer than five answers could tell who gave which."""
        return self.answers >= FEWEST_ANSWERS


@dataclass(frozen=True, slots=True)
class Wait:
    """Whole days that half of `of` waited at most; none where nothing waited."""

    days: int | None
    of: int


Value = Share | Mean | Wait | int
Unit = Literal["share", "score", "count", "days"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand an indicator whose source leaves it open."""

    id: str
    value: Callable[[Cells], Value]


@dataclass(frozen=True)
class Indicator:
    """A formula over cells with what people need to read it. `part` and `whole` say what is divided by what."""

    id: str
    title: str
    unit: Unit
    value: Callable[[Cells], Value]
    says: str
    part: str = ""
    whole: str = ""
    readings: tuple[Reading, ...] = ()
    trend: Callable[[Cells], Sequence[tuple[str, float]]] | None = None
    by_member: bool = True
    only_where_named: bool = False
    """A network has it only where its profile names it."""
    live: bool = True
    """Told while people look; what takes long to work out is shown when a page is opened."""
    behind: Callable[[Cells], Callable[[str, Dimensions], bool]] | None = None
    """Narrows the events behind it, where what the formula asked the cells for says too much."""

    def formula(self, profile: Profile) -> Callable[[Cells], Value]:
        """The reading that the network has in force, or the one formula there is."""
        return next((one.value for one in self.readings if one.id == profile.reading), self.value)


INDICATORS: dict[str, Indicator] = {}


def indicator(id: str, **facts: Any) -> Indicator:
    """Declare an indicator."""
    if id in INDICATORS:
        raise TypeError(f"there is an indicator {id} already")
    INDICATORS[id] = one = Indicator(id, **facts)
    return one
