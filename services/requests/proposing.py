"""Proposals of triage, worked out in the solver's process: first an answer, then its proof while pages go on.

What is known is kept in memory by the problem's key: the same problem has the same answer in every replica.
"""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, replace

from shared.solving import SolverPool

from .domain.triage import CHOOSE, EFFORTS, Problem, Proposal, Search, at_once

log = logging.getLogger(__name__)
KEPT, SMALL = 64, 60
"""Proposals that are kept at hand; requests up to which the first answer is the proof."""
A_MOMENT_S = 0.6
"""How long a page waits for the solver before it shows what needs none."""


@dataclass(frozen=True, slots=True)
class Known:
    """A proposal and how far its proof is: `step` of `steps`; it goes on while `running`."""

    proposal: Proposal
    step: int = 0
    steps: int = len(EFFORTS)
    running: bool = False
    searching: bool = False
    """Whether the solver's first answer is still to come, and this is only a set that fits."""


class Proposing:
    """Two solver processes: pages wait for one, the other proves. Both go when they have nothing to do."""

    def __init__(self) -> None:
        self.answers, self.proofs = SolverPool(niceness=0), SolverPool()
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._firsts: dict[str, asyncio.Task[Known]] = {}
        """First answers that are being worked out: who asks for the same one meanwhile waits for it."""
        self._proof: asyncio.Task[None] | None = None
        self._proving = ""

    async def keep(self, service: object) -> None:
        """For the service's background: nothing of it outlives the service."""
        try:
            await asyncio.Event().wait()
        finally:
            self.close()

    def close(self) -> None:
        """Stop both processes at once, also in the middle of a proof."""
        for task in (self._proof, *self._firsts.values()):
            if task is not None:
                task.cancel()
        self.answers.close()
        self.proofs.close()

    async def proposal(self, problem: Problem) -> Known:
        """The best that is known of it; where nothing is, the first answer, and the proof begins behind it."""
        known = self._at_hand(problem.key)
        if known is None:
            known = await asyncio.shield(self._first_of(problem))
        if not known.proposal.proven and known.step < known.steps and not known.running:
            known = self._prove(problem, known)
        return known

    async def so_far(self, problem: Problem, moment_s: float = A_MOMENT_S) -> Known:
        """As `proposal`, but never longer than a moment: then a set that fits, while the solver goes on."""
        if self._at_hand(problem.key) is None:
            done, _pending = await asyncio.wait({self._first_of(problem)}, timeout=moment_s)
            if not done:
                return Known(at_once(problem), searching=True)
            done.pop().result()  # its failure is the page's
        return await self.proposal(problem)

    def _first_of(self, problem: Problem) -> asyncio.Task[Known]:
        key = problem.key
        if key not in self._firsts:
            task = self._firsts[key] = asyncio.create_task(self._remembered_first(problem))
            task.add_done_callback(lambda _task: self._firsts.pop(key, None))
            task.add_done_callback(_heard)
        return self._firsts[key]

    async def _remembered_first(self, problem: Problem) -> Known:
        return self._remember(problem.key, Known(await self._first(problem)))

    async def what_if(self, problem: Problem, before: Proposal) -> Proposal:
        """The answer to other amounts, as near as can be to what is proposed now."""
        key = f"{problem.key} after {hash(frozenset(before.chosen.items()))}"
        known = self._at_hand(key)
        if known is None:
            known = self._remember(key, Known(await self._first(problem, before)))
        return known.proposal

    async def _first(self, problem: Problem, before: Proposal | None = None) -> Proposal:
        search = Search(problem, before.chosen if before else {})
        if len(problem.items) <= SMALL:
            search = replace(search, near=0)
        found: Proposal = await self.answers.run(CHOOSE, search)
        return found

    def _prove(self, problem: Problem, known: Known) -> Known:
        """The newest problem is proven; one that is proven already gives way."""
        if self._proof is not None and not self._proof.done():
            self._proof.cancel()
            self.proofs.close()
            if before := self._known.get(self._proving):
                self._known[self._proving] = replace(before, running=False)
        running = self._remember(problem.key, replace(known, running=True))
        self._proving = problem.key
        self._proof = asyncio.create_task(self._prove_in_steps(problem, running))
        return running

    async def _prove_in_steps(self, problem: Problem, known: Known) -> None:
        """Each step may take more than the one before, and begins with what that found."""
        try:
            while not known.proposal.proven and known.step < known.steps:
                now = known.proposal
                search = Search(problem, now.chosen, EFFORTS[known.step], 0, now.bound)
                found: Proposal = await self.proofs.run(CHOOSE, search)
                known = self._remember(problem.key, replace(known, proposal=found, step=known.step + 1))
        except Exception:
            log.exception("the proof of a proposal failed; the page shows what was known before")
            known = replace(known, step=known.steps)
        self._remember(problem.key, replace(known, running=False))

    def _at_hand(self, key: str) -> Known | None:
        if key in self._known:
            self._known.move_to_end(key)
        return self._known.get(key)

    def _remember(self, key: str, known: Known) -> Known:
        self._known[key] = known
        self._known.move_to_end(key)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return known


def _heard(task: asyncio.Task[Known]) -> None:
    """A page that went on without the answer asks again; until then its failure is only told here."""
    if not task.cancelled() and (failure := task.exception()):
        log.warning("a proposal could not be worked out", exc_info=failure)
