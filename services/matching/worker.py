"""Solves the runs that pages ask for, and works out afterwards what would change each: one worker under a lease.

How far it is stands in the run's document of `workings`; who takes the lease over goes on from there. Stopped by
somebody, it kills the solver's process.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from pymongo import DESCENDING, ReturnDocument
from pymongo.errors import PyMongoError

from services.matching import queries
from services.matching.commands import RunMatch
from services.matching.domain.changes import Change, Closing, Unlocked, ranked
from services.matching.domain.market import Market
from services.matching.domain.solution import Solution
from services.matching.domain.working import Stage, Working
from services.matching.handlers.runs import keep_run
from services.matching.handlers.workings import WORKINGS
from services.matching.queries.market import market_of
from services.matching.queries.workings import market_of_run, read
from shared.contracts.refused import Refused
from shared.solving import Heard, SolverPool
from shared.spine.lease import LIFE_S, Lease
from shared.spine.origin import Origin
from shared.spine.service import Service
from shared.web.i18n import mark

log = logging.getLogger(__name__)
LOOK_EVERY_S, ATTEMPTS, AT_ONCE = 0.5, 3, 4
UNSOLVED = mark("This could not be worked out. Run the match again.")
SOLVER = "services.matching.solving:run"
CHANGE = "services.matching.domain.verify:change_for"
HOSTS = "services.matching.domain.verify:unlocked"
DISTANCE = "services.matching.domain.verify:closing"
_CHANGE: TypeAdapter[Change | None] = TypeAdapter(Change | None)
_UNLOCKED: TypeAdapter[tuple[Unlocked, ...]] = TypeAdapter(tuple[Unlocked, ...])
_CLOSING: TypeAdapter[Closing] = TypeAdapter(Closing)
Document = dict[str, Any]
Call = tuple[str, Any, Heard | None]
"""What runs in the solver's process, its argument, and who hears how far it is."""


class _Stopped(Exception):
    """It is not to be worked on any more."""


