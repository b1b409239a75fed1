"""The simulator's account: figures from answers alone, whatever their order."""

import random
from typing import Any

import pytest

from deploy.demo.account import Account
from deploy.demo.figures import Figures, compare


def place(number: int, status: str = "confirmed", member: str = "BG") -> dict[str, Any]:
    return {"registration": f"registration-{number}", "person": f"person-{number}", "member": member, "status": status}


def activity(name: str, **facts: Any) -> dict[str, Any]:
    told = {"id": name, "kind": "national-event", "member": "BG", "planned": False, "quarter": "2024-Q4"}
    return told | {"held_on": "2024-10-15", "request": None, "exchange": None, "invited": ["BG", "PT"]} | facts


def request(name: str, status: str = "submitted", **facts: Any) -> dict[str, Any]:
    told = {"id": name, "status": status, "member": "BG", "kind": "website-review", "submitted_on": "2024-03-01"}
    return told | {"quarter": None, "activity": None} | facts


def test_who_waited_and_got_a_place_counts_once_and_no_longer_waits() -> None:
    answers = [
        ("registered", {"registrations": [place(1), place(2, "waitlisted", "PT"), place(3, "waitlisted")]}),
        ("cancelled", {"registration": "registration-1", "confirmed": [place(2, member="PT")]}),
        ("cancelled", {"registration": "registration-3", "confirmed": []}),
    ]
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)):
        account = Account(2024)
        for number in (*order, order[0]):  # the first is told twice
            how, said = answers[number]
            getattr(account, how)(said)
        assert account.confirmed == {"registration-2"}
        assert account.waiting == set()
        assert account.by_member(account.confirmed) == {"PT": 1}


def test_attendance_counts_as_it_was_corrected_last_and_persons_once() -> None:
    account = Account(2024)
    again = place(2) | {"person": "person-1"}
    account.registered({"registrations": [place(1), again, place(3)]})
    account.attended("activity-1", {"registration-1": True, "registration-3": True})
    account.attended("activity-2", {"registration-2": True})
    account.attended("activity-1", {"registration-3": False})
    assert account.came == {"registration-1", "registration-2"}
    assert account.persons() == {"person-1"}
    assert account.participations() == {("activity-1", "BG"), ("activity-2", "BG")}


def test_invitations_count_once_their_activity_is_held() -> None:
    account = Account(2024)
    account.opened(activity("activity-1"))
    account.opened(activity("activity-2"))
    account.registered({"registrations": [place(1, member="PT")]})
    account.attended("activity-1", {"registration-1": True})
    assert account.invitations() == set()
    account.activity_held(activity("activity-1"))
    assert account.invitations() == {("activity-1", "BG"), ("activity-1", "PT")}
    assert account.invitations() & account.participations() == {("activity-1", "PT")}


@pytest.mark.parametrize("order", range(6))
def test_a_request_is_what_was_last_decided_whenever_the_answer_comes(order: int) -> None:
    said = [
        request("request-1"),
        request("request-1", "deferred", quarter="2025-Q1"),
        request("request-1", "planned", quarter="2024-Q4", activity="activity-1"),
    ]
    random.Random(order).shuffle(said)
    account = Account(2024)
    for one in said:
        account.request(one)
    assert account.fates() == {"planned": 1}
    assert account.activities_in_plan() == 1
    account.activity_held(activity("activity-1", planned=True, request="request-1"))
    assert account.fates() == {"fulfilled": 1}
    assert account.activities_completed() == 1


def test_years_are_those_of_plan_week_and_day() -> None:
    account = Account(2024)
    account.request(request("request-1", submitted_on="2023-12-30"))
    account.planned_by_the_network({"activity": "activity-1", "year": 2025})
    account.exchange({"id": "exchange-1", "status": "agreed", "week": "2025-W01"})
    account.exchange({"id": "exchange-2", "status": "proposed", "week": "2024-W50"})
    account.exchange({"id": "exchange-3", "status": "agreed", "week": "2024-W50"})
    account.activity_held(activity("activity-2", exchange="exchange-3", member="PT", kind="staff-exchange"))
    account.activity_held(activity("activity-3", quarter="2025-Q1"))
    counts = account.counts()
    assert (counts["requests"], counts["planned"], counts["held"]) == (0, 0, 1)
    assert (counts["exchanges_agreed"], counts["exchanges_held"], counts["national_events"]) == (1, 1, [])


def shown(**values: Any) -> dict[str, dict[str, Any]]:
    return {id.replace("_", "-"): {"text": "", **told} for id, told in values.items()}


def test_what_stood_there_before_is_added_to_the_account() -> None:
    account = Account(2024)
    account.registered({"registrations": [place(1)]})
    for _ in range(4):
        account.feedback("national-event", 5, 4)
    relevance = {"value": 4.5, "answers": 6}
    before = Figures(2024, shown(registrations={"value": 7}, relevance=relevance), {})
    after = Figures(2024, shown(registrations={"value": 8}, relevance={"value": 4.7, "answers": 10}), {})
    rows = {row.name: row for row in compare(account, before, after)}
    assert rows["registrations"].equal
    assert rows["relevance"].wanted == (47, 10)
    assert rows["relevance"].equal
    assert not rows["registrations by member"].equal


def test_a_score_hidden_before_cannot_be_told() -> None:
    hidden = {"value": None, "answers": None, "text": "fewer than five"}
    rows = compare(Account(2024), Figures(2024, shown(relevance=hidden), {}), Figures(2024, {}, {}))
    assert "relevance" not in {row.name for row in rows}
    assert "added-value" in {row.name for row in rows}
