"""EUSurvey's XLSX export of results: the sheet `Content`, continued on `Content1`, `Content2` ...

Row 1 has the survey's alias, row 2 the export date, row 3 nothing, row 4 the headers; contributions from row 5 on.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from xml.parsers import expat

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

MEBIBYTE = 1024 * 1024
MOST_BYTES, MOST_UNPACKED, MOST_PARTS = 10 * MEBIBYTE, 60 * MEBIBYTE, 500
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 20_000, 500, 1_000_000
MOST_TEXT = 32_767  # what a cell of a workbook holds
HEADER_ROW = 4
SEPARATOR = "; "
_SHEET = re.compile(r"Content\d*")
_CELL = re.compile(r"\$?([A-Za-z]{1,8})\$?(\d{1,18})")


class Unreadable(Exception):
    """The file is no such export; `sentence` says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Contribution:
    """One answer to the survey: header -> text. `place` is where it stands in the file."""

    place: str
    answers: dict[str, str]

    @property
    def hash(self) -> str:
        text = "\x1f".join(f"{header}\x1e{self.answers[header]}" for header in sorted(self.answers))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Export:
    alias: str
    exported: str
    headers: tuple[str, ...]
    contributions: tuple[Contribution, ...]


def read(data: bytes) -> Export:
    """The export in these bytes; raises `Unreadable`. Takes seconds for a large one: call it in a thread."""
    try:
        sheets = _sheets(data)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise Unreadable("This is no XLSX file. Export the results from EUSurvey as XLSX and send that file.") from None
    except (CalamineError, expat.ExpatError, ValueError):
        raise Unreadable("This XLSX file is damaged. Export the results again and send the new file.") from None
    if not sheets:
        raise Unreadable("There is no sheet named Content. Send the file as EUSurvey exported it.")
    first = sheets[0][1]
    headers = tuple(_unique(_trimmed(first[HEADER_ROW - 1]))) if len(first) >= HEADER_ROW else ()
    if not any(headers):
        raise Unreadable("Row 4 has no headers. Send the file as EUSurvey exported it, with nothing deleted.")
    return Export(
        alias=first[0][0] if first[0] else "",
        exported=first[1][0] if first[1] else "",
        headers=headers,
        contributions=tuple(_contributions(sheets, headers)),
    )


def _sheets(data: bytes) -> list[tuple[str, list[list[str]]]]:
    plain = repacked(data)
    try:
        return _worksheets(plain)
    except BaseException as error:
        # The reader is Rust: what it did not expect arrives as a panic, which is no Exception.
        if type(error).__name__ == "PanicException":
            raise ValueError("the reader gave up") from None
        raise


def _worksheets(data: bytes) -> list[tuple[str, list[list[str]]]]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    named = [name for name in workbook.sheet_names if _SHEET.fullmatch(name)]
    named.sort(key=lambda name: int(name.removeprefix("Content") or 0))
    rows = [
        (name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=MOST_ROWS)) for name in named
    ]
    return [(name, [[cell_text(cell) for cell in row] for row in sheet]) for name, sheet in rows]


def _contributions(sheets: Iterable[tuple[str, list[list[str]]]], headers: Sequence[str]) -> Iterator[Contribution]:
    for name, rows in sheets:
        # A sheet that goes on repeats the first rows or begins with answers at once.
        start = HEADER_ROW if _repeats_headers(rows, headers) else 0
        for number, row in enumerate(rows[start:], start + 1):
            answers = {header: cell for header, cell in zip(headers, row, strict=False) if header and cell}
            if answers:
                yield Contribution(f"{name}, row {number}", answers)


def _repeats_headers(rows: Sequence[Sequence[str]], headers: Sequence[str]) -> bool:
    return len(rows) >= HEADER_ROW and tuple(_unique(_trimmed(rows[HEADER_ROW - 1]))) == headers


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    filled = [place for place, cell in enumerate(row, 1) if cell]
    return row[: filled[-1]] if filled else ()


