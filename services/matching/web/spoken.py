"""Languages in a form: up to three, best first, each with the level that is spoken or asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.web.forms import Form
from shared.web.i18n import _

PLACES = (1, 2, 3)
CEFR = ("A1", "A2", "B1", "B2", "C1", "C2")
LEVELS = tuple((level, level) for level in CEFR)
"""As a form's choices."""
_STAND_IN = ("en",)
"""For what is said to be missing at its own field, so that the model finds what else is wrong."""


def spoken_in(form: Form, missing: str) -> dict[str, Any]:
    """`languages` and `levels`, as the commands take them."""
    chosen = {place: code for place in PLACES if (code := form[f"_language_{place}"])}
    if not chosen:
        form.fail("_language_1", missing)
    levels = {code: level for place, code in chosen.items() if (level := form[f"_level_{place}"])}
    for place in PLACES:
        if form[f"_level_{place}"] not in ("", *CEFR):
            form.fail(f"_level_{place}", _("Choose one of the list."))
    return {
        "languages": tuple(chosen.values()) or _STAND_IN,
        "levels": {code: level for code, level in levels.items() if level in CEFR},
    }


def spoken_fields(languages: Sequence[str], levels: Mapping[str, str]) -> dict[str, str]:
    fields = {f"_language_{place}": code for place, code in zip(PLACES, languages, strict=False)}
    return fields | {f"_level_{place}": levels.get(code, "") for place, code in zip(PLACES, languages, strict=False)}
