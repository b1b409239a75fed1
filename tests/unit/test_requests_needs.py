"""Analyses of needs, their age and the matrix."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.analysing import AGENDA, EVALUATION, NEEDS, rules_of
from services.requests.domain import needs
from services.requests.domain.needs import (
    Agenda,
    Analysis,
    Evaluation,
    Finding,
    ReceiveEvaluation,
    RecordNeeds,
    RemindOfNeeds,
    ReviseNeeds,
    WithdrawNeeds,
    weight_of,
)
from services.requests.matrix import Matrix, Sign, heat
from shared.contracts.needs import NeedsOutdated, NeedsRevised
from shared.contracts.refused import Refused

NOW = datetime(2024, 10, 15, 9, tzinfo=UTC)
NAME = "needs-01920000-0000-7000-8000-000000000000"
RULES = rules_of("ela")
POSTING = Finding(target_group="inspectors", topic="posting", weight=4)


def analysis(**changes: Any) -> RecordNeeds:
    facts = {"source": "survey", "on": date(2024, 9, 1), "title": "Survey of inspectors", "findings": (POSTING,)}
    return RecordNeeds.model_validate({**facts, "happened_at": NOW, **changes})


def recorded(**changes: Any) -> Analysis:
    state: Analysis = NEEDS.folded(needs.record(Analysis(), analysis(**changes), rules=RULES))
    return state


def test_an_analysis_holds_its_findings():
    assert recorded().findings == (("inspectors", "posting", 4),)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": "rumour"}, "source-unknown"),
        ({"member": "XX"}, "member-unknown"),
        ({"findings": ()}, "findings-missing"),
        ({"findings": (POSTING, POSTING)}, "finding-twice"),
        ({"findings": (Finding(target_group="martians", topic="posting"),)}, "target-group-unknown"),
        ({"findings": (Finding(target_group="inspectors", topic="cooking"),)}, "topic-unknown"),
        ({"on": date(2024, 10, 16)}, "on-in-the-future"),
    ],
)
def test_an_analysis_says_what_the_network_knows(changes, code):
    with pytest.raises(Refused) as refused:
        recorded(**changes)
    assert refused.value.code == code


def test_a_change_says_what_it_takes_back():
    command = ReviseNeeds(**analysis(source="interview").model_dump(exclude={"needs"}), needs=NAME)
    (event,) = needs.revise(recorded(), command, rules=RULES)
    assert isinstance(event, NeedsRevised)
    assert (event.source, event.previous_source, event.previous_findings) == ("interview", "survey", (POSTING.row,))
    assert needs.revise(needs.evolve(recorded(), event), command, rules=RULES) == []


def test_a_withdrawn_analysis_is_gone():
    command = WithdrawNeeds(needs=NAME, reason="It was there twice.", happened_at=NOW)
    state = NEEDS.folded(needs.withdraw(recorded(), command), recorded())
    with pytest.raises(Refused):
        needs.withdraw(state, command)


DAYS = st.dates(date(2015, 1, 1), date(2024, 10, 15))
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.none() | DAYS), max_size=12)


@given(STEPS, st.integers(1, 4))
def test_the_agenda_knows_the_newest_analysis_whatever_is_recorded_moved_and_withdrawn(steps, years):
    agenda, days = Agenda(), dict[str, date]()
    for name, on in steps:
        agenda = AGENDA.folded(needs.note(agenda, name, on, years=years), agenda)
        days = {one: day for one, day in days.items() if one != name} | ({name: on} if on else {})
        newest = max(days.values(), default=None)
        assert agenda.newest_on == (newest.isoformat() if newest else None)
        assert (agenda.due_on is None) == (newest is None)
        if newest and agenda.due_on:
            assert 365 * years <= (date.fromisoformat(agenda.due_on) - newest).days <= 366 * years


def test_the_reminder_comes_once_and_not_before_its_day():
    agenda = AGENDA.folded(needs.note(Agenda(), "a", date(2022, 10, 15), years=2))
    early = RemindOfNeeds(agenda="agenda", happened_at=NOW - timedelta(days=1))
    assert needs.remind(agenda, early) == []
    due = RemindOfNeeds(agenda="agenda", happened_at=NOW)
    (event,) = told = needs.remind(agenda, due)
    assert event == NeedsOutdated(newest_on=date(2022, 10, 15), due_on=date(2024, 10, 15))
    agenda = AGENDA.folded(told, agenda)
    assert needs.remind(agenda, due) == []
    assert needs.remind(AGENDA.folded(needs.note(agenda, "b", date(2024, 1, 1), years=2), agenda), due) == []


def test_recording_sets_the_deadline_and_withdrawing_clears_it():
    (noted,) = needs.note(Agenda(), "a", date(2024, 2, 29), years=2)
    (deadline,) = AGENDA.deadlines("agenda-1", noted)
    assert deadline.at == datetime(2026, 3, 1, tzinfo=UTC)
    (left,) = needs.note(AGENDA.folded([noted]), "a", None, years=2)
    (cleared,) = AGENDA.deadlines("agenda-1", left)
    assert (cleared.id, cleared.at) == (deadline.id, None)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=30))
def test_an_evaluation_weighs_as_it_was_found_relevant_once_enough_have_answered(answers):
    state = Evaluation()
    for relevance, added_value in answers:
        facts = {"activity": "activity-1", "kind": "webinar", "line": ""}
        command = ReceiveEvaluation(**facts, relevance=relevance, added_value=added_value, happened_at=NOW)
        state = EVALUATION.folded(needs.receive(state, command), state)
    weight = weight_of(state.answers, state.relevance)
    if len(answers) < needs.FEWEST_ANSWERS:
        assert weight is None
    else:
        assert weight is not None
        assert abs(weight - sum(one for one, _ in answers) / len(answers)) <= 0.5


SIGNS = st.lists(
    st.builds(
        Sign,
        kind=st.sampled_from(["finding", "evaluation", "request"]),
        group=st.sampled_from(["", "inspectors", "ministries"]),
        topic=st.sampled_from(["", "posting", "imi"]),
        member=st.sampled_from(["", "BG", "PT"]),
        weight=st.integers(1, 5),
        many=st.just(1),
    )
)


@given(SIGNS)
def test_the_matrix_loses_nothing_and_counts_nothing_twice(signs):
    matrix = Matrix.of(signs)
    for cells in (matrix.by_group, matrix.by_member):
        assert sum(cell.weight for cell in cells.values()) == sum(sign.weight for sign in signs)
        counted = sum(cell.findings + cell.evaluations + cell.requests for cell in cells.values())
        assert counted == len(signs)
    named = [cell.weight for key, cell in matrix.by_group.items() if all(key)]
    assert (matrix.heaviest is None) == (not named)
    if matrix.heaviest:
        assert matrix.by_group[matrix.heaviest].weight == max(named)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_heaviest_is_darkest_and_only_nothing_is_blank(weight, most):
    weight = min(weight, most)
    assert 0 <= heat(weight, most) <= 5
    assert (heat(weight, most) == 0) == (weight == 0)
    if most:
        assert heat(most, most) == 5
