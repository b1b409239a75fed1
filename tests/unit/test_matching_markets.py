"""Experts and partners: the assignment against the plainest solver there is, and the rules of both markets."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching import market_letters
from services.matching.commands import RerunMatch
from services.matching.commands import experts as ask
from services.matching.commands import ideas as wish
from services.matching.commands import promoters as meet
from services.matching.domain import demand, exchange, expert, idea, market_run, meeting, partner, roster
from services.matching.domain.call import Call
from services.matching.domain.demand import Demand
from services.matching.domain.expert import Booking, Expert
from services.matching.domain.idea import Idea
from services.matching.domain.market import CEFR, Aim, Host, Level, Market, Seeker, Terms
from services.matching.domain.market_solve import solve as solve_market
from services.matching.domain.partner import Partner
from services.matching.domain.solver import solve
from services.matching.handlers import market_streams, streams
from services.matching.handlers.experts import in_months
from services.matching.handlers.runs import due_run
from services.matching.queries import Found
from services.matching.queries.experts import _host, _seats
from services.matching.queries.ideas import host_of, seats_of
from services.matching.web.agreement import words_of
from services.matching.web.market_views import DemandView
from shared.contracts.matching import InterestChanged, InterestEndorsed, InterestFiled, OfferChanged, OfferMade
from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.profiles import load

WEEKS = ("2026-W52", "2026-W53", "2027-W01")
DAYS = {"2026-W52": date(2026, 12, 22), "2026-W53": date(2026, 12, 29), "2027-W01": date(2027, 1, 5)}
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def some(values, **sizes):
    return st.lists(st.sampled_from(values), unique=True, **sizes).map(tuple)


@st.composite
def listed(draw, number):
    spoken = draw(some(("en", "fr"), min_size=1))
    booked = {"seat": Booking("demand-x", (WEEKS[0],))} if draw(st.booleans()) else {}
    return Expert(
        expert.Status.LISTED, f"person-{number}", areas=draw(some(("a", "b"), min_size=1)), languages=spoken,
        levels={one: draw(st.sampled_from(CEFR)) for one in spoken if draw(st.booleans())},
        weeks=draw(some(WEEKS, min_size=1)), most=draw(st.integers(1, 2)), score=draw(st.integers(3, 5)),
        valid_until=draw(st.sampled_from((date(2027, 12, 31), date(2027, 1, 3)))), bookings=booked,
    )  # fmt: skip


@st.composite
def sought(draw):
    begins, ends = sorted(draw(st.tuples(st.sampled_from(WEEKS), st.sampled_from(WEEKS))))
    return Demand(
        demand.Status.OPEN, area=draw(st.sampled_from(("a", "b"))), languages=draw(some(("en", "fr"), min_size=1)),
        levels=draw(st.sampled_from(({}, {"en": "B2"}, {"fr": "C1"}))), begins=DAYS[begins], ends=DAYS[ends],
        experts=draw(st.integers(1, 2)), wishes=draw(st.sampled_from(((), ("expert-0",)))),
    )  # fmt: skip


def suits(one: Expert, need: Demand) -> bool:
    """The rules for two, said once more."""
    spoken = any(
        code in one.languages and one.levels.get(code, "C2") >= need.levels.get(code, "A1") for code in need.languages
    )
    held = {week for booking in one.bookings.values() for week in booking.weeks}
    fits = all(week in one.weeks and week not in held for week in need.weeks)
    return need.area in one.areas and spoken and fits and all(_ends(week) <= one.valid_until for week in need.weeks)


def _ends(week: str) -> date:
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 7)


def _terms(rules) -> Terms:
    return Terms(tuple(Aim({Level(name): weight for name, weight in one.items()}) for one in rules.levels))


def loads(experts) -> Counter:
    return Counter((name, year) for name, one in experts.items() for year, n in one.load().items() for _ in range(n))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_experts_are_assigned_as_well_as_can_be(data) -> None:
    experts = {f"expert-{n}": data.draw(listed(n)) for n in range(data.draw(st.integers(0, 3)))}
    needs = {f"demand-{n}": data.draw(sought()) for n in range(data.draw(st.integers(0, 2)))}
    seats = tuple(seat for key, one in needs.items() for seat in _seats(Found(key, 1, one), {}))
    hosts = tuple(_host(Found(key, 1, one)) for key, one in experts.items())
    found = solve_market(Market(seats, hosts, terms=_terms(load("ela").experts)))

    def score(choice) -> tuple[int, ...] | None:
        weeks, years = Counter(), loads(experts)
        before = sum(n * n for n in years.values())
        taken = [(need, name) for need, name in zip(owners, choice, strict=True) if name]
        for need, name in taken:
            if not suits(experts[name], needs[need]):
                return None
            weeks.update((name, week) for week in needs[need].weeks)
            years[name, needs[need].weeks[0][:4]] += 1
        if any(n > 1 for n in weeks.values()) or any(years[name, y] > experts[name].most for name, y in set(years) & {
            (name, needs[need].weeks[0][:4]) for need, name in taken
        }):  # fmt: skip
            return None
        liked = sum(experts[name].score + 5 * (name in needs[need].wishes) for need, name in taken)
        return len(taken), liked, before - sum(n * n for n in years.values())

    owners = [key for key, one in needs.items() for _ in range(one.experts)]
    best = max((s for c in product((None, *experts), repeat=len(owners)) if (s := score(c)) is not None), default=None)
    assert best is not None
    given_to = {one.interest: one.offer for one in found.matches}
    assert score([given_to.get(seat.id) for seat in seats]) == best
    assert found.proven
    assert all(len({m.offer for m in found.matches if m.interest.startswith(key)}) ==
               sum(m.interest.startswith(key) for m in found.matches) for key in needs)  # fmt: skip
    again = solve_market(Market(seats[::-1], hosts[::-1], terms=_terms(load("ela").experts)))
    assert again.matches == found.matches
    unused = market_run.idle(Market(seats, hosts), found)
    assert {one.offer for one in unused} == experts.keys() - set(given_to.values())
    assert all(sum(one.fallen.values()) + one.open == one.sought for one in unused)


@st.composite
def partners(draw, number):
    return Partner(
        partner.Status.OFFERED, f"m{number}", roles=draw(some(("r", "s"), min_size=1)), themes=("t",),
        languages=draw(some(("en", "fr"), min_size=1)), most=draw(st.integers(1, 2)),
        likes=draw(st.sampled_from(((), ("idea-1",)))), excluded=draw(st.sampled_from(((), (), ("m1",)))),
    )  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_as_many_ideas_as_can_be_have_all_their_partners(data) -> None:
    offers = {f"partner-{n}": data.draw(partners(n)) for n in range(data.draw(st.integers(0, 4)))}
    ideas = {
        f"idea-{n}": Idea(
            idea.Status.OPEN, f"m{n}", "t", roles=data.draw(st.sampled_from(({"r": 1}, {"r": 1, "s": 1}, {"s": 2}))),
            languages=data.draw(some(("en", "fr"), min_size=1)), wishes=data.draw(some(("m2", "m3"), max_size=1)),
        )
        for n in range(data.draw(st.integers(0, 2)))
    }  # fmt: skip
    seats = tuple(seat for key, one in ideas.items() for seat in seats_of(key, one, {}))
    hosts = tuple(host_of(key, one) for key, one in offers.items())
    found = solve_market(Market(seats, hosts, terms=_terms(load("earlall").ideas)))
    owners = [(seat.group, seat.focus.partition("@")[0]) for seat in seats]

    def score(choice) -> tuple[int, ...] | None:
        taken = [(*owner, name) for owner, name in zip(owners, choice, strict=True) if name]
        each = Counter(key for key, _, _ in taken)
        load_of = Counter(name for _, _, name in taken)
        right = all(
            role in offers[name].roles and offers[name].member != ideas[key].lead
            and ideas[key].lead not in offers[name].excluded
            and set(ideas[key].languages) & set(offers[name].languages)
            for key, role, name in taken
        )  # fmt: skip
        twice = len({(key, name) for key, _, name in taken}) < len(taken)
        torn = any(n < ideas[key].needed for key, n in each.items())
        if not right or twice or torn or any(n > offers[name].most for name, n in load_of.items()):
            return None
        liked = sum(5 * (offers[n].member in ideas[k].wishes) + 5 * (k in offers[n].likes) for k, _, n in taken)
        return len(each), len(taken), liked, -sum(n * n for n in load_of.values())

    best = max(s for c in product((None, *offers), repeat=len(owners)) if (s := score(c)) is not None)
    given_to = {one.interest: one.offer for one in found.matches}
    assert score([given_to.get(seat.id) for seat in seats]) == best
    assert found.proven


def told(module, state, command):
    for event in module.decide(state, command.at(NOW)):
        state = module.evolve(state, event)
    return state


EXPERT, DEMAND, SEAT, RUN = (new_id(one) for one in ("expert", "demand", "seat", "run"))
OFFER = {"areas": ("a",), "languages": ("en",), "weeks": ("2027-W02", "2027-W03")}


def an_expert(**more) -> Expert:
    applies = ask.Apply(roster=new_id("roster"), person="p", statement="I know it.", **{**OFFER, **more})
    state = told(expert, Expert(), applies)
    listing = ask.Assess(expert=EXPERT, listed=True, scores={}, reason="Good", valid_until=date(2029, 1, 1))
    return told(expert, state, listing)


def a_need(**more) -> Demand:
    asked = {"title": "T", "area": "a", "languages": ("en",), "begins": "2027-01-12", "ends": "2027-01-13", **more}
    return told(demand, Demand(), ask.SeekExperts(**asked))


def proposing(**more) -> ask.ProposeExpert:
    facts = {"demand": DEMAND, "seat": SEAT, "run": RUN, "expert": EXPERT, "person": "p", "area": "a"}
    return ask.ProposeExpert(**{**facts, "weeks": ("2027-W02",), "until": date(2027, 1, 13), **more})


def test_an_expert_never_has_more_than_they_offer_and_never_two_things_in_a_week() -> None:
    busy = told(expert, an_expert(most=2), proposing())
    with pytest.raises(Refused, match="not free"):
        expert.decide(busy, proposing(seat=new_id("seat")).at(NOW))
    twice = told(expert, busy, proposing(seat=new_id("seat"), weeks=("2027-W03",)))
    with pytest.raises(Refused, match="not free"):
        expert.decide(twice, proposing(seat=new_id("seat"), weeks=("2027-W04",)).at(NOW))
    full = told(expert, an_expert(), proposing())
    with pytest.raises(Refused, match="as many assignments"):
        expert.decide(full, proposing(seat=new_id("seat"), weeks=("2027-W03",)).at(NOW))
    assert told(expert, full, ask.DeclineSeat(demand=DEMAND, seat=SEAT)).bookings == {}
    with pytest.raises(Refused, match="ends before"):
        expert.decide(an_expert(), proposing(until=date(2029, 1, 2)).at(NOW))
    assert told(expert, busy, ask.WithdrawExpert(expert=EXPERT)).bookings == {}


def test_a_seat_is_given_once_and_who_refused_is_not_asked_again() -> None:
    asked = told(demand, a_need(), proposing())
    assert asked.missing == 0
    with pytest.raises(Refused, match="all the experts"):
        demand.decide(asked, proposing(seat=new_id("seat"), expert=new_id("expert")).at(NOW))
    declined = told(demand, asked, ask.DeclineSeat(demand=DEMAND, seat=SEAT, reason="No"))
    assert declined.missing == 1
    with pytest.raises(Refused, match="asked for this activity before"):
        demand.decide(declined, proposing(seat=new_id("seat")).at(NOW))
    accepted = told(demand, asked, ask.AcceptSeat(demand=DEMAND, seat=SEAT))
    assert demand.decide(accepted, ask.AcceptSeat(demand=DEMAND, seat=SEAT).at(NOW)) == []
    assert demand.decide(accepted, ask.LapseSeat(demand=DEMAND, seat=SEAT).at(NOW)) == []
    used = demand.decide(accepted, ask.UseExperts(demand=DEMAND, held_on=date(2027, 1, 13)).at(NOW))
    assert [(one.expert, one.area, one.quarter) for one in used] == [(EXPERT, "a", "2027-Q1")]


def test_a_run_that_is_proposed_again_books_nobody_for_a_seat_that_is_over() -> None:
    asked = told(demand, a_need(), proposing())
    assert demand.decide(asked, proposing().at(NOW)) == []
    declined = told(demand, asked, ask.DeclineSeat(demand=DEMAND, seat=SEAT))
    for again in (proposing(), proposing(expert=new_id("expert"))):
        with pytest.raises(Refused, match="asked for this activity before"):
            demand.decide(declined, again.at(NOW))
    propose = wish.ProposePartner(idea=IDEA, seat=SEAT, run=RUN, partner=PARTNER, role="r", member="boras")
    joining = told(idea, an_idea(), propose)
    assert idea.decide(joining, propose.at(NOW)) == []
    lapsed = told(idea, joining, wish.LapsePartner(idea=IDEA, seat=SEAT))
    with pytest.raises(Refused, match="asked to join this idea before"):
        idea.decide(lapsed, propose.at(NOW))


def test_nobody_is_asked_once_the_activity_has_begun() -> None:
    with pytest.raises(Refused, match="has begun"):
        demand.decide(a_need(), proposing().at(datetime(2027, 1, 12, tzinfo=UTC)))
    assert demand.decide(a_need(), proposing().at(datetime(2027, 1, 11, 23, tzinfo=UTC)))


@pytest.mark.parametrize(("level", "good"), [(None, True), ("B1", True), ("B2", True), ("C1", False)])
def test_the_level_that_is_asked_for_still_stands_when_an_expert_is_booked(level, good) -> None:
    known = an_expert(levels={"en": "B2"})
    asks = proposing(language="en", level=level).at(NOW)
    if good:
        assert expert.decide(known, asks)
    else:
        with pytest.raises(Refused, match="not free"):
            expert.decide(known, asks)
    assert expert.decide(an_expert(), asks)


def test_who_worked_as_an_expert_can_be_turned_down_and_leaves_with_what_is_over_kept() -> None:
    both = told(expert, an_expert(most=2), proposing())
    both = told(expert, both, proposing(seat=(coming := new_id("seat")), weeks=("2027-W03",)))
    down = ask.Assess(expert=EXPERT, listed=False, scores={}, reason="No")
    between, after = datetime(2027, 1, 18, tzinfo=UTC), datetime(2027, 1, 25, tzinfo=UTC)
    with pytest.raises(Refused, match="count on this expert"):
        expert.decide(both, down.at(between))
    assert [type(one).__name__ for one in expert.decide(both, down.at(after))] == ["ExpertAssessed"]
    freed, left = expert.decide(both, ask.WithdrawExpert(expert=EXPERT).at(between))
    assert (freed.seat, type(left).__name__) == (coming, "ExpertWithdrawn")


def test_an_expert_who_answers_sees_no_other_seat() -> None:
    two = told(demand, a_need(experts=2), proposing())
    two = told(demand, two, proposing(seat=(second := new_id("seat")), expert=new_id("expert")))
    whole = DemandView.of(Found(DEMAND, 1, two), {})
    assert [one.id for one in whole.seats] == [SEAT, second]
    assert [one.id for one in whole.with_seat_alone(second).seats] == [second]


def test_why_it_was_withdrawn_is_known_to_whom_it_is_told() -> None:
    words = new_id("words")
    assert told(demand, a_need(), ask.WithdrawDemand(demand=DEMAND, reason="No", words=words)).why == words
    assert told(idea, an_idea(), wish.WithdrawIdea(idea=IDEA, reason="No", words=words)).why == words


async def test_who_was_called_off_reads_why(monkeypatch) -> None:
    words = new_id("words")
    off = told(demand, told(demand, a_need(), proposing()), ask.WithdrawDemand(demand=DEMAND, reason="-", words=words))

    async def find(*_asked):
        return Found(DEMAND, 1, off)

    async def texts(_db, _network, ids):
        return {one: {"title": "T", "text": "No money."} for one in ids if one == words}

    monkeypatch.setattr(market_letters, "find", find)
    monkeypatch.setattr(market_letters, "texts", texts)
    letter = SimpleNamespace(kind="expert-called-off")
    data = {"stream": DEMAND, "seat": SEAT}
    said = await market_letters.tell_of_seat(SimpleNamespace(db=None, network="ela", letter=letter, data=data))
    assert said["reason"] == "No money."


async def test_a_run_by_itself_that_cannot_be_solved_is_logged_and_let_be(caplog) -> None:
    async def act(solve) -> None:
        await solve(Market((), ()))

    async def broken(_market):
        raise ValueError("no such market")

    async def away(_market):
        raise Refused("solver-away", "Later.", status=503)

    await due_run(act, broken)
    assert "could not be solved" in caplog.text
    with pytest.raises(Refused, match="Later"):
        await due_run(act, away)


def test_time_on_the_list_ends_by_itself_with_a_reminder_before() -> None:
    events = expert.decide(
        an_expert(),
        ask.Assess(
            expert=EXPERT, listed=True, scores={}, reason="Good", valid_until=date(2029, 1, 1),
            remind_on=date(2028, 11, 2),
        ).at(NOW),
    )  # fmt: skip
    due = {
        name: (at and at.date(), type(command).__name__) for name, at, command in expert.time_on_list(EXPERT, events[0])
    }
    assert due[f"remind-{EXPERT}"] == (date(2028, 11, 2), "RemindExpert")
    assert due[f"expire-{EXPERT}"] == (date(2029, 1, 2), "ExpireExpert")
    late = datetime(2029, 1, 2, tzinfo=UTC)
    over = expert.decide(an_expert(), ask.ExpireExpert(expert=EXPERT).at(late))
    assert expert.evolve(an_expert(), over[0]).status == "expired"
    assert expert.decide(an_expert(), ask.ExpireExpert(expert=EXPERT).at(NOW)) == []
    assert in_months(date(2024, 1, 31), 1) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ends": "2027-01-11"}, "before the first"),
        ({"begins": "2026-01-01", "ends": "2026-01-02"}, "over"),
        ({"ends": "2027-12-01"}, "26 weeks"),
    ],
)
def test_impossible_days_are_refused_with_a_sentence(changed, sentence) -> None:
    with pytest.raises(Refused, match=sentence):
        a_need(**changed)


def test_a_call_for_experts_takes_what_it_names_while_it_is_open() -> None:
    opened = told(roster, roster.Roster(), ask.OpenRoster(year=2027, areas=("a",), closes_on=date(2026, 12, 1)))
    applies = ask.Apply(roster=new_id("roster"), person="p", statement="I know it.", **OFFER)
    assert roster.decide(opened, applies.at(NOW)) == []
    with pytest.raises(Refused, match="this call names"):
        roster.decide(opened, applies.model_copy(update={"areas": ("b",)}).at(NOW))
    with pytest.raises(Refused, match="closed"):
        roster.decide(opened, applies.at(datetime(2026, 12, 2, tzinfo=UTC)))
    with pytest.raises(Refused, match="over already"):
        told(roster, roster.Roster(), ask.OpenRoster(year=2027, areas=("a",), closes_on=date(2026, 1, 1)))


IDEA, PARTNER = new_id("idea"), new_id("partner")


def an_idea(**more) -> Idea:
    asked = {"lead": "trento", "title": "T", "summary": "S", "theme": "t", "roles": {"r": 1}, "languages": ("en",)}
    return told(idea, Idea(), wish.PutIdea(**{**asked, **more}))


def test_an_idea_becomes_a_project_once_both_sides_of_each_role_said_yes() -> None:
    propose = wish.ProposePartner(idea=IDEA, seat=SEAT, run=RUN, partner=PARTNER, role="r", member="boras")
    asked = told(idea, an_idea(), propose)
    with pytest.raises(Refused, match="has all its partners"):
        idea.decide(asked, propose.model_copy(update={"seat": new_id("seat")}).at(NOW))
    with pytest.raises(Refused, match="Only the lead"):
        idea.decide(asked, wish.AcceptPartner(idea=IDEA, seat=SEAT, member="tuscany").at(NOW))
    half = told(idea, asked, wish.AcceptPartner(idea=IDEA, seat=SEAT, member="boras"))
    with pytest.raises(Refused, match="Not all partners"):
        idea.decide(half, wish.MakeProject(idea=IDEA, name="N").at(NOW))
    joined = told(idea, half, wish.AcceptPartner(idea=IDEA, seat=SEAT, member="trento"))
    made = idea.decide(joined, wish.MakeProject(idea=IDEA, name="N").at(NOW))
    assert (made[0].name, made[0].partners) == ("N", {"boras": "r"})
    declined = told(idea, half, wish.DeclinePartner(idea=IDEA, seat=SEAT, member="trento"))
    assert declined.missing() == {"r": 1}


def test_a_partner_joins_no_more_ideas_than_it_offered_and_never_its_own() -> None:
    offered = told(
        partner, Partner(), wish.OfferPartnership(member="boras", roles=("r",), themes=("t",), languages=("en",))
    )
    asks = wish.ProposePartner(
        idea=IDEA, seat=SEAT, run=RUN, partner=PARTNER, role="r", theme="t", lead="trento", languages=("en",)
    )
    held = told(partner, offered, asks)
    another = asks.model_copy(update={"idea": new_id("idea"), "seat": new_id("seat")})
    with pytest.raises(Refused, match="as many ideas"):
        partner.decide(held, another.at(NOW))
    with pytest.raises(Refused, match="no partner of its own"):
        an_idea(wishes=("trento",))
    own = wish.ProposePartner(idea=IDEA, seat=SEAT, run=RUN, partner=PARTNER, role="r", member="trento")
    with pytest.raises(Refused, match="no partner of its own"):
        idea.decide(an_idea(), own.at(NOW))
    assert told(partner, held, wish.LapsePartner(idea=IDEA, seat=SEAT)).left == 1


def test_two_agree_on_one_of_the_times_that_the_other_proposed() -> None:
    first, second = datetime(2026, 12, 1, 10, tzinfo=UTC), datetime(2026, 12, 2, 10, tzinfo=UTC)
    asks = meet.AskMeeting(promoter=new_id("promoter"), times=(first,), message="Hello", asker="ana", person="rui")
    asked = told(meeting, meeting.Meeting(), asks)
    name = new_id("meeting")
    with pytest.raises(Refused, match="answers first"):
        meeting.decide(asked, meet.AgreeMeeting(meeting=name, by="ana", time=first).at(NOW))
    moved = told(meeting, asked, meet.MoveMeeting(meeting=name, by="rui", times=(second,)))
    with pytest.raises(Refused, match="times proposed"):
        meeting.decide(moved, meet.AgreeMeeting(meeting=name, by="ana", time=first).at(NOW))
    agreed = told(meeting, moved, meet.AgreeMeeting(meeting=name, by="ana", time=second))
    assert (agreed.status, agreed.at) == ("agreed", second)
    with pytest.raises(Refused, match="still to come"):
        told(meeting, meeting.Meeting(), asks.model_copy(update={"times": (datetime(2020, 1, 1, tzinfo=UTC),)}))
    with pytest.raises(Refused, match="your own page"):
        told(meeting, meeting.Meeting(), asks.model_copy(update={"person": "ana"}))
    assert replace(agreed).waits_for is None


def test_a_secondment_has_a_place_in_every_week_of_the_stay_and_leaves_employment_as_it_is() -> None:
    weeks = ("2027-W10", "2027-W11", "2027-W12", "2027-W13", "2027-W14")
    gap = {week: int(week != "2027-W12") for week in weeks}
    seconded = Seeker("interest-1", "AT", "f", ("en",), weeks, duration=3)
    torn = Host("offer-1", "BE", ("f",), ("en",), dict.fromkeys(weeks, 1), gap)
    whole = Host("offer-2", "CZ", ("f",), ("en",), dict.fromkeys(weeks[1:4], 1), dict.fromkeys(weeks[1:4], 1))
    assert solve(Market((seconded,), (torn,))).matches == ()
    (match,) = solve(Market((seconded,), (torn, whole))).matches
    assert (match.host, match.week, match.duration) == ("CZ", "2027-W11", 3)
    market = load("ela").markets["secondment"]
    assert market.shortest > 1
    assert not market.offered
    assert any("keeps salary, benefits and rights" in sentence for sentence in market.agreement)
    state = exchange.Exchange(
        exchange.Status.AGREED, sender="AT", host="CZ", focus="information", week="2027-W11", duration=3, officials=1,
        language="en",
    )  # fmt: skip
    said = words_of(Found("exchange-1", 1, state), Call(year=2027, market="secondment"), load("ela"))
    assert any("keeps salary, benefits and rights" in clause for clause in said["clauses"])


def test_what_arrives_or_changes_in_a_rolling_market_is_matched_by_itself() -> None:
    call = new_id("call")
    common = {"call": call, "member": "boras"}
    arrived = [
        InterestFiled(**common, focus="f", rolling=True),
        OfferMade(**common, focus_areas=("f",), languages=("en",), places={}, rolling=True),
        InterestChanged(**common, focus="f"),
        OfferChanged(**common, focus_areas=("f",), languages=("en",), places={}),
        InterestEndorsed(**common),
    ]
    for event in arrived:
        (due,) = streams._rerun("stream", event)
        assert (due.id, due.command) == (f"arrived-{call}", RerunMatch(call=call, arrived=True))
    assert list(streams._rerun("stream", InterestFiled(**common, focus="f"))) == []
    found = [
        deadline.command
        for stream, event in (
            ("demand", demand.decide(Demand(), needed.at(NOW))[0]),
            ("expert", an_assessment()),
        )
        for deadline in market_streams._rematch(event)
        if stream
    ]
    assert found == [ask.RematchMarket(market="experts")] * 2


needed = ask.SeekExperts(
    title="T", area="a", languages=("en",), begins="2027-01-12", ends="2027-01-13", market=new_id("market")
)


def an_assessment():
    listing = ask.Assess(expert=EXPERT, listed=True, scores={}, reason="Good", market=new_id("market"))
    return expert.decide(an_expert(), listing.at(NOW))[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"experts": 0}, {"languages": ()}, {"levels": {"en": "Z9"}}, {"begins": "9999-12-30", "ends": "9999-12-31"},
        {"title": "\x07"}, {"wishes": ("somebody",)},
    ],
)  # fmt: skip
def test_what_cannot_be_sought_is_not_taken(wrong) -> None:
    with pytest.raises(ValueError, match="validation error"):
        a_need(**wrong)
