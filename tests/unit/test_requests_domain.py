"""What becomes of a request and of the plan that holds it, without any store."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from services.requests.commands import (
    AdoptPlan,
    DeclineRequest,
    DeferRequest,
    FulfilRequest,
    PlanActivity,
    PlanRequest,
    SubmitRequest,
    UnplanActivity,
    WithdrawRequest,
)
from services.requests.domain import amending, plan, request
from services.requests.domain.caps import within_cap
from services.requests.domain.kinds import problems
from services.requests.domain.plan import Plan, Planned
from services.requests.domain.request import Request, Status
from services.requests.offered import kind_of, place_of
from shared.contracts.refused import Refused
from shared.contracts.requests import ActivityPlanned
from shared.ids import new_id

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
KIND = "training-in-host-member-state"
LINE = "trainings-in-host-member-state"


def wish(**changes: Any) -> SubmitRequest:
    asked = {"kind": KIND, "member": "BG", "title": "Induction", "happened_at": NOW, "target_groups": ("inspectors",)}
    return SubmitRequest(**{**asked, **changes})


def folded(evolve: Any, state: Any, events: list[Any]) -> Any:
    for event in events:
        state = evolve(state, event)
    return state


class World:
    """A request and the plans of two years, moved together as the handlers do."""

    def __init__(self, **changes: Any) -> None:
        self.name = new_id("request")
        self.plans = {"plan-2024": Plan(), "plan-2025": Plan()}
        command = wish(**changes)
        decide = partial(request.submit, kind=kind_of("ela", command.kind), plan="plan-2024")
        self.request = folded(request.evolve, Request(), decide(Request(), command))
        self._plan("plan-2024", partial(plan.receive, year=2024, request=self.name), command)

    def _plan(self, name: str, decide: Any, command: Any) -> None:
        self.plans[name] = folded(plan.evolve, self.plans[name], decide(self.plans[name], command))

    def plan(self, quarter: str) -> None:
        command = PlanRequest(
            request=self.name, line=LINE, quarter=quarter, activity=new_id("activity"), reason="", happened_at=NOW
        )
        place = place_of("ela", "host-member-state-training", LINE, 2024)
        self._decide(command, quarter, partial(plan.plan_request, place=place, asked=self.request))

    def defer(self, quarter: str, reason: str = "No trainers left.") -> None:
        command = DeferRequest(request=self.name, quarter=quarter, reason=reason, happened_at=NOW)
        self._decide(command, quarter, partial(plan.defer_request, asked=self.request))

    def _decide(self, command: Any, quarter: str, decide: Any) -> None:
        asked, target = self.request, f"plan-{quarter[:4]}"
        events = request.decide(asked, command, held_by=asked.plan, plan=target)
        self.request = folded(request.evolve, asked, events)
        for name in dict.fromkeys((asked.plan, target)):
            self._plan(name, partial(decide, year=int(name[-4:])), command)

    def let_go(self, command: Any) -> None:
        self.request = folded(request.evolve, self.request, request.decide(self.request, command))
        self._plan(self.request.plan, partial(plan.let_go, activity=self.request.activity), command)

    def withdraw(self) -> None:
        self.let_go(WithdrawRequest(request=self.name, happened_at=NOW))


def test_a_request_waits_in_the_plan_until_it_is_planned():
    world = World()
    assert world.request.status is Status.SUBMITTED
    assert world.plans["plan-2024"].undecided == {world.name: "BG"}
    world.plan("2024-Q2")
    assert world.request.status is Status.PLANNED
    assert world.plans["plan-2024"].undecided == {}
    (activity,) = world.plans["plan-2024"].activities.values()
    assert (activity.kind, activity.pillar, activity.member) == (
        "host-member-state-training",
        "capacity-building",
        "BG",
    )
    assert activity.request == world.name


def test_planned_into_another_year_it_leaves_the_first_plan():
    world = World()
    world.plan("2025-Q1")
    assert not world.plans["plan-2024"].undecided
    assert not world.plans["plan-2024"].activities
    assert len(world.plans["plan-2025"].activities) == 1
    assert world.request.plan == "plan-2025"


def test_deferred_to_another_year_it_is_undecided_there():
    world = World()
    world.defer("2025-Q1")
    assert world.request.status is Status.DEFERRED
    assert not world.plans["plan-2024"].undecided
    assert world.plans["plan-2025"].undecided == {world.name: "BG"}
    world.plan("2025-Q2")
    assert not world.plans["plan-2025"].undecided


def test_deferred_within_the_year_it_can_be_planned_later():
    world = World()
    world.defer("2024-Q4")
    assert not world.plans["plan-2024"].undecided
    world.plan("2024-Q4")
    assert world.request.status is Status.PLANNED


def test_a_quarter_that_is_over_is_no_date_to_defer_to():
    with pytest.raises(Refused) as refused:
        World().defer("2023-Q4")
    assert refused.value.code == "quarter-over"


@pytest.mark.parametrize("decide", [DeclineRequest, partial(DeferRequest, quarter="2024-Q4")])
def test_no_without_a_reason_is_refused(decide):
    world = World()
    with pytest.raises(Refused) as refused:
        request.decide(world.request, decide(request=world.name, reason="  ", happened_at=NOW))
    assert refused.value.code == "reason-missing"


def test_withdrawn_takes_its_activity_out_of_the_plan():
    world = World()
    world.plan("2024-Q2")
    world.withdraw()
    assert world.request.status is Status.WITHDRAWN
    assert not world.plans["plan-2024"].activities


def test_declined_it_is_closed():
    world = World()
    world.let_go(DeclineRequest(request=world.name, reason="Out of scope.", happened_at=NOW))
    assert world.request.status is Status.DECLINED
    with pytest.raises(Refused) as refused:
        world.withdraw()
    assert refused.value.code == "wrong-status"


def test_the_held_activity_fulfils_it_once_and_a_late_one_nothing():
    world = World()
    world.plan("2024-Q2")
    held = FulfilRequest(request=world.name, activity=world.request.activity, happened_at=NOW)
    (event,) = request.decide(world.request, held)
    done = request.evolve(world.request, event)
    assert done.status is Status.FULFILLED
    assert request.decide(done, held) == []
    assert request.decide(world.request, held.model_copy(update={"activity": new_id("activity")})) == []
    assert request.decide(Request(), held) == []


def test_nothing_is_decided_before_it_was_sent():
    world = World()
    command = WithdrawRequest(request=world.name, happened_at=NOW.replace(day=4))
    with pytest.raises(Refused) as refused:
        request.decide(world.request, command)
    assert refused.value.code == "before-it-was-sent"


def test_two_coordinators_at_once_the_second_is_told():
    world = World()
    before = world.request.plan
    world.defer("2025-Q1")
    command = DeclineRequest(request=world.name, reason="No.", happened_at=NOW)
    with pytest.raises(Refused) as refused:
        request.decide(world.request, command, held_by=before)
    assert refused.value.code == "moved"


def test_the_plan_is_adopted_only_once_everything_is_decided():
    world = World()
    adopt = AdoptPlan(year=2024, happened_at=NOW)
    with pytest.raises(Refused) as refused:
        amending.adopt(world.plans["plan-2024"], adopt)
    assert refused.value.code == "requests-undecided"
    assert "BG" in refused.value.sentence
    world.plan("2024-Q3")
    (event,) = amending.adopt(world.plans["plan-2024"], adopt)
    assert event.activities == 1
    adopted = plan.evolve(world.plans["plan-2024"], event)
    with pytest.raises(Refused):
        amending.adopt(adopted, adopt)


def test_an_activity_of_the_networks_own_joins_and_leaves():
    place = place_of("ela", "posting-360", "posting-360", 2024)
    command = PlanActivity(
        year=2024,
        kind="posting-360",
        line="posting-360",
        quarter="2024-Q2",
        activity=new_id("activity"),
        happened_at=NOW,
    )
    events = plan.plan_activity(Plan(), command, place=place)
    state = folded(plan.evolve, Plan(), events)
    assert state.year == 2024
    (taken_back,) = plan.unplan_activity(state, UnplanActivity(year=2024, activity=command.activity))
    assert (taken_back.kind, taken_back.planned_on) == ("posting-360", "2024-03-05")
    assert not plan.evolve(state, taken_back).activities


def test_an_activity_that_answers_a_request_leaves_with_it_alone():
    world = World()
    world.plan("2024-Q2")
    (activity,) = world.plans["plan-2024"].activities
    with pytest.raises(Refused) as refused:
        plan.unplan_activity(world.plans["plan-2024"], UnplanActivity(year=2024, activity=activity))
    assert refused.value.code == "answers-a-request"


def codes(command: SubmitRequest) -> list[str]:
    return [one.code for one in problems(kind_of("ela", command.kind), command, command.member)]


def test_workers_and_jobseekers_alone_are_not_trained():
    command = wish(target_groups=("workers-jobseekers",))
    with pytest.raises(Refused) as refused:
        World(target_groups=("workers-jobseekers",))
    assert refused.value.code == "group-not-trained"
    assert "4.1" in refused.value.sentence
    assert codes(command) == ["group-not-trained"]
    assert codes(wish(target_groups=("workers-jobseekers", "inspectors"))) == []
    assert codes(wish(kind="national-event", target_groups=("workers-jobseekers",))) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"topic": "cooking"}, "topic-unknown"),
        ({"language": "xx"}, "language-unknown"),
        ({"target_groups": ("martians",)}, "target-groups-unknown"),
        ({"member": "XX"}, "member-unknown"),
        ({"kind": "secondment"}, "kind-not-offered"),
        ({"kind": "mediation-training", "duration": "a week"}, "duration-unknown"),
    ],
)
def test_what_the_network_does_not_know_is_refused_with_its_field(changes, code):
    assert code in codes(wish(**changes))


def test_with_an_open_call_an_exchange_is_asked_for_there():
    command = wish(kind="staff-exchange")
    found = problems(kind_of("ela", command.kind), command, "BG", call_open=True)
    assert [one.code for one in found] == ["ask-in-the-call"]
    assert codes(command) == []


@pytest.mark.parametrize(
    ("kind", "member", "code"),
    [
        ("unit-needs", "capacity-building", None),
        ("unit-needs", "BG", "member-unknown"),
        ("network-training", "solvit", None),
        ("social-partners-workshop", "social-partner-organisations", None),
        ("national-event", "solvit", "member-unknown"),
    ],
)
def test_units_networks_and_social_partners_ask_for_what_is_theirs(kind, member, code):
    command = wish(kind=kind, member=member, topic="posting", contact="The head of sector", target_groups=())
    assert codes(command) == ([code] if code else [])


def test_what_a_kind_needs_is_asked_for():
    assert codes(wish(kind="unit-needs", member="information", target_groups=())) == ["answer-missing"] * 2


def test_who_asks_and_when_are_kept_and_a_unit_is_no_member_of_an_activity():
    kind = kind_of("earlall", "policy-follow-up")
    command = wish(kind=kind.id, member="wg-mobility", owner="secretariat", period="Winter 2024/2025", target_groups=())
    (event,) = request.submit(Request(), command, kind=kind, plan="plan-2024")
    assert (event.requester, event.owner) == ("unit", "secretariat")
    assert (event.starts_on, event.ends_on, event.quarter_wished) == ("2024-12-01", "2025-02-28", "2024-Q4")
    assert "Winter" not in event.model_dump_json()
    asked = request.evolve(Request(), event)
    wanted = PlanRequest(request=new_id("request"), line="sedec", quarter="2024-Q4", activity=new_id("activity"))
    place = place_of("earlall", kind.activity_kind, "sedec", 2024)
    events = plan.plan_request(Plan(year=2024), wanted.at(NOW), year=2024, asked=asked, place=place)
    assert [one.member for one in events if isinstance(one, ActivityPlanned)] == [None]


def test_a_years_plan_takes_no_more_of_a_kind_than_its_cap():
    kind = replace(kind_of("ela", "ad-hoc-training"), cap=1)
    there = Planned("x", "p", kind.activity_kind, "2024-Q1", "2024-01-01", "BG", new_id("request"))
    command = PlanRequest(request=new_id("request"), line="x", quarter="2024-Q2")
    with pytest.raises(Refused) as refused:
        within_cap(Plan(year=2024, activities={"one": there}), command, kind=kind, decide=lambda state, asked: [])
    assert refused.value.code == "cap-reached"
    own = replace(there, request=None)
    assert within_cap(Plan(activities={"one": own}), command, kind=kind, decide=lambda state, asked: []) == []


def test_a_line_of_another_network_is_none():
    with pytest.raises(Refused) as refused:
        place_of("ela", "posting-360", "mobility-matchmaking", 2024)
    assert refused.value.code == "line-unknown"


def test_drawn_ids_are_no_part_of_what_was_asked():
    asked = PlanRequest(request=new_id("request"), line=LINE, quarter="2024-Q2")
    drawn = asked.model_copy(update={"activity": new_id("activity"), "words": new_id("words")})
    assert drawn.model_dump_json() == asked.model_dump_json()


@pytest.mark.parametrize("title", ["", "   ", "a\x00b", "x" * 201])
def test_a_title_that_cannot_be_read_is_refused(title):
    with pytest.raises(ValueError, match="title"):
        wish(title=title)


def test_the_words_of_a_request_stay_off_the_bus():
    decide = partial(request.submit, kind=kind_of("ela", KIND), plan="plan-2024")
    command = wish(title="A planted title", description="A planted text", audience="planted")
    (event,) = decide(Request(), command)
    assert "planted" not in event.model_dump_json()
