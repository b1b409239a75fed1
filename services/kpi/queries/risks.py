"""What puts an indicator's target at risk: which activities, which members are missing."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from services.kpi.engine.figures import Cells, Indicator
from services.kpi.indicators.formulas import NATIONAL_EVENT, invited, members_reached, present, with_national_event
from services.kpi.indicators.naming import target_of
from services.kpi.indicators.outlooks import due
from shared.contracts.vocabulary import in_protocol_order
from shared.web import formats
from shared.web.i18n import _, ngettext

from .shown import shown


@dataclass(frozen=True, slots=True)
class Risk:
    """One thing that stands between a figure and its target. `activity` or `member` says whose."""

    words: str
    activity: str = ""
    member: str = ""


def risks(one: Indicator, cells: Cells, today: date) -> list[Risk]:
    """What is missing, the surest first; nothing where the target is reached or none is set."""
    figure = shown(one, cells, today)
    if figure.target is None or (figure.value is not None and figure.value >= figure.target):
        return []
    make = RISKS.get(one.id)
    return make(cells, today) if make else []


def _plan(cells: Cells, today: date) -> list[Risk]:
    left = due(cells, today, date(cells.scope.year, 12, 31))
    scheduled = cells.distinct("scheduled", "activity", ever=True)
    planned = dict(cells.distinct("planned", "activity", "kind"))
    called_off = [
        Risk(_("%(title)s: cancelled", title=cells.profile.title_of(planned[activity])), activity)
        for activity in sorted(cells.distinct("cancelled", "activity", ever=True) & planned.keys())
    ]
    title = cells.profile.title_of
    late = [
        Risk(
            _("%(title)s: %(quarter)s is over", title=title(one.kind), quarter=formats.quarter(one.quarter)),
            one.activity,
            one.member,
        )
        for one in sorted(left.late, key=lambda one: (one.quarter, one.activity))
    ]
    undated = [
        Risk(
            _("%(title)s: no date yet for %(quarter)s", title=title(one.kind), quarter=formats.quarter(one.quarter)),
            one.activity,
            one.member,
        )
        for one in sorted(left.waiting, key=lambda one: (one.quarter, one.activity))
        if one.activity not in scheduled
    ]
    return [*called_off, *late, *undated]


def _participation(cells: Cells, today: date) -> list[Risk]:
    """Members nobody came from at all, then those that missed the most of what they were invited to."""
    chosen = [code for code in cells.profile.member_codes if cells.scope.member in ("", code)]
    reached = members_reached(cells)
    missed = Counter(member for _activity, member in invited(cells) - present(cells))
    never = [Risk(_("nobody took part this year"), member=code) for code in in_protocol_order(set(chosen) - reached)]
    often = [
        Risk(ngettext("missed %(num)s activity", "missed %(num)s activities", count), member=code)
        for code, count in sorted(missed.items(), key=lambda item: (-item[1], item[0]))
        if code in reached
    ]
    return [*never, *often]


def _national(cells: Cells, today: date) -> list[Risk]:
    had = with_national_event(cells)
    left = due(cells, today, date(cells.scope.year, 12, 31))
    planned = {one.member: one for one in (*left.late, *left.waiting) if one.kind == NATIONAL_EVENT}
    missing = {code for code in cells.profile.member_codes if cells.scope.member in ("", code)} - had
    nothing = _("no national event, and none is planned")
    without = [Risk(nothing, member=code) for code in in_protocol_order(missing - planned.keys())]
    to_come = [planned[code] for code in in_protocol_order(missing & planned.keys())]
    return [
        *without,
        *(
            Risk(
                _("planned for %(quarter)s, not held yet", quarter=formats.quarter(one.quarter)),
                one.activity,
                one.member,
            )
            for one in to_come
        ),
    ]


def _exchanges(cells: Cells, today: date) -> list[Risk]:
    agreed = len(cells.distinct("exchanges", "exchange", stage="agreed"))
    held = len(cells.distinct("exchanges", "exchange", stage="held"))
    waiting = ngettext(
        "%(num)s exchange is agreed and not held yet", "%(num)s exchanges are agreed and not held yet", agreed - held
    )
    target = target_of(cells.profile, "staff-exchanges") or 0
    missing = round(target) - agreed
    more = ngettext("%(num)s more has to be agreed", "%(num)s more have to be agreed", missing)
    part = {side for sides in cells.distinct("exchanges", "sender", "host") for side in sides}
    without = [code for code in cells.profile.member_codes if code not in part]
    found = [Risk(waiting)] if agreed > held else []
    found += [Risk(more)] if missing > 0 else []
    return [*found, *(Risk(_("neither sends nor hosts"), member=code) for code in in_protocol_order(without))]


RISKS = {
    "completed-to-planned": _plan,
    "participation-rate": _participation,
    "national-events": _national,
    "staff-exchanges": _exchanges,
}
