"""A file of figures from outside: each row becomes a reading, once however often the file is sent."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from shared.contracts.names import plain
from shared.contracts.refused import Refused
from shared.forms import table
from shared.forms.eusurvey import MOST_BYTES, Unreadable
from shared.spine.store import GroupingStore
from shared.web.i18n import mark

from .domain.readings import TakeReading
from .taking import take_reading

__all__ = ["HEADERS", "MOST_BYTES", "Outcome", "Unreadable", "name_of", "take"]
HEADERS = ("Figure", "Day", "Value", "Of", "Member", "Source")
_FIELDS = {"figure": "figure", "day": "on", "date": "on", "value": "value", "of": "of", "whole": "of",
           "member": "member", "source": "source"}  # fmt: skip
_NEEDED = {"figure", "on", "value", "source"}
_GROUPED = re.compile(r"\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3})+")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: taken, there already, or refused with the sentence that says what to do."""

    row: int
    figure: str
    fate: str
    sentence: str = ""
    reading: str = ""


class NotThis(Exception):
    """An answer that means nothing here; its sentence says what to write."""


def name_of(data: bytes) -> str:
    """Under which name the file's rows are remembered."""
    return hashlib.sha256(data).hexdigest()[:32]


async def take(
    data: bytes, name: str, titles: Mapping[str, str], own: str | None, store: GroupingStore
) -> list[Outcome]:
    """Enter every row; raises `Unreadable`. `titles` are the figures' words -> ids, `own` the only member allowed."""
    headers, rows = await asyncio.to_thread(table.read, data, name)
    if _NEEDED.difference(map(_field, headers)):
        raise Unreadable(mark("There must be columns Figure, Day, Value and Source. See the sample."))
    known = {plain(word): id for title, id in titles.items() for word in (title, id)}
    return [await _send(number, row, known, own, store) for number, row in rows]


def _field(header: str) -> str:
    return _FIELDS.get(plain(header.strip(" *:?")), "")


async def _send(
    number: int, row: Mapping[str, str], known: Mapping[str, str], own: str | None, store: GroupingStore
) -> Outcome:
    cells = {field: text for header, text in row.items() if (field := _field(header))}
    figure = known.get(plain(cells.get("figure", "")), "")
    try:
        command = _command(cells, figure, own)
        receipt = await take_reading(command, store.row(f"{number}"))
    except NotThis as wrong:
        return Outcome(number, cells.get("figure", "")[:200], "refused", str(wrong))
    except ValidationError:
        return Outcome(number, figure, "refused", mark("Fill in figure, day, value and source as the sample does."))
    except Refused as refusal:
        return Outcome(number, figure, "refused", refusal.sentence)
    if not receipt.events:
        return Outcome(number, figure, "there")
    return Outcome(number, figure, "taken", reading=receipt.events[0].stream)


def _command(cells: Mapping[str, str], figure: str, own: str | None) -> TakeReading:
    if not figure:
        raise NotThis(mark("Name a figure of this network, by its title or its id."))
    member = cells.get("member") or own
    if own is not None and member != own:
        raise NotThis(mark("You can enter figures of your own member alone."))
    of = cells.get("of")
    return TakeReading(
        figure=figure,
        on=day_of(cells.get("on", "")),
        value=count_of(cells.get("value", "")),
        of=count_of(of) if of else None,
        member=member,
        source=cells.get("source", ""),
    )


def count_of(text: str) -> int:
    """`2083`, `2,083` or `2 083`; raises `NotThis`."""
    text = text.strip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"\D", "", text)
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise NotThis(mark("Write whole numbers in digits."))
    return int(text)


def day_of(text: str) -> date:
    """`2024-07-10` or `10/07/2024`; raises `NotThis`."""
    try:
        if found := _DAY_FIRST.fullmatch(text.strip()):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise NotThis(mark("Write the day as 2024-07-10.")) from None
