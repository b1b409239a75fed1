"""What an indicator may come to by a day: which of the two models it follows, and from which cells."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from services.kpi.engine.figures import Cells
from services.kpi.engine.forecasting import Chance, Draws, generator, held, paced
from shared.contracts.vocabulary import Quarter

from .formulas import NATIONAL_EVENT, completed, in_plan, invited_who_came, with_national_event

Outlook = Callable[[Cells, date, date], Draws | None]
"""Draws of the figure at the end of the second day, as seen on the first; None where nothing can be told."""
WEEKS_BACK = 52


class InPlan(NamedTuple):
    activity: str
    quarter: str
    kind: str
    member: str


class Due(NamedTuple):
    """Activities of the plan that are not held yet: those whose quarter goes on, and those whose quarter is over."""

    waiting: list[InPlan]
    late: list[InPlan]


def due(cells: Cells, today: date, end: date) -> Due:
    """What shall be held by the end; what was cancelled is not."""
    gone = _held_on(cells).keys() | cells.distinct("cancelled", "activity", ever=True)
    found = Due([], [])
    for row in cells.distinct("planned", *InPlan._fields):
        one = InPlan(*row)
        last = last_day(one.quarter)
        if one.activity not in gone and last is not None and last <= end:
            (found.late if last < today else found.waiting).append(one)
    return found


def chances(cells: Cells, today: date, waiting: int, late: int) -> list[Chance]:
    """Of the plan's activities whose quarter is over, in this year and the one before: held in it, or held later."""
    in_time = over = later = called_off = 0
    for year in (cells.scope.year - 1, cells.scope.year):
        of = replace(cells, scope=replace(cells.scope, year=year))
        held_on = _held_on(of)
        cancelled = of.distinct("cancelled", "activity", ever=True)
        for activity, quarter in of.distinct("planned", "activity", "quarter"):
            last = last_day(quarter)
            if last is None or last >= today:
                continue
            over += 1
            on = held_on.get(activity)
            if on is not None and on <= last.isoformat():
                in_time += 1
            elif on is not None:
                later += 1
            elif activity in cancelled:
                called_off += 1
    return [Chance(waiting, in_time, over), Chance(late, later, over - in_time - called_off)]


def last_day(quarter: str) -> date | None:
    try:
        return Quarter.parse(quarter).last_day
    except ValueError:
        return None


def _held_on(cells: Cells) -> dict[str, str]:
    return {activity: day for day, (activity,), _ in cells.of_all_members.days("held", "activity")}


def _more_held(cells: Cells, today: date, end: date, random: np.random.Generator) -> Draws:
    left = due(cells, today, end)
    return held(chances(cells, today, len(left.waiting), len(left.late)), random)


def plan_done(cells: Cells, today: date, end: date) -> Draws | None:
    whole = in_plan(cells)
    return (completed(cells) + _more_held(cells, today, end, generator())) / whole if whole else None


def national_events(cells: Cells, today: date, end: date) -> Draws | None:
    """Each member with one in the plan, and none held yet, has the plan's chance."""
    had, left = with_national_event(cells), due(cells, today, end)
    waiting = {one.member for one in left.waiting if one.kind == NATIONAL_EVENT} - had - {""}
    late = {one.member for one in left.late if one.kind == NATIONAL_EVENT} - had - waiting - {""}
    return len(had) + held(chances(cells, today, len(waiting), len(late)), generator())


def who_comes(cells: Cells, today: date, end: date) -> Draws | None:
    """As many are invited to each activity to come as were so far, and come with the same chance."""
    if cells.profile.reading != "members-invited":
        return None
    share, activities = invited_who_came(cells), len(_held_on(cells))
    if not share.whole or not activities:
        return None
    random = generator()
    more = np.rint(_more_held(cells, today, end, random) * share.whole / activities).astype(np.int64)
    chance = random.beta(share.part + 0.5, share.whole - share.part + 0.5, len(more))
    return np.asarray((share.part + random.binomial(more, chance)) / (share.whole + more))


def _pace(measure: str, **where: Any) -> Outlook:
    def outlook(cells: Cells, today: date, end: date) -> Draws | None:
        """What is counted goes on as in the last year, week by week."""
        counts: dict[int, int] = {}
        begins = today - timedelta(days=7 * WEEKS_BACK - 1)
        first: date | None = None
        for year in (cells.scope.year - 1, cells.scope.year):
            of = replace(cells, scope=replace(cells.scope, year=year))
            for day, _key, count in of.days(measure, **where):
                on = date.fromisoformat(day)
                if on <= today:
                    first = min(on, first or on)
                    week = (on - begins).days // 7
                    counts[week] = counts.get(week, 0) + count
        if first is None:
            return None
        weeks = [counts.get(week, 0) for week in range(max((first - begins).days // 7, 0), WEEKS_BACK)]
        more = paced(weeks, -(-(end - today).days // 7), generator())
        return None if more is None else cells.total(measure, **where) + more

    return outlook


OUTLOOKS: Mapping[str, Outlook] = {
    "completed-to-planned": plan_done,
    "participation-rate": who_comes,
    "national-events": national_events,
    "staff-exchanges": _pace("exchanges", stage="held"),
    "activities-held": _pace("held"),
    "registrations": _pace("registrations"),
    "participations": _pace("participations"),
    "requests": _pace("requests", fate="submitted"),
}
BY_PLAN = frozenset({"completed-to-planned", "participation-rate", "national-events"})
