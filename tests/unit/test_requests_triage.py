"""Triage against resources: the best set, its bound, and why a request is left out."""

import asyncio
import random
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.triage import large
from services.requests.domain.choosing import choose
from services.requests.domain.resources import OfQuarter, Resources, SetResources, evolve, set_resources
from services.requests.domain.triage import (
    EFFORTS,
    Item,
    Problem,
    Search,
    difference,
    filled,
    fits,
    left_of,
    reasons,
    worth,
)
from services.requests.proposing import Proposing
from services.requests.weighing import Scale
from shared.contracts.refused import Refused
from shared.profiles import NETWORKS, load
from shared.profiles.triage import Cost, Size, triage_of

QUARTERS = ("2025-Q1", "2025-Q2")
amounts = st.one_of(st.none(), st.integers(0, 12))


@st.composite
def problems(draw):
    def item(number):
        quarters = draw(st.sampled_from([(), QUARTERS[:1], QUARTERS[1:], QUARTERS]))
        return Item(
            f"request-{number}",
            draw(st.sampled_from("AB")),
            draw(st.sampled_from(("training", "event"))),
            draw(st.tuples(*[st.integers(0, 6)] * 4)),
            tuple((quarter, draw(st.integers(1, 30))) for quarter in quarters),
        )

    return Problem(
        {quarter: draw(st.tuples(*[amounts] * 4)) for quarter in QUARTERS},
        tuple(item(number) for number in range(draw(st.integers(0, 6)))),
        draw(st.dictionaries(st.sampled_from(("training", "event")), st.integers(0, 3))),
        draw(st.one_of(st.none(), st.integers(1, 3))),
        draw(st.frozensets(st.sampled_from("AB"))),
        draw(st.integers(0, 20)),
    )


def best_of(problem: Problem) -> int:
    """By trying every set."""
    places = [[None, *(quarter for quarter, _ in item.points)] for item in problem.items]
    sets = (
        {item.id: quarter for item, quarter in zip(problem.items, chosen, strict=True) if quarter}
        for chosen in product(*places)
    )
    return max(worth(problem, one) for one in sets if fits(problem, one))


@settings(max_examples=80, deadline=None)
@given(problems())
def test_no_set_is_better(problem):
    found = choose(Search(problem, near=0))
    assert fits(problem, found.chosen)
    assert (found.value, found.bound, found.proven) == (best_of(problem), best_of(problem), True)
    assert found.value == worth(problem, found.chosen)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_every_request_left_out_has_its_reason_and_what_it_takes_is_enough(problem):
    found = choose(Search(problem))
    told = {one.request: one for one in reasons(problem, found)}
    items = {item.id: item for item in problem.items}
    assert told.keys() == items.keys() - found.chosen.keys()
    for name, why in told.items():
        if why.quarter is None:
            assert items[name].points == ()
            continue
        assert why.verified
        assert why.short or why.kind_cap is not None or why.member_cap is not None
        more = [0, 0, 0, 0]
        for lack in why.short:
            more[lack.resource] = lack.by
        helped = problem.given(why.quarter, tuple(more))
        if why.kind_cap is not None:
            helped = replace(helped, caps={**helped.caps, items[name].kind: why.kind_cap + 1})
        if why.member_cap is not None:
            helped = replace(helped, most_a_member=why.member_cap + 1)
        assert fits(helped, {**found.chosen, name: why.quarter})
        for place, by in enumerate(more):
            if by:
                less = tuple(one - (at == place) for at, one in enumerate(more))
                fewer = problem.given(why.quarter, less)
                assert min(one for one in [left_of(fewer, {**found.chosen, name: why.quarter})[why.quarter][place]]) < 0
        if why.instead_of:
            rest = {one: at for one, at in found.chosen.items() if one != why.instead_of}
            assert fits(problem, {**rest, name: why.quarter})


