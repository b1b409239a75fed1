"""One process kept alive: started, asked until it is ready, started again when it ends, stopped when told."""

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import warnings
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import psutil

FIRST_DELAY = 0.1
LONGEST_DELAY = 10.0
ASK_EVERY = 0.1
LOG_LIMIT = 20_000_000

log = logging.getLogger(__name__)
_libc = ctypes.CDLL(None)


class State(StrEnum):
    DOWN = "down"
    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"
    """Ended by itself; started again after a delay that doubles."""
    HELD = "held"
    """Kept down until it is released."""


@dataclass(frozen=True)
class Program:
    """What to run: `ready` is asked every tenth of a second until it says so; what it raises counts as no."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    ready: Callable[[], Awaitable[bool]]
    stop_within: float
    cwd: Path | None = field(default=None)


class Process:
    """A program under supervision. Everything it writes goes to one log file; it ends when its parent does."""

    def __init__(self, program: Program, logs: Path, changed: Callable[[], None] = lambda: None) -> None:
        self.program = program
        self.log_file = logs / f"{program.name}.log"
        self.state = State.DOWN
        self.starts = 0
        self.last_exit: int | None = None
        self._changed = changed
        self._child: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._released = asyncio.Event()
        self._released.set()
        self._ready = asyncio.Event()

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child and self._child.returncode is None else None

    def start(self) -> None:
        if self._keeper is None:
            self._stopping.clear()
            self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.name}")

    async def ready(self, within: float) -> None:
        """Return once it is ready; TimeoutError after `within` seconds."""
        await asyncio.wait_for(self._ready.wait(), within)

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL for what is still there after `stop_within` seconds."""
        self._stopping.set()
        self._released.set()
        if self._keeper:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            done, _ = await asyncio.wait([self._keeper], timeout=self.program.stop_within)
            if not done:
                log.warning("%s did not stop within %.0f s and is killed", self.name, self.program.stop_within)
                self._kill_group()
            await self._keeper
            await asyncio.gather(*self._asking)
            self._keeper = None

    def kill(self) -> None:
        """SIGKILL; it is started again as after any other end."""
        self._ready.clear()
        self._kill_group()

    async def hold(self) -> None:
        """SIGKILL, and keep it down until `release`."""
        self._released.clear()
        child = self._child
        self.kill()
        if child:
            await child.wait()

    def release(self) -> None:
        self._released.set()

    def signal(self, number: int) -> None:
        if self._child and self._child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._child.send_signal(number)

    async def _keep(self) -> None:
        delay = FIRST_DELAY
        while not self._stopping.is_set():
            if not self._released.is_set():
                self._now(State.HELD)
                await self._released.wait()
                continue
            was_ready = await self._run_once()
            if self._stopping.is_set():
                break
            log.warning("%s ended (%s) and is started again", self.name, _how(self.last_exit))
            delay = FIRST_DELAY if was_ready else min(delay * 2, LONGEST_DELAY)
            self._now(State.WAITING)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
        self._now(State.DOWN)

    async def _run_once(self) -> bool:
        child = self._child = await self._spawn()
        self.starts += 1
        self._now(State.STARTING)
        asking = asyncio.create_task(self._ask(child))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        if self._stopping.is_set() or not self._released.is_set():  # told while it was being started
            self._kill_group()
        self.last_exit = await child.wait()
        was_ready = self._ready.is_set() or self.state == State.READY
        self._ready.clear()
        self._kill_group()  # what it started itself, such as a pool of workers, goes with it
        return was_ready

    async def _spawn(self) -> asyncio.subprocess.Process:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        if self.log_file.is_file() and self.log_file.stat().st_size > LOG_LIMIT:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        with self.log_file.open("ab") as output, warnings.catch_warnings():
            # Python 3.12 warns of forks beside threads; what runs between fork and exec is one call into the kernel.
            warnings.simplefilter("ignore", DeprecationWarning)
            return await asyncio.create_subprocess_exec(
                *self.program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(self.program.env),
                cwd=self.program.cwd,
                start_new_session=True,  # Ctrl-C in the terminal reaches the launcher alone, which stops in order
                preexec_fn=end_with_parent,
            )

    async def _ask(self, child: asyncio.subprocess.Process) -> None:
        """Until the child is ready or gone. Never cancelled: clients cut short while connecting leave sockets open."""
        while child.returncode is None:
            with contextlib.suppress(Exception):
                if await self.program.ready() and child is self._child and child.returncode is None:
                    self._ready.set()
                    self._now(State.READY)
                    return
            await asyncio.sleep(ASK_EVERY)

    def _kill_group(self) -> None:
        if self._child:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)

    def _now(self, state: State) -> None:
        self.state = state
        self._changed()


def _how(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def end_with_parent() -> None:
    """Called in the child: the kernel sends it SIGTERM when its parent dies, however that happens."""
    pr_set_pdeathsig = 1
    _libc.prctl(pr_set_pdeathsig, signal.SIGTERM)


def created(pid: int) -> float | None:
    """When the process was created: together with its pid this names one process and no later one."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None
