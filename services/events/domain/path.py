"""A learning path: modules, each of one activity or another, and who completed them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.events.commands.certificate import CompletePath, SetPath
from shared.contracts.base import Event
from shared.contracts.certificates import PathCompleted, PathSet


@dataclass(frozen=True, slots=True)
class Path:
    modules: tuple[tuple[str, ...], ...] = ()
    months: int | None = None
    completed: dict[str, str] = field(default_factory=dict)
    """The certificate of each person who completed it, in order."""


def decide(path: Path, command: SetPath) -> list[Event]:
    event = PathSet(modules=command.modules, months=command.months)
    return [event] if evolve(path, event) != path else []


def complete(path: Path, command: CompletePath, *, certificate: str) -> list[Event]:
    if command.person in path.completed:
        return []
    on = command.when.date().isoformat()
    return [PathCompleted(person=command.person, certificate=certificate, on=on)]


def stacked(path: Path, valid: Mapping[str, str]) -> tuple[str, ...] | None:
    """The certificates, one for each module, of a person whose valid ones by activity are these; None: not yet all."""
    found = [next((valid[activity] for activity in module if activity in valid), None) for module in path.modules]
    return tuple(one for one in found if one) if path.modules and all(found) else None


def evolve(path: Path, event: Event) -> Path:
    match event:
        case PathSet():
            return replace(path, modules=event.modules, months=event.months)
        case PathCompleted():
            return replace(path, completed={**path.completed, event.person: event.certificate})
    return path
