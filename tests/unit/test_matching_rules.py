"""Every rule of a call against the plainest solver there is, level by level; what is said is solved again."""

from collections import Counter
from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.domain.candidates import candidates_of
from services.matching.domain.explain import explain_one
from services.matching.domain.large import solve_large
from services.matching.domain.market import CEFR, Aim, Costs, Held, Host, Level, Market, Rule, Seeker, Terms, aims
from services.matching.domain.reasons import Unmatched
from services.matching.domain.solver import solve
from services.matching.domain.standing import Limit
from services.matching.domain.verify import Kind, change_for, closing, ranked, unlocked
from services.matching.week import stay

WEEKS = ("2024-W51", "2024-W52", "2025-W01")
MEMBERS = ("AT", "BE", "CZ")
FOCUS = ("information", "undeclared-work")
TONGUES = ("en", "fr")
ASKED = aims(Level.EXCHANGES, Level.KEPT, Level.MEMBERS, Level.WISHES, Level.COST)


def some(values, **sizes):
    return st.lists(st.sampled_from(values), unique=True, **sizes).map(tuple)


@st.composite
def seekers(draw, number):
    member = draw(st.sampled_from(MEMBERS))
    spoken = draw(some(TONGUES, min_size=1))
    return Seeker(
        f"interest-{number}",
        member,
        draw(st.sampled_from(FOCUS)),
        spoken,
        draw(some(WEEKS, min_size=1)),
        officials=draw(st.integers(1, 2)),
        duration=draw(st.integers(1, 2)),
        wishes=draw(some([one for one in MEMBERS if one != member], max_size=1)),
        avoided=draw(some(MEMBERS, max_size=1)),
        also=draw(some(FOCUS, max_size=1)),
        speaks={one: draw(st.sampled_from(CEFR)) for one in spoken if draw(st.booleans())},
        inspection=draw(st.sampled_from((None, None, True, False))),
        before=draw(st.sampled_from((None, ("offer-0", WEEKS[0]), ("offer-1", WEEKS[1])))),
    )


@st.composite
def hosts(draw, number):
    places = draw(st.dictionaries(st.sampled_from(WEEKS), st.integers(1, 3), min_size=1))
    spoken = draw(some(TONGUES, min_size=1))
    return Host(
        f"offer-{number}",
        draw(st.sampled_from(MEMBERS)),
        draw(some(FOCUS, min_size=1)),
        spoken,
        places,
        {week: draw(st.integers(0, number)) for week, number in places.items()},
        asks={one: draw(st.sampled_from(CEFR)) for one in spoken if draw(st.booleans())},
        inspection=draw(st.sampled_from((None, None, True, False))),
        avoided=draw(some(MEMBERS, max_size=1)),
        only_if_sends=draw(st.booleans()),
        most=draw(st.sampled_from((None, 1, 2))),
        largest=draw(st.sampled_from((None, None, 1))),
    )


@st.composite
def markets(draw):
    fares = {f"{one}>{other}": draw(st.integers(1, 5)) * 100 for one in MEMBERS for other in MEMBERS}
    terms = Terms(
        levels=ASKED,
        eligible=draw(st.sampled_from(((), (), MEMBERS[:2]))),
        cap=draw(st.sampled_from((None, 1, 2))),
        minimum=draw(st.sampled_from(({}, {"information": 1}, {"undeclared-work": 2}))),
        wanted=3,
        budget=draw(st.sampled_from((None, 1_000, 2_500))),
        costs=Costs(travel=300, week=100, interpretation=400, fares=fares),
        interpretation=draw(st.booleans()),
    )
    return Market(
        tuple(draw(seekers(number)) for number in range(draw(st.integers(0, 4)))),
        tuple(draw(hosts(number)) for number in range(draw(st.integers(0, 3)))),
        terms=terms,
        held=draw(st.sampled_from(((), (), (Held("AT", "AT", "information", 300),)))),
    )


def language_of(seeker, host):
    good = [
        one
        for one in seeker.languages
        if one in host.languages and (one not in host.asks or seeker.speaks.get(one, "C2") >= host.asks[one])
    ]
    return good[0] if good else None


def fits(market, seeker, host, week) -> bool:
    """The rules for two, said once more and not from the code."""
    terms = market.terms
    return (
        (not terms.eligible or {seeker.member, host.member} <= set(terms.eligible))
        and seeker.member != host.member
        and host.member not in seeker.avoided
        and seeker.member not in host.avoided
        and bool({seeker.focus, *seeker.also} & set(host.focus_areas))
        and (language_of(seeker, host) is not None or terms.interpretation)
        and {seeker.inspection, host.inspection} != {True, False}
        and (host.largest is None or seeker.officials <= host.largest)
        and all(host.free.get(one, 0) >= seeker.officials for one in stay(week, seeker.duration))
    )


def cost_of(market, seeker, host) -> int:
    costs = market.terms.costs
    way = costs.fares[f"{seeker.member}>{host.member}"] + costs.week * seeker.duration
    return way * seeker.officials + (0 if language_of(seeker, host) else costs.interpretation * seeker.duration)


