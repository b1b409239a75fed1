"""The tables of the figures' pages as CSV and XLSX, and the events behind a figure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from fastapi import Response

from services.kpi.engine.explaining import Behind
from services.kpi.queries.one import Known
from services.kpi.queries.over_time import Point
from services.kpi.queries.shown import Shown
from shared.web import exports
from shared.web.exports import Column
from shared.web.i18n import _
from shared.web.rights import Principal

Row = Sequence[Any]


def _at(place: int) -> Callable[[Row], Any]:
    return lambda row: row[place]


def table(principal: Principal, kind: str, name: str, shown: Mapping[str, Any]) -> Response:
    """A table as the pages have it: labels of its columns, and rows."""
    columns: list[Column[Row]] = [Column(str(label), _at(place)) for place, label in enumerate(shown["columns"])]
    return exports.answer(principal, kind, name, columns, shown["rows"])


def history(principal: Principal, kind: str, name: str, rows: Sequence[Known]) -> Response:
    """A figure as it was known at the end of each month."""
    columns: list[Column[Known]] = [
        Column(_("At the end of"), lambda then: date.fromisoformat(then.day)),
        Column(_("Figure"), lambda then: then.value),
        Column(_("As shown"), lambda then: then.text),
    ]
    return exports.answer(principal, kind, f"{name}-history", columns, rows)


def over_time(principal: Principal, kind: str, name: str, rows: Sequence[Point]) -> Response:
    """A figure by day, week, month, quarter or year."""
    columns: list[Column[Point]] = [
        Column(_("Day"), lambda one: date.fromisoformat(one.day)),
        Column(_("Figure"), lambda one: one.value),
        Column(_("As shown"), lambda one: one.text),
        Column(_("Part"), lambda one: one.part),
        Column(_("Of"), lambda one: one.whole),
        Column(_("As the source says"), lambda one: one.stated),
    ]
    return exports.answer(principal, kind, f"{name}-over-time", columns, rows)


def figures(principal: Principal, kind: str, rows: Sequence[Shown]) -> Response:
    """Every indicator of the page, shares from 0 to 1."""
    columns: list[Column[Shown]] = [
        Column(_("Indicator"), lambda one: one.title),
        Column(_("Figure"), lambda one: one.value),
        Column(_("As shown"), lambda one: one.text),
        Column(_("Part"), lambda one: one.part),
        Column(_("Of"), lambda one: one.whole),
        Column(_("Answers"), lambda one: one.answers),
        Column(_("Target"), lambda one: one.target),
        Column(_("Unit"), lambda one: one.unit),
        Column(_("Id"), lambda one: one.id),
    ]
    return exports.answer(principal, kind, "figures", columns, rows)


def events(
    principal: Principal, kind: str, name: str, rows: Sequence[Behind], words_of: Callable[[Behind], str]
) -> Response:
    """The events behind a figure."""
    columns: list[Column[Behind]] = [
        Column(_("Happened"), lambda one: date.fromisoformat(one.envelope.happened_on)),
        Column(_("Event"), words_of),
        Column(_("Members"), lambda one: sorted(one.members)),
        Column(_("Stream"), lambda one: one.envelope.subject),
        Column(_("Counts"), lambda one: [f"{counted.delta:+d} {counted.measure}" for counted in one.counted]),
        Column(_("Recorded"), lambda one: date.fromisoformat(one.envelope.recorded_on)),
        Column(_("Place on the log"), lambda one: one.place),
        Column(_("Id"), lambda one: one.envelope.id),
    ]
    return exports.answer(principal, kind, f"{name}-events", columns, rows)
