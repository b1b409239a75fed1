"""A figure over time: by day, week, month, quarter or year, as things happened or as they were known."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, get_args

from services.kpi.engine.figures import FEWEST_ANSWERS, Cells, Indicator, Mean, Scope, Share, Value
from services.kpi.engine.merging import Merged
from services.kpi.engine.standing import Axis, Standing
from services.kpi.indicators.stated import stated_before
from shared import clock
from shared.contracts.vocabulary import Quarter
from shared.web.i18n import mark
from shared.web.wording import in_words

from .shown import number_of, text_of

Step = Literal["day", "week", "month", "quarter", "year"]
STEPS: tuple[Step, ...] = get_args(Step)
STEP_WORDS: dict[Step, str] = {
    "day": mark("Days"),
    "week": mark("Weeks"),
    "month": mark("Months"),
    "quarter": mark("Quarters"),
    "year": mark("Years"),
}
AXES: dict[str, Axis] = {"happened": "happened", "known": "recorded"}
DAY_WORDS = {"happened": mark("as it happened"), "known": mark("as it was known")}
Stand = tuple[tuple[str, int], ...]
KEPT, AT_ONCE = 200, 2


@dataclass(frozen=True, slots=True)
class Point:
    """The figure at the end of a day. `stated`: not counted here, but told by the network's own document."""

    day: str
    value: float | None
    text: str
    part: int | None = None
    whole: int | None = None
    stated: str = ""


class OverTime:
    """Answers for any scope; worked out again only where a measure behind it has moved."""

    def __init__(self, merged: Merged) -> None:
        self.merged = merged
        self._kept: OrderedDict[tuple[object, ...], tuple[Stand, list[Point]]] = OrderedDict()
        self._working = asyncio.Semaphore(AT_ONCE)

    async def ask(self, scope: Scope, one: Indicator, step: Step, axis: Axis) -> list[Point]:
        today = date.fromisoformat(scope.known) if scope.known else clock.now().date()
        key = (scope, one.id, step, axis, today)
        kept = self._kept.get(key)
        if kept is not None and all(self.merged.revisions[scope.network, name] == at for name, at in kept[0]):
            self._kept.move_to_end(key)
            return kept[1]
        async with self._working:
            used = measures_of(self.merged, scope, one)
            stand = tuple((name, self.merged.revisions[scope.network, name]) for name in sorted(used))
            standing = Standing(self.merged, scope.network, axis)
            await standing.load(used, scope.known or "9999")
            days = ends(step, scope.year, today, min([*self.merged.years(scope.network), scope.year]))
            points = await _points(standing, scope, one, days, step == "year")
            points = with_stated(points, scope, one) if step == "year" else points
        self._kept[key] = (stand, points)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return points


def measures_of(merged: Merged, scope: Scope, one: Indicator) -> set[str]:
    cells = Cells(merged, scope, in_words(scope.network))
    one.formula(cells.profile)(cells)
    return cells.used


async def _points(standing: Standing, scope: Scope, one: Indicator, days: Sequence[date], yearly: bool) -> list[Point]:
    profile = in_words(scope.network)
    formula, asked = one.formula(profile), replace(scope, known="")
    points: list[Point] = []
    last: Value | None = None
    for day in days:
        changed = standing.forward(day.isoformat())
        if changed or yearly or last is None:
            year = day.year if yearly else scope.year
            value = formula(Cells(standing, replace(asked, year=year), profile))
            last = value if yearly else unless_it_tells(last, value)
            await asyncio.sleep(0)
        points.append(_point(day, last))
    return points


def with_stated(points: list[Point], scope: Scope, one: Indicator) -> list[Point]:
    """What the network's document states of a year stands where nothing was counted in it."""
    told = stated_before(in_words(scope.network), one, scope)
    stated = {day: Point(day, value, text_of(int(value)), stated=words) for day, value, words in told}
    counted = {point.day: point for point in points if point.value or point.day not in stated}
    return [(stated | counted)[day] for day in sorted(stated | counted)]


def unless_it_tells(before: Value | None, now: Value) -> Value:
    """Two means that differ by few answers would tell those answers: the first stays until there are five more."""
    if isinstance(before, Mean) and isinstance(now, Mean) and before.may_be_shown:
        return now if now.answers - before.answers >= FEWEST_ANSWERS else before
    return now


def _point(day: date, value: Value) -> Point:
    part, whole = (value.part, value.whole) if isinstance(value, Share) else (None, None)
    return Point(day.isoformat(), number_of(value), text_of(value), part, whole)


def ends(step: Step, year: int, today: date, first_year: int) -> Sequence[date]:
    """The last day of each day, week, ... of the year up to today; for years, of each from the first known one on."""
    last = min(today, date(year, 12, 31))
    if step == "year":
        return [min(date(of, 12, 31), today) for of in range(first_year, year + 1) if date(of, 1, 1) <= today]
    found = [day for day in _ends_of(step, year) if day < last]
    return [*found, last] if last.year == year else []


def _ends_of(step: Step, year: int) -> Iterator[date]:
    match step:
        case "day":
            for number in range(366):
                yield date(year, 1, 1) + timedelta(days=number)
        case "week":
            sunday = date(year, 1, 7 - date(year, 1, 1).weekday())
            for number in range(53):
                yield sunday + timedelta(days=7 * number)
        case "month":
            for month in range(1, 13):
                yield date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        case "quarter":
            for number in range(1, 5):
                yield Quarter.parse(f"{year}-Q{number}").last_day
