"""Finds a person's name and address in texts of any shape, and takes them out."""

import re
from collections.abc import Iterable
from typing import Any
from unicodedata import combining, normalize

REMOVED = "[removed]"
_BETWEEN = r"(?:[\s,._+\-]|%20)+"
SHORTEST = 3


class Scrubber:
    """Takes names and addresses out of values as MongoDB keeps them.

    A name is found in any case, with or without accents, in the order it was given or family name first, with spaces,
    commas, dots, hyphens or underscores between its words (as in file names), and where JSON escaped its letters. A
    single word of it is left alone: it may be somebody else's.
    """

    def __init__(self, names: Iterable[str], addresses: Iterable[str]) -> None:
        sought = [_address(one) for one in addresses]
        sought += [pattern for name in names for way in {name, _unaccented(name)} for pattern in _name(way)]
        found = "|".join(sorted({one for one in sought if one}, key=lambda one: (-len(one), one)))
        self._pattern = re.compile(found, re.IGNORECASE) if found else None

    def holds(self, value: Any) -> bool:
        return bool(self.clean(value)[1])

    def clean(self, value: Any) -> tuple[Any, int]:
        """The value without name and address, and how often they stood in it."""
        if self._pattern is None:
            return value, 0
        return self._clean(value, self._pattern)

    def _clean(self, value: Any, pattern: re.Pattern[str]) -> tuple[Any, int]:
        if isinstance(value, str):
            return pattern.subn(REMOVED, value)
        if isinstance(value, bytes):
            text, found = pattern.subn(REMOVED, value.decode("utf-8", "surrogateescape"))
            return (text.encode("utf-8", "surrogateescape"), found) if found else (value, 0)
        if isinstance(value, dict):
            cleaned = {}
            total = 0
            for key, inner in value.items():
                (new_key, in_key), (new, within) = self._clean(key, pattern), self._clean(inner, pattern)
                cleaned[new_key] = new
                total += in_key + within
            return cleaned, total
        if isinstance(value, list | tuple):
            parts = [self._clean(inner, pattern) for inner in value]
            return [new for new, _ in parts], sum(found for _, found in parts)
        return value, 0


def _address(address: str) -> str:
    text = address.strip()
    return rf"(?<![\w.+-]){_escaped(text)}(?![\w-])" if len(text) >= SHORTEST else ""


def _unaccented(name: str) -> str:
    """As file names and aliases often have it."""
    return "".join(one for one in normalize("NFKD", name) if not combining(one))


def _name(name: str) -> list[str]:
    words = name.split()
    if not words or len(name.strip()) < SHORTEST:
        return []
    orders = [words, [words[-1], *words[:-1]]] if len(words) > 1 else [words]
    return [rf"(?<![^\W_]){_BETWEEN.join(_escaped(word) for word in order)}(?![^\W_])" for order in orders]


def _escaped(text: str) -> str:
    plain = {"@": "(?:@|%40)"}
    return "".join(plain.get(one) or (re.escape(one) if one.isascii() else _other(one)) for one in text)


def _other(letter: str) -> str:
    """A letter beyond ASCII, also as JSON and addresses write it."""
    cases = dict.fromkeys((letter, letter.lower(), letter.upper()))
    ways = [re.escape(one) for one in cases]
    for one in cases:
        ways.append("".join(rf"\\u{int.from_bytes(unit, 'big'):04x}" for unit in _units(one)))
        ways.append("".join(f"%{byte:02x}" for byte in one.encode()))
    return f"(?:{'|'.join(ways)})"


def _units(text: str) -> Iterable[bytes]:
    raw = text.encode("utf-16-be")
    return (raw[start : start + 2] for start in range(0, len(raw), 2))
