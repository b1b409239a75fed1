"""What the counts are made into: functions over the cells of a year; `declared` makes indicators of them."""

from collections import Counter
from collections.abc import Callable, Iterable

from services.kpi.engine.figures import Cells, Mean, Share
from services.kpi.engine.measures import Dimensions
from services.kpi.indicators.fates import requests_by_fate

NATIONAL_EVENT = "national-event"
Series = list[tuple[str, float]]


# Completed to planned


def completed(cells: Cells) -> int:
    return cells.total("held", planned=True)


def in_plan(cells: Cells) -> int:
    return cells.count("planned", "activity")


def completed_by_day(cells: Cells) -> Series:
    whole = in_plan(cells)
    days = ((day, count) for day, _, count in cells.days("held", planned=True))
    return [(day, done / whole) for day, done in running(days)] if whole else []


# Participation


def invited(cells: Cells) -> set[tuple[str, str]]:
    """Activity and member of every invitation to an activity held in the year."""
    held = cells.of_all_members.distinct("held", "activity")
    return {one for one in cells.distinct("invitations", "activity", "member", ever=True) if one[0] in held}


def present(cells: Cells) -> set[tuple[str, str]]:
    return cells.distinct("participations", "activity", "member", ever=True)


def invited_who_came(cells: Cells) -> Share:
    asked = invited(cells)
    return Share(len(asked & present(cells)), len(asked))


def of_activities_held(cells: Cells) -> Callable[[str, Dimensions], bool]:
    """Invitations and participations count only for an activity held in the year."""
    held = cells.of_all_members.distinct("held", "activity")
    return lambda measure, dimensions: measure == "held" or dimensions[0] in held


def network_members(cells: Cells) -> Share:
    members = _chosen(cells, cells.profile.member_codes)
    return Share(len(members & cells.distinct("participations", "member")), len(members))


def members_and_stakeholders(cells: Cells) -> Share:
    stakeholders = [partner.id for partner in cells.profile.partners if partner.stakeholder]
    known = _chosen(cells, [*cells.profile.member_codes, *stakeholders])
    return Share(len(known & cells.distinct("participations", "member")), len(known))


def participation_by_day(cells: Cells) -> Series:
    asked, came = invited(cells), present(cells)
    wanted, there = Counter(activity for activity, _ in asked), Counter(activity for activity, _ in asked & came)
    points: dict[str, tuple[int, int]] = {}
    part = whole = 0
    for day, (activity,), _ in cells.of_all_members.days("held", "activity"):
        part, whole = part + there[activity], whole + wanted[activity]
        points[day] = (part, whole)
    return [(day, part / whole) for day, (part, whole) in points.items() if whole]


# Satisfaction


def marks(cells: Cells, question: str) -> Mean:
    return mean_of(cells.by("ratings", "score", question=question))


def marks_by_kind(cells: Cells, question: str) -> dict[str, Mean]:
    """By kind of activity."""
    by_kind: dict[str, Counter[int]] = {}
    for (kind, score), count in cells.by("ratings", "kind", "score", question=question).items():
        by_kind.setdefault(kind, Counter())[score] += count
    return {kind: mean_of(given) for kind, given in by_kind.items()}


def mean_of(given: Counter[int]) -> Mean:
    return Mean((given[1], given[2], given[3], given[4], given[5]))


# Exchanges and national events


def exchanges_held(cells: Cells) -> int:
    return cells.count("exchanges", "exchange", stage="held")


def exchanges_by_day(cells: Cells) -> Series:
    return running((day, count) for day, _, count in cells.days("exchanges", stage="held"))


def with_national_event(cells: Cells) -> set[str]:
    """Members that led a national event in the year."""
    return cells.distinct("held", "member", kind=NATIONAL_EVENT) - {""}


def national_events_by_day(cells: Cells) -> Series:
    points: dict[str, float] = {}
    seen: set[str] = set()
    for day, (member,), _ in cells.days("held", "member", kind=NATIONAL_EVENT):
        seen |= {member} - {""}
        points[day] = len(seen)
    return list(points.items())


# Requests


def requests_submitted(cells: Cells) -> int:
    return cells.count("requests", "request", fate="submitted")


def requests_decided(cells: Cells) -> Share:
    by_fate = requests_by_fate(cells)
    open_ones = sum(count for (_, _, fate), count in by_fate.items() if fate == "submitted")
    return Share(by_fate.total() - open_ones, by_fate.total())


# Reach


def members_reached(cells: Cells) -> set[str]:
    return cells.distinct("participations", "member") & set(cells.profile.member_codes)


def activities_by_member(cells: Cells) -> Counter[str]:
    """In how many activities of the year each member had somebody present."""
    return Counter(member for _, member in cells.distinct("participations", "activity", "member"))


def running(days: Iterable[tuple[str, int]]) -> Series:
    """Sums up to and with each day, from counts ordered by day."""
    points: dict[str, float] = {}
    total = 0
    for day, count in days:
        total += count
        points[day] = total
    return list(points.items())


def _chosen(cells: Cells, codes: Iterable[str]) -> set[str]:
    return {code for code in codes if cells.scope.member in ("", code)}
