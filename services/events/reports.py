"""Reports of online meetings (Teams, Webex, Zoom): who was there for how long, each stay counted once.

The tools write what they like: UTF-16 or UTF-8, tabs or commas, a summary above the list, each stay or only the sum.
The list is found by its headings. Nothing is guessed: what cannot be read is left to a person.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.refused import Refused

MOST_ROWS = 20_000
_HEADINGS = {
    "name": ("name", "full name", "name (original name)", "user name", "display name", "participant", "attendee name",
             "participant name"),
    "first": ("first name",),
    "last": ("last name",),
    "email": ("email", "user email", "attendee email", "email address", "e-mail"),
    "joined": ("join time", "first join", "join timestamp", "attendee join time"),
    "left": ("leave time", "last leave", "leave timestamp", "attendee leave time"),
    "lasted": ("in-meeting duration", "duration", "duration (minutes)", "total duration (minutes)",
               "attendance duration", "time in session (minutes)"),
    "action": ("user action",),
    "at": ("timestamp",),
}  # fmt: skip
_MEANT = {heading: meaning for meaning, headings in _HEADINGS.items() for heading in headings}
_FORMATS = (
    *(
        f"{day}{between}{hour}"
        for day in ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%Y-%m-%d", "%d-%m-%Y", "%Y/%m/%d")
        for between in (", ", " ")
        for hour in ("%I:%M:%S %p", "%H:%M:%S", "%I:%M %p", "%H:%M")
    ),
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %H:%M:%S",
)
_HOURS = re.compile(r"(\d+)\s*(h|m|s)", re.I)
_CLOCK = re.compile(r"(\d+):(\d\d)(?::(\d\d))?")


@dataclass(frozen=True, slots=True)
class Attended:
    """One participant of a meeting, by address where the report has one, else by name."""

    name: str
    email: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Report:
    participants: tuple[Attended, ...]
    seconds: int
    """From the first to the last of it; 0 where the report has no times."""


Row = Mapping[str, str]


def read(content: bytes) -> Report:
    """Raises `Refused` where there is no list of participants in it."""
    try:
        tables = list(_tables(_decoded(content)))
    except csv.Error:  # such as a cell that has no end
        tables = []
    if not tables:
        raise Refused("no-report", "No list of participants is found in this file; take the report as CSV.", status=422)
    # A list of each stay says more than one of sums.
    stays = [table for table in tables if {"joined", "left"} <= table[0].keys() or "action" in table[0]]
    rows = stays[-1] if stays else tables[0]
    if sum(map(len, tables)) > MOST_ROWS:
        raise Refused("too-long", "The report is too long; take one of a single meeting.", status=422)
    return _report(rows)


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    if content[1:2] == b"\0":
        return content.decode("utf-16-le", "replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _tables(text: str) -> Iterable[list[Row]]:
    """Every list whose headings tell who and for how long."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    number = 0
    while number < len(lines):
        cells, between = _cells(lines[number])
        meant = [_MEANT.get(_heading(cell), "") for cell in cells]
        number += 1
        if not _is_list(meant):
            continue
        rows: list[Row] = []
        while number < len(lines) and lines[number].strip(" \t,;"):
            row = next(csv.reader([lines[number]], delimiter=between))
            if len(row) == 1 and len(meant) > 1:
                break  # the heading of the next part
            rows.append({name: _plain(cell) for name, cell in zip(meant, row, strict=False) if name})
            number += 1
        if rows:
            yield rows


def _cells(line: str) -> tuple[list[str], str]:
    between = max("\t,;", key=line.count)
    return next(csv.reader([line], delimiter=between), []), between


def _heading(cell: str) -> str:
    return " ".join(cell.strip().strip("﻿").lower().split())


def _is_list(meant: Sequence[str]) -> bool:
    has = set(meant)
    who = "name" in has or "email" in has or {"first", "last"} <= has
    return who and bool(has & {"lasted", "left", "action"})


def _plain(cell: str) -> str:
    """Without the `="…"` that keeps spreadsheets from reading it otherwise."""
    return re.sub(r'^="?|"$', "", cell.strip()).strip()


def _report(rows: list[Row]) -> Report:
    form = _format(rows)
    stays: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    sums: dict[str, int] = defaultdict(int)
    who: dict[str, Row] = {}
    for row in _paired(rows, form):
        name = row.get("name") or " ".join(filter(None, (row.get("first"), row.get("last"))))
        key = row.get("email", "").lower() or plain_name(name)
        if not key:
            continue
        who.setdefault(key, {"name": name, "email": row.get("email", "").lower()})
        joined, left = _moment(row.get("joined", ""), form), _moment(row.get("left", ""), form)
        sums[key] += _seconds(row.get("lasted", ""))
        if joined and left and left >= joined:
            stays[key].append((joined, left))
    participants = tuple(
        Attended(
            one["name"],
            one["email"],
            _merged(stays[key]) if stays[key] and not _sum_counts(rows, stays[key]) else sums[key],
        )
        for key, one in who.items()
    )
    moments = [moment for each in stays.values() for stay in each for moment in stay]
    whole = int((max(moments) - min(moments)).total_seconds()) if moments else 0
    return Report(participants, whole or max((one.seconds for one in participants), default=0))


