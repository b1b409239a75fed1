"""What the store must know of a kind of stream."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from shared.contracts.base import Command, Event

Decide = Callable[[Any, Any], list[Event]]
"""`decide(state, command)`: the events that follow, none where nothing is to do; raises `Refused`. Pure."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A command that falls due unless it is cleared before; setting an id again moves it, `at=None` clears it."""

    id: str
    at: datetime | None
    command: Command | None = None


def _no_deadlines(stream: str, event: Event) -> Iterable[Deadline]:
    return ()


@dataclass(frozen=True)
class Aggregate:
    """A kind of stream: `state()` is its beginning, `evolve` its fold.

    `fold` is the version of the fold: raise it when `state` or `evolve` change, and every stream is folded again at
    the next start. `deadlines` says which ones an event sets or clears; they are written with the event.
    """

    name: str
    state: type[Any]
    evolve: Callable[[Any, Any], Any]
    fold: int = 1
    deadlines: Callable[[str, Any], Iterable[Deadline]] = field(default=_no_deadlines)

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.state)

    def dump(self, state: Any) -> dict[str, Any]:
        """The state as MongoDB keeps it, times as ISO strings."""
        dumped: dict[str, Any] = self._adapter.dump_python(state, mode="json")
        return dumped

    def load(self, dumped: dict[str, Any]) -> Any:
        return self._adapter.validate_python(dumped)

    def folded(self, events: Iterable[Event], state: Any = None) -> Any:
        state = self.state() if state is None else state
        for event in events:
            state = self.evolve(state, event)
        return state
