"""What is said without solving everything: bounds of large markets on every level, and changes that do match."""

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.markets import large
from services.matching.domain import verify
from services.matching.domain.candidates import candidates_of
from services.matching.domain.estimate import Estimate
from services.matching.domain.large import solve_large
from services.matching.domain.market import Aim, Level, Market
from services.matching.domain.solver import solve
from services.matching.domain.verify import Change, Kind, change_for
from services.matching.domain.whatif import with_budget, with_cap, with_interpretation, with_places, with_seeker
from services.matching.week import stay
from tests.unit.test_matching_rules import allowed, cost_of, fits, markets, pairs_of

WEIGHED = (Aim({Level.EXCHANGES: 1}), Aim({Level.WISHES: 100, Level.COST: 1}))


def weighed(market: Market, pairs) -> int:
    return sum(500 * (host.member in one.wishes) - cost_of(market, one, host) for one, host, _ in pairs)


def choices(market: Market):
    options = [
        [None, *((host, week) for host in market.hosts for week in one.weeks if fits(market, one, host, week))]
        for one in market.seekers
    ]
    for choice in product(*options):
        pairs = [(seeker, *taken) for seeker, taken in zip(market.seekers, choice, strict=True) if taken]
        if allowed(market, pairs):
            yield pairs


@settings(max_examples=80, deadline=None)
@given(markets(), st.randoms(use_true_random=False))
def test_a_large_market_breaks_no_rule_and_its_bounds_hold_in_any_order(market, shuffler):
    market = replace(market, terms=replace(market.terms, levels=WEIGHED, minimum={}))
    ordered = market.sorted()
    field = candidates_of(ordered)
    solution = solve_large(ordered, field)
    pairs = pairs_of(ordered, solution)
    assert all(fits(ordered, *pair) for pair in pairs)
    assert allowed(ordered, pairs)
    first, rest = (one for one in solution.levels if one.level in (Level.EXCHANGES, Level.WEIGHED))
    assert first.value == len(pairs) <= max(len(one) for one in choices(ordered)) <= first.bound
    best = max(weighed(ordered, one) for one in choices(ordered) if len(one) >= first.value)
    assert rest.value == weighed(ordered, pairs) <= best <= rest.bound
    mixed = replace(
        market,
        seekers=tuple(shuffler.sample(market.seekers, len(market.seekers))),
        hosts=tuple(shuffler.sample(market.hosts, len(market.hosts))),
    ).sorted()
    assert solve_large(mixed, candidates_of(mixed)) == solution


def changed(market: Market, interest: str, change: Change) -> Market:
    seeker = next(one for one in market.seekers if one.id == interest)
    match change.kind:
        case Kind.WEEK:
            return with_seeker(market, interest, weeks=(*seeker.weeks, change.value))
        case Kind.LANGUAGE:
            rest = tuple(one for one in seeker.languages if one != change.value)
            known = {one: level for one, level in seeker.speaks.items() if one != change.value}
            return with_seeker(market, interest, languages=(*rest, change.value), speaks=known)
        case Kind.FOCUS:
            return with_seeker(market, interest, also=(*seeker.also, change.value))
        case Kind.PLACE:
            return with_places(market, {change.offer}, change.places, stay(change.week, seeker.duration))
        case Kind.CAP:
            return with_cap(market, change.value)
        case Kind.BUDGET:
            return with_budget(market, int(change.value))
    return with_interpretation(market)


@settings(max_examples=40, deadline=None)
@given(markets())
def test_a_change_of_any_kind_does_match(market):
    market = market.sorted()
    solution = solve(market)
    for one in solution.unmatched:
        change = change_for((market, solution, one.interest))
        if change is not None:
            again = solve(changed(market, one.interest, change))
            assert one.interest in {match.interest for match in again.matches}, change


@settings(max_examples=40, deadline=None)
@given(markets())
def test_what_prices_rule_out_cannot_be(market):
    """One more place, or one more for a member, never brings more than was told without solving."""
    market = market.sorted()
    solution = solve(market)
    told = Estimate(market, solution)
    for one in {seeker.member for seeker in market.seekers}:
        if (more := with_cap(market, one)) is not market:
            assert len(solve(more).matches) <= told.with_cap(one) + verify.ROUGH


@pytest.mark.parametrize("full", [False, True])
def test_a_market_that_is_short_of_everything_keeps_every_rule(full):
    market = large(seekers=2_000, hosts=1_600, full=full).sorted()
    solution = solve_large(market, candidates_of(market))
    load, visits, sent, sending = Counter(), Counter(), Counter(), set()
    pairs = pairs_of(market, solution)
    for seeker, host, week in pairs:
        load[host.id, week] += seeker.officials
        assert load[host.id, week] <= host.free[week]
        visits[host.id] += 1
        assert visits[host.id] <= host.most
        sent[seeker.member] += 1
        assert sent[seeker.member] <= market.terms.cap
        sending.add(seeker.organisation)
        assert week in seeker.weeks
        assert seeker.member != host.member
        assert seeker.focus in host.focus_areas
    assert all(not host.only_if_sends or host.organisation in sending for _, host, _ in pairs)
    spent = sum(market.terms.costs.of(seeker, host, False) for seeker, host, _ in pairs)
    assert spent <= market.terms.budget
    assert spent > 0.9 * market.terms.budget
    assert 0 < solution.levels[0].value <= solution.levels[0].bound <= solution.levels[0].value * 1.1