def _sum_counts(rows: list[Row], stays: Sequence[object]) -> bool:
    """Where a row tells of first and last alone, what lies between is not all attended: the sum says it."""
    return len(stays) == 1 and bool(rows[0].get("lasted"))


def _merged(stays: Sequence[tuple[datetime, datetime]]) -> int:
    """Seconds, with stays that overlap (two devices, a join again) counted once."""
    total, until = timedelta(), datetime.min
    for joined, left in sorted(stays):
        total += max(timedelta(), left - max(joined, until))
        until = max(until, left)
    return int(total.total_seconds())


def _paired(rows: list[Row], form: str) -> list[Row]:
    """Where each line is a coming or a going, they are put together in their order."""
    if not rows or "action" not in rows[0]:
        return rows
    paired: list[Row] = []
    came: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: _moment(row.get("at", ""), form) or datetime.min):
        key = row.get("email", "") or row.get("name", "")
        if row["action"].lower().startswith("joined"):
            came.setdefault(key, row)
        elif key in came:
            paired.append({**row, "joined": came.pop(key).get("at", ""), "left": row.get("at", "")})
    return paired + [{**row, "joined": row.get("at", ""), "left": row.get("at", "")} for row in came.values()]


def _format(rows: list[Row]) -> str:
    """The one way of writing times that fits every line, and in which people left after they came."""
    times = [row[name] for row in rows for name in ("joined", "left", "at") if row.get(name)]
    spans = [(row["joined"], row["left"]) for row in rows if row.get("joined") and row.get("left")]
    for form in _FORMATS:
        moments = [_moment(time, form) for time in times]
        if not times or None in moments:
            continue
        known = [moment for moment in moments if moment]
        if max(known) - min(known) > timedelta(days=2):
            continue
        if all((_moment(left, form) or datetime.min) >= (_moment(came, form) or datetime.max) for came, left in spans):
            return form
    return ""


def _moment(text: str, form: str) -> datetime | None:
    if not text or not form:
        return None
    try:
        return datetime.strptime(" ".join(text.replace("\u202f", " ").split()), form)
    except ValueError:
        return None


def _seconds(text: str) -> int:
    """Of `1h 27m 51s`, `95 mins`, `01:27:51`, or a number of minutes."""
    if found := _CLOCK.fullmatch(text.strip()):
        hours, minutes, seconds = (int(one or 0) for one in found.groups())
        return hours * 3600 + minutes * 60 + seconds
    if parts := _HOURS.findall(text):
        return sum(int(number) * {"h": 3600, "m": 60, "s": 1}[unit.lower()] for number, unit in parts)
    number = text.strip().replace(",", ".")
    return round(float(number) * 60) if re.fullmatch(r"\d+(\.\d+)?", number) else 0


def plain_name(name: str) -> str:
    """For comparing: letters as they are, case and spaces aside, without what a tool adds in brackets."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", name)
    return " ".join(unicodedata.normalize("NFC", bare).casefold().split())


@dataclass(frozen=True, slots=True)
class Matched:
    """A participant and the registration that is theirs: certain by address, proposed by name, else left open."""

    participant: Attended
    registration: str = ""
    certain: bool = False


def matched(report: Report, persons: Mapping[str, tuple[str, str]]) -> list[Matched]:
    """`persons`: name and address of each registration. A name counts where only one has it, on either side."""
    by_address = {email.lower(): id for id, (_name, email) in persons.items() if email}
    by_name: dict[str, list[str]] = defaultdict(list)
    for id, (name, _email) in persons.items():
        by_name[plain_name(name)].append(id)
    named: dict[str, int] = defaultdict(int)
    for one in report.participants:
        named[plain_name(one.name)] += 1
    found = []
    for one in report.participants:
        if one.email in by_address:
            found.append(Matched(one, by_address[one.email], certain=True))
            continue
        same = by_name.get(plain_name(one.name), [])
        alone = len(same) == 1 and named[plain_name(one.name)] == 1
        found.append(Matched(one, same[0] if alone else ""))
    certain = {one.registration for one in found if one.certain}
    found = [Matched(one.participant) if not one.certain and one.registration in certain else one for one in found]
    return sorted(found, key=lambda one: (one.certain, bool(one.registration), one.participant.name))
