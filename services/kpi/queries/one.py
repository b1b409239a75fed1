"""One indicator with all that explains it: readings, members, history as it was known, and what is counted."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from services.kpi.engine.figures import Cells, Indicator, Mean, Scope, Share, Value, Wait
from services.kpi.indicators.formulas import marks_by_kind
from shared.contracts.vocabulary import Mode
from shared.profiles.rows import Reading
from shared.web.i18n import _

from .board import Boards, Table, members, named
from .risks import Risk, risks
from .shown import number_of, text_of


@dataclass(frozen=True, slots=True)
class ReadingShown:
    """One way to read the indicator, with its figure under it."""

    id: str
    title: str
    numerator: str
    denominator: str
    value: float | None
    text: str
    part: int
    whole: int
    in_force: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A measure that the indicator is made of."""

    name: str
    says: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the figure was, as known at the end of a month."""

    day: str
    value: float | None
    text: str


def readings(boards: Boards, scope: Scope, one: Indicator) -> list[ReadingShown]:
    """The readings that the profile offers; empty where the source leaves nothing open."""

    def make(cells: Cells, today: date) -> list[ReadingShown]:
        found = []
        for offered in cells.profile.readings:
            known = next((reading for reading in one.readings if reading.id == offered.id), None)
            value = known.value(cells) if known else None
            if isinstance(value, Share):
                found.append(_reading(offered, value, cells.profile.reading))
        return found

    return boards.remembered.ask(scope, f"readings {one.id}", make) if one.readings else []


def _reading(offered: Reading, value: Share, in_force: str) -> ReadingShown:
    return ReadingShown(
        id=offered.id,
        title=offered.title,
        numerator=offered.numerator,
        denominator=offered.denominator,
        value=value.value,
        text=text_of(value),
        part=value.part,
        whole=value.whole,
        in_force=offered.id == in_force,
    )


def by_member(boards: Boards, scope: Scope, one: Indicator) -> Table | None:
    """None where the indicator belongs to no member."""
    if not one.by_member:
        return None

    def make(cells: Cells, today: date) -> Table:
        rows = []
        for code in members(cells):
            of_member = cells.of_member(code)
            value = one.formula(cells.profile)(of_member)
            cells.asked.update(of_member.asked)
            rows.append([named(cells, code), *row_of(value)])
        return {"columns": [_("Member"), *_columns(one)], "rows": rows}

    return boards.remembered.ask(scope, f"members {one.id}", make)


def by_kind(boards: Boards, scope: Scope, one: Indicator) -> Table | None:
    """Marks by kind of activity, requests by fate, activities by mode, exchanges by area; few answers stay hidden."""
    if one.id.startswith("requests"):
        table: Table = boards.part(scope, "requests-by-kind")
        return table
    if one.id in DIVIDED:
        return boards.remembered.ask(scope, f"divided {one.id}", DIVIDED[one.id])
    if one.unit != "score":
        return None

    def make(cells: Cells, today: date) -> Table:
        marks = marks_by_kind(cells, one.id)
        rows: list[list[Any]] = [
            [cells.profile.title_of(kind) or _("none"), text_of(mean), mean.answers if mean.may_be_shown else None]
            for kind, mean in sorted(marks.items(), key=lambda item: (-item[1].answers, item[0]))
        ]
        return {"columns": [_("Kind of activity"), _("Mark"), _("Answers")], "rows": rows}

    return boards.remembered.ask(scope, f"kinds {one.id}", make)


def _held_by_mode(cells: Cells, today: date) -> Table:
    """Activities held by mode and quarter."""
    counts = cells.by("held", "mode", "quarter")
    quarters = [f"{cells.scope.year}-Q{number}" for number in (1, 2, 3, 4)]
    modes = sorted({mode for mode, _quarter in counts})
    words = {str(mode): _(mode.label) for mode in Mode}
    rows: list[list[Any]] = [
        [words.get(mode, mode or _("none")), *(counts[mode, quarter] for quarter in quarters)] for mode in modes
    ]
    return {"columns": [_("Mode"), "Q1", "Q2", "Q3", "Q4"], "rows": rows}


def _exchanges_by_focus(cells: Cells, today: date) -> Table:
    """Exchanges agreed and held by focus area, in the profile's order."""
    agreed = Counter(focus for _exchange, focus in cells.distinct("exchanges", "exchange", "focus", stage="agreed"))
    held = Counter(focus for _exchange, focus in cells.distinct("exchanges", "exchange", "focus", stage="held"))
    areas = [area.id for area in cells.profile.focus_areas]
    others = sorted((agreed.keys() | held.keys()) - set(areas))
    rows = [[cells.profile.title_of(focus), agreed[focus], held[focus]] for focus in [*areas, *others]]
    return {"columns": [_("Focus area"), _("Agreed"), _("Held")], "rows": rows}


DIVIDED = {
    "activities-held": _held_by_mode,
    "staff-exchanges": _exchanges_by_focus,
    "exchanges-agreed": _exchanges_by_focus,
}


def history(boards: Boards, scope: Scope, one: Indicator) -> list[Known]:
    """The figure of the scope's year as it was known at the end of each month, and as it is known now."""

    def make(cells: Cells, today: date) -> list[Known]:
        found = []
        for day in month_ends(cells.scope.year, today):
            then = replace(cells, scope=replace(cells.scope, known=day.isoformat()), asked=set())
            value = one.formula(cells.profile)(then)
            cells.asked.update(then.asked)
            found.append(Known(day.isoformat(), number_of(value), text_of(value)))
        return found

    return boards.remembered.ask(scope, f"history {one.id}", make)


def at_risk(boards: Boards, scope: Scope, one: Indicator) -> list[Risk]:
    """What stands between the figure and its target."""

    def make(cells: Cells, today: date) -> list[Risk]:
        return risks(one, cells, today)

    return boards.remembered.ask(scope, f"risks {one.id}", make)


def counted(boards: Boards, scope: Scope, one: Indicator) -> list[Counted]:
    def make(cells: Cells, today: date) -> list[Counted]:
        one.formula(cells.profile)(cells)
        used = (boards.merged.measures[name] for name in sorted(cells.used))
        return [Counted(measure.name, _(measure.says), measure.opens) for measure in used]

    return boards.remembered.ask(scope, f"counted {one.id}", make)


def month_ends(year: int, today: date) -> list[date]:
    """The last day of each month of the year that is over, then today; for a year that is over its twelve months."""
    ends = [date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 13)]
    past = [day for day in ends if day < today]
    return past if len(past) == 12 else [*past, today]


def _columns(one: Indicator) -> list[str]:
    return [_("Figure"), _(one.part), _(one.whole)] if one.unit == "share" else [_("Figure")]


def row_of(value: Value) -> list[Any]:
    match value:
        case Share(part=part, whole=whole):
            return [text_of(value), part, whole]
        case Mean():
            return [text_of(value)]
        case Wait():
            return [text_of(value)]
    return [value]
