"""What became of each request, and when its sender first heard of it: read from all that was said of it."""

from collections import Counter
from collections.abc import Hashable, Iterator
from datetime import date

from services.kpi.engine.figures import Cells
from services.kpi.engine.kept import Entity, Story

FATES = ("withdrawn", "fulfilled", "planned", "accepted", "merged", "declined", "deferred", "submitted")
"""What became of a request: the first of these that was said of it."""
FIRST_ANSWERS = frozenset({"planned", "accepted", "merged", "deferred", "declined"})
FATE, WAIT, DAY = "fate", "wait", "day"


def _tell(request: Entity) -> Iterator[Hashable]:
    """Its fate by the year, kind and member of its submission; that day, and the days to its first answer."""
    said: Counter[str] = Counter()
    stands: Counter[object] = Counter()
    submitted: Counter[tuple[int, object, object]] = Counter()
    for (measure, day, dimensions), count in request.items():
        stands[measure, dimensions] += count
        if measure == "requests":
            fate, _request, kind, member = dimensions
            said[str(fate)] += count
            if fate == "submitted":
                submitted[int(day[:4]), kind, member] += count
    became = next((one for one in FATES if said[one] > 0), None)
    for (year, of_kind, of_member), count in submitted.items():
        if count > 0 and became:
            yield FATE, year, of_member, of_kind, became
    answered = min(
        (
            day
            for (measure, day, dimensions) in request
            if stands[measure, dimensions] and (measure == "questions" or dimensions[0] in FIRST_ANSWERS)
        ),
        default="",
    )
    for (measure, day, dimensions), count in request.items():
        is_submission = measure == "requests" and dimensions[0] == "submitted"
        if not is_submission or count <= 0 or not stands[measure, dimensions]:
            continue
        yield DAY, int(day[:4]), dimensions[3], day
        if answered:
            waited = (date.fromisoformat(answered) - date.fromisoformat(day)).days
            yield WAIT, int(day[:4]), dimensions[3], max(waited, 0)


REQUESTS = Story("requests", {"requests": "request", "questions": "request"}, _tell)


def requests_by_fate(cells: Cells) -> Counter[tuple[str, str, str]]:
    """Requests submitted in the year, by kind, member and fate, whenever that was decided."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for (what, year, member, *rest), count in cells.told(REQUESTS).items():
        if what == FATE and _counts(cells, year, member) and count:
            kind, fate = rest
            counts[kind, member, fate] += count
    return counts


def waits(cells: Cells) -> Counter[int]:
    """Days to the first answer of the requests submitted in the year, and how many waited so long."""
    days: Counter[int] = Counter()
    for (what, year, member, *rest), count in cells.told(REQUESTS).items():
        if what == WAIT and _counts(cells, year, member) and count:
            days[rest[0]] += count
    return days


def submitted_by_day(cells: Cells) -> list[tuple[str, int]]:
    days: Counter[str] = Counter()
    for (what, year, member, *rest), count in cells.told(REQUESTS).items():
        if what == DAY and _counts(cells, year, member) and count:
            days[rest[0]] += count
    return sorted(days.items())


def _counts(cells: Cells, year: int, member: str) -> bool:
    return year == cells.scope.year and cells.scope.member in ("", member)
