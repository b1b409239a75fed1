"""What a solve with one thing changed comes to: one interest's smallest change, a host's further place, the distance.

Plain data, so that the service can keep and tell it without the solver's library; `verify.py` works it out.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """In the order in which they are tried: what the sender can do, then the host, then the call."""

    WEEK = "week"
    LANGUAGE = "language"
    FOCUS = "focus"
    PLACE = "place"
    CAP = "cap"
    BUDGET = "budget"
    INTERPRETATION = "interpretation"


@dataclass(frozen=True, slots=True)
class Change:
    """One change that matches the interest; the match is the one that the solve with the change gives."""

    kind: Kind
    value: str
    """A start week, a language, a focus area, an offer, a member, or the amount that the budget lacks."""
    offer: str
    host: str
    week: str
    places: int = 0
    """Of a host: places more in every week of the stay."""


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What one place more at an offer, in each week that it offers, brings."""

    offer: str
    host: str
    exchanges: int


@dataclass(frozen=True, slots=True)
class Closing:
    """How far the call is from the exchanges wanted, and the hosts whose places, one after the other, close it."""

    wanted: int
    standing: int
    """Held, agreed, proposed and matched by this run."""
    by: tuple[Unlocked, ...]
    """Each solved on top of those before; they bring `standing` to what is wanted, or as near as it was found."""

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.standing)


def ranked(found: tuple[Unlocked, ...]) -> tuple[Unlocked, ...]:
    """Those that unlock something, the most first."""
    return tuple(sorted((one for one in found if one.exchanges), key=lambda one: (-one.exchanges, one.offer)))
