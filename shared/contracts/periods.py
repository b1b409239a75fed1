"""A period as people write it - "Winter 2024/2025", "Autumn 2025", "3 December 2024" - as its first and last day.

The words are kept as they are; this only tells which days they mean, where that can be told.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple


class Period(NamedTuple):
    first: date
    last: date


_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_SEASONS = {"winter": 12, "spring": 3, "summer": 6, "autumn": 9, "fall": 9}
"""The month in which each begins; winter ends in the next year."""
_PARTS = {"beginning": (1, 3), "start": (1, 3), "early": (1, 3), "middle": (5, 8), "mid": (5, 8), "end": (10, 12),
          "late": (10, 12)}  # fmt: skip

_YEAR = r"(?:20\d\d)"
_MONTH = r"(?:" + "|".join(f"{name}|{name[:3]}\\b\\.?" for name in _MONTHS) + r")"
_SEASON = r"(?:winter|spring|summer|autumn|fall)"
_DASH = r"\s*[-\u2013\u2014]\s*"
_PATTERNS = {
    "days": rf"(?P<d1>\d{{1,2}})(?:{_DASH}(?P<d2>\d{{1,2}}))?\s+(?P<dm>{_MONTH}),?\s+(?P<dy>{_YEAR})",
    "month": rf"\b(?P<mm>{_MONTH})\s+(?:(?P<my>{_YEAR})|(?P<ms>\d\d)['\u2019])",
    "winter": rf"\bwinter\s+(?:of\s+)?(?P<wy>{_YEAR})\s*/\s*(?:20)?(?P<wn>\d\d)\b",
    "season": rf"\b(?P<s1>{_SEASON})(?:\s*/\s*(?P<s2>{_SEASON}))?\s+(?:of\s+)?(?P<sy>{_YEAR})",
    "quarter": rf"\bQ(?P<q1>[1-4])[ /-]*(?P<qy>{_YEAR})|(?P<qz>{_YEAR})-?Q(?P<q2>[1-4])\b",
    "part": rf"\b(?P<p>{'|'.join(_PARTS)})(?:\s+of)?(?:\s+|-)(?P<py>{_YEAR})",
    "years": rf"\b(?P<y1>{_YEAR})(?:{_DASH}|/)(?P<y2>{_YEAR})\b",
    "year": rf"\b(?P<y>{_YEAR})\b",
}
_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()), re.IGNORECASE)


def period_of(text: str) -> Period | None:
    """From the first day that it names to the last; None where it names none, or days that cannot be."""
    try:
        found = list(_found(text))
    except ValueError:
        return None
    return Period(min(one.first for one in found), max(one.last for one in found)) if found else None


def _found(text: str) -> Iterator[Period]:
    for match in _ANY.finditer(text):
        one = _read(match)
        if one.last < one.first:
            raise ValueError("it ends before it begins")
        yield one


def _read(match: re.Match[str]) -> Period:
    return next(read(match) for name, read in _READ.items() if match[name])


def _days(match: re.Match[str]) -> Period:
    year, month = int(match["dy"]), _month(match["dm"])
    return Period(date(year, month, int(match["d1"])), date(year, month, int(match["d2"] or match["d1"])))


def _of_month(match: re.Match[str]) -> Period:
    year, month = int(match["my"] or f"20{match['ms']}"), _month(match["mm"])
    return _months(year, month, 1)


def _winter(match: re.Match[str]) -> Period:
    if int(match["wn"]) != (int(match["wy"]) + 1) % 100:
        raise ValueError("a winter has two years that follow each other")
    return _months(int(match["wy"]), 12, 3)


def _season(match: re.Match[str]) -> Period:
    first, last = (_SEASONS[one.lower()] for one in (match["s1"], match["s2"] or match["s1"]))
    year = int(match["sy"])
    begins = _months(year - 1 if match["s2"] and first == 12 else year, first, 3)
    return Period(begins.first, _months(year, last, 3).last)


def _quarter(match: re.Match[str]) -> Period:
    year, number = int(match["qy"] or match["qz"]), int(match["q1"] or match["q2"])
    return _months(year, 3 * number - 2, 3)


def _part(match: re.Match[str]) -> Period:
    first, last = _PARTS[match["p"].lower()]
    return _months(int(match["py"]), first, last - first + 1)


def _years(match: re.Match[str]) -> Period:
    return Period(date(int(match["y1"]), 1, 1), date(int(match["y2"]), 12, 31))


def _year(match: re.Match[str]) -> Period:
    return _months(int(match["y"]), 1, 12)


_READ: dict[str, Callable[[re.Match[str]], Period]] = {
    "days": _days, "month": _of_month, "winter": _winter, "season": _season, "quarter": _quarter, "part": _part,
    "years": _years, "year": _year,
}  # fmt: skip


def _month(text: str) -> int:
    return next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(text.lower().rstrip(".")))


def _months(year: int, month: int, count: int) -> Period:
    """So many months from this one on."""
    after = year * 12 + month - 1 + count
    return Period(date(year, month, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1))
