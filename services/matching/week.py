"""ISO weeks, written `2024-W38`: they sort as text, start on a Monday, and some years have 53."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

_WRITTEN = re.compile(r"([0-9]{4})-W([0-9]{2})")


@cache
def monday(week: str) -> date:
    """Its first day; ValueError where the calendar has no such week."""
    found = _WRITTEN.fullmatch(week)
    if found is None or not 2000 <= int(found[1]) <= 2101:
        raise ValueError("Write a week as year and number, such as 2024-W38.")
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise ValueError(f"The year {found[1]} has no week {int(found[2])}.") from None


def real_week(week: str) -> str:
    monday(week)
    return week


def week_of(day: date) -> str:
    year, number, _ = day.isocalendar()
    return f"{year:04d}-W{number:02d}"


@cache
def later(week: str, by: int) -> str:
    return week_of(monday(week) + timedelta(weeks=by))


@cache
def stay(week: str, duration: int) -> tuple[str, ...]:
    """Every week of a stay that starts in `week`."""
    return tuple(later(week, by) for by in range(duration))


def between(first: str, last: str) -> tuple[str, ...]:
    """All weeks from `first` to `last`, both included; none where `last` is earlier."""
    return stay(first, max(0, (monday(last) - monday(first)).days // 7 + 1))


def weeks_of(year: int) -> tuple[str, ...]:
    return between(f"{year}-W01", week_of(date(year, 12, 28)))


def in_order(weeks: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(weeks)))


def spans(weeks: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Consecutive weeks put together: first and last of each span, in order."""
    found: list[tuple[str, str]] = []
    for week in in_order(weeks):
        if found and later(found[-1][1], 1) == week:
            found[-1] = (found[-1][0], week)
        else:
            found.append((week, week))
    return tuple(found)
