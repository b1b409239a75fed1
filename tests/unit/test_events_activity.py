"""An activity's life, its places and its waitlist, as pure decisions."""

from datetime import UTC, date, datetime
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.events.commands import (
    AnnounceActivity,
    AnnounceExchange,
    CancelActivity,
    CancelRegistration,
    CloseRegistration,
    HoldActivity,
    OpenRegistration,
    RegisterPersons,
    Registrant,
    ScheduleActivity,
    UnplanActivity,
)
from services.events.domain.activity import Activity, Status, decide, evolve
from shared.contracts.base import Command, Event
from shared.contracts.events import (
    ActivityCancelled,
    ActivityHeld,
    ActivityScheduled,
    RegistrationCancelled,
    RegistrationClosed,
    RegistrationConfirmed,
    RegistrationOpened,
    RegistrationWaitlisted,
)
from shared.contracts.refused import Refused
from shared.spine.aggregate import Aggregate

ID = "activity-01920000-0000-7000-8000-000000000001"
MOMENT = datetime(2024, 10, 1, 9, tzinfo=UTC)


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)


class Story:
    """An activity with what became of it, told by commands."""

    def __init__(self) -> None:
        self.activity = Activity()
        self.events: list[Event] = []

    def tell(self, command: Command, when: datetime = MOMENT) -> list[Event]:
        new = decide(self.activity, command.at(when))
        for event in new:
            self.activity = evolve(self.activity, event)
        self.events += new
        return new

    def register(self, *persons: str, mode: str | None = None, when: datetime = MOMENT) -> list[Event]:
        who = tuple(Registrant(person=one, member="BG", mode=mode) for one in persons)
        return self.tell(RegisterPersons(activity=ID, persons=who), when)

    def cancel(self, person: str, when: datetime = MOMENT) -> list[Event]:
        return self.tell(CancelRegistration(activity=ID, registration=self.activity.people[person]), when)

    def status_of(self, person: str) -> str:
        return self.activity.registrations[self.activity.people[person]].status


def schedule(places: dict[str, int], mode: str = "on-site", **more: object) -> ScheduleActivity:
    days = {"starts_on": date(2024, 10, 10), "ends_on": date(2024, 10, 11)}
    return ScheduleActivity.model_validate({"activity": ID, "mode": mode, "places": places, **days, **more})


def planned() -> Story:
    story = Story()
    story.tell(
        AnnounceActivity(
            activity=ID, kind="host-member-state-training", pillar="capacity-building",
            line="trainings-in-host-member-state", quarter="2024-Q2", member="BG", planned=True,
        )
    )  # fmt: skip
    return story


def opened(places: int = 2) -> Story:
    story = planned()
    story.tell(schedule({"on-site": places}))
    story.tell(OpenRegistration(activity=ID, invited=("RO", "BG")))
    return story


def refusal(story: Story, command: Command, when: datetime = MOMENT) -> str:
    with pytest.raises(Refused) as refused:
        story.tell(command, when)
    return refused.value.code


def test_the_plans_quarter_stays_with_a_planned_activity() -> None:
    story = planned()
    scheduled = story.tell(schedule({"on-site": 20}))[0]
    assert isinstance(scheduled, ActivityScheduled)
    assert (scheduled.quarter, scheduled.planned, scheduled.member) == ("2024-Q2", True, "BG")


def test_an_activity_beside_the_plan_counts_in_the_quarter_it_takes_place() -> None:
    story = Story()
    story.tell(AnnounceActivity(activity=ID, kind="national-event"))
    assert story.tell(schedule({"online": 5}, mode="online"))[0].quarter == "2024-Q4"


def test_announced_twice_it_is_announced_once() -> None:
    story = planned()
    assert story.tell(AnnounceActivity(activity=ID, kind="national-event")) == []


def test_an_exchange_comes_with_its_week_and_places() -> None:
    story = Story()
    story.tell(
        AnnounceExchange(
            activity=ID, kind="staff-exchange", exchange="exchange-1", members=("BG", "ES"), member="ES",
            starts_on=date(2024, 9, 16), ends_on=date(2024, 9, 20), officials=2,
        )
    )  # fmt: skip
    assert story.activity.status == Status.SCHEDULED
    assert story.activity.places == {"on-site": 2}
    held = story.tell(HoldActivity(activity=ID), at("2024-09-20"))[0]
    assert isinstance(held, ActivityHeld)
    assert (held.exchange, held.members, held.held_on) == ("exchange-1", ("BG", "ES"), date(2024, 9, 20))


