"""Weeks in a form: up to three spans of ISO weeks, each a first and a last week, for offers with its places."""

from collections.abc import Iterable, Mapping

from services.matching import week
from shared.web.forms import Form
from shared.web.i18n import _

SPANS = (1, 2, 3)


def weeks_in(form: Form) -> tuple[str, ...]:
    """All weeks of the spans filled in; what is wrong is said at its field."""
    return tuple(sorted({one for span in SPANS for one in _span(form, span)}))


def places_in(form: Form) -> dict[str, int]:
    """Places by week; where spans overlap the later one counts."""
    places: dict[str, int] = {}
    for span in SPANS:
        weeks = _span(form, span)
        if not weeks:
            continue
        text = form[f"_places_{span}"].strip() or ("1" if span > 1 else "")
        if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) > 0):
            form.fail(f"_places_{span}", _("Write how many officials you can receive at once, 1 or more."))
            continue
        places |= dict.fromkeys(weeks, int(text))
    return places


def spans_of(weeks: Iterable[str] | Mapping[str, int]) -> dict[str, str]:
    """The fields of the spans that hold these weeks, the places with them; weeks of other places are a span apart.

    Three spans at most: what does not fit is left out, and `fits` says so.
    """
    places = dict(weeks) if isinstance(weeks, Mapping) else dict.fromkeys(weeks, 0)
    fields: dict[str, str] = {}
    for number, (first, last, officials) in zip(SPANS, _stretches(places), strict=False):
        fields |= {f"_from_{number}": first, f"_to_{number}": last}
        fields |= {f"_places_{number}": str(officials)} if officials else {}
    return fields


def fits(weeks: Iterable[str] | Mapping[str, int]) -> bool:
    places = dict(weeks) if isinstance(weeks, Mapping) else dict.fromkeys(weeks, 0)
    return len(_stretches(places)) <= len(SPANS)


def _stretches(places: Mapping[str, int]) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    for one in sorted(places):
        if found and week.later(found[-1][1], 1) == one and found[-1][2] == places[one]:
            found[-1] = (found[-1][0], one, places[one])
        else:
            found.append((one, one, places[one]))
    return found


def _span(form: Form, span: int) -> tuple[str, ...]:
    first, last = form[f"_from_{span}"], form[f"_to_{span}"]
    if not first and not last:
        if span == 1:
            form.fail("_from_1", _("Choose the first week."))
        return ()
    if not first:
        form.fail(f"_from_{span}", _("Choose the first week."))
        return ()
    try:
        weeks = week.between(first, last or first)
    except ValueError as error:
        form.fail(f"_from_{span}", _(str(error)))
        return ()
    if not weeks:
        form.fail(f"_to_{span}", _("The last week comes before the first: choose a later one."))
    return weeks if len(weeks) <= 106 else ()
