"""The EUSurvey export: its format, and what its answers mean."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.requests.intake import NotThis, Row, fields_of
from services.requests.offered import kinds_of
from services.requests.samples import sample
from shared.forms import eusurvey
from shared.forms.eusurvey import Contribution, Unreadable
from shared.profiles import NETWORKS

EXPORTED = datetime(2024, 9, 12, 10, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "docs" / "integrations" / "eusurvey-sample.xlsx"


def patched(data: bytes, change: Callable[[bytes], bytes], part: str = "xl/worksheets/sheet1.xml") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for one in source.infolist():
            content = source.read(one)
            copy.writestr(one.filename, change(content) if one.filename == part else content)
    return target.getvalue()


def export(rows: list[list[str]], headers: tuple[str, ...] = ("Member", "Title")) -> bytes:
    return eusurvey.write("Training2025", EXPORTED, headers, rows)


def test_what_is_written_is_read_again():
    found = eusurvey.read(export([["Bulgaria", "Induction"], ["", ""], ["GR", "=1+1"]]))
    assert (found.alias, found.exported) == ("Training2025", "2024-09-12 10:00")
    assert [one.answers for one in found.contributions] == [
        {"Member": "Bulgaria", "Title": "Induction"},
        {"Member": "GR", "Title": "=1+1"},
    ]
    assert found.contributions[1].place == "Content, row 7"


def test_two_questions_of_one_name_are_kept_apart():
    found = eusurvey.read(export([["a", "b"]], ("Title", "Title")))
    assert found.contributions[0].answers == {"Title": "a", "Title (2)": "b"}


def test_a_second_sheet_goes_on(tmp_path):
    import xlsxwriter

    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, start in (("Content", 4), ("Content1", 4), ("Content2", 0), ("Other", 0)):
            sheet = book.add_worksheet(name)
            if start:
                sheet.write_string(0, 0, "alias")
                sheet.write_row(3, 0, ["Title", "Participants"])
            sheet.write_row(start, 0, [f"of {name}", 12])
    found = eusurvey.read(path.read_bytes())
    assert [one.answers["Title"] for one in found.contributions] == ["of Content", "of Content1", "of Content2"]
    assert found.contributions[0].answers["Participants"] == "12"


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.replace(b'r="A5"', b'r="XFD1048576"'),
        lambda one: one.replace(b'<row r="5"', b'<row r="1000000"'),
        lambda one: one.replace(b'r="A5"', b'r=""'),
        lambda one: one.replace(b'<row r="5"', b'<row r="x"'),
        lambda one: one[:400],
        lambda one: one + b" " * (eusurvey.MOST_UNPACKED + 1),
        lambda one: one.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'),
    ],
    ids=["far cell", "far row", "no place", "no number", "cut off", "bomb", "document type"],
)
def test_a_hostile_workbook_is_refused_with_a_sentence(change):
    with pytest.raises(Unreadable) as unreadable:
        eusurvey.read(patched(export([["Bulgaria", "Induction"]]), change))
    assert unreadable.value.sentence.endswith(".")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"hello", export([["a", "b"]])[:900]])
def test_no_workbook_at_all_is_refused(data):
    with pytest.raises(Unreadable):
        eusurvey.read(data)


def test_a_sheet_without_headers_is_refused():
    with pytest.raises(Unreadable, match="Row 4"):
        eusurvey.read(eusurvey.write("alias", EXPORTED, [], []))


def test_labels_with_codes_and_several_choices():
    assert eusurvey.code_of("Posting of workers(posting)") == ("Posting of workers", "posting")
    assert eusurvey.code_of("Posting of workers") == ("Posting of workers", "")
    assert eusurvey.several("a; b; ") == ["a", "b"]


def test_headers_are_known_by_label_code_and_in_any_case():
    found = fields_of(["Your Member State (COUNTRY)", "TITLE *", "Something else", "Kind of request:", "Kind"])
    assert found == {"Your Member State (COUNTRY)": "member", "TITLE *": "title", "Kind of request:": "kind"}


def row(**answers: str) -> Row:
    asked = {"member": "Bulgaria", "kind": "Ad-hoc training", "title": "Letterbox companies"}
    return Row("ela", "alias", Contribution("Content, row 5", {}), {**asked, **answers})


@pytest.mark.parametrize(
    ("text", "member"),
    [("Greece", "EL"), ("GR", "EL"), ("EL", "EL"), ("Ελλάδα", "EL"), ("Bulgaria(BG)", "BG"), ("Czech Republic", "CZ")],
)
def test_a_member_is_known_by_code_or_name(text, member):
    assert row(member=text).command(None).member == member


def test_answers_become_the_networks_words():
    command = row(
        kind="Ad-hoc training(ad-hoc-training)",
        topic="Letterbox companies",
        target_groups="National inspectors and other enforcement officers(inspectors); social-partners",
        language="Bulgarian",
        participants="40",
        quarter_wished="Q2 2025",
        mode="On site",
    ).command(None)
    assert command.kind == "ad-hoc-training"
    assert command.topic == "letterbox-companies"
    assert command.target_groups == ("inspectors", "social-partners")
    assert (command.language, command.participants, command.quarter_wished) == ("bg", 40, "2025-Q2")
    assert (command.mode, command.via, command.form) == ("on-site", "eusurvey", "alias")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"member": "Ruritania"}, "no member"),
        ({"member": "United Kingdom"}, "no member"),
        ({"kind": "Dancing"}, "no kind of request"),
        ({"topic": "Dancing"}, "not on the list"),
        ({"participants": "many"}, "whole number"),
        ({"participants": "0"}, "greater than or equal"),
        ({"quarter_wished": "soon"}, "not a quarter"),
        ({"language": "Klingon"}, "not an official language"),
        ({"title": ""}, "Title"),
        ({"target_groups": "workers-jobseekers"}, "not trained"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"kind": "Secondment"}, "does not offer secondments"),
    ],
)
def test_what_is_not_understood_is_said(answers, sentence):
    with pytest.raises(NotThis, match=sentence):
        row(**answers).command(None)


def test_an_nlo_sends_rows_of_the_own_member_alone():
    assert row(member="").command("BG").member == "BG"
    with pytest.raises(NotThis, match="Greece"):
        row(member="Greece").command("BG")


def test_a_row_names_its_request_whoever_sends_it():
    assert row(contribution="c1").request == row(contribution="c1", title="Changed").request
    assert row(contribution="c1").request != row(contribution="c2").request


@pytest.mark.parametrize("network", NETWORKS)
def test_the_sample_of_every_network_is_accepted(network):
    if not any(kind.offered and not kind.to_call for kind in kinds_of(network).values()):
        return
    found = eusurvey.read(sample(network, None, 2025))
    columns = fields_of(found.headers)
    assert found.contributions
    for one in found.contributions:
        answers = {columns[header]: text for header, text in one.answers.items()}
        assert Row(network, found.alias, one, answers).command(None).title


def test_the_sample_in_the_documents_is_up_to_date():
    assert SAMPLE.read_bytes() == sample("ela", None, 2025)
