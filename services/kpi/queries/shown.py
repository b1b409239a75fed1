"""A figure as people read it: text to the digit, target, state, and the words beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.kpi.engine.figures import Cells, Indicator, Mean, Share, Value, Wait
from services.kpi.indicators.naming import target_of
from shared.contracts.vocabulary import in_protocol_order
from shared.profiles import Profile
from shared.web import formats
from shared.web.i18n import _, ngettext

FEW = "fewer than five"


@dataclass(frozen=True, slots=True)
class Shown:
    """`value` is None where there is nothing to show: nothing to divide by, or fewer answers than five.

    `part` and `whole` belong to a share, `answers` to a score. `state`: good, risk or neither.
    """

    id: str
    title: str
    unit: str
    value: float | None
    text: str
    part: int | None = None
    whole: int | None = None
    answers: int | None = None
    distribution: tuple[int, ...] = ()
    target: float | None = None
    of: str = ""
    state: str = ""
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        names = ("id", "title", "unit", "value", "text", "part", "whole", "answers", "target", "state", "words")
        return {name: getattr(self, name) for name in names}


def shown(one: Indicator, cells: Cells, today: date) -> Shown:
    value = one.formula(cells.profile)(cells)
    target = target_of(cells.profile, one.id)
    number, text = number_of(value), text_of(value)
    state = _state(number, target, _pace(one, cells.scope.year, today))
    say = WORDS.get(one.id)
    words = say(cells, value) if say else ""
    facts: dict[str, Any] = {"target": target, "of": _of(value, target, one), "state": state, "words": words}
    match value:
        case Share(part=part, whole=whole):
            facts |= {"part": part, "whole": whole}
        case Mean() if value.may_be_shown:
            facts |= {"answers": value.answers, "distribution": value.counts}
    return Shown(one.id, title_of(one), one.unit, number, text, **facts)


def title_of(one: Indicator) -> str:
    return _(one.title)


def request_kind(profile: Profile, kind: str) -> str:
    """The title of a kind of request; activities' kinds may share its id."""
    known = profile.request_kinds.get(kind)
    return known.title if known else kind


def number_of(value: Value) -> float | None:
    match value:
        case Share():
            return value.value
        case Mean():
            return value.value if value.may_be_shown else None
        case Wait():
            return value.days
    return value


def text_of(value: Value) -> str:
    """Rounded half up from whole numbers, so that no binary fraction decides the last digit."""
    match value:
        case Share(whole=0):
            return "–"
        case Share(part=part, whole=whole):
            return formats.percent(((200 * part + whole) // (2 * whole)) / 100)
        case Mean() if value.answers == 0:
            return "–"
        case Mean() if not value.may_be_shown:
            return _(FEW)
        case Mean():
            return formats.number((20 * value.points + value.answers) // (2 * value.answers) / 10, 1)
        case Wait(days=None):
            return "–"
        case Wait(days=int() as days):
            return ngettext("%(num)s day", "%(num)s days", days)
    assert isinstance(value, int)
    return formats.number(value)


def _of(value: Value, target: float | None, one: Indicator) -> str:
    match value:
        case Mean() if value.may_be_shown:
            return ngettext(
                "of 5 · %(n)s answer", "of 5 · %(n)s answers", value.answers, n=formats.number(value.answers)
            )
        case Mean():
            return _("answers") if value.answers else _("no answers yet")
        case Wait() if value.of:
            return ngettext("half of %(num)s request", "half of %(num)s requests", value.of)
    if target is None:
        return ""
    if one.id == "national-events":
        return _("of %(n)s members", n=formats.number(target))
    goal = formats.percent(target) if one.unit == "share" else formats.number(target)
    return _("of %(target)s", target=goal)


def _pace(one: Indicator, year: int, today: date) -> float:
    """What part of its target an indicator that grows over the year should have by now."""
    if one.id == "participation-rate" or year < today.year:
        return 1.0
    if year > today.year:
        return 0.0
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return today.timetuple().tm_yday / days


def _state(value: float | None, target: float | None, pace: float) -> str:
    if value is None or target is None:
        return ""
    if value >= target:
        return "good"
    return "risk" if value < target * pace else ""


# The words beside a figure


def _completed(cells: Cells, value: Value) -> str:
    assert isinstance(value, Share)
    if not value.whole:
        return _("The plan holds no activity yet.")
    return _("%(part)s of %(whole)s activities held.", part=value.part, whole=value.whole)


def _participation(cells: Cells, value: Value) -> str:
    from services.kpi.indicators.formulas import members_reached

    members = cells.profile.member_codes
    reached = members_reached(cells.of_all_members)
    words = _("%(n)s of %(all)s members.", n=len(reached), all=len(members))
    missing = [code for code in members if code not in reached]
    if reached and 0 < len(missing) <= 8:
        words += " " + _("Not yet: %(members)s.", members=listed(missing))
    return words


def _exchanges(cells: Cells, value: Value) -> str:
    agreed = len(cells.distinct("exchanges", "exchange", stage="agreed"))
    return ngettext("%(num)s agreed for the year.", "%(num)s agreed for the year.", agreed)


def _national(cells: Cells, value: Value) -> str:
    from services.kpi.indicators.formulas import with_national_event

    had = with_national_event(cells)
    missing = [code for code in cells.profile.member_codes if code not in had and cells.scope.member in ("", code)]
    if not missing:
        return _("All members had one.")
    return _("None yet: %(members)s", members=listed(missing, 5))


def _satisfaction(cells: Cells, value: Value) -> str:
    from services.kpi.indicators.formulas import marks_by_kind

    assert isinstance(value, Mean)
    if not value.may_be_shown:
        return _("Shown from five answers on, so that nobody can be told from them.") if value.answers else ""
    by_kind = {kind: one for kind, one in marks_by_kind(cells, "relevance").items() if one.may_be_shown and kind}
    if len(by_kind) < 2:
        return ""
    lowest = min(by_kind, key=lambda kind: (by_kind[kind].value or 0, kind))
    title = cells.profile.title_of(lowest)
    return _("Lowest: %(kind)s, %(mark)s.", kind=title, mark=text_of(by_kind[lowest]))


WORDS: Mapping[str, Callable[[Cells, Value], str]] = {
    "completed-to-planned": _completed,
    "participation-rate": _participation,
    "staff-exchanges": _exchanges,
    "national-events": _national,
    "relevance": _satisfaction,
    "added-value": _satisfaction,
}


def listed(codes: list[str], most: int = 0) -> str:
    """Members in protocol order; `BG, CZ, DK …` where there are more than `most`."""
    ordered = in_protocol_order(codes)
    if most and len(ordered) > most:
        return ", ".join(ordered[:most]) + " …"
    return ", ".join(ordered)
