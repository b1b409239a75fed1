"""The solver against the plainest solver there is, and its word on why."""

import asyncio
import subprocess
import sys
import time
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.markets import real
from services.matching.domain.candidates import candidates_of, fallen
from services.matching.domain.market import Host, Market, Rule, Seeker
from services.matching.domain.solution import Level, wish_points
from services.matching.domain.solver import solve
from services.matching.week import stay
from shared.solving import SolverPool

WEEKS = ("2024-W51", "2024-W52", "2025-W01", "2025-W02")
MEMBERS = ("AT", "BE", "CZ", "DK")
FOCUS = ("information", "undeclared-work")
LANGUAGES = ("en", "fr")
SOLVE = "services.matching.domain.solver:solve"


def some(values, **sizes):
    return st.lists(st.sampled_from(values), unique=True, **sizes).map(tuple)


@st.composite
def seekers(draw):
    member = draw(st.sampled_from(MEMBERS))
    return {
        "member": member,
        "focus": draw(st.sampled_from(FOCUS)),
        "languages": draw(some(LANGUAGES, min_size=1)),
        "weeks": draw(some(WEEKS, min_size=1)),
        "officials": draw(st.integers(1, 2)),
        "duration": draw(st.integers(1, 2)),
        "wishes": draw(some([one for one in MEMBERS if one != member], max_size=2)),
    }


@st.composite
def hosts(draw):
    places = draw(st.dictionaries(st.sampled_from(WEEKS), st.integers(1, 3), min_size=1))
    return {
        "member": draw(st.sampled_from(MEMBERS)),
        "focus_areas": draw(some(FOCUS, min_size=1)),
        "languages": draw(some(LANGUAGES, min_size=1)),
        "offered": places,
        "free": {week: draw(st.integers(0, number)) for week, number in places.items()},
    }


@st.composite
def markets(draw):
    seeking = draw(st.lists(seekers(), max_size=4))
    hosting = draw(st.lists(hosts(), max_size=3))
    return Market(
        tuple(Seeker(f"interest-{place}", **one) for place, one in enumerate(seeking)),
        tuple(Host(f"offer-{place}", **one) for place, one in enumerate(hosting)),
        draw(some(MEMBERS, max_size=2)),
    )


def fits(seeker: Seeker, host: Host, week: str) -> bool:
    """The hard rules said once more, from the strategy and not from the code."""
    return (
        seeker.member != host.member
        and seeker.focus in host.focus_areas
        and bool(set(seeker.languages) & set(host.languages))
        and all(host.free.get(one, 0) >= seeker.officials for one in stay(week, seeker.duration))
    )


def brute_force(market: Market) -> tuple[int, int, int]:
    """The best (exchanges, members newly served, wish points) over every choice there is."""
    options = [
        [None, *((host, week) for host in market.hosts for week in seeker.weeks if fits(seeker, host, week))]
        for seeker in market.seekers
    ]
    best = (0, 0, 0)
    for choice in product(*options):
        pairs = [(seeker, *taken) for seeker, taken in zip(market.seekers, choice, strict=True) if taken]
        if not within_places(pairs):
            continue
        served = {seeker.member for seeker, _, _ in pairs} - set(market.served)
        points = sum(wish_points(seeker.wishes, host.member) for seeker, host, _ in pairs)
        best = max(best, (len(pairs), len(served), points))
    return best


def within_places(pairs) -> bool:
    load: dict[tuple[str, str], int] = {}
    for seeker, host, week in pairs:
        for one in stay(week, seeker.duration):
            load[host.id, one] = load.get((host.id, one), 0) + seeker.officials
            if load[host.id, one] > host.free.get(one, 0):
                return False
    return True


@settings(max_examples=80, deadline=None)
@given(markets())
def test_no_choice_is_better_and_no_rule_is_broken(market):
    solution = solve(market)
    reached = {one.level: one.value for one in solution.levels}
    assert solution.proven
    assert (reached[Level.EXCHANGES], reached[Level.MEMBERS], reached[Level.WISHES]) == brute_force(market)
    of_id = {one.id: one for one in (*market.seekers, *market.hosts)}
    pairs = [(of_id[one.interest], of_id[one.offer], one.week) for one in solution.matches]
    assert all(fits(*pair) and pair[2] in pair[0].weeks for pair in pairs)
    assert within_places(pairs)
    assert len({one.interest for one in solution.matches}) == len(solution.matches)
    assert all(one.language in of_id[one.offer].languages for one in solution.matches)


@settings(max_examples=40, deadline=None)
@given(markets(), st.randoms(use_true_random=False))
def test_the_same_market_in_any_order_has_the_same_answer(market, shuffler):
    def shuffled(values):
        return tuple(shuffler.sample(list(values), len(values)))

    again = Market(
        shuffled([replace(one, weeks=shuffled(one.weeks)) for one in market.seekers]),
        shuffled([replace(one, free=dict(shuffled(one.free.items()))) for one in market.hosts]),
        shuffled(market.served),
    )
    assert solve(again) == solve(market)


@settings(max_examples=60, deadline=None)
@given(markets())
def test_every_candidate_that_fell_is_counted_under_one_rule(market):
    market = market.sorted()
    field = candidates_of(market)
    for place, seeker in enumerate(market.seekers):
        standing = [one for one in field.candidates() if one.seeker == place]
        fell = fallen(market, place)
        assert sum(one.candidates for one in fell) + len(standing) == len(market.hosts) * len(seeker.weeks)
        assert sum(one.offers for one in fell) + len({one.host for one in standing}) == len(market.hosts)


