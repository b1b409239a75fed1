"""Lists as files: what a spreadsheet makes of them, and what it must not."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from shared.people import Role
from shared.web import exports, i18n
from shared.web.exports import Column
from shared.web.rights import Principal

WHO = Principal("x", "X", frozenset({Role.COORDINATOR}), None, "ela")
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|'/c calc'!A0", "\uff1d1+1"]


async def written(kind: str, columns: list[Column[Any]], rows: Any) -> bytes:
    response = exports.answer(WHO, kind, "things", columns, rows)
    return b"".join([piece async for piece in response.body_iterator])  # type: ignore[attr-defined]


def as_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def as_xlsx(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


COLUMNS: list[Column[Any]] = [
    Column("Text", lambda row: row[0]),
    Column("Number", lambda row: row[1]),
    Column("Day", lambda row: row[2]),
    Column("At", lambda row: row[3], moment=True),
]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_numbers_days_and_moments_are_what_they_are(kind):
    i18n.use("en", "Europe/Helsinki")
    moment = datetime(2024, 7, 1, 21, 30, tzinfo=UTC)
    content = await written(kind, COLUMNS, [("Größe", 12.5, date(2024, 7, 1), moment), (None, -3, None, None)])
    if kind == "csv":
        head, first, second = as_csv(content)
        assert first == ["Größe", "12.5", "2024-07-01", "2024-07-02 00:30:00"]
        assert second == ["", "-3", "", ""]
    else:
        head, first, second = as_xlsx(content)
        assert first == ["Größe", 12.5, date(2024, 7, 1), datetime(2024, 7, 2, 0, 30)]
        assert second == ["", -3, "", ""]
    assert head == ["Text", "Number", "Day", "At (Europe/Helsinki)"]


@pytest.mark.parametrize("evil", EVIL)
async def test_no_cell_becomes_a_formula(evil):
    columns: list[Column[str]] = [Column("Text", lambda text: text)]
    (_head, (cell,)) = as_csv(await written("csv", columns, [evil]))
    assert cell.startswith("'")
    assert (await written("xlsx", columns, [evil])).startswith(b"PK")
    (_head, (cell,)) = as_xlsx(await written("xlsx", columns, [evil]))
    assert cell.strip() == evil.strip()  # a text, marked as one: see the sheet itself
    import zipfile

    archive = zipfile.ZipFile(io.BytesIO(await written("xlsx", columns, [evil])))
    assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


async def test_what_no_spreadsheet_can_hold_is_left_out():
    columns: list[Column[str]] = [Column("Text", lambda text: text)]
    odd = ["a\x00b\x0bc\ud800", "x" * 40_000, "many\nlines; \"quoted\", 'so'"]
    (_head, (first,), (long,), (lines,)) = as_xlsx(await written("xlsx", columns, odd))
    assert (first, len(long), lines) == ("abc?", 32_767, odd[2])
    assert as_csv(await written("csv", columns, odd))[3] == [odd[2]]


async def test_many_rows_are_read_in_pages_and_written_in_pieces():
    asked = []

    async def page(skip: int, limit: int) -> range:
        asked.append(skip)
        return range(skip, min(skip + limit, 2_500))

    columns: list[Column[int]] = [Column("Number", lambda number: number)]
    response = exports.answer(WHO, "csv", "numbers", columns, exports.in_batches(page))
    pieces = [piece async for piece in response.body_iterator]  # type: ignore[attr-defined]
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 2_000
    assert [row[0] for row in as_csv(b"".join(pieces))[1:]] == [str(number) for number in range(2_500)]
    assert asked == list(range(0, 2_501, exports.ROWS_AT_ONCE))


async def test_the_file_is_named_after_list_network_and_day():
    response = exports.answer(WHO, "xlsx", "things", COLUMNS, [])
    assert response.headers["content-disposition"].startswith('attachment; filename="things-ela-2')
    assert response.headers["cache-control"] == "private, no-store"