def test_registration_opens_only_with_a_date_and_with_somebody_invited() -> None:
    story = planned()
    assert refusal(story, OpenRegistration(activity=ID, invited=("BG",))) == "not-scheduled"
    story.tell(schedule({"on-site": 2}))
    assert refusal(story, OpenRegistration(activity=ID)) == "nobody-invited"


def test_members_are_invited_once_however_often_registration_opens() -> None:
    story = opened()
    story.tell(CloseRegistration(activity=ID))
    again = story.tell(OpenRegistration(activity=ID, invited=("BG", "EL")), at("2024-10-03"))[0]
    assert isinstance(again, RegistrationOpened)
    assert again.invited == ("EL",)
    cancelled = story.tell(CancelActivity(activity=ID, reason="No trainer"), at("2024-10-04"))[0]
    assert isinstance(cancelled, ActivityCancelled)
    assert cancelled.invited == ("BG", "RO", "EL")
    assert cancelled.invited_on == "2024-10-01"
    assert cancelled.invited_days == {"BG": "2024-10-01", "RO": "2024-10-01", "EL": "2024-10-03"}


def test_a_full_activity_makes_a_waitlist_in_order() -> None:
    story = opened(places=1)
    first, second, third = story.register("a", "b", "c")
    assert isinstance(first, RegistrationConfirmed)
    assert isinstance(second, RegistrationWaitlisted)
    assert isinstance(third, RegistrationWaitlisted)
    assert (second.position, third.position) == (1, 2)
    assert (first.member, first.kind, first.on) == ("BG", "host-member-state-training", "2024-10-01")


def test_a_cancelled_place_goes_to_the_first_in_line() -> None:
    story = opened(places=1)
    story.register("a", "b", "c")
    cancelled, confirmed = story.cancel("a", at("2024-10-05"))
    assert isinstance(cancelled, RegistrationCancelled)
    assert isinstance(confirmed, RegistrationConfirmed)
    assert (cancelled.previously, cancelled.previously_on) == ("confirmed", "2024-10-01")
    assert (confirmed.person, confirmed.from_waitlist, confirmed.waitlisted_on) == ("b", True, "2024-10-01")
    later = story.cancel("b", at("2024-10-06"))
    assert isinstance(later[0], RegistrationCancelled)
    assert later[0].previously_on == "2024-10-05"


def test_leaving_the_waitlist_frees_no_place() -> None:
    story = opened(places=1)
    story.register("a", "b")
    events = story.cancel("b")
    assert [event.previously for event in events if isinstance(event, RegistrationCancelled)] == ["waitlisted"]
    assert len(events) == 1
    assert story.activity.taken == {"on-site": 1}


def test_more_places_confirm_those_in_line() -> None:
    story = opened(places=1)
    story.register("a", "b", "c")
    events = story.tell(schedule({"on-site": 2}))
    assert [event.person for event in events if isinstance(event, RegistrationConfirmed)] == ["b"]
    assert story.tell(schedule({"on-site": 2})) == []


def test_places_given_away_are_not_taken_back() -> None:
    story = opened(places=2)
    story.register("a", "b")
    assert refusal(story, schedule({"on-site": 1})) == "places-taken"
    assert refusal(story, schedule({"online": 9}, mode="online")) == "places-taken"


def test_each_mode_has_places_and_a_line_of_its_own() -> None:
    story = planned()
    story.tell(schedule({"on-site": 1, "online": 1}, mode="hybrid"))
    story.tell(OpenRegistration(activity=ID, invited=("BG",)))
    story.register("a", "b")
    story.register("c", "d", mode="online")
    story.cancel("c")
    assert [story.status_of(one) for one in "abd"] == ["confirmed", "waitlisted", "confirmed"]


def test_one_registration_a_person() -> None:
    story = opened()
    story.register("a")
    again = RegisterPersons(activity=ID, persons=(Registrant(person="a", member="BG"),))
    assert refusal(story, again) == "already-registered"
    twice = tuple(Registrant(person="b", member="BG") for _ in range(2))
    assert refusal(story, RegisterPersons(activity=ID, persons=twice)) == "already-registered"
    assert "b" not in story.activity.people, "a delegation is registered as a whole or not at all"