class Worker:
    """For a service's background: `run`. Runs are solved one after the other, reasons beside them in a process of
    their own, those of the newest run first."""

    def __init__(self) -> None:
        self._solves, self._reasons = SolverPool(), SolverPool()
        self._at_hand: tuple[str, Market, Solution] | None = None

    async def run(self, service: Service) -> None:
        lease = Lease(service.db, "workings", f"{service.settings.replica}-{os.getpid()}")
        while True:
            async with lease.holding() as lost:
                work = [asyncio.create_task(self._loop(step, service)) for step in (self.solve_next, self.explain_next)]
                try:
                    await lost.wait()
                finally:
                    for task in work:
                        task.cancel()
                    await asyncio.gather(*work, return_exceptions=True)
                    self._solves.close()
                    self._reasons.close()
            await asyncio.sleep(LIFE_S / 4)

    async def _loop(self, step: Callable[[Service], Awaitable[bool]], service: Service) -> None:
        while True:
            busy = False
            try:
                busy = await step(service)
            except PyMongoError as error:
                log.warning("what is to be worked out waits: %s", type(error).__name__)
            except Exception:
                log.exception("a step of what is to be worked out failed")
            if not busy:
                await asyncio.sleep(LOOK_EVERY_S)

    async def solve_next(self, service: Service) -> bool:
        """Solve the run that waits longest; false where none does."""
        workings = service.db[WORKINGS]
        job = await workings.find_one({"stage": Stage.SOLVING}, sort=[("asked_at", 1)])
        if job is None:
            return False
        if job["attempts"] >= ATTEMPTS:
            await _fail(service, job, UNSOLVED)
            return True
        mine = {name: job[name] for name in ("_id", "stage", "turn")}
        claim = {"$inc": {"attempts": 1, "turn": 1}}
        job = await workings.find_one_and_update(mine, claim, return_document=ReturnDocument.AFTER)
        if job is None:  # somebody else took it, or stopped it
            return True
        try:
            await self._solve(service, job)
        except _Stopped:
            log.info("run %s was stopped", job["_id"])
        except Refused as refused:
            if refused.status == 503:  # the store is away, or the solver died: once more
                return False
            await _fail(service, job, refused.sentence)
        return True

    async def _solve(self, service: Service, job: Document) -> None:
        market = await market_of(service.db, job["network"], job["call"])
        told: Document = {}

        def heard(progress: Any) -> None:
            told.update(step=progress.step, steps=progress.steps, found=progress.found)

        solution = await self._watched(service, job, self._solves, (SOLVER, market, heard), told)
        origin = Origin(job["network"], job["actor"], "page", job["command"], traceparent=job["traceparent"])
        store = service.grouping.on_behalf_of(origin)
        await keep_run(RunMatch(call=job["call"]), market, solution, store, run=job["_id"])

    async def explain_next(self, service: Service) -> bool:
        """One step more of the newest run whose reasons are not all worked out; false where there is none."""
        workings = service.db[WORKINGS]
        job = await workings.find_one({"stage": Stage.EXPLAINING}, sort=[("asked_at", DESCENDING)])
        if job is None:
            self._at_hand = None
            return False
        older = {"stage": Stage.EXPLAINING, "call": job["call"], "asked_at": {"$lt": job["asked_at"]}}
        await workings.update_many(older, {"$set": {"stage": Stage.SUPERSEDED}})
        try:
            known = await self._known(service, job)
            if known is None:
                await _fail(service, job, mark("What this run was made of is not there any more."))
            else:
                await self._explain(service, job, read(job), *known)
        except _Stopped:
            log.info("the reasons of run %s were stopped", job["_id"])
        except Refused as refused:
            await _fail(service, job, refused.sentence)
        except PyMongoError:
            raise
        except Exception:  # it would come again, and nobody else's would be worked out
            log.exception("the reasons of run %s could not be worked out", job["_id"])
            await _fail(service, job, UNSOLVED)
        return True

    async def _explain(
        self, service: Service, job: Document, working: Working, market: Market, solution: Solution
    ) -> None:
        interest = working.next_interest()
        if interest is not None:
            ask: Any = (CHANGE, (market, solution, interest), None)
            try:
                change = await self._watched(service, job, self._reasons, ask)
            except (Refused, _Stopped, PyMongoError):
                raise
            except Exception:  # of this one alone: the others are worked out
                log.exception("the change for %s could not be worked out", interest)
                await _note(service, job, {"$push": {"failed": interest}})
            else:
                said = _CHANGE.dump_python(change, mode="json")
                await _note(service, job, {"$set": {f"changes.{interest}": said}})
        elif working.asked < len(working.offers):
            chunk = working.offers[working.asked : working.asked + AT_ONCE]
            found = await self._watched(service, job, self._reasons, (HOSTS, (market, solution, chunk), None))
            said = _UNLOCKED.dump_python(ranked(found), mode="json")
            await _note(
                service, job, {"$push": {"unlocked": {"$each": said}}, "$set": {"asked": working.asked + len(chunk)}}
            )
        else:
            ask = (DISTANCE, (market, solution, working.unlocked), None)
            distance = await self._watched(service, job, self._reasons, ask)
            said = _CLOSING.dump_python(distance, mode="json")
            await _note(service, job, {"$set": {"closing": said, "stage": Stage.DONE}})

    async def _known(self, service: Service, job: Document) -> tuple[Market, Solution] | None:
        """The run's market and solution, kept at hand from step to step."""
        if self._at_hand is None or self._at_hand[0] != job["_id"]:
            market = await market_of_run(service.db, job["network"], job["_id"])
            run = await queries.run(service.db, job["network"], job["_id"])
            if market is None or run is None:
                return None
            self._at_hand = (job["_id"], market, run.solution)
        return self._at_hand[1:]

    async def _watched(
        self, service: Service, job: Document, pool: SolverPool, call: Call, told: Document | None = None
    ) -> Any:
        """What the solver makes of it; where the job is stopped meanwhile its process is killed, and `_Stopped` raised.

        What it tells is written down as it goes.
        """
        work = asyncio.create_task(pool.run(*call))
        try:
            while not work.done():
                await asyncio.wait([work], timeout=LOOK_EVERY_S)
                mine = {name: job[name] for name in ("_id", "stage", "turn")}
                noted = {"$set": {"seen": datetime.now(UTC), **(told or {})}}
                if not (await service.db[WORKINGS].update_one(mine, noted)).matched_count:
                    raise _Stopped
            return work.result()
        finally:
            if not work.done():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                pool.close()


async def _note(service: Service, job: Document, change: Document) -> None:
    """Nothing where it was stopped meanwhile, but what was found stays true."""
    if "stage" in change.get("$set", {}):
        await service.db[WORKINGS].update_one({"_id": job["_id"], "stage": Stage.EXPLAINING}, change)
    else:
        await service.db[WORKINGS].update_one({"_id": job["_id"]}, change)


async def _fail(service: Service, job: Document, sentence: str) -> None:
    failed = {"$set": {"stage": Stage.FAILED, "why": sentence}}
    await service.db[WORKINGS].update_one({"_id": job["_id"], "stage": job["stage"]}, failed)
