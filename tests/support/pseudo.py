"""A language that nobody speaks: English written in Greek letters, under Greek's code.

Dates, numbers and names of countries come out in Greek too, so whatever Latin word is left on a page is a text that
was not put into the catalogues, or somebody's data.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

from deploy.local.layout import CHECKOUT

CODE = "el"
KEYWORDS = {
    "_": None, "gettext": None, "ngettext": (1, 2), "mark": None, "_mark": None, "Refused": (2,), "Sentence": None,
    "plural": (1, 2),
    "personal": (3,),
    "Place": (3,),
}  # fmt: skip
_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "αβψδεφγηιξκλμνοπθρστυωςχψζΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠΘΡΣΤΥΩΣΧΨΖ"
)
_KEPT = re.compile(r"%\(\w+\)[sd]|<[^>]*>|&\w+;|https?://\S+")
READ = frozenset({"title", "aria-label", "alt", "placeholder", "label"})
"""Attributes that people read or hear."""
SILENT = ("script", "style", "code", "pre")
_WORD = re.compile(r"[A-Za-z]{3,}")


def gathered() -> Catalog:
    """Every text that is to be translated, as `make texts` finds them."""
    catalogue = Catalog()
    for top in ("shared", "services"):
        with (CHECKOUT / "shared/web/babel.cfg").open() as mapping:
            methods, options = parse_mapping_cfg(mapping)
        found = extract_from_dir(CHECKOUT / top, methods, options, keywords=KEYWORDS)
        for _file, _line, message, _comments, _context in found:
            catalogue.add(message)
    return catalogue


def in_greek_letters(text: str) -> str:
    """Placeholders, tags and addresses stay."""
    kept = _KEPT.findall(text)
    parts = [part.translate(_LETTERS) for part in _KEPT.split(text)]
    return "".join(part + (kept[place] if place < len(kept) else "") for place, part in enumerate(parts))


def write(folder: Path) -> Path:
    """The catalogue of this language, in the folder that LIAISON_LOCALES names."""
    catalogue = Catalog(locale=CODE)
    for message in gathered():
        if message.id:
            several = isinstance(message.id, tuple | list)
            said = tuple(map(in_greek_letters, message.id)) if several else in_greek_letters(message.id)
            catalogue.add(message.id, said)
    with (folder / f"{CODE}.po").open("wb") as file:
        write_po(file, catalogue)
    return folder


class Left(HTMLParser):
    """The Latin words of a page that its reader sees or hears; what is in another language says so by `lang`."""

    VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "wbr", "area", "base", "col", "embed"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: set[str] = set()
        self._silent = 0
        self._open: list[bool] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        silent = tag in SILENT or given.get("lang") not in (None, CODE) or given.get("translate") == "no"
        if tag not in self.VOID:
            self._open.append(silent)
            self._silent += silent
        if not self._silent and not silent:
            for name, value in given.items():
                if value and name in READ:
                    self._see(value)

    def handle_endtag(self, tag):
        if tag not in self.VOID and self._open:
            self._silent -= self._open.pop()

    def handle_data(self, data):
        if not self._silent:
            self._see(data)

    def _see(self, text: str) -> None:
        self.words |= set(
            _WORD.findall(re.sub(r"\S+@\S+|https?://\S+|/\S+/\S*|\b[\w-]+-[0-9a-f]{8}-[0-9a-f-]{27}\S*", " ", text))
        )


def words_of(text: str) -> list[str]:
    return _WORD.findall(text)


def left_in(page: str) -> set[str]:
    parser = Left()
    parser.feed(page)
    return parser.words
