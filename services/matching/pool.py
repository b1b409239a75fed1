"""Solves run in a process of their own: the event loop goes on answering meanwhile."""

import asyncio
import logging
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.connection import Connection

from services.matching.domain.market import Market
from services.matching.domain.solver import Solution, solve
from shared.contracts.refused import Refused

log = logging.getLogger(__name__)


class SolverPool:
    """One solver process, started at the first solve; it goes when this object is closed or this process dies."""

    def __init__(self) -> None:
        self._executor: ProcessPoolExecutor | None = None
        self._lifeline: Connection | None = None

    async def solve(self, market: Market) -> Solution:
        """The solution of `solve`; refused with 503 where the solver process dies twice."""
        for _attempt in range(2):
            executor = self._executor or self._start()
            try:
                return await asyncio.get_running_loop().run_in_executor(executor, solve, market)
            except BrokenProcessPool:
                log.warning("the solver process died; a new one is started")
                if self._executor is executor:
                    self.close()
        raise Refused("unavailable", "The match could not be worked out. Try again in a minute.", status=503)

    def close(self) -> None:
        """Stop the solver at once, also in the middle of a solve."""
        executor, self._executor = self._executor, None
        lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            lifeline.close()
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        context = get_context("spawn")  # a fork would copy the loop's threads and connections
        theirs, self._lifeline = context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(theirs,))
        return self._executor


def _begin(lifeline: Connection) -> None:
    """In the solver process: leave Ctrl-C to the service, and go when the service is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_go_with, args=(lifeline,), daemon=True).start()


def _go_with(lifeline: Connection) -> None:
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os._exit(0)