def allowed(market, pairs) -> bool:
    load, visits, sent = Counter(), Counter(), Counter(one.sender for one in market.held)
    for seeker, host, week in pairs:
        visits[host.id] += 1
        sent[seeker.member] += 1
        for one in stay(week, seeker.duration):
            load[host.id, one] += seeker.officials
            if load[host.id, one] > host.free.get(one, 0):
                return False
    spent = sum(one.cost for one in market.held) + sum(cost_of(market, *pair[:2]) for pair in pairs)
    fresh = {seeker.member for seeker, _, _ in pairs}
    return (
        all(host.most is None or visits[host.id] <= host.most for _, host, _ in pairs)
        and (market.terms.cap is None or all(sent[one] <= market.terms.cap for one in fresh))
        and (market.terms.budget is None or not pairs or spent <= market.terms.budget)
        and all(not host.only_if_sends or sent[host.member] for _, host, _ in pairs)
    )


def score(market, pairs) -> tuple[int, ...]:
    """Minimum, exchanges, kept, members, wishes, and cost counted against."""
    focus = Counter(next(one for one in (s.focus, *s.also) if one in h.focus_areas) for s, h, _ in pairs)
    held = Counter(one.focus for one in market.held)
    least = sum(min(focus[one], max(0, wanted - held[one])) for one, wanted in market.terms.minimum.items())
    kept = sum(seeker.before == (host.id, week) for seeker, host, week in pairs)
    members = {seeker.member for seeker, _, _ in pairs} - {one.sender for one in market.held}
    wishes = sum(5 for seeker, host, _ in pairs if host.member in seeker.wishes)
    return least, len(pairs), kept, len(members), wishes, -sum(cost_of(market, *pair[:2]) for pair in pairs)


def brute_force(market) -> tuple[int, ...]:
    options = [
        [None, *((host, week) for host in market.hosts for week in seeker.weeks if fits(market, seeker, host, week))]
        for seeker in market.seekers
    ]
    choices = (
        [(seeker, *taken) for seeker, taken in zip(market.seekers, choice, strict=True) if taken]
        for choice in product(*options)
    )
    return max(score(market, pairs) for pairs in choices if allowed(market, pairs))


def pairs_of(market, solution):
    of_id = {one.id: one for one in (*market.seekers, *market.hosts)}
    return [(of_id[one.interest], of_id[one.offer], one.week) for one in solution.matches]


@settings(max_examples=60, deadline=None)
@given(markets())
def test_no_choice_is_better_on_any_level_and_no_rule_is_broken(market):
    solution = solve(market)
    pairs = pairs_of(market, solution)
    assert all(one.proven for one in solution.levels)
    assert all(fits(market, *pair) and pair[2] in pair[0].weeks for pair in pairs)
    assert allowed(market, pairs)
    assert score(market, pairs) == brute_force(market)
    assert [one.cost for one in solution.matches] == [cost_of(market, seeker, host) for seeker, host, _ in pairs]


@settings(max_examples=40, deadline=None)
@given(markets())
def test_the_network_breaks_no_rule_and_its_bound_holds(market):
    market = market.sorted()
    field = candidates_of(market)
    if not field.pairs:
        return
    solution = solve_large(market, field)
    pairs = pairs_of(market, solution)
    assert all(fits(market, *pair) for pair in pairs)
    assert allowed(market, pairs)
    plain = replace(market, terms=replace(market.terms, minimum={}))
    best = solve(plain).levels[0]
    reached = next(one for one in solution.levels if one.level is Level.EXCHANGES)
    assert best.level is Level.EXCHANGES
    assert len(pairs) <= best.value <= reached.bound


@settings(max_examples=15, deadline=None)
@given(markets())
def test_one_interest_alone_reads_the_reasons_of_the_run(market):
    market = market.sorted()
    solution = solve(market)
    for one in solution.unmatched:
        assert explain_one(market, solution.matches, one.interest) == one
    for match in solution.matches:
        why = explain_one(market, solution.matches, match.interest)
        assert not isinstance(why, Unmatched)
        assert replace(why, next=None) == replace(match.why, next=None)


@settings(max_examples=15, deadline=None)
@given(markets())
def test_a_change_that_is_named_does_match(market):
    market = market.sorted()
    solution = solve(market)
    for one in solution.unmatched:
        change = change_for((market, solution, one.interest))
        if change is not None and change.kind is Kind.WEEK:
            weeks = {one.interest: change.value}
            changed = tuple(
                replace(seeker, weeks=(*seeker.weeks, weeks[seeker.id])) if seeker.id in weeks else seeker
                for seeker in market.seekers
            )
            again = solve(replace(market, seekers=changed))
            assert one.interest in {match.interest for match in again.matches}


def seeker(number=1, **changes) -> Seeker:
    facts = {"member": "PT", "focus": "information", "languages": ("en",), "weeks": ("2024-W20",)}
    return Seeker(f"interest-{number}", **{**facts, **changes})


