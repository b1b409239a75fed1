"""A network's own words in the reader's language: the titles and helps of its profile, translated like any text."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from shared.contracts.vocabulary import TargetGroup, Term
from shared.profiles import Profile, ProfileError, load
from shared.profiles.markets import Criterion, Market
from shared.profiles.registering import Template
from shared.profiles.rows import (
    ActivityKind,
    Asker,
    Channel,
    ExchangeKind,
    FormField,
    Indicator,
    Line,
    Plan,
    Privacy,
    Reading,
    RequestKind,
)
from shared.profiles.surveys import Question
from shared.web.i18n import in_language, language

# What people read of each row. Names of members, projects and partners are names, and quotations stay as quoted.
_READ: dict[type, tuple[str, ...]] = {
    Profile: ("title", "description"),
    Asker: ("title",),
    Template: ("title", "help"),
    Term: ("title", "note"),
    TargetGroup: ("title", "reason"),
    ActivityKind: ("title", "note"),
    ExchangeKind: ("title", "note"),
    Criterion: ("title",),
    Market: ("title", "note", "agreement"),
    RequestKind: ("title", "help", "not_offered_reason"),
    Line: ("title",),
    Plan: ("title",),
    Indicator: ("title",),
    Reading: ("title", "numerator", "denominator"),
    FormField: ("title", "help", "section"),
    Privacy: ("controller", "contact"),
    Question: ("title", "help"),
    Channel: ("title", "note"),
}


def in_words(network: str) -> Profile:
    """The profile as the reader reads it; raises `ProfileError` where there is no such network."""
    return _in_words(network, language())


@cache
def _in_words(network: str, code: str) -> Profile:
    profile: Profile = _reworded(load(network), partial(in_language, code))
    return profile


def _reworded(value: Any, say: Callable[[str], str]) -> Any:
    """A copy in which `say` was asked for everything that people read."""
    if isinstance(value, BaseModel):
        # Not `model_copy`: that would copy what was worked out from the words before.
        return type(value).model_construct(**{name: _field(value, name, say) for name in type(value).model_fields})
    if isinstance(value, (Term, TargetGroup)):
        return type(value)(**{name: _field(value, name, say) for name in value.__dataclass_fields__})
    if isinstance(value, tuple):
        return tuple(_reworded(one, say) for one in value)
    if isinstance(value, dict):
        return {key: _reworded(one, say) for key, one in value.items()}
    return value


def _field(row: Any, name: str, say: Callable[[str], str]) -> Any:
    value = getattr(row, name)
    read = name in _READ.get(type(row), ())
    if isinstance(value, str):
        return say(value) if value and read else value
    if read and isinstance(value, tuple):
        return tuple(say(one) for one in value)
    return _reworded(value, say)


def extract(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """Babel's extraction method for the profiles' TOML files."""
    found: set[str] = set()

    def gather(text: str) -> str:
        found.add(text)
        return text

    try:
        _reworded(load(Path(fileobj.name).stem), gather)
    except ProfileError:
        return
    for text in sorted(found):
        yield 1, "gettext", text, []
