"""A plan beside its baseline: what stayed, what moved, what joined and what left."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    SAME = "same"
    MOVED = "moved"
    DESCRIBED = "described"
    """Its title alone is another."""
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Item:
    """An activity as a plan holds it, or as a baseline froze it."""

    line: str
    pillar: str
    kind: str
    quarter: str
    member: str | None = None
    request: str | None = None
    title: str = ""

    @property
    def place(self) -> tuple[str, str, str | None]:
        return self.line, self.quarter, self.member


@dataclass(frozen=True, slots=True)
class Difference:
    activity: str
    change: Change
    was: Item | None
    now: Item | None

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines it is shown on: that of the baseline and that of today."""
        return tuple(dict.fromkeys(one.line for one in (self.was, self.now) if one))


def differences(baseline: Mapping[str, Item], now: Mapping[str, Item]) -> list[Difference]:
    """Every activity of either side once, those of the baseline first."""
    ids = dict.fromkeys([*baseline, *now])
    return [Difference(id, _change(baseline.get(id), now.get(id)), baseline.get(id), now.get(id)) for id in ids]


def _change(was: Item | None, now: Item | None) -> Change:
    if was is None or now is None:
        return Change.ADDED if was is None else Change.REMOVED
    if was.place != now.place:
        return Change.MOVED
    return Change.SAME if was.title == now.title else Change.DESCRIBED


def counted(found: list[Difference]) -> dict[Change, int]:
    return {change: sum(one.change is change for one in found) for change in Change}
