"""A plain table as people keep it: a CSV file, or the first sheet of an XLSX workbook, with its headers in row 1."""

import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from shared.web.i18n import mark

from .eusurvey import MOST_BYTES, MOST_COLUMNS, Unreadable, cell_text, repacked

MOST_ROWS = 5_000
Row = dict[str, str]


def read(data: bytes, name: str) -> tuple[list[str], list[tuple[int, Row]]]:
    """The headers, and each row that says something by its number. Raises `Unreadable`; call it in a thread."""
    if len(data) > MOST_BYTES:
        raise Unreadable(mark("The file is too large; send fewer rows at once."))
    rows = _csv(data) if name.casefold().endswith((".csv", ".txt")) else _xlsx(data)
    if not rows or not any(rows[0]):
        raise Unreadable(mark("Row 1 has no headers; see the sample for what they are called."))
    if len(rows) > MOST_ROWS + 1:
        raise Unreadable(mark("The file has more than 5000 rows; send fewer at once."))
    headers = [one.strip() for one in rows[0]][:MOST_COLUMNS]
    found = []
    for number, row in enumerate(rows[1:], 2):
        filled = {header: cell.strip() for header, cell in zip(headers, row, strict=False) if header and cell.strip()}
        if filled:
            found.append((number, filled))
    return headers, found


def _csv(data: bytes) -> Sequence[Sequence[str]]:
    """UTF-8, else as Windows writes it; commas, semicolons or tabs."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Unreadable(mark("This CSV file is damaged; save it again and send the new file.")) from None


def _xlsx(data: bytes) -> Sequence[Sequence[str]]:
    try:
        return _first_sheet(repacked(data))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise Unreadable(
            mark("This is no CSV or XLSX file. Save the table as one of these and send that file.")
        ) from None
    except (CalamineError, expat.ExpatError, ValueError):
        raise Unreadable(mark("This XLSX file is damaged; save it again and send the new file.")) from None


def _first_sheet(data: bytes) -> Sequence[Sequence[str]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MOST_ROWS + 2)
    except BaseException as error:
        # The reader is Rust: what it did not expect arrives as a panic, which is no Exception.
        if type(error).__name__ == "PanicException":
            raise ValueError("the reader gave up") from None
        raise
    return [[cell_text(cell) for cell in row] for row in sheet]