@settings(max_examples=60, deadline=None)
@given(markets())
def test_whoever_goes_away_empty_lost_each_place_to_somebody(market):
    solution = solve(market)
    matched = {one.interest for one in solution.matches}
    assert {one.interest for one in solution.unmatched} | matched == {one.id for one in market.seekers}
    for one in solution.unmatched:
        assert one.interest not in matched
        assert all(set(taken.by) <= matched and taken.by for taken in one.taken)
        assert (one.open > 0) == bool(one.taken)


def seeker(number=1, **changes) -> Seeker:
    facts = {"member": "PT", "focus": "information", "languages": ("pt", "en"), "weeks": ("2024-W20",)}
    return Seeker(f"interest-{number}", **{**facts, **changes})


def host(number=1, places=None, free=None, **changes) -> Host:
    facts = {"member": "ES", "focus_areas": ("information",), "languages": ("en", "es")}
    places = places or {"2024-W20": 1}
    return Host(f"offer-{number}", **{**facts, **changes}, offered=places, free=free or places)


@pytest.mark.parametrize(
    ("of_seeker", "of_host", "rule"),
    [
        ({}, {"member": "PT"}, Rule.OWN_HOST),
        ({"excluded": ("offer-1",)}, {}, Rule.TURNED_DOWN),
        ({"focus": "undeclared-work"}, {}, Rule.FOCUS),
        ({"languages": ("pt",)}, {}, Rule.LANGUAGE),
        ({"weeks": ("2024-W21",)}, {}, Rule.DATES),
        ({"duration": 2}, {}, Rule.DATES),
        ({"officials": 2}, {}, Rule.CAPACITY),
        ({}, {"free": {"2024-W20": 0}}, Rule.CAPACITY),
    ],
)
def test_each_rule_stops_what_breaks_it_and_says_so(of_seeker, of_host, rule):
    solution = solve(Market((seeker(**of_seeker),), (host(**of_host),)))
    (unmatched,) = solution.unmatched
    assert [one.rule for one in unmatched.fallen] == [rule]
    assert (unmatched.fallen[0].offers, unmatched.open) == (1, 0)


def test_more_exchanges_come_before_anybodys_wish():
    wished = seeker(1, wishes=("ES",), weeks=("2024-W20", "2024-W21"))
    bound = seeker(2, member="FR")
    hosts = (host(1), host(2, member="IT", places={"2024-W21": 1}))
    solution = solve(Market((wished, bound), hosts))
    assert {(one.interest, one.offer) for one in solution.matches} == {
        ("interest-1", "offer-2"),
        ("interest-2", "offer-1"),
    }


def test_a_member_without_an_exchange_comes_before_one_that_has_some():
    first = seeker(1, wishes=("ES",))
    solution = solve(Market((first, seeker(2, member="FR")), (host(),), served=("PT",)))
    (match,) = solution.matches
    assert (match.sender, match.why.first_of_member) == ("FR", True)
    (unmatched,) = solution.unmatched
    assert (unmatched.taken[0].host, unmatched.taken[0].by) == ("ES", ("interest-2",))


def test_a_match_says_what_spoke_for_it():
    wishing = seeker(weeks=("2024-W19", "2024-W20", "2024-W21"), wishes=("IT", "ES"))
    places = {"2024-W20": 1, "2024-W21": 1}
    (match,) = solve(Market((wishing,), (host(places=places), host(2, focus_areas=("undeclared-work",))))).matches
    why = match.why
    assert (match.week, match.language) == ("2024-W20", "en")
    assert (why.wish, why.wishes, why.offers, why.starts, why.earlier_starts) == (2, 2, 1, 2, 0)


def test_nothing_to_match_is_an_answer_too():
    solution = solve(Market((), ()))
    assert (solution.proven, solution.matches, solution.unmatched) == (True, (), ())


def test_a_search_that_ends_early_says_what_may_still_exist():
    market = real(seekers=100, hosts=70)
    early, again = (solve(market, effort=0.0001) for _ in range(2))
    assert early == again
    assert not early.proven
    best = solve(market)
    assert best.proven
    early_first, best_first = early.levels[1], best.levels[1]
    assert early_first.level is best_first.level is Level.EXCHANGES
    assert early_first.value <= best_first.value <= early_first.bound


async def test_the_loop_goes_on_while_the_solver_works():
    pool = SolverPool()
    try:
        await pool.run(SOLVE, Market((), ()))  # the process is up
        began = last = time.perf_counter()
        solving = asyncio.create_task(pool.run(SOLVE, real(seekers=100, hosts=70)))
        longest, turns = 0.0, 0
        while not solving.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, turns, last = max(longest, now - last), turns + 1, now
        assert (await solving).proven
    finally:
        pool.close()
    assert turns > 20
    assert longest < (last - began) / 2  # a solve in the loop would have held it for all of that time


async def test_a_solver_that_was_killed_is_started_again():
    pool = SolverPool()
    try:
        await pool.run(SOLVE, Market((), ()))
        assert pool._executor is not None
        for process in pool._executor._processes.values():
            process.kill()
        assert (await pool.run(SOLVE, Market((seeker(),), (host(),)))).matches
    finally:
        pool.close()


def test_the_service_itself_does_without_the_solvers_library():
    """It is a hundred megabytes in memory, which the solver's process alone needs."""
    script = "import sys, services.matching.handlers, services.matching.web; print('ortools' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == "False\n"


async def test_a_solver_without_work_goes():
    pool = SolverPool(idle_s=0.05)
    try:
        await pool.run(SOLVE, Market((), ()))
        async with asyncio.timeout(30):
            while pool.running:  # noqa: ASYNC110 - it goes by a timer that nobody else hears
                await asyncio.sleep(0.01)
        assert (await pool.run(SOLVE, Market((), ()))).proven
    finally:
        pool.close()
