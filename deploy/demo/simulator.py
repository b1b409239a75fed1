"""Traffic as a busy network makes it, through the public interfaces alone, with an account of what must come of it.

    simulator = Simulator(url, keys, rate=100, seconds=150, seed=7)
    report = await simulator.run()
    rows = await simulator.settled(report, within_s=30)     # what the account wants against what is shown

Commands fall due at a steady rate, whether or not earlier ones are answered. A command that gets no answer, or one
that leaves open what became of it, is sent again with its id until somebody says; it counts once.
"""

import asyncio
import contextlib
import itertools
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from shared.profiles import load

from .account import Account
from .door import Answer, Door
from .figures import Compared, Figures, caught_up, read_figures
from .floor import EVENTS, OPEN_AT_ONCE, Activity, Floor, Wanted
from .keys import ORGANISER
from .market import Market
from .names import Crowd

LANES = {"events": 64, "requests": 24, "matching": 8}
"""Commands under way at once, by service: one that is away does not hold up the others."""
LOOK_EVERY_S = 0.25
PREPARED_WITHIN_S = 90.0
WEIGHTS = {"register": 46, "cancel": 10, "attend": 12, "rate": 12, "organise": 8, "decide": 3, "submit": 4, "market": 5}


@dataclass(frozen=True, slots=True)
class Answered:
    """One accepted command: the streams on which it left events, and when its answer came (monotonic clock)."""

    what: str
    streams: tuple[str, ...]
    answered_at: float
    sent: int
    id: str
    """The command's id."""


Lanes = dict[str, asyncio.Queue[tuple[float, Wanted] | None]]
"""By service: commands with the moment they are due; None ends a worker."""
Hook = Callable[[Answered], None]


