"""Weeks in a form: a span from a first to a last week, and a calendar in which single weeks are ticked or filled in.

Both count together; for offers what the calendar says of a week comes before the span's places.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from babel import dates

from services.matching import week
from services.matching.domain.call import Call
from services.matching.web.common import week_words
from shared.web.forms import Form
from shared.web.i18n import _, locale

MOST = 106


def weeks_of(call: Call) -> tuple[str, ...]:
    """The weeks that a call's forms offer: its window, else its year and the first half of the next."""
    year = (*week.weeks_of(call.year), *week.weeks_of(call.year + 1)[:26])
    first, last = call.first_week or year[0], call.last_week or max(year[-1], call.first_week or "")
    return week.between(first, last)[:MOST]


def week_options(call: Call) -> list[tuple[str, str]]:
    return [(one, week_words(one)) for one in weeks_of(call)]


def weeks_in(form: Form) -> tuple[str, ...]:
    """The span and what is ticked; what is wrong is said at its field."""
    ticked = [one for one in form.all("_week") if _is_week(form, one)]
    weeks = {*_span(form), *ticked}
    if not weeks and "_from_1" not in form.errors and "_to_1" not in form.errors:
        form.fail("_from_1", _("Choose the first week."))
    return tuple(sorted(weeks))


def places_in(form: Form, weeks: Iterable[str]) -> dict[str, int]:
    """Places by week: the span's, then what stands in the calendar, where 0 takes a week out."""
    places: dict[str, int] = {}
    if span := _span(form):
        places = dict.fromkeys(span, _number(form, "_places_1") or 0)
    for one in weeks:
        if form[f"_places_{one}"].strip():
            number = _number(form, f"_places_{one}", least=0)
            places[one] = number if number is not None else 1
    places = {one: number for one, number in places.items() if number}
    if not places and not any(name.startswith(("_from", "_to", "_places")) for name in form.errors):
        form.fail("_from_1", _("Choose the first week."))
    return places


def ticked(weeks: Iterable[str]) -> dict[str, Any]:
    """The form's fields for these weeks."""
    return {"_week": list(weeks)}


def filled(places: Mapping[str, int]) -> dict[str, Any]:
    """The form's fields for these places."""
    return {f"_places_{one}": number for one, number in places.items()}


def calendar(weeks: Iterable[str]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """By month of their Mondays: each week with the day it begins and all of it in words."""
    months: dict[str, list[tuple[str, str, str]]] = {}
    for one in weeks:
        begins = week.monday(one)
        month = dates.format_skeleton("yMMMM", begins, locale=locale())
        months.setdefault(month, []).append((one, str(begins.day), week_words(one)))
    return list(months.items())


def _number(form: Form, field: str, least: int = 1) -> int | None:
    text = form[field].strip()
    if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= 500:
        return int(text)
    form.fail(field, _("Write how many officials you can receive at once, 1 or more."))
    return None


def _is_week(form: Form, text: str) -> bool:
    try:
        week.monday(text)
    except ValueError as error:
        form.fail("_from_1", _(str(error)))
        return False
    return True


def _span(form: Form) -> tuple[str, ...]:
    first, last = form["_from_1"], form["_to_1"]
    if not first and not last:
        return ()
    if not first:
        form.fail("_from_1", _("Choose the first week."))
        return ()
    try:
        weeks = week.between(first, last or first)
    except ValueError as error:
        form.fail("_from_1", _(str(error)))
        return ()
    if not weeks:
        form.fail("_to_1", _("The last week comes before the first: choose a later one."))
    return weeks if len(weeks) <= MOST else ()
