"""The words of indicators and measures, for the catalogues: they stand where the indicator is declared."""

from collections.abc import Iterator
from typing import Any

from .engine.figures import INDICATORS
from .engine.measures import MEASURES


def texts() -> Iterator[str]:
    from . import indicators

    assert indicators.__name__, "importing it declares them"
    for one in INDICATORS.values():
        yield from (text for text in (one.title, one.says, one.part, one.whole) if text)
    yield from (measure.says for measure in MEASURES.values())


def extract(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """Babel's extraction method for the package `indicators`."""
    for text in sorted(set(texts())):
        yield 1, "gettext", text, []
