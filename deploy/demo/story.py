"""What the programme is made of: stories, each a chain of steps, and the days on which things happen."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

FIRST_WEEK, LAST_DAY = date(2023, 12, 4), date(2024, 10, 15)
YEAR = 2024
NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done: `do` names it, `facts` say all about it."""

    at: datetime
    do: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """A request, an activity or a call from its first step to its last. `name` is the same in every run."""

    name: str
    network: str
    steps: tuple[Step, ...]


def told(name: str, steps: Iterable[Step], network: str = "ela") -> Story:
    """The part of it that has happened by the programme's last day."""
    end = datetime.combine(LAST_DAY, NOON) - timedelta(minutes=5)
    return Story(name, network, tuple(sorted((one for one in steps if one.at <= end), key=lambda one: one.at)))


def workday(day: date) -> date:
    """That day, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def at(day: date, hour: int, rng: random.Random) -> datetime:
    """A moment of that hour; who calls takes later hours for later steps of one day."""
    return datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60), tzinfo=UTC))


def between(rng: random.Random, first: date, last: date) -> date:
    """A working day between two days, both of them possible."""
    days = max((last - first).days, 0)
    return min(workday(first + timedelta(days=rng.randint(0, days))), max(workday(last), first))


def week_ends() -> list[datetime]:
    """The moments to which the clock is set: Sunday evenings, then noon of the last day."""
    ends = []
    sunday = FIRST_WEEK + timedelta(days=6)
    while sunday < LAST_DAY:
        ends.append(datetime.combine(sunday, time(20, tzinfo=UTC)))
        sunday += timedelta(days=7)
    return [*ends, datetime.combine(LAST_DAY, NOON)]
