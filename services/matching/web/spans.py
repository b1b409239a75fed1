"""Weeks in a form: up to three spans of ISO weeks, each a first and a last week, for offers with its places."""

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
