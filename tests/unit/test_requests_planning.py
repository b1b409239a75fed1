"""The plan around its adoption, consultations, agreed actions and the cycle's documents, without any store."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.acting import counted_once, itemised
from services.requests.commands import (
    AdoptPlan,
    AssignActivity,
    BeginYear,
    MoveActivity,
    PlanActivity,
    SetCutOff,
    UnplanActivity,
)
from services.requests.domain import action, amending, consultation, deliverable, plan, year
from services.requests.domain.action import Action, AgreeAction, JoinAction, ProgressAction, ReviewAction
from services.requests.domain.baseline import Change, Item, counted, differences
from services.requests.domain.consultation import (
    AnswerConsultation,
    CloseConsultation,
    Consultation,
    ExtendConsultation,
    OpenConsultation,
)
from services.requests.domain.deliverable import AskDeliverable, Deliver, Deliverable, MoveDue, TakeDeliveryBack
from services.requests.domain.plan import Place, Plan, Planned
from services.requests.domain.request import Request
from services.requests.domain.year import Recurring
from services.requests.streams import PLAN
from shared.contracts.planning import ActionJoined, ConsultationClosed, PlanAmended
from shared.contracts.refused import Refused
from shared.contracts.requests import PlanAdopted, PlanRequestReceived
from shared.ids import new_id
from shared.profiles import load

NOW = datetime(2024, 11, 5, 9, tzinfo=UTC)
PLACE = Place("posting-360", "cooperation")


def folded(evolve: Any, state: Any, events: list[Any]) -> Any:
    for event in events:
        state = evolve(state, event)
    return state


def planned(state: Plan, quarter: str = "2025-Q2", reason: str = "") -> tuple[Plan, str]:
    name = new_id("activity")
    facts = {"kind": "posting-360", "line": "posting-360", "quarter": quarter, "year": 2025}
    command = PlanActivity(**facts, activity=name, reason=reason, words="words-1" if reason else "", happened_at=NOW)
    return folded(plan.evolve, state, plan.plan_activity(state, command, place=PLACE)), name


def adopted(state: Plan) -> Plan:
    return folded(plan.evolve, state, amending.adopt(state, AdoptPlan(year=2025, happened_at=NOW)))


def code(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return refused.value.code


def test_adoption_freezes_what_stands_and_counts_its_baselines():
    state, name = planned(Plan())
    (event,) = amending.adopt(state, AdoptPlan(year=2025, happened_at=NOW))
    assert isinstance(event, PlanAdopted)
    assert (event.baseline, event.activities, event.on) == (1, 1, "2024-11-05")
    assert event.frozen == ((name, "posting-360", "cooperation", "posting-360", "2025-Q2", ""),)
    state = plan.evolve(state, event)
    assert code(amending.adopt, state, AdoptPlan(year=2025, happened_at=NOW)) == "adopted-already"
    state, _other = planned(state, reason="A new regulation.")
    (again,) = amending.adopt(state, AdoptPlan(year=2025, happened_at=NOW))
    assert isinstance(again, PlanAdopted)
    assert (again.baseline, again.amendments, len(again.frozen)) == (2, 1, 2)
    assert plan.evolve(state, again).amended == 0


def test_after_the_adoption_every_change_is_an_amendment_with_a_reason():
    state, name = planned(Plan())
    state = adopted(state)
    facts = {"year": 2025, "activity": name, "happened_at": NOW}
    move = MoveActivity(**facts, line="posting-360", quarter="2025-Q4")
    assert code(plan.move_activity, state, move, pillar="cooperation") == "reason-missing"
    assert code(plan.unplan_activity, state, UnplanActivity(**facts)) == "reason-missing"
    said = move.model_copy(update={"reason": "The host asked for it.", "words": "words-7"})
    moved, told = plan.move_activity(state, said, pillar="cooperation")
    assert isinstance(told, PlanAmended)
    assert (told.number, told.change, told.quarter, told.words) == (1, "moved", "2025-Q4", "words-7")
    state = folded(plan.evolve, state, [moved, told])
    gone = plan.unplan_activity(state, UnplanActivity(**facts, reason="Called off."))
    assert [one.change for one in gone if isinstance(one, PlanAmended)] == ["removed"]
    assert folded(plan.evolve, state, gone).amendments == 2


def test_a_draft_has_no_amendments():
    state, name = planned(Plan())
    events = plan.unplan_activity(state, UnplanActivity(year=2025, activity=name, happened_at=NOW))
    assert not [one for one in events if isinstance(one, PlanAmended)]


def test_what_comes_after_the_cut_off_does_not_hold_the_adoption_up():
    state, _name = planned(Plan())
    for request, on in (("request-1", "2024-10-01"), ("request-2", "2024-11-04")):
        received = PlanRequestReceived(year=2025, request=request, member="BG", kind="national-event", received_on=on)
        state = plan.evolve(state, received)
    state = folded(plan.evolve, state, amending.set_cut_off(state, SetCutOff(year=2025, on=date(2024, 10, 31))))
    assert amending.waiting(state) == {"request-1": "BG"}
    assert code(amending.adopt, state, AdoptPlan(year=2025, happened_at=NOW)) == "requests-undecided"
    state = plan.evolve(state, plan._decided(state, "request-1", "declined")[0])
    assert adopted(state).undecided == {"request-2": "BG"}


def test_a_year_begins_once_from_the_one_before():
    before = Planned("modular-trainings", "capacity-building", "modular-training", "2024-Q3", "2023-11-02")
    again = Recurring(new_id("activity"), "activity-old", before)
    asked = Request(kind="national-event", member="PL", submitted_on="2024-02-01")
    command = BeginYear(year=2025, happened_at=NOW)
    state = folded(plan.evolve, Plan(), year.begin(Plan(), command, recurring=(again,), along={"request-9": asked}))
    assert state.activities[again.activity].quarter == "2025-Q3"
    assert (state.from_year, dict(state.undecided)) == (2024, {"request-9": "PL"})
    assert code(year.begin, state, command, recurring=(again,), along={}) == "begun-already"
    assert code(year.begin, Plan(), command, recurring=(), along={}) == "nothing-recurs"
    assert PLAN.load(PLAN.dump(state)) == state


def test_who_stands_for_an_activity_is_no_amendment():
    state, name = planned(Plan())
    command = AssignActivity(
        year=2025, activity=name, owner="enforcement", partners=("design:ilo",), contact="Ada", happened_at=NOW
    )
    (event,) = year.assign(adopted(state), command)
    assert event.model_dump() == {
        "year": 2025, "activity": name, "owner": "enforcement", "partners": (("design", "ilo"),), "has_contact": True,
    }  # fmt: skip
    strange = command.model_copy(update={"activity": "activity-x"})
    assert code(year.assign, state, strange) == "not-found"


ITEMS = st.builds(
    Item,
    st.sampled_from(["a", "b"]),
    st.just("p"),
    st.just("k"),
    st.sampled_from(["2025-Q1", "2025-Q2"]),
    st.sampled_from([None, "BG"]),
    title=st.sampled_from(["", "x"]),
)
PLANS = st.dictionaries(st.sampled_from("abcdef"), ITEMS)


@given(PLANS, PLANS)
def test_side_by_side_tells_each_activity_once_and_rightly(was, now):
    found = differences(was, now)
    assert {one.activity for one in found} == {*was, *now}
    assert len(found) == len({*was, *now})
    counts = counted(found)
    assert counts[Change.ADDED] == len({*now} - {*was})
    assert counts[Change.REMOVED] == len({*was} - {*now})
    assert counts[Change.SAME] == sum(was[one] == now[one] for one in {*was} & {*now})
    assert not [one for one in differences(was, was) if one.change is not Change.SAME]


def consulted(**changes: Any) -> Consultation:
    facts = {"about": "templates", "title": "A", "due_on": date(2024, 11, 20), "members": ("nco-be", "nco-nl")}
    command = OpenConsultation(
        **{**facts, "units": ("eco",), "closes_at": NOW + timedelta(days=15), "happened_at": NOW, **changes}
    )
    return folded(consultation.evolve, Consultation(), consultation.open_it(Consultation(), command))


NAME = new_id("consultation")


def answered(state: Consultation, position: str, comment: str = "", when: datetime = NOW, **who: Any) -> Consultation:
    command = AnswerConsultation(consultation=NAME, position=position, comment=comment, happened_at=when, **who)
    return folded(consultation.evolve, state, consultation.decide(state, command))


def test_each_party_answers_the_last_answer_counts_and_silence_is_told():
    state = answered(consulted(), "object", "Field 3 is unclear.", member="nco-be")
    state = answered(state, "agree", member="nco-be")
    state = answered(state, "comment", "Shorter, please.", unit="eco")
    assert state.silent == ("nco-nl",)
    (event,) = consultation.decide(state, CloseConsultation(consultation=NAME, happened_at=NOW))
    assert isinstance(event, ConsultationClosed)
    assert (event.agreed, event.objected, event.commented, event.silent) == (1, 0, 1, 1)
    state = consultation.evolve(state, event)
    assert code(answered, state, "agree", member="nco-nl") == "consultation-closed"
    assert consultation.decide(state, CloseConsultation(consultation=NAME, happened_at=NOW)) == []


def test_an_objection_says_what_it_objects_to_and_strangers_are_not_asked():
    state = consulted()
    assert code(answered, state, "object", member="nco-be") == "comment-missing"
    assert code(answered, state, "agree", member="nco-es") == "not-consulted"
    assert code(answered, state, "agree", member="nco-be", when=NOW + timedelta(days=16)) == "consultation-closed"
    assert code(consulted, closes_at=NOW) == "due-over"


def test_another_day_takes_the_place_of_the_first():
    state = consulted()
    later = {"due_on": date(2024, 12, 1), "closes_at": NOW + timedelta(days=27)}
    command = ExtendConsultation(consultation=NAME, **later, happened_at=NOW)
    moved = folded(consultation.evolve, state, consultation.decide(state, command))
    first = CloseConsultation(consultation=NAME, closes_at=NOW + timedelta(days=15), happened_at=NOW)
    assert consultation.decide(moved, first) == []
    second = CloseConsultation(consultation=NAME, closes_at=NOW + timedelta(days=27), happened_at=NOW)
    assert consultation.decide(moved, second)


def agreed(*members: str) -> Action:
    facts = {"year": 2024, "line": "es-pt", "title": "CJI", "lead": members[0]}
    command = AgreeAction(**facts, members=members, happened_at=NOW)
    return folded(action.evolve, Action(), action.agree(Action(), command))


def done(state: Action, command: Any) -> Action:
    return folded(action.evolve, state, action.decide(state, command))


def test_an_action_is_agreed_joined_implemented_and_reviewed():
    name = new_id("action")
    state = agreed("ES", "PT")
    assert (state.multilateral, state.status) == (False, "agreed")
    (joined,) = action.decide(state, JoinAction(action=name, member="FR", happened_at=NOW))
    assert isinstance(joined, ActionJoined)
    assert (joined.multilateral, joined.previously_multilateral) == (True, False)
    state = action.evolve(state, joined)
    assert state.joined == (("FR", "2024-11-05"),)
    state = done(state, ProgressAction(action=name, status="implemented", happened_at=NOW))
    assert action.decide(state, ProgressAction(action=name, status="implemented", happened_at=NOW)) == []
    state = done(state, ReviewAction(action=name, outcome="continues", happened_at=NOW))
    assert (state.status, state.outcome, state.reviewed_on) == ("implemented", "continues", "2024-11-05")
    stranger = AgreeAction(year=2024, line="es-pt", title="CJI", lead="IT", members=("ES", "PT"), happened_at=NOW)
    assert code(action.agree, Action(), stranger) == "lead-not-a-member"


def test_the_document_itemises_fewer_actions_than_it_states():
    profile = load("fr-it-pt-es")
    plans = {one.year: one.stated_actions for one in profile.plans}
    assert (plans[2023], plans[2024]) == (24, 42)
    rows = itemised(profile, 2024, ())
    assert counted_once(rows) < 42
    assert {one.start.year for one in rows if one.start} == {2024}
    assert len(itemised(profile, 2024, [rows[0].id])) == len(rows) - 1


def test_a_document_is_due_from_each_office_by_its_own_day():
    name = new_id("deliverable")
    asked = AskDeliverable(
        year=2025, title="Work programme", due_on=date(2024, 11, 1), members=("nco-be", "nco-nl"), happened_at=NOW
    )
    state = folded(deliverable.evolve, Deliverable(), deliverable.ask(Deliverable(), asked))

    def then(state: Deliverable, command: Any) -> Deliverable:
        return folded(deliverable.evolve, state, deliverable.decide(state, command))

    facts = {"deliverable": name, "happened_at": NOW}
    state = then(state, MoveDue(**facts, member="nco-nl", due_on=date(2024, 12, 1)))
    assert [state.overdue(one, NOW.date()) for one in state.due] == [True, False]
    state = then(state, Deliver(**facts, member="nco-be"))
    assert (dict(state.delivered), state.overdue("nco-be", NOW.date())) == ({"nco-be": "2024-11-05"}, False)
    state = then(state, TakeDeliveryBack(**facts, member="nco-be"))
    assert not state.delivered
    assert code(partial(deliverable.decide, state), Deliver(**facts, member="nco-es")) == "not-asked"


def test_the_plan_of_2024_has_eighteen_lines_under_five_headings_each_with_an_objective():
    profile = load("ela")
    lines = profile.lines(2024)
    assert (len(lines), len({line.heading for line in lines})) == (18, 5)
    assert all(line.objectives for line in lines)
    assert not [line for line in lines if line.quarters]