def test_who_cancelled_may_register_again() -> None:
    story = opened()
    first = story.register("a")[0]
    story.cancel("a")
    second = story.register("a")[0]
    assert isinstance(first, RegistrationConfirmed)
    assert isinstance(second, RegistrationConfirmed)
    assert first.registration != second.registration


def test_registration_keeps_to_its_time() -> None:
    story = opened()
    anna = RegisterPersons(activity=ID, persons=(Registrant(person="a", member="BG"),))
    assert refusal(story, anna, at("2024-10-12")) == "is-past"
    story.tell(CloseRegistration(activity=ID))
    assert refusal(story, anna) == "registration-closed"


def test_it_is_held_from_its_first_day_on_and_then_nothing_changes() -> None:
    story = opened()
    story.register("a")
    assert refusal(story, HoldActivity(activity=ID), at("2024-10-10")) == "still-open"
    closing = HoldActivity(activity=ID, closing=True)
    assert refusal(story, closing, at("2024-10-09")) == "not-begun"
    in_one_step = decide(story.activity, closing.at(at("2024-10-10")))
    assert [type(one) for one in in_one_step] == [RegistrationClosed, ActivityHeld]
    story.tell(CloseRegistration(activity=ID))
    assert refusal(story, HoldActivity(activity=ID), at("2024-10-09")) == "not-begun"
    held = story.tell(HoldActivity(activity=ID), at("2024-10-15"))[0]
    assert isinstance(held, ActivityHeld)
    assert held.held_on == date(2024, 10, 11)
    leaving = CancelRegistration(activity=ID, registration=story.activity.people["a"])
    assert refusal(story, leaving, at("2024-10-16")) == "is-held"
    assert story.tell(UnplanActivity(activity=ID), at("2024-10-16")) == [], "the plan's news comes too late"


def test_what_leaves_the_plan_is_cancelled() -> None:
    story = planned()
    assert isinstance(story.tell(UnplanActivity(activity=ID))[0], ActivityCancelled)
    assert Story().tell(UnplanActivity(activity=ID)) == []


def test_an_unknown_activity_is_not_found() -> None:
    assert refusal(Story(), HoldActivity(activity=ID)) == "not-found"


def test_the_state_survives_the_store() -> None:
    aggregate = Aggregate("activity", Activity, evolve)
    story = opened(places=1)
    story.register("a", "b")
    assert aggregate.load(aggregate.dump(story.activity)) == story.activity
    assert aggregate.folded(story.events) == story.activity


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("register"), st.integers(0, 15), st.sampled_from(["on-site", "online"])),
        st.tuples(st.just("cancel"), st.integers(0, 15), st.just("")),
        st.tuples(st.just("places"), st.integers(0, 6), st.integers(1, 6)),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(ACTIONS)
def test_never_a_place_too_many_and_never_one_empty_while_somebody_waits(actions: list[tuple]) -> None:
    story = planned()
    story.tell(schedule({"on-site": 2, "online": 1}, mode="hybrid"))
    story.tell(OpenRegistration(activity=ID, invited=("BG",)))
    for action, one, other in actions:
        step = {
            "register": partial(story.register, f"p{one}", mode=other or None),
            "cancel": partial(_cancel_if_there, story, f"p{one}"),
            "places": partial(story.tell, schedule({"on-site": one, "online": other or 1}, mode="hybrid"))
            if action == "places"
            else None,
        }[action]
        try:
            step()
        except Refused:
            continue
        _holds(story.activity)


def _cancel_if_there(story: Story, person: str) -> None:
    if person in story.activity.people:
        story.cancel(person)


def _holds(activity: Activity) -> None:
    for mode, places in activity.places.items():
        confirmed = sum(one.status == "confirmed" and one.mode == mode for one in activity.registrations.values())
        waiting = activity.waiting.get(mode, ())
        assert confirmed == activity.taken.get(mode, 0) <= places
        assert not waiting or confirmed == places
        assert set(waiting) == {
            id for id, one in activity.registrations.items() if one.status == "waitlisted" and one.mode == mode
        }
    assert set(activity.people.values()) == {
        id for id, one in activity.registrations.items() if one.status != "cancelled"
    }
