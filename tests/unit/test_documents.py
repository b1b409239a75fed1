"""PDFs are tagged, named, in the reader's language, and take whatever people write."""

import pytest

from shared.documents.pdf import ROOT, Untypeset, pdf

TEMPLATE = """
#import "/shared/documents/house.typ": house, data, rows, facts
#show: house.with(title: data.title, subtitle: data.subtitle, foot: data.foot)
== #data.heading
#facts(data.facts)
#rows(data.heads, data.lines)
"""
DATA = {
    "title": "Plan #let x = [ $ @ < _*",
    "subtitle": "Ελλάδα, България, Österreich, Łódź",
    "foot": "Draft",
    "heading": "Lines",
    "facts": [["Year", "2026"], ["Owner", "#panic()"]],
    "heads": ["Line", "Quarter"],
    "lines": [[f"Line {number} *not bold* `raw`", "Q2"] for number in range(80)],
}


@pytest.fixture
def template(tmp_path):
    folder = ROOT / "build" / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{tmp_path.name}.typ"
    path.write_text(TEMPLATE)
    yield path
    path.unlink()


async def test_a_document_is_tagged_and_holds_what_was_written(template):
    made = await pdf(template, DATA, language="fr")
    assert made.startswith(b"%PDF-")
    assert b"/MarkInfo" in made
    assert b"/Lang(fr)" in made.replace(b" ", b"")
    assert b"pdfuaid" in made
    assert await pdf(template, {**DATA, "lines": []}, language="en")


async def test_a_template_that_asks_for_more_than_it_was_given_says_which(template):
    with pytest.raises(Untypeset, match=template.name):
        await pdf(template, {"title": "x", "subtitle": "", "foot": ""}, language="en")