@dataclass
class Report:
    """What was sent and what came back. Each command counts once; `resent` are the times it was sent again."""

    commands: int = 0
    accepted: int = 0
    resent: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """By the problem's code."""
    failed: Counter[str] = field(default_factory=Counter)
    """Answers that nobody should get (5xx again and again), by command."""
    by_kind: Counter[str] = field(default_factory=Counter)
    answered_at: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    """Seconds from the moment a command was due to its answer."""
    before: Figures = field(default_factory=Figures)
    account: Account = field(default_factory=Account)
    began: float = 0.0
    """When the load began, all preparations made."""
    ended: float = 0.0

    def summary(self) -> dict[str, Any]:
        waits = sorted(self.latencies) or [0.0]
        return {
            "commands": self.commands,
            "accepted": self.accepted,
            "resent": self.resent,
            "refused": sum(self.refused.values()),
            "refused_by_code": dict(sorted(self.refused.items())),
            "failed": dict(self.failed),
            "by_kind": dict(sorted(self.by_kind.items())),
            "p50_ms": round(waits[len(waits) // 2] * 1000, 1),
            "p99_ms": round(waits[min(len(waits) - 1, len(waits) * 99 // 100)] * 1000, 1),
        }


class Simulator:
    """`keys` are bearers by name as `keys.create_keys` makes them; `on_answer` hears of every accepted command.

    Used as a context it keeps its connections open after the run, so that figures can be read.
    """

    def __init__(
        self,
        url: str,
        keys: Mapping[str, str],
        rate: float,
        seconds: float,
        seed: int = 1,
        *,
        network: str = "ela",
        on_answer: Hook = lambda answered: None,
        patience_s: float = 180,
    ) -> None:
        self.rate, self.seconds, self.profile = rate, seconds, load(network)
        self.rng, self.run_id = random.Random(seed), uuid4().hex[:10]
        self.door = Door(url, keys, patience_s=patience_s, connections=sum(LANES.values()) + 8)
        self.report = Report()
        self._hook = on_answer
        self._number = 0
        self.floor: Floor
        self.market: Market

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.door.__aexit__(kind, error, trace)

    async def run(self) -> Report:
        """Prepare, send for so many seconds, wait for every answer. Raises NoAnswer where one never comes."""
        await self.prepare()
        await self.load()
        return self.report

    async def settled(self, report: Report, within_s: float = 30) -> list[Compared]:
        """The account against the dashboard, once they are equal or the time is up."""
        return await caught_up(self.door, report.account, report.before, within_s)

    # Before

    async def prepare(self) -> None:
        """Everything that the load needs: activities that take registrations, and an open call."""
        self.report.before = await read_figures(self.door)
        account = self.report.account
        crowd = Crowd(self.rng.random(), f"sim-{self.run_id}")
        # The first answer says what day it is over there.
        self.floor = Floor(account, self.profile, crowd, self.rng, date.min, rate=self.rate)
        await self._send(self.floor.submit(plannable=True))
        today = date.fromisoformat(await self._today())
        self.floor.today, account.year = today, self.report.before.year
        self.market = Market(account, self.profile, self.rng, today)
        async with self._looking():
            await self._send(self.market.open_call())
            await asyncio.gather(*(self._send(self.market.offer()) for _ in range(4)))
            await asyncio.gather(*(self._send(self.floor.submit(plannable=True)) for _ in range(6)))
            await self._open_some()

    async def _today(self) -> str:
        name = next(iter(self.report.account.requests))
        told = await self.door.read("coordinator", f"/requests/api/v1/requests/{name}")
        return str(told["submitted_on"])

    async def _open_some(self) -> None:
        end = time.monotonic() + PREPARED_WITHIN_S
        while sum(one.step == "open" for one in self.floor.activities) < OPEN_AT_ONCE:
            wanted = self.floor.organise()
            if wanted is not None:
                await self._send(wanted)
            elif time.monotonic() > end:
                raise TimeoutError("The activities that were planned are not known to `events`: is the bus moving?")
            else:
                await asyncio.sleep(LOOK_EVERY_S)

    # The load

    async def load(self) -> None:
        self.report.began = time.monotonic()
        lanes: Lanes = {name: asyncio.Queue() for name in LANES}
        try:
            await self._send_all(lanes)
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
        await asyncio.gather(*(self._end_survey(number, path) for number, path in enumerate(self.floor.rated)))
        self.report.ended = time.monotonic()

    async def _end_survey(self, number: int, path: str) -> None:
        """Answers are released in groups: what is left over is, once the survey is closed."""
        await self.door.command(ORGANISER, f"{path}/survey/close", {}, f"{self.run_id}-survey-{number}")

    def enough(self) -> None:
        """End the load now; what was sent is still waited for."""
        self.seconds = 0

    async def _send_all(self, lanes: Lanes) -> None:
        async with self._looking(), asyncio.TaskGroup() as workers:
            for name, size in LANES.items():
                for _ in range(size):
                    workers.create_task(self._work(lanes[name]))
            for number in itertools.count():
                due = self.report.began + number / self.rate
                if due - self.report.began >= self.seconds:
                    break
                if (wait := due - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
                wanted = self._choose()
                lanes[wanted.service].put_nowait((due, wanted))
            for name, size in LANES.items():
                for _ in range(size):
                    lanes[name].put_nowait(None)

    async def _work(self, lane: asyncio.Queue[tuple[float, Wanted] | None]) -> None:
        while (found := await lane.get()) is not None:
            due, wanted = found
            answer = await self._send(wanted)
            self.report.latencies.append(answer.at - due)

    def _choose(self) -> Wanted:
        """Something that can be done now; what is most wanted may not be possible yet."""
        floor, market = self.floor, self.market
        could: dict[str, Callable[[], Wanted | None]] = {
            "register": floor.register, "cancel": floor.cancel, "attend": floor.attend, "rate": floor.rate,
            "organise": floor.organise, "decide": floor.decide, "submit": floor.submit, "market": market.next,
        }  # fmt: skip
        first = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        for name in (first, "organise", "register", "attend", "rate", "decide"):
            if (wanted := could[name]()) is not None:
                return wanted
        return floor.submit()

    async def _send(self, wanted: Wanted) -> Answer:
        self._number += 1
        report = self.report
        report.commands += 1
        report.by_kind[wanted.what] += 1
        command_id = f"{self.run_id}-{self._number}"
        answer = await self.door.command(wanted.who, wanted.path, wanted.body, command_id)
        report.resent += answer.sent - 1
        if answer.done or _answered_before(wanted, answer):
            report.accepted += 1
            report.answered_at.append(answer.at)
            wanted.heard(answer)
            self._hook(Answered(wanted.what, wanted.streams(answer), answer.at, answer.sent, command_id))
        else:
            if answer.status >= 500:
                report.failed[wanted.what] += 1
            else:
                report.refused[answer.code] += 1
            wanted.refused(answer)
        return answer

    # What has been heard over there

    @asynccontextmanager
    async def _looking(self) -> AsyncIterator[None]:
        """Meanwhile look, a few times a second, for what has come over the bus and for links to surveys."""
        looking = asyncio.create_task(self._look_again())
        try:
            yield
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking

    async def _look_again(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> None:
        activities = self.floor.activities
        unheard = [one for one in activities if one.step == "announced"]
        held = [one for one in activities if one.step == "held" and one.tokens is None]
        await asyncio.gather(*map(self._ask_announced, unheard[:8]), *map(self._ask_links, held[:4]))
        if self.market.agreed:
            await self._ask_exchanges()
        self.floor.activities = [one for one in activities if one.step != "over"]

    async def _ask_announced(self, one: Activity) -> None:
        if await self.door.glance(ORGANISER, one.path) and one.step == "announced":
            one.step = "known"

    async def _ask_links(self, one: Activity) -> None:
        told = await self.door.glance(ORGANISER, f"{one.path}/feedback-links")
        if told is not None:
            self.floor.links(one, told["links"])

    async def _ask_exchanges(self) -> None:
        asked = {"kind": "staff-exchange", "state": "scheduled", "per_page": 200}
        told = await self.door.glance(ORGANISER, f"{EVENTS}/activities", **asked)
        for row in told["items"] if told else ():
            if row["exchange"]:
                self.market.announced(row["id"], row["exchange"])


def _answered_before(wanted: Wanted, answer: Answer) -> bool:
    """An answer to a survey keeps no receipt: sent again, it is told that its token was used, by itself."""
    return wanted.what == "feedback" and answer.sent > 1 and answer.code == "token-used"


def equal(rows: Sequence[Compared]) -> bool:
    return all(row.equal for row in rows)
