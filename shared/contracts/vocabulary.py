"""The field's own words: countries, languages, levels, modes, target groups, focus areas, pillars, quarters.

Codes are what events carry and pages sort by. Members of the EU are written EL and UK, as the institutions do,
and listed in protocol order: that of their names in their own languages.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from pydantic import ConfigDict, with_config

from shared.contracts.names import COUNTRY_ROWS, LANGUAGE_ROWS, plain


class Country(StrEnum):
    """A country by its code; declared in protocol order, the EU's members first."""

    BE = "BE"
    BG = "BG"
    CZ = "CZ"
    DK = "DK"
    DE = "DE"
    EE = "EE"
    IE = "IE"
    EL = "EL"
    ES = "ES"
    FR = "FR"
    HR = "HR"
    IT = "IT"
    CY = "CY"
    LV = "LV"
    LT = "LT"
    LU = "LU"
    HU = "HU"
    MT = "MT"
    NL = "NL"
    AT = "AT"
    PL = "PL"
    PT = "PT"
    RO = "RO"
    SI = "SI"
    SK = "SK"
    FI = "FI"
    SE = "SE"
    IS = "IS"
    LI = "LI"
    NO = "NO"
    CH = "CH"
    UK = "UK"

    @property
    def english(self) -> str:
        return COUNTRY_ROWS[self.value].english


MEMBER_STATES: tuple[Country, ...] = tuple(Country)[:27]
EFTA: tuple[Country, ...] = (Country.IS, Country.LI, Country.NO, Country.CH)
_ORDER = {country.value: place for place, country in enumerate(Country)}


def normalise_country(text: str) -> Country:
    """The country meant by a code (GR, GB, alpha-3, any case) or a name (English or its own); ValueError if none."""
    found = _countries_by_word().get(plain(text))
    if found is None:
        raise ValueError(f"{text!r} is not a country known here; write its two-letter code or its English name.")
    return found


@cache
def _countries_by_word() -> dict[str, Country]:
    words: dict[str, Country] = {}
    for code, row in COUNTRY_ROWS.items():
        for word in (code, row.alpha3, row.english, *row.also):
            words[plain(word)] = Country(code)
    return words


def in_protocol_order(codes: Iterable[str]) -> list[str]:
    """Countries in protocol order, then every other code (a region, an organisation) by the alphabet."""
    return sorted(codes, key=lambda code: (_ORDER.get(code, len(_ORDER)), code))


class Language(StrEnum):
    """The 24 official languages of the EU, in the order of their own names."""

    BG = "bg"
    ES = "es"
    CS = "cs"
    DA = "da"
    DE = "de"
    ET = "et"
    EL = "el"
    EN = "en"
    FR = "fr"
    GA = "ga"
    HR = "hr"
    IT = "it"
    LV = "lv"
    LT = "lt"
    HU = "hu"
    MT = "mt"
    NL = "nl"
    PL = "pl"
    PT = "pt"
    RO = "ro"
    SK = "sk"
    SL = "sl"
    FI = "fi"
    SV = "sv"

    @property
    def english(self) -> str:
        return LANGUAGE_ROWS[self.value][0]

    @property
    def own_name(self) -> str:
        return LANGUAGE_ROWS[self.value][1]


def normalise_language(text: str) -> Language:
    """The language meant by a code or a name (English or its own), any case; ValueError if none."""
    wanted = plain(text)
    for code, names in LANGUAGE_ROWS.items():
        if wanted in (code, *map(plain, names)):
            return Language(code)
    raise ValueError(f"{text!r} is not an official language of the EU; write its two-letter code or its English name.")


class Level(StrEnum):
    """Command of a language by the Common European Framework; a later one includes those before it."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


class Mode(StrEnum):
    """How an activity is attended (strategy, 4.6)."""

    ON_SITE = "on-site"
    ONLINE = "online"
    HYBRID = "hybrid"

    @property
    def label(self) -> str:
        return {"on-site": "On site", "online": "Online", "hybrid": "Hybrid"}[self.value]


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class Term:
    """A word of the field: the id that events carry and the title that people read."""

    id: str
    title: str
    note: str = ""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class TargetGroup:
    """Whom a network is for; a group that is reached but not trained says why. Letters: the strategy's (4.1)."""

    id: str
    title: str
    letter: str = ""
    trained_directly: bool = True
    reason: str = ""


TARGET_GROUPS: tuple[TargetGroup, ...] = (
    TargetGroup(
        "applying-officials",
        "Officials who apply labour mobility law (labour, social security, tax, transport)",
        "a",
    ),
    TargetGroup("inspectors", "National inspectors and other enforcement officers", "b"),
    TargetGroup("other-authorities", "Officials of other authorities and agencies involved in labour mobility", "c"),
    TargetGroup("social-partners", "Social partners", "d"),
    TargetGroup("networks-platforms", "Networks and platforms", "e"),
    TargetGroup(
        "workers-jobseekers",
        "Workers and jobseekers",
        "f",
        trained_directly=False,
        reason="Workers and jobseekers are reached by information and awareness raising, they are not trained "
        "directly (strategy, 4.1 f); name the officials, social partners or networks who serve them instead.",
    ),
    TargetGroup("employers", "Employers in sectors with high labour mobility", "g"),
)

FOCUS_AREAS: tuple[Term, ...] = (
    Term("information", "Information"),
    Term("cooperation-enforcement", "Cooperation and/or enforcement related to labour mobility"),
    Term("social-security-coordination", "Social security coordination"),
    Term("undeclared-work", "Undeclared work"),
)

PILLARS: tuple[Term, ...] = (
    Term("information", "Information"),
    Term("cooperation", "Cooperation"),
    Term("enforcement", "Enforcement"),
    Term("capacity-building", "Capacity building (horizontal)"),
)

PLAN_HEADINGS: tuple[Term, ...] = (
    Term("trainings", "Trainings"),
    Term("mutual-learning", "Mutual learning and understanding"),
    Term("good-practices", "Good practices: exchange and dissemination of experiences"),
    Term("workshops-events", "Workshops, seminars and events"),
    Term("staff-exchanges", "Staff exchanges/study visits and secondment schemes"),
)

_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months of a year, written 2024-Q2; quarters compare in time."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 4 or not 1 <= self.year <= 9999:
            raise ValueError(f"There is no quarter {self.number} of {self.year}.")

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"

    @classmethod
    def parse(cls, text: str) -> Quarter:
        found = _QUARTER.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not a quarter; write it like 2024-Q2.")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month - 1) // 3 + 1)

    @classmethod
    def all_of(cls, year: int) -> tuple[Quarter, ...]:
        return tuple(cls(year, number) for number in range(1, 5))

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, 3 * self.number, monthrange(self.year, 3 * self.number)[1])

    def next(self) -> Quarter:
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)
