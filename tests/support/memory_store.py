"""The store in memory, for tests of use cases: all of a command's streams or none, nothing kept beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.contracts.base import Command
from shared.contracts.refused import Refused
from shared.ids import aggregate_of
from shared.spine.aggregate import Aggregate, Decide
from shared.spine.draft import Appended, Beside, Put, Receipt
from shared.spine.origin import Origin


@dataclass
class MemoryStore:
    aggregates: Mapping[str, Aggregate]
    now: datetime
    origin: Origin = field(default_factory=lambda: Origin("ela", "tester"))
    states: dict[str, Any] = field(default_factory=dict)
    events: list[Appended] = field(default_factory=list)
    beside: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    async def execute(self, stream: str, command: Command, decide: Decide, beside: Iterable[Beside] = ()) -> Receipt:
        return await self.execute_all(command, {stream: decide}, beside)

    async def execute_all(
        self, command: Command, decides: Mapping[str, Decide], beside: Iterable[Beside] = ()
    ) -> Receipt:
        command = command.at(self.now)
        left: dict[str, Any] = {}
        appended: list[Appended] = []
        for stream, decide in decides.items():
            aggregate = self.aggregates[aggregate_of(stream)]
            state = self.states.get(stream, aggregate.state())
            for event in decide(state, command):
                state = aggregate.evolve(state, event)
                appended.append(Appended(f"{stream}@{len(self.events) + len(appended)}", stream, event))
            left[stream] = aggregate.load(aggregate.dump(state))
        self.states |= left
        self.events += appended
        self.beside |= {(one.collection, one.id): one.document for one in beside if isinstance(one, Put)}
        return Receipt(tuple(appended))

    async def load(self, stream: str) -> Any:
        if stream not in self.states:
            raise Refused("not-found", "There is nothing of this name here.", status=404)
        return self.states[stream]
