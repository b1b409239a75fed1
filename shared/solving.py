"""Solves run in a process of their own: the event loop goes on answering, and the solver's library stays there.

What runs there is named, "package.module:function": the service does without the module and what it imports. While it
runs it may `tell` how far it is.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from shared.contracts.refused import Refused

log = logging.getLogger(__name__)
Heard = Callable[[Any], None]
NICENESS = 15
"""Where a solve takes long, those go first who wait for a page."""


class SolverPool:
    """One solver process, started by the first solve; it goes after `idle_s` without work, or with this process.

    `niceness` is how far it stands back; 0 where somebody waits for each answer.
    """

    def __init__(self, idle_s: float = 120, niceness: int = NICENESS) -> None:
        self._idle_s, self._niceness = idle_s, niceness
        self._working = 0
        self._going: asyncio.TimerHandle | None = None
        self._executor: ProcessPoolExecutor | None = None
        self._lifeline: Connection | None = None
        self._reports: Connection | None = None
        self._hearing: dict[int, Heard] = {}
        self._calls = 0

    @property
    def running(self) -> bool:
        return self._executor is not None

    async def run(self, function: str, argument: Any, heard: Heard | None = None) -> Any:
        """What the named function makes of the argument; both travel pickled, calls run one after the other.

        What it tells meanwhile comes to `heard`, in order, until it ends; the last words may be missed. Refused with
        503 where the solver process dies twice; what the function raises is raised here.
        """
        if self._going is not None:
            self._going.cancel()
        self._working += 1
        self._calls += 1
        call = self._calls
        if heard is not None:
            self._hearing[call] = heard
        try:
            return await self._run(call, function, argument)
        finally:
            self._hearing.pop(call, None)
            self._working -= 1
            if not self._working:
                self._going = asyncio.get_running_loop().call_later(self._idle_s, self.close)

    async def _run(self, call: int, function: str, argument: Any) -> Any:
        for _attempt in range(2):
            executor = self._executor or self._start()
            try:
                return await asyncio.get_running_loop().run_in_executor(executor, _run_there, call, function, argument)
            except BrokenProcessPool:
                log.warning("the solver process died; a new one is started")
                if self._executor is executor:
                    self.close()
        raise Refused("unavailable", "This could not be worked out. Try again in a minute.", status=503)

    async def keep(self, _service: object) -> None:
        """For a service's background: the solver's process goes with the service."""
        try:
            await asyncio.Event().wait()
        finally:
            self.close()

    def close(self) -> None:
        """Stop the solver at once, also in the middle of a solve."""
        if self._going is not None:
            self._going.cancel()
        executor, self._executor = self._executor, None
        lifeline, self._lifeline = self._lifeline, None
        reports, self._reports = self._reports, None
        if lifeline is not None:
            lifeline.close()
        if reports is not None:
            asyncio.get_running_loop().remove_reader(reports.fileno())
            reports.close()
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        context = get_context("spawn")  # a fork would copy the loop's threads and connections
        theirs, self._lifeline = context.Pipe(duplex=False)
        self._reports, telling = context.Pipe(duplex=False)
        asyncio.get_running_loop().add_reader(self._reports.fileno(), self._hear, self._reports)
        begin = (theirs, telling, self._niceness)
        self._executor = ProcessPoolExecutor(1, context, initializer=_begin, initargs=begin)
        return self._executor

    def _hear(self, reports: Connection) -> None:
        try:
            while reports.poll():
                call, what = reports.recv()
                if call in self._hearing:
                    self._hearing[call](what)
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(reports.fileno())


_telling: Connection | None = None
_call = 0


def tell(what: Any) -> None:
    """In the solver process: how far the call under way is, in a few words that can be pickled; elsewhere nothing."""
    if _telling is not None:
        _telling.send((_call, what))


def _begin(lifeline: Connection, telling: Connection, niceness: int) -> None:
    """In the solver process: let those go first who wait for an answer, leave Ctrl-C to the service, and go when the
    service is gone."""
    global _telling
    _telling = telling
    os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_go_with, args=(lifeline,), daemon=True).start()


def _go_with(lifeline: Connection) -> None:
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os._exit(0)


def _run_there(call: int, function: str, argument: Any) -> Any:
    global _call
    _call = call
    module, name = function.split(":")
    return getattr(import_module(module), name)(argument)
