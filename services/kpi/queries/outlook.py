"""What a figure may come to by the year's end, and how far such forecasts were off."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from services.kpi.engine.figures import Cells, Indicator, Scope
from services.kpi.engine.forecasting import Interval, interval
from services.kpi.engine.merging import Merged
from services.kpi.engine.standing import Standing
from services.kpi.indicators.naming import target_of
from services.kpi.indicators.outlooks import BY_PLAN, OUTLOOKS
from shared import clock
from shared.contracts.vocabulary import Quarter
from shared.web import formats
from shared.web.i18n import _
from shared.web.wording import in_words

from .shown import number_of

KEPT = 200


@dataclass(frozen=True, slots=True)
class PastError:
    """Of forecasts made at the ends of quarters for the ends of later ones: how many, how far off, how many held."""

    forecasts: int
    off: float
    held: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`reaches`: of a hundred draws, how many reach the target."""

    day: str
    interval: Interval
    by_plan: bool
    reaches: int | None
    error: PastError | None


class Forecasts:
    """Worked out when asked for, again only where a measure behind it has moved."""

    def __init__(self, merged: Merged) -> None:
        self.merged = merged
        self._kept: OrderedDict[tuple[object, ...], tuple[tuple[tuple[str, int], ...], Forecast | None]] = OrderedDict()
        self._working = asyncio.Semaphore(1)

    async def ask(self, scope: Scope, one: Indicator) -> Forecast | None:
        """None where the year is over or has not begun, or too little is known."""
        today = date.fromisoformat(scope.known) if scope.known else clock.now().date()
        if one.id not in OUTLOOKS or today.year != scope.year:
            return None
        key = (scope, one.id, today)
        kept = self._kept.get(key)
        if kept is not None and all(self.merged.revisions[scope.network, name] == at for name, at in kept[0]):
            return kept[1]
        async with self._working:
            cells = Cells(self.merged, scope, in_words(scope.network))
            made = _forecast(one, cells, today)
            one.formula(cells.profile)(cells)
            stand = tuple((name, self.merged.revisions[scope.network, name]) for name in sorted(cells.used))
            if made is not None:
                made = replace(made, error=await _past_error(self.merged, scope, one, cells.used, today))
        self._kept[key] = (stand, made)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return made


def _forecast(one: Indicator, cells: Cells, today: date) -> Forecast | None:
    end = date(cells.scope.year, 12, 31)
    draws = OUTLOOKS[one.id](cells, today, end)
    if draws is None:
        return None
    target = target_of(cells.profile, one.id)
    reaches = round(100 * float(np.mean(draws >= target - 1e-9))) if target is not None else None
    return Forecast(end.isoformat(), interval(draws), one.id in BY_PLAN, reaches, None)


async def _past_error(merged: Merged, scope: Scope, one: Indicator, used: set[str], today: date) -> PastError | None:
    """The same method at the ends of earlier quarters, with what was known then, against what was known later."""
    profile = in_words(scope.network)
    formula, asked = one.formula(profile), replace(scope, known="")
    standing = Standing(merged, scope.network, "recorded")
    await standing.load(used, scope.known or "9999")
    waiting: list[tuple[date, Interval]] = []
    off, kept = [], 0
    for day in quarter_ends(min([*merged.years(scope.network), scope.year]), today):
        standing.forward(day.isoformat())
        cells = Cells(standing, replace(asked, year=day.year), profile)
        value = number_of(formula(cells))
        for end, told in waiting:
            if end == day and value is not None:
                off.append(abs(told.middle - value))
                kept += told.holds(value)
        waiting = [one for one in waiting if one[0] > day]
        for end in quarter_ends(day.year, date(day.year, 12, 31)):
            if end > day:
                draws = OUTLOOKS[one.id](cells, day + timedelta(days=1), end)
                waiting += [(end, interval(draws))] if draws is not None else []
        await asyncio.sleep(0)
    return PastError(len(off), sum(off) / len(off), kept) if off else None


def quarter_ends(first_year: int, upto: date) -> list[date]:
    ends = [Quarter.parse(f"{year}-Q{n}").last_day for year in range(first_year, upto.year + 1) for n in (1, 2, 3, 4)]
    return [day for day in ends if day <= upto]


# In words


def in_short(forecast: Forecast, one: Indicator) -> str:
    """`93 % by December (88 to 96 %)`, for a card."""
    low, middle, high = (amount(value, one) for value in _of(forecast.interval))
    if low == high:
        return _("%(middle)s by December", middle=middle)
    return _("%(middle)s by December (%(low)s to %(high)s)", middle=middle, low=low, high=high)


def error_in_words(error: PastError | None, one: Indicator) -> str:
    if error is None:
        return _("How far off it was cannot be told yet: no quarter is over for which it would have been made.")
    points = (
        _("%(n)s points", n=formats.number(100 * error.off, 1)) if one.unit == "share" else formats.number(error.off, 1)
    )
    return _(
        "Made in the same way at the end of each earlier quarter for those that followed, with what was known then, it"
        " was off by %(off)s on average; %(held)s of %(all)s outcomes lay within the interval.",
        off=points, held=error.held, all=error.forecasts,
    )  # fmt: skip


def _of(found: Interval) -> tuple[float, float, float]:
    return found.low, found.middle, found.high


def amount(value: float, one: Indicator) -> str:
    return formats.percent(value) if one.unit == "share" else formats.number(round(value))
