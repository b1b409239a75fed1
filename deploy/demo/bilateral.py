"""The bilateral activities that the network of France, Italy, Portugal and Spain names, as its document gives them.

What the document leaves open stays open: an activity without a day gets none, and a day that cannot be right is kept
as quoted. Nobody is registered: who took part is not told.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from shared.contracts.vocabulary import Quarter
from shared.profiles import Profile

from .story import LAST_DAY, Step, Story, at, told, workday

PLACES = 20
"""The document names no numbers; an activity needs places to be held."""


def bilateral_stories(profile: Profile, rng: random.Random) -> list[Story]:
    return [told(f"bilateral-{one.id}", _steps(one, rng), profile.id) for one in profile.bilateral]


def _steps(one: Any, rng: random.Random) -> Iterator[Step]:
    if one.start is None or one.date_doubtful:
        yield from _undated(one, rng)
        return
    quarter = Quarter.of(one.start)
    title = _title(one)
    agreed = workday(one.start.replace(year=quarter.year - 1, month=12, day=5))
    own = {"kind": one.kind, "line": one.line, "quarter": str(quarter), "title": title, "year": quarter.year}
    yield Step(at(agreed, 9, rng), "plan own", own)
    days = {"starts_on": one.start.isoformat(), "ends_on": one.end.isoformat()}
    room = {
        "mode": "on-site",
        "places": {"on-site": PLACES},
        "title": title,
        "place": one.place,
        "invited": list(one.members),
    }
    yield Step(at(agreed + timedelta(days=40), 10, rng), "schedule", days | room)
    if one.end <= LAST_DAY:
        yield Step(at(one.end, 18, rng), "hold")


def _undated(one: Any, rng: random.Random) -> Iterator[Step]:
    host = one.country if one.country in one.members else None
    facts = {"kind": one.kind, "title": _title(one), "member": host}
    yield Step(at(workday(LAST_DAY.replace(month=1, day=10)), 11, rng), "set up", facts)


def _title(one: Any) -> str:
    quoted = one.dates_as_quoted if one.start is None or one.date_doubtful else ""
    return f"{one.title} ({quoted}, as the source writes it)" if quoted else str(one.title)
