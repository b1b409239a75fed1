"""No text is left out of the catalogues, and none of them is behind the others."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from tests.support import pseudo

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path for top in ("services", "shared") for path in (ROOT / top).rglob("templates/**/*.html"))
NAMES = frozenset({"Liaison", "CSV", "XLSX", "JSON", "iCalendar", "API", "EUSurvey", "UTC"})
_HOLE = "\x00"
_ATTRIBUTE = re.compile(r"[\w-]+=\"[^\"]*\"?")  # a macro may make part of a tag
_WORD = re.compile(r"[^\W\d_]{2,}")
_environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True)


class Texts(HTMLParser):
    """The texts of a page, with a hole where the template fills something in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag, attrs):
        self._silent += tag in pseudo.SILENT
        self.found += [value for name, value in attrs if value and name in pseudo.READ]

    def handle_endtag(self, tag):
        self._silent -= tag in pseudo.SILENT

    def handle_data(self, data):
        if not self._silent:
            self.found.append(_ATTRIBUTE.sub(" ", data))


def literal(source: str) -> str:
    tree = _environment.parse(source)
    parts: list[str] = []

    def walk(node: nodes.Node) -> None:
        if isinstance(node, nodes.TemplateData):
            parts.append(node.data)
        elif isinstance(node, nodes.Output):
            for one in node.nodes:
                walk(one) if isinstance(one, nodes.TemplateData) else parts.append(_HOLE)
        else:
            for child in node.iter_child_nodes():
                walk(child)

    walk(tree)
    return "".join(parts)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_no_word_outside_the_catalogues(path):
    parser = Texts()
    parser.feed(literal(path.read_text()))
    left = {word for text in parser.found for word in _WORD.findall(text.replace(_HOLE, " "))} - NAMES
    assert left == set()


CATALOGUES = sorted((ROOT / "shared/web/locale").glob("*.po"))
_PLACE = re.compile(r"%\(\w+\)[sd]|</?\w+")


@pytest.fixture(scope="module")
def gathered():
    return {message.id for message in pseudo.gathered() if message.id}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_language_has_every_text(path, gathered):
    """`make texts` brings a catalogue up to date; what is empty then is to be translated."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    there = {one.id for one in catalogue if one.id and all(forms(one.string)) and not one.fuzzy}
    assert sorted(map(str, gathered - there)) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_fills_in_what_the_text_does(path):
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    for one in catalogue:
        wanted = {place for form in forms(one.id) for place in _PLACE.findall(form)}
        for form in forms(one.string) if one.id else ():
            assert set(_PLACE.findall(form)) <= wanted, form
            assert wanted - set(_PLACE.findall(form)) <= {"%(num)s"}, form


def forms(text):
    return list(text) if isinstance(text, tuple | list) else [text]


@pytest.mark.parametrize("top", ["services", "shared"])
def test_no_text_hides_in_an_f_string(top):
    """The gathering does not look into f-strings, and what they fill in could not be put into another order."""
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / top).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.JoinedStr) and any(texts_in(one) for one in ast.walk(node)))
        or any(isinstance(one, ast.JoinedStr) for one in texts_in(node))
    ]
    assert hidden == []


def texts_in(node):
    """The arguments of a call that are texts to translate."""
    name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
    texts = {"Refused": slice(1, 2), **dict.fromkeys(("_", "mark", "_mark", "Sentence"), slice(0, 1))}
    texts |= dict.fromkeys(("ngettext", "plural"), slice(0, 2))
    return (
        [one for one in node.args[texts[name]] if isinstance(one, ast.Constant | ast.JoinedStr)]
        if name in texts
        else []
    )
