"""What is going on now, in lines made of the vocabulary alone: member codes and kinds, no names, no free text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from services.kpi.engine.cells import NEWS
from services.kpi.engine.figures import Cells, Scope
from services.kpi.engine.merging import Merged
from shared.contracts import events, matching, requests
from shared.contracts.base import Event
from shared.contracts.vocabulary import Quarter
from shared.profiles import Profile
from shared.web.i18n import _, mark, ngettext, plural

from .remembered import Remembered
from .shown import request_kind

Line = Mapping[str, Any]
SHOWN = 8

FIELDS: dict[str, tuple[str, ...]] = {
    requests.RequestSubmitted.type: ("member", "kind"),
    requests.RequestPlanned.type: ("member", "kind", "quarter"),
    requests.RequestDeclined.type: ("member", "kind"),
    requests.ActivityPlanned.type: ("member", "kind", "quarter"),
    matching.InterestFiled.type: ("member", "focus"),
    matching.OfferMade.type: ("member",),
    matching.ExchangeAgreed.type: ("sender", "host", "week"),
    matching.ExchangeHeld.type: ("sender", "host"),
    events.RegistrationOpened.type: ("member", "kind"),
    events.RegistrationConfirmed.type: ("member", "kind"),
    events.RegistrationWaitlisted.type: ("member", "kind"),
    events.RegistrationCancelled.type: ("member", "kind"),
    events.AttendanceRecorded.type: ("member", "kind", "present"),
    events.ActivityHeld.type: ("member", "kind"),
    events.ActivityCancelled.type: ("member", "kind"),
}
"""Which fields of which events a line is made of. Feedback makes none."""

_SAID: dict[type[Event], str] = {
    requests.RequestSubmitted: mark("asked for: %(kind)s"),
    requests.RequestPlanned: mark("request planned for %(quarter)s: %(kind)s"),
    requests.RequestDeclined: mark("request declined: %(kind)s"),
    requests.ActivityPlanned: mark("planned for %(quarter)s: %(kind)s"),
    matching.InterestFiled: mark("seeks a staff exchange: %(focus)s"),
    matching.OfferMade: mark("offers to host staff exchanges"),
    matching.ExchangeAgreed: mark("exchange with %(host)s agreed for week %(week)s"),
    matching.ExchangeHeld: mark("exchange with %(host)s held"),
    events.RegistrationOpened: mark("registration opened: %(kind)s"),
    events.ActivityHeld: mark("held: %(kind)s"),
    events.ActivityCancelled: mark("cancelled: %(kind)s"),
}
_COUNTED: dict[type[Event], tuple[str, str]] = {
    events.RegistrationConfirmed: plural("registered %(num)s for: %(kind)s", "registered %(num)s for: %(kind)s"),
    events.RegistrationWaitlisted: plural(
        "%(num)s waits for a place: %(kind)s",
        "%(num)s wait for a place: %(kind)s",
    ),
    events.RegistrationCancelled: plural(
        "gave back %(num)s place: %(kind)s",
        "gave back %(num)s places: %(kind)s",
    ),
    events.AttendanceRecorded: plural("%(num)s present: %(kind)s", "%(num)s present: %(kind)s"),
}
_REQUESTS = frozenset({requests.RequestSubmitted, requests.RequestPlanned, requests.RequestDeclined})
_BY_TYPE = {one.type: one for one in (*_SAID, *_COUNTED)}


@dataclass(frozen=True, slots=True)
class News:
    """`time` as `14:02`, with the day where it is not today; `moment` for machines."""

    moment: str
    time: str
    who: str
    what: str


def news(remembered: Remembered, merged: Merged, scope: Scope) -> list[News]:
    """The newest first. Neighbours that say the same of one member and kind are one line with their number."""

    def make(cells: Cells, today: date) -> list[News]:
        told = [line for line in merged.news(scope.network) if _worth_telling(line)]
        groups = [list(lines) for _same, lines in groupby(told, key=_what_it_tells)]
        return [_line(lines, cells.profile, today) for lines in groups[:SHOWN]]

    return remembered.ask(scope, NEWS, make)


def _worth_telling(line: Line) -> bool:
    return line["type"] in _BY_TYPE and line.get("present", "True") == "True"


def _what_it_tells(line: Line) -> tuple[Any, ...]:
    counted = _BY_TYPE[line["type"]] in _COUNTED
    return (line["type"], line.get("member"), line.get("kind"), line["at"][:10] if counted else line["id"])


def _line(lines: Sequence[Line], profile: Profile, today: date) -> News:
    newest = lines[0]
    event, kind = _BY_TYPE[newest["type"]], newest.get("kind", "")
    words = {
        "kind": request_kind(profile, kind) if event in _REQUESTS else profile.title_of(kind),
        "focus": profile.title_of(newest.get("focus", "")),
        "host": newest.get("host", ""),
        "week": newest.get("week", "").partition("-W")[2].lstrip("0"),
        "quarter": _quarter(newest.get("quarter", "")),
    }
    what = ngettext(*_COUNTED[event], len(lines), **words) if event in _COUNTED else _(_SAID[event], **words)
    moment = datetime.fromisoformat(newest["at"]).astimezone(ZoneInfo(profile.zone))
    time = f"{moment:%H:%M}" if moment.date() == today else f"{moment:%d.%m.}"
    return News(newest["at"], time, newest.get("member") or newest.get("sender") or profile.name, what)


def _quarter(text: str) -> str:
    try:
        quarter = Quarter.parse(text)
    except ValueError:
        return text
    return f"Q{quarter.number} {quarter.year}"