@settings(max_examples=30, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(problem, chance):
    items = list(problem.items)
    chance.shuffle(items)
    other = replace(problem, items=tuple(items))
    assert other.key == problem.key
    assert choose(Search(other)) == choose(Search(problem))


def test_five_hundred_requests_come_within_one_percent_and_twice_the_same():
    problem = large(500, random.Random(3))
    first, again = choose(Search(problem)), choose(Search(problem))
    assert first == again
    assert first.gap <= 0.01
    proof = choose(Search(problem, first.chosen, effort=1, near=0, known_bound=first.bound))
    assert proof.value >= first.value
    assert proof.bound <= first.bound


def item(name, cost, points=10, member="BG", kind="training", quarter="2025-Q1"):
    return Item(name, member, kind, cost, ((quarter, points),))


def test_the_reason_names_resource_and_amount():
    problem = Problem({"2025-Q1": (10_000, 4, 1, None)}, (item("a", (8_000, 4, 1, 2), 50), item("b", (6_000, 2, 0, 0))))
    found = choose(Search(problem, near=0))
    (why,) = reasons(problem, found)
    assert dict(found.chosen) == {"a": "2025-Q1"}
    assert [(one.resource, one.needs, one.left, one.by) for one in why.short] == [
        (0, 6_000, 2_000, 4_000),
        (1, 2, 0, 2),
    ]
    assert why.instead_of == "a"


def test_a_member_without_activity_goes_before():
    items = (item("a", (5, 0, 0, 0), 12), item("b", (5, 0, 0, 0), 10, member="MT"))
    problem = Problem({"2025-Q1": (5, None, None, None)}, items)
    assert dict(choose(Search(problem)).chosen) == {"a": "2025-Q1"}
    assert dict(choose(Search(replace(problem, first=frozenset({"MT"}), first_points=5))).chosen) == {"b": "2025-Q1"}


def test_of_equal_sets_the_one_nearest_to_what_was_proposed_is_taken():
    items = tuple(item(name, (5, 0, 0, 0)) for name in "abcd")
    problem = Problem({"2025-Q1": (10, None, None, None)}, items)
    before = {"c": "2025-Q1", "d": "2025-Q1"}
    assert dict(choose(Search(problem, before)).chosen) == before
    more = choose(Search(problem.given("2025-Q1", (5, 0, 0, 0)), before, near=0))
    told = difference(before, more.chosen)
    assert (len(told.comes), told.goes, told.moves) == (1, (), ())


def test_what_still_fits_is_never_left_out():
    problem = large(60, random.Random(1))
    once = filled(problem, {})
    assert fits(problem, once)
    assert filled(problem, once) == once


def test_resources_are_set_by_quarter_and_what_is_the_same_is_no_event():
    command = SetResources(
        year=2025, quarters=(OfQuarter(quarter="2025-Q1", budget=9, trainer_days=2.5), OfQuarter(quarter="2025-Q2"))
    )
    (first,) = set_resources(Resources(), command)
    state = evolve(Resources(), first)
    assert state.of("2025-Q1").trainer_days == 2.5
    assert state.of("2025-Q2").budget is None
    assert set_resources(state, command) == []
    (second,) = set_resources(state, SetResources(year=2025, quarters=(OfQuarter(quarter="2025-Q1", budget=8),)))
    assert (second.budget, second.previous_budget, second.previous_trainer_days) == (8, 9, 2.5)
    with pytest.raises(Refused, match="quarter of"):
        set_resources(state, SetResources(year=2026, quarters=(OfQuarter(quarter="2025-Q1"),)))


def test_points_follow_need_and_age():
    asked = {"topic": "posting", "target_groups": ["inspectors"], "submitted_on": "2024-10-01"}
    weights = triage_of("ela").weights
    scale = Scale(triage_of("ela"), {("inspectors", "posting"): 30, ("networks", "imi"): 60}, date(2025, 1, 1))
    assert scale.parts(asked) == (weights.need // 2, 3 * weights.age_a_month)
    assert scale.parts({**asked, "topic": None, "submitted_on": "2010-01-01"}) == (0, weights.age_at_most)
    assert scale.points(asked) == weights.base + weights.need // 2 + 3 * weights.age_a_month


def test_a_deferred_request_comes_no_earlier_than_decided_and_none_comes_in_a_quarter_that_is_over():
    scale = Scale(triage_of("ela"), {}, date(2025, 5, 5))
    state = {
        "kind": "website-review", "member": "BG", "status": "submitted", "topic": None, "target_groups": [],
        "submitted_on": "2025-01-01", "quarter_wished": "2025-Q1", "quarter": None, "participants": None,
    }  # fmt: skip
    assert [quarter for quarter, _ in scale.item("a", state, 2025).points] == ["2025-Q2", "2025-Q3", "2025-Q4"]
    deferred = {**state, "status": "deferred", "quarter": "2025-Q4"}
    assert [quarter for quarter, _ in scale.item("a", deferred, 2025).points] == ["2025-Q4"]
    assert scale.item("a", state, 2024).points == ()


@pytest.mark.parametrize("network", NETWORKS)
def test_every_kind_of_request_has_its_cost(network):
    assert load(network).request_kinds.keys() <= triage_of(network).costs.keys()


def test_the_size_follows_the_participants():
    cost = Cost(sizes=(Size(up_to=20, budget=1), Size(up_to=50, budget=2), Size(budget=3)), usual=1)
    assert [cost.size(number).budget for number in (1, 20, 21, 50, 51, 9_000, None)] == [1, 1, 2, 2, 3, 3, 2]
    for wrong in ((Size(up_to=9), Size(up_to=5), Size()), (Size(up_to=9),), tuple(Size(up_to=n) for n in range(1, 8))):
        with pytest.raises(ValueError, match=r"sizes|at most 5"):
            Cost(sizes=wrong)


def test_the_service_itself_does_without_the_solvers_library():
    script = "import sys, services.requests.weighing, services.requests.proposing; print('ortools' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == "False\n"


class Here:
    """A solver without a process of its own."""

    def __init__(self):
        self.asked = []

    async def run(self, function, search):
        self.asked.append(search)
        return choose(search)

    def close(self):
        pass


async def test_first_an_answer_then_its_proof_in_steps_and_each_is_asked_once():
    proposing = Proposing()
    proposing.answers = proposing.proofs = here = Here()
    problem = large(90, random.Random(0))
    first = await proposing.proposal(problem)
    assert first.running
    assert first.proposal.gap <= 0.01
    async with asyncio.timeout(60):
        await proposing._proof
    last = await proposing.proposal(problem)
    assert not last.running
    assert last.proposal.value >= first.proposal.value
    assert last.proposal.bound <= first.proposal.bound
    steps = [search.effort for search in here.asked]
    assert tuple(steps[1:]) == EFFORTS[: last.step]
    await proposing.what_if(problem.given("2025-Q1", (10_000, 0, 0, 0)), last.proposal)
    await proposing.what_if(problem.given("2025-Q1", (10_000, 0, 0, 0)), last.proposal)
    assert len(here.asked) == len(steps) + 1
    proposing.close()


async def test_who_cannot_wait_sees_a_set_that_fits_while_the_first_answer_is_worked_out():
    class Slow(Here):
        def __init__(self):
            super().__init__()
            self.go_on = asyncio.Event()

        async def run(self, function, search):
            await self.go_on.wait()
            return await super().run(function, search)

    proposing = Proposing()
    proposing.answers = proposing.proofs = slow = Slow()
    problem = large(40, random.Random(3))
    early, again = [await proposing.so_far(problem, moment_s=0) for _time in range(2)]
    assert early.searching
    assert again == early
    assert fits(problem, early.proposal.chosen)
    assert early.proposal.chosen == filled(problem, early.proposal.chosen)
    waits = asyncio.create_task(proposing.proposal(problem))
    slow.go_on.set()
    found = await waits
    assert not found.searching
    assert early.proposal.value <= found.proposal.value <= early.proposal.bound
    assert (await proposing.so_far(problem)).proposal == found.proposal
    assert len(slow.asked) == 1
    proposing.close()


async def test_a_proof_that_fails_leaves_the_answer():
    class Broken(Here):
        async def run(self, function, search):
            raise Refused("unavailable", "This could not be worked out.", status=503)

    proposing = Proposing()
    proposing.answers, proposing.proofs = Here(), Broken()
    first = await proposing.proposal(large(90, random.Random(0)))
    await proposing._proof
    last = await proposing.proposal(large(90, random.Random(0)))
    assert last.proposal == first.proposal
    assert not last.running