def host(number=1, **changes) -> Host:
    places = changes.pop("places", {"2024-W20": 1})
    facts = {"member": "ES", "focus_areas": ("information",), "languages": ("en",), "offered": places, "free": places}
    return Host(f"offer-{number}", **{**facts, **changes})


def changed_for(market: Market, interest: str = "interest-1"):
    return change_for((market, solve(market), interest))


def test_the_smallest_change_is_named_kind_by_kind():
    assert changed_for(Market((seeker(weeks=("2024-W19",)),), (host(),))).kind is Kind.WEEK
    language = changed_for(Market((seeker(languages=("pt",)),), (host(),)))
    assert (language.kind, language.value) == (Kind.LANGUAGE, "en")
    focus = changed_for(Market((seeker(focus="undeclared-work"),), (host(),)))
    assert (focus.kind, focus.value) == (Kind.FOCUS, "information")
    place = changed_for(Market((seeker(officials=2),), (host(),)))
    assert (place.kind, place.value, place.places) == (Kind.PLACE, "offer-1", 2)
    capped = Market((seeker(),), (host(),), terms=Terms(cap=0))
    assert changed_for(capped).kind is Kind.CAP
    poor = Market((seeker(),), (host(),), terms=Terms(budget=100, costs=Costs(travel=300)))
    budget = changed_for(poor)
    assert (budget.kind, budget.value) == (Kind.BUDGET, "200")


def test_nothing_is_named_where_no_single_change_helps():
    assert changed_for(Market((seeker(weeks=("2024-W19",), languages=("pt",)),), (host(),))) is None


def test_hosts_are_ranked_by_what_a_place_unlocks_and_close_the_distance():
    market = Market((seeker(1), seeker(2), seeker(3)), (host(), host(2, member="PT")), terms=Terms(wanted=2))
    solution = solve(market)
    found = ranked(unlocked((market, solution, ("offer-1", "offer-2"))))
    assert [(one.offer, one.exchanges) for one in found] == [("offer-1", 1)]
    what = closing((market, solution, found))
    assert (what.missing, [one.offer for one in what.by]) == (1, ["offer-1"])


def test_swaps_and_cycles_come_out_of_reciprocity():
    ring = ("AT", "BE", "CZ")
    sends = tuple(seeker(at, member=one, avoided=(ring[at - 1],)) for at, one in enumerate(ring))
    takes = tuple(host(at, member=one, only_if_sends=True) for at, one in enumerate(ring))
    assert len(solve(Market(sends, takes)).matches) == 3
    alone = solve(Market(sends[:1], takes))
    assert alone.matches == ()
    assert {one.limit for one in alone.unmatched[0].taken} == {Limit.RECIPROCITY}


def test_a_group_goes_whole_and_each_to_another_host():
    pair = (seeker(1, group="idea"), seeker(2, group="idea"))
    assert solve(Market(pair, (host(places={"2024-W20": 2}),))).matches == ()
    both = solve(Market(pair, (host(), host(2, member="FR")))).matches
    assert {one.offer for one in both} == {"offer-1", "offer-2"}


def test_what_is_agreed_stays_and_as_little_as_possible_moves():
    kept = seeker(1, before=("offer-2", "2024-W20"))
    wishing = replace(kept, wishes=("ES",))
    hosts_ = (host(1), host(2, member="FR"))
    assert solve(Market((wishing,), hosts_)).matches[0].offer == "offer-2"
    agreed = seeker(1, before=("offer-1", "2024-W20"), fixed=True)
    solution = solve(Market((agreed, seeker(2, member="IT", wishes=("ES",))), (host(1),)))
    assert [one.interest for one in solution.matches] == ["interest-1"]


def test_levels_and_weights_are_data_of_the_call():
    far = seeker(1, weeks=("2024-W20",), wishes=("FR",))
    costs = Costs(fares={"PT>ES": 100, "PT>FR": 400})
    hosts_ = (host(1), host(2, member="FR"))

    def goes_to(*levels: Aim) -> str:
        return solve(Market((far,), hosts_, terms=Terms(levels=levels, costs=costs))).matches[0].host

    count = Aim({Level.EXCHANGES: 1})
    assert goes_to(count, Aim({Level.WISHES: 1}), Aim({Level.COST: 1})) == "FR"
    assert goes_to(count, Aim({Level.COST: 1}), Aim({Level.WISHES: 1})) == "ES"
    assert goes_to(count, Aim({Level.WISHES: 10, Level.COST: 1})) == "ES"
    assert goes_to(count, Aim({Level.WISHES: 100, Level.COST: 1})) == "FR"


def test_an_interpreter_comes_where_the_call_pays_one():
    silent = Market((seeker(languages=("pt",)),), (host(),), terms=Terms(interpretation=True, costs=Costs(100, 0, 50)))
    (match,) = solve(silent).matches
    assert (match.language, match.interpreted, match.cost) == ("", True, 150)
    (unmatched,) = solve(replace(silent, terms=Terms())).unmatched
    assert [one.rule for one in unmatched.fallen] == [Rule.LANGUAGE]
