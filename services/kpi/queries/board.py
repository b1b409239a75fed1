"""The Board's page: its headline, cards, pictures and lists. Every picture is a table first."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from babel import dates

from services.kpi.engine.figures import Cells, Scope, Share
from services.kpi.indicators import INDICATORS
from services.kpi.indicators.fates import requests_by_fate
from services.kpi.indicators.formulas import activities_by_member, completed, in_plan, running
from services.kpi.indicators.naming import indicators_of
from shared.contracts.vocabulary import in_protocol_order
from shared.profiles import load
from shared.web import formats
from shared.web.i18n import _, locale, mark

from .plan import at_risk, plan_by_quarter
from .remembered import Remembered
from .shown import Shown, request_kind, shown, text_of

Table = dict[str, Any]
Part = Callable[[Cells, date], Any]
RATES = frozenset({"participation-rate"})
"""Shares that do not begin at nothing."""


class Boards:
    """Everything that the pages show, for any scope; nothing is worked out twice."""

    def __init__(self, remembered: Remembered) -> None:
        self.remembered, self.merged = remembered, remembered.merged

    def figure(self, scope: Scope, id: str) -> Shown:
        return self.remembered.ask(scope, id, lambda cells, today: shown(INDICATORS[id], cells, today))

    def figures(self, scope: Scope) -> list[Shown]:
        """Every indicator of the network."""
        return [self.figure(scope, one.id) for one in indicators_of(load(scope.network))]

    def live(self, scope: Scope) -> list[Shown]:
        """Those that are told while people look."""
        return [self.figure(scope, one.id) for one in indicators_of(load(scope.network)) if one.live]

    def part(self, scope: Scope, name: str) -> Any:
        """A table or list of the page, by its name in `PARTS`."""
        return self.remembered.ask(scope, f"part {name}", PARTS[name])

    def trend(self, scope: Scope, id: str) -> list[tuple[str, float]]:
        """By day it happened; empty where the indicator has none."""
        make = INDICATORS[id].trend
        if make is None:
            return []
        return self.remembered.ask(scope, f"trend {id}", lambda cells, today: list(make(cells)))

    def spark(self, scope: Scope, id: str) -> list[float]:
        """The trend at the end of each week of the year up to now, for a small picture."""
        make = INDICATORS[id].trend
        if make is None:
            return []

        def points(cells: Cells, today: date) -> list[float]:
            before = None if id in RATES else 0
            return [value for _day, value in weekly(make(cells), cells.scope.year, today, before=before)]

        return self.remembered.ask(scope, f"spark {id}", points)

    def headline(self, scope: Scope) -> str:
        return str(self.remembered.ask(scope, "headline", headline))


def headline(cells: Cells, today: date) -> str:
    year, share = cells.scope.year, Share(completed(cells), in_plan(cells))
    if not share.whole:
        return _("The plan of %(year)s holds no activities yet", year=year)
    if today.year != year:
        return _("%(share)s of the %(year)s plan is done", share=text_of(share), year=year)
    day = dates.format_skeleton("MMMMd", today, locale=locale())
    return _("By %(day)s, %(share)s of the %(year)s plan is done", day=day, share=text_of(share), year=year)


def weekly(
    points: Sequence[tuple[str, float]], year: int, today: date, *, before: float | None = 0
) -> list[tuple[str, float]]:
    """The value that stood at the end of each week (Sunday) of the year, up to today or the year's end.

    Weeks before the first point have the value `before`; None leaves them out.
    """
    last, end = min(today, date(year, 12, 31)), date(year, 1, 7 - date(year, 1, 1).weekday())
    weeks: list[tuple[str, float]] = []
    at, value = 0, before
    while end < last + timedelta(days=7):
        day = min(end, last).isoformat()
        while at < len(points) and points[at][0] <= day:
            value = points[at][1]
            at += 1
        if value is not None:
            weeks.append((day, value))
        end += timedelta(days=7)
    return weeks


# The pictures' tables


def members(cells: Cells) -> list[str]:
    chosen = cells.scope.member
    return [code for code in in_protocol_order(cells.profile.member_codes) if chosen in ("", code)]


def named(cells: Cells, code: str) -> str:
    return f"{code} {formats.member_name(code, cells.profile.id)}"


def reached(cells: Cells, today: date) -> Table:
    counts = activities_by_member(cells)
    rows = [[named(cells, code), counts[code]] for code in members(cells)]
    return {"columns": [_("Member"), _("Activities with somebody present")], "rows": rows}


def shades(table: Table) -> list[int]:
    """Where the map's four shades begin: at quarters of the members that were reached at all."""
    counts = sorted(row[1] for row in table["rows"] if row[1])
    edges = {counts[len(counts) * quarter // 4] - 1 for quarter in (1, 2, 3)} - {0} if counts else set()
    return [0, *sorted(edge for edge in edges if edge > 0)] if len(edges) > 1 else [0, 5, 9, 14]


def funnel(cells: Cells, today: date) -> Table:
    fates = Counter[str]()
    for (_kind, _member, fate), count in requests_by_fate(cells).items():
        fates[fate] += count
    steps = [
        (_("Submitted"), fates.total()),
        (_("Decided"), fates.total() - fates["submitted"]),
        (_("Planned"), fates["planned"] + fates["accepted"] + fates["fulfilled"]),
        (_("Held"), fates["fulfilled"]),
    ]
    return {"columns": [_("Step"), _("Requests")], "rows": [list(step) for step in steps]}


def registered_and_present(cells: Cells, today: date) -> Table:
    registered, present = cells.by("registrations", "member"), cells.by("participations", "member")
    others = sorted((set(registered) | set(present)) - set(cells.profile.member_codes))
    rows = [[code, registered[code], present[code]] for code in [*members(cells), *others]]
    return {"columns": [_("Member"), _("Registered"), _("Present")], "rows": rows}


def held_by_week(cells: Cells, today: date) -> Table:
    points = running((day, count) for day, _key, count in cells.days("held", planned=True))
    rows = [[day, value] for day, value in weekly(points, cells.scope.year, today)]
    return {"columns": [_("Week"), _("Activities of the plan held")], "rows": rows}


def registered_by_week(cells: Cells, today: date) -> Table:
    points = running((day, count) for day, _key, count in cells.days("registrations"))
    rows = [[day, value] for day, value in weekly(points, cells.scope.year, today)]
    return {"columns": [_("Week"), _("Registrations")], "rows": rows}


def by_line(cells: Cells, today: date) -> Table:
    titles = cells.profile.line_titles(cells.scope.year)
    return _planned_and_held(cells, "line", _("Line of the plan"), titles, _("on no line"))


def by_pillar(cells: Cells, today: date) -> Table:
    pillars = {pillar.id: pillar.title for pillar in cells.profile.pillars}
    return _planned_and_held(cells, "pillar", _("Pillar"), pillars, _("of no pillar"))


def _planned_and_held(cells: Cells, dimension: str, name: str, titles: dict[str, str], none: str) -> Table:
    """A row for each title, in the profile's order, and for what else there is."""
    planned = Counter(key for key, _activity in cells.distinct("planned", dimension, "activity"))
    in_the_plan, beside = cells.by("held", dimension, planned=True), cells.by("held", dimension, planned=False)
    others = sorted((set(planned) | set(in_the_plan) | set(beside)) - set(titles), key=lambda key: (key == "", key))
    rows = [[titles.get(key, key or none), planned[key], in_the_plan[key], beside[key]] for key in [*titles, *others]]
    return {"columns": [name, _("Planned"), _("Held"), _("Held beside the plan")], "rows": rows}


def requests_by_kind(cells: Cells, today: date) -> Table:
    by_kind = Counter[str]()
    cross = Counter[tuple[str, str]]()
    for (kind, _member, fate), count in requests_by_fate(cells).items():
        by_kind[kind] += count
        cross[kind, fate] += count
    rows = [
        [request_kind(cells.profile, kind), by_kind[kind], *(cross[kind, fate] for fate in SHOWN_FATES)]
        for kind in sorted(by_kind, key=lambda kind: (-by_kind[kind], kind))
    ]
    fates = [
        _("Open"), _("Planned"), _("Held"), _("In a call"), _("Merged"), _("Deferred"), _("Declined"), _("Withdrawn"),
    ]  # fmt: skip
    return {"columns": [_("Kind of request"), _("Submitted"), *fates], "rows": rows}


def requests_in_short(cells: Cells, today: date) -> Table:
    """The same with fewer columns: open, taken up, answered with another, and what came to nothing this year."""
    rows = [
        [kind, submitted, waits, planned + held + called, merged, later + declined + withdrawn]
        for kind, submitted, waits, planned, held, called, merged, later, declined, withdrawn in requests_by_kind(
            cells, today
        )["rows"]
    ]
    columns = [
        _("Kind of request"), _("Submitted"), _("Open"), _("Planned or held"), _("Merged"),
        _("Put off or not taken up"),
    ]  # fmt: skip
    return {"columns": columns, "rows": rows}


SHOWN_FATES = ("submitted", "planned", "fulfilled", "accepted", "merged", "deferred", "declined", "withdrawn")
CHARTS: dict[str, Part] = {
    "reached": reached,
    "plan-by-quarter": plan_by_quarter,
    "funnel": funnel,
    "registered-and-present": registered_and_present,
    "held-by-week": held_by_week,
    "registered-by-week": registered_by_week,
}
"""Redrawn while people look; each by the id of its picture."""

PARTS: dict[str, Part] = CHARTS | {
    "at-risk": at_risk,
    "by-line": by_line,
    "by-pillar": by_pillar,
    "requests-by-kind": requests_by_kind,
    "requests-in-short": requests_in_short,
}

TABLES = {
    "by-line": mark("Activities by line of the plan"),
    "by-pillar": mark("Activities by pillar"),
    "requests-in-short": mark("Requests by kind and fate"),
}
"""Tables of the page by the name of their part, each with its caption."""
