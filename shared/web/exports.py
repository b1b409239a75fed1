"""A list as CSV or XLSX: all rows as filtered and sorted, in pieces, safe to open in a spreadsheet.

A page that shows a list answers `?export=csv` or `?export=xlsx` with the same list, so that its rights, filters and
order are the list's own; `list=` says which one where a page shows several. The links are `ui.exports`.
"""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from tempfile import TemporaryFile
from typing import IO, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import Response, StreamingResponse
from xlsxwriter import Workbook

from shared import clock
from shared.files.names import disposition
from shared.web.formats import profile_of
from shared.web.i18n import _, reader_zone
from shared.web.rights import Principal

R = TypeVar("R")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
ROWS_AT_ONCE, PIECE = 200, 256 * 1024
MOST_ROWS, MOST_TEXT = 1_048_575, 32_767
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# What spreadsheets take for the beginning of a formula, also in their wide forms and behind spaces.
_FORMULA = re.compile(r"^[ \u00a0]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column of a list: its label and what a row has there.

    A value is a text, a number, a day, a moment (written in the reader's zone, which the label then names), yes or
    no, or several texts. `moment` says that the column holds moments.
    """

    label: str
    value: Callable[[R], Any]
    moment: bool = False


def asked(request: Request, name: str = "") -> str:
    """`csv` or `xlsx` where the address asks for this list so; else nothing."""
    query = request.query_params
    kind = query.get("export", "")
    return kind if kind in KINDS and query.get("list", "") == name else ""


def answer(
    principal: Principal,
    kind: str,
    name: str,
    columns: Sequence[Column[R]],
    rows: AsyncIterable[R] | Iterable[R],
) -> Response:
    """The list as a download called `<name>-<network>-<day>.<kind>`."""
    profile = profile_of(principal.network)
    zone = reader_zone(profile.zone) if profile else reader_zone()
    file = f"{name}-{principal.network}-{clock.now().astimezone(zone).date().isoformat()}.{kind}"
    heads = [f"{one.label} ({zone.key})" if one.moment else one.label for one in columns]
    batches = _batches(columns, rows, zone)
    content = _as_csv(heads, batches) if kind == "csv" else _as_xlsx(heads, batches)
    headers = {"Content-Disposition": disposition(file), "Cache-Control": "private, no-store"}
    return StreamingResponse(content, media_type=KINDS[kind], headers=headers)


async def in_batches(page: Callable[[int, int], Any], size: int = ROWS_AT_ONCE) -> AsyncIterator[Any]:
    """Every row of a list that is read by page: `page(skip, limit)` gives rows."""
    skip = 0
    while rows := await page(skip, size):
        for row in rows:
            yield row
        if len(rows) < size:
            return
        skip += size


async def _batches(
    columns: Sequence[Column[R]], rows: AsyncIterable[R] | Iterable[R], zone: ZoneInfo
) -> AsyncIterator[list[list[Any]]]:
    batch: list[list[Any]] = []
    async for row in _each(rows):
        batch.append([_cell(one.value(row), zone) for one in columns])
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


async def _each(rows: AsyncIterable[R] | Iterable[R]) -> AsyncIterator[R]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row


def _cell(value: Any, zone: ZoneInfo) -> Any:
    """None, a number, a day, a moment without its zone, or a text."""
    match value:
        case None | "":
            return None
        case bool():
            return _("yes") if value else _("no")
        case int() | float():
            return value
        case datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            return aware.astimezone(zone).replace(tzinfo=None, microsecond=0)
        case date():
            return value
        case list() | tuple() | set() | frozenset():
            return _text("; ".join(str(one) for one in value)) or None
    return _text(str(value))


def _text(text: str) -> str:
    return _CONTROL.sub("", text.encode("utf-8", "replace").decode())[:MOST_TEXT]


def is_formula(text: str) -> bool:
    return bool(_FORMULA.match(text))


async def _as_csv(heads: Sequence[str], batches: AsyncIterator[list[list[Any]]]) -> AsyncIterator[bytes]:
    """UTF-8 with the mark that lets Excel see it."""
    yield b"\xef\xbb\xbf" + _lines([[_plain(one) for one in heads]])
    async for batch in batches:
        yield _lines([[_plain(one) for one in row] for row in batch])


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode()


def _plain(cell: Any) -> Any:
    match cell:
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return cell.isoformat()
        case str() if is_formula(cell):
            return f"'{cell}"
    return cell


async def _as_xlsx(heads: Sequence[str], batches: AsyncIterator[list[list[Any]]]) -> AsyncIterator[bytes]:
    """Written row by row to a file on disk, in a thread; its parts become an archive at the end."""
    with TemporaryFile() as file:
        sheet = _Sheet(file, heads)
        try:
            async for batch in batches:
                if not await asyncio.to_thread(sheet.add, batch):
                    break
        finally:
            await asyncio.to_thread(sheet.close)
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


class _Sheet:
    def __init__(self, file: IO[bytes], heads: Sequence[str]) -> None:
        never = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book = Workbook(file, {"constant_memory": True, **never})
        self._sheet = self._book.add_worksheet()
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        # Excel's own mark for "this is text", which stays when the cell is edited.
        self._quoted = self._book.add_format({"quote_prefix": True})
        bold = self._book.add_format({"bold": True})
        self._sheet.freeze_panes(1, 0)
        for place, head in enumerate(heads):
            self._sheet.set_column(place, place, min(max(len(head) + 2, 12), 40))
            self._sheet.write_string(0, place, head, bold)
        self._row = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> bool:
        """Whether more rows find room."""
        for row in rows:
            if self._row == MOST_ROWS:
                return False
            self._row += 1
            for place, cell in enumerate(row):
                self._write(place, cell)
        return True

    def _write(self, place: int, cell: Any) -> None:
        match cell:
            case None:
                return
            case datetime():
                self._sheet.write_datetime(self._row, place, cell, self._moment)
            case date():
                self._sheet.write_datetime(self._row, place, cell, self._day)
            case int() | float():
                self._sheet.write_number(self._row, place, cell)
            case _:
                self._sheet.write_string(self._row, place, cell, self._quoted if is_formula(cell) else None)

    def close(self) -> None:
        self._book.close()


def day(text: str | date | None) -> date | None:
    """A day that is kept as text; None where there is none."""
    return date.fromisoformat(text[:10]) if isinstance(text, str) and text else text or None


def moment(text: str | datetime | None) -> datetime | None:
    """A moment that is kept as text; None where there is none."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else text or None