def _unique(headers: Iterable[str]) -> Iterator[str]:
    """The second question of one name gets a number, so that no answer hides another."""
    seen: dict[str, int] = {}
    for header in headers:
        count = seen[header] = seen.get(header, 0) + 1
        yield f"{header} ({count})" if header and count > 1 else header


def cell_text(cell: Any) -> str:
    match cell:
        case bool():
            text = "true" if cell else "false"
        case float() if cell.is_integer():
            text = str(int(cell)) if abs(cell) < 1e15 else repr(cell)
        case datetime() | date() | time():
            text = cell.isoformat()
        case _:
            text = str(cell)
    return text.strip()[:MOST_TEXT]


def several(text: str) -> list[str]:
    """The answers of a question with several choices."""
    return [part for one in text.split(SEPARATOR.strip()) if (part := one.strip())]


def code_of(text: str) -> tuple[str, str]:
    """Label and code of an answer exported as `label(CODE)`; no code where there is none."""
    found = re.fullmatch(r"(.*\S)\s*\(([^()]{1,80})\)", text.strip(), re.DOTALL)
    return (found[1].strip(), found[2].strip()) if found else (text.strip(), "")


# A workbook is a zip of XML: nothing of it is given to the reader before its size is known, part by part.


def repacked(data: bytes) -> bytes:
    """The same workbook without compression; refuses one that unpacks to more than is taken here."""
    if len(data) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // MEBIBYTE} MB. Export fewer contributions at once.")
    target = io.BytesIO()
    left = MOST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
        parts = [part for part in source.infolist() if part.filename.endswith((".xml", ".rels"))]
        if len(parts) > MOST_PARTS:
            raise Unreadable("The file has too many parts. Export the results again and send the new file.")
        for part in parts:
            with source.open(part) as stream:
                content = stream.read(left + 1)
            left -= len(content)
            if left < 0:
                raise Unreadable("The file unpacks to more than is taken here. Export fewer contributions at once.")
            if part.filename.endswith(".xml"):  # a worksheet may stand anywhere
                _check_extent(content)
            copy.writestr(part.filename, content)
    return target.getvalue()


def _check_extent(sheet: bytes) -> None:
    """The reader makes room for the whole rectangle between the outermost cells: refuse one that is too large."""
    row = column = last_row = last_column = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, last_row, last_column
        match name.rpartition(":")[2]:
            case "row":
                row, column = int(attributes.get("r", row + 1)), 0
            case "c":
                row, column = _place(attributes["r"]) if "r" in attributes else (row, column + 1)
            case _:
                return
        last_row, last_column = max(last_row, row), max(last_column, column)
        if last_row > MOST_ROWS or last_column > MOST_COLUMNS:
            raise _too_large()

    def doctype(*_: object) -> None:
        raise ValueError("a workbook declares no document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(sheet, True)
    if last_row * last_column > MOST_CELLS:
        raise _too_large()


def _too_large() -> Unreadable:
    return Unreadable(f"The sheet is too large; at most {MOST_ROWS} rows and {MOST_COLUMNS} columns are taken.")


def _place(reference: str) -> tuple[int, int]:
    found = _CELL.fullmatch(reference)
    if found is None:
        raise ValueError("a cell without a place")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def write(alias: str, exported: datetime, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A file as EUSurvey exports it; the same answers give the same bytes."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": exported.astimezone(UTC).replace(tzinfo=None)})
        sheet = book.add_worksheet("Content")
        bold = book.add_format({"bold": True})
        sheet.write_string(0, 0, alias)
        sheet.write_string(1, 0, exported.strftime("%Y-%m-%d %H:%M"))
        sheet.write_row(HEADER_ROW - 1, 0, headers, bold)
        sheet.set_column(0, max(len(headers) - 1, 0), 28)
        for number, row in enumerate(rows, HEADER_ROW):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
    return target.getvalue()
