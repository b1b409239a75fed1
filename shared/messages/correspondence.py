"""What a service knows about its letters: what each says, looked up when it is sent, and who its groups are."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.mongo import Database
from shared.people.mailing import Addressee
from shared.settings import Settings

from .letter import Letter


@dataclass(frozen=True, slots=True)
class Telling:
    """A letter about to be written."""

    db: Database
    settings: Settings
    letter: Letter
    person: Addressee

    @property
    def network(self) -> str:
        return self.letter.network

    @property
    def data(self) -> Mapping[str, Any]:
        return self.letter.data


Tell = Callable[[Telling], Awaitable[dict[str, Any] | None]]
"""What the template is given: `link` is a path of this installation, `calendar` an `Entry`, `about` the path of what
the letter is about for who looks after it. None where there is nothing to say any more."""

Group = Callable[[Database, Letter], Awaitable[Mapping[str, Mapping[str, Any]]]]
"""The persons of a group, each with what their letter's data has beyond the group's."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    tell: Mapping[str, Tell] = field(default_factory=dict)
    """By kind; a kind that is not named gets the letter's data as it is."""
    groups: Mapping[str, Group] = field(default_factory=dict)
    """By the word before `@` in `to`, beside the roles."""
