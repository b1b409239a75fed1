"""No text is left out of the catalogues, and none of them is behind the others."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path for top in ("services", "shared") for path in (ROOT / top).rglob("templates/**/*.html"))
READ = frozenset({"title", "aria-label", "alt", "placeholder", "label"})
"""Attributes that people read or hear."""
SILENT = ("script", "style", "code", "pre")
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
        self._silent += tag in SILENT
        self.found += [value for name, value in attrs if value and name in READ]

    def handle_endtag(self, tag):
        self._silent -= tag in SILENT

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
