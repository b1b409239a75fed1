"""What a run comes to: the matches, the level of each that was reached and proven, and the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.matching.domain.reasons import Unmatched, Why

WISHES = 5
"""Wishes that count; the first is worth as many points."""


class Level(StrEnum):
    EXCHANGES = "exchanges"
    MEMBERS = "members"
    WISHES = "wishes"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Reached:
    """What a level came to. `proven`: nothing better exists; otherwise `bound` is the best that may still exist."""

    level: Level
    value: int
    bound: int
    proven: bool


@dataclass(frozen=True, slots=True)
class Match:
    interest: str
    offer: str
    sender: str
    host: str
    focus: str
    week: str
    duration: int
    officials: int
    language: str
    why: Why


@dataclass(frozen=True, slots=True)
class Solution:
    levels: tuple[Reached, ...]
    matches: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]
    interests: int
    offers: int
    candidates: int

    @property
    def proven(self) -> bool:
        """Whether the levels that people care for are proven; the last one only breaks ties."""
        return all(one.proven for one in self.levels if one.level is not Level.ORDER)


def wish_points(wishes: Sequence[str], host: str) -> int:
    """5 for the first wish down to 1 for the fifth, 0 for a host not wished for."""
    wished = list(wishes[:WISHES])
    return WISHES - wished.index(host) if host in wished else 0
