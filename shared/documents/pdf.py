"""PDF by Typst: tagged for screen readers (PDF/UA-1), with the fonts of its own package, the same on every machine.

A template is a `.typ` file beside the pages of a service. It begins

    #import "/shared/documents/house.typ": house, data
    #show: house.with(title: data.title, subtitle: data.subtitle, foot: data.foot)

and finds in `data` what it was given. All words come with the data, in the reader's language: a template has none.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst

from shared import clock

ROOT = Path(__file__).parents[2]
PDF = "application/pdf"


class Untypeset(Exception):
    """A template and its data do not fit: a fault of ours."""


async def pdf(template: Path, data: Mapping[str, Any], *, language: str) -> bytes:
    """The document, made off the event loop; `data` holds what JSON can. Raises `Untypeset`."""
    return await asyncio.to_thread(_typeset, template, orjson.dumps(data).decode(), language, clock.now())


def _typeset(template: Path, data: str, language: str, when: datetime) -> bytes:
    try:
        made = typst.compile(
            str(template),
            root=str(ROOT),
            font_paths=_fonts(),
            sys_inputs={"data": data, "language": language},
            pdf_standards=["ua-1"],
            timestamp=when.astimezone(UTC).replace(microsecond=0),
        )
    except typst.TypstError as error:
        raise Untypeset(f"{template.name}: {error}") from error
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
