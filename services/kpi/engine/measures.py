"""What a measure is: a pure function of one event to cells and deltas.

    @measure("participations", by=("activity", "member"))
    def participations(event: AttendanceRecorded) -> Deltas:
        yield (event.activity, event.member), event.present

A third value names the day the delta belongs to; without it that is the day the event happened. Beside the event a
measure may ask for `stream` (the event's), `network` and `day` (when it happened, `2024-10-15`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from types import UnionType
from typing import Any, get_args, get_type_hints

from shared.contracts.base import Event

Dimension = str | int | bool
Dimensions = tuple[Dimension, ...]
Delta = tuple[Dimensions, int] | tuple[Dimensions, int, str]
Deltas = Iterator[Delta]
Cell = tuple[Any, ...]
"""Network, day it happened, day it was recorded, then the measure's dimensions."""
BEFORE_DIMENSIONS = 3
BESIDE = ("stream", "network", "day")


@dataclass(frozen=True)
class Measure:
    """A counter of its own version; raise it when the function's meaning changes, and it is built anew.

    `opens` says whether the events behind it may be shown one by one.
    """

    name: str
    by: tuple[str, ...]
    function: Callable[..., Deltas]
    version: int = 1
    opens: bool = True

    @property
    def key(self) -> str:
        return f"{self.name}.{self.version}"

    @property
    def says(self) -> str:
        """What it counts, in words."""
        return " ".join((self.function.__doc__ or "").split())

    @cached_property
    def events(self) -> tuple[type[Event], ...]:
        hint = get_type_hints(self.function)["event"]
        found = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        if not all(isinstance(one, type) and issubclass(one, Event) and one.type for one in found):
            raise TypeError(f"{self.name}: annotate `event` with the events it counts")
        return tuple(found)

    @cached_property
    def asks(self) -> tuple[str, ...]:
        """The parameters beside the event, in their order."""
        names = tuple(signature(self.function).parameters)[1:]
        if unknown := set(names) - set(BESIDE):
            raise TypeError(f"{self.name}: a measure may ask for {', '.join(BESIDE)}, not {', '.join(unknown)}")
        return names

    @cached_property
    def year_at(self) -> int | None:
        """Where the year stands among the dimensions; None where the day decides."""
        return self.by.index("year") if "year" in self.by else None

    def deltas(self, event: Event, *, stream: str, network: str, day: str) -> Iterator[tuple[Dimensions, int, str]]:
        """The plain way to run it, for tests; the engine runs the compiled one."""
        beside = {"stream": stream, "network": network, "day": day}
        for found in self.function(event, *(beside[name] for name in self.asks)):
            yield found[0], int(found[1]), found[2] if len(found) > 2 else day


MEASURES: dict[str, Measure] = {}


def measure(
    name: str, *, by: tuple[str, ...], version: int = 1, opens: bool = True
) -> Callable[[Callable[..., Deltas]], Measure]:
    """Declare a measure; its function's docstring is what people read about it."""

    def declared(function: Callable[..., Deltas]) -> Measure:
        if name in MEASURES:
            raise TypeError(f"there is a measure {name} already")
        MEASURES[name] = one = Measure(name, by, function, version, opens)
        return one

    return declared
