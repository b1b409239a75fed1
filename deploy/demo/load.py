"""Loads the demonstration programme: the local clock walks week by week, and each week's steps are played in it."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from shared.people import People
from shared.profiles.persons import local_persons

from .door import Door
from .keys import create_keys
from .names import Crowd
from .player import Player
from .story import Step, Story, week_ends

AT_ONCE = 20
"""Stories played side by side; more would only wait for each other on two cores."""
SetClock = Callable[[datetime], Awaitable[object]]


@dataclass
class Memory:
    """How far the load has come, kept in one file so that it can go on: weeks done, keys, what each story knows."""

    file: Path
    weeks: int = 0
    done: bool = False
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    key_ids: list[str] = field(default_factory=list)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, file: Path) -> Self:
        try:
            return cls(file, **json.loads(file.read_text()))
        except FileNotFoundError:
            return cls(file)

    def write(self) -> None:
        """The file holds keys: its owner alone may read it."""
        facts = {name: getattr(self, name) for name in ("weeks", "done", "keys", "key_ids", "known")}
        arriving = self.file.with_suffix(".new")
        arriving.unlink(missing_ok=True)
        with os.fdopen(os.open(arriving, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(facts, file)
        arriving.replace(self.file)


class Loader:
    """`set_clock` returns once every service has the new time; `stepped` and `week` tell of the progress."""

    def __init__(
        self,
        url: str,
        people: People,
        memory: Memory,
        set_clock: SetClock,
        *,
        stepped: Callable[[], None] = lambda: None,
        week: Callable[[datetime], None] = lambda end: None,
    ) -> None:
        self.url, self.people, self.memory, self.set_clock = url, people, memory, set_clock
        self.stepped, self.week = stepped, week
        self.players: dict[str, Player] = {}

    @property
    def refused(self) -> list[str]:
        return [one for player in self.players.values() for one in player.refused]

    async def load(self, stories: Sequence[Story]) -> None:
        """Play what is left. Stopped at any moment, called again it goes on; nothing counts twice."""
        if self.memory.done:
            return
        await self._keys({story.network for story in stories})
        async with AsyncExitStack() as doors:
            for network, keys in self.memory.keys.items():
                door = await doors.enter_async_context(Door(self.url, keys, connections=AT_ONCE + 20))
                known = self.memory.known.setdefault(network, {})
                self.players[network] = Player(door, _crowd(network), known, self.stepped)
            await self._weeks(stories)
        for id in self.memory.key_ids:
            await self.people.keys.revoke(id)
        self.memory.keys, self.memory.key_ids, self.memory.known, self.memory.done = {}, [], {}, True
        self.memory.write()

    async def _keys(self, networks: set[str]) -> None:
        for network in sorted(networks - self.memory.keys.keys()):
            keys, ids = await create_keys(self.people, network, rights=("history.write",), called="Demonstration")
            self.memory.keys[network] = keys
            self.memory.key_ids += ids
        self.memory.write()

    async def _weeks(self, stories: Sequence[Story]) -> None:
        begins = datetime.min.replace(tzinfo=week_ends()[0].tzinfo)
        for number, ends in enumerate(week_ends()):
            if number >= self.memory.weeks:
                self.week(ends)
                await self.set_clock(ends + timedelta(seconds=1))
                await self._play(stories, begins, ends)
                self.memory.weeks = number + 1
                self.memory.write()
            begins = ends

    async def _play(self, stories: Sequence[Story], begins: datetime, ends: datetime) -> None:
        slots = asyncio.Semaphore(AT_ONCE)

        async def play(story: Story, steps: Mapping[int, Step]) -> None:
            async with slots:
                await self.players[story.network].play(story, steps)

        try:
            async with asyncio.TaskGroup() as group:
                for story in stories:
                    due = {n: step for n, step in enumerate(story.steps) if begins < step.at <= ends}
                    if due:
                        group.create_task(play(story, due))
        except ExceptionGroup as found:
            raise found.exceptions[0] from found


def steps_left(stories: Sequence[Story], memory: Memory) -> int:
    if memory.done:
        return 0
    ends = week_ends()
    after = ends[memory.weeks - 1] if memory.weeks else None
    return sum(after is None or step.at > after for story in stories for step in story.steps)


def _crowd(network: str) -> Crowd:
    """The ready-made participants come first, so that who signs in as one of them finds registrations."""
    first: dict[str, list[tuple[str, str]]] = {}
    for person in local_persons():
        if person.network == network and person.member and "participant" in person.roles:
            first.setdefault(person.member, []).append((person.name, person.email))
    return Crowd(f"demo-{network}", "people", first)
