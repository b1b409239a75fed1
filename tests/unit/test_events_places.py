"""Places, lines, quotas, offers and approvals under whatever happens: never one too many, never one left empty."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import bson
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.events.commands import (
    AcceptOffer,
    AnnounceActivity,
    ApproveRegistration,
    CancelRegistration,
    ChangeMode,
    DeclineRegistration,
    DrawPlaces,
    EndorseRegistration,
    FillPlaces,
    Kept,
    LapseOffer,
    OpenRegistration,
    RegisterPersons,
    Registrant,
    RestoreRegistration,
    ScheduleActivity,
    SetRules,
    SubstitutePerson,
)
from services.events.domain.activity import Activity, decide, evolve
from services.events.domain.booking import (
    CANCELLED,
    CONFIRMED,
    HOLDING,
    IN_LINE,
    OFFERED,
    PENDING,
    WAITLISTED,
    Registration,
)
from services.events.domain.placing import MOST_PROMOTED, commitment_of, free_for, in_order, rank, units
from services.events.domain.registration import MOST_OF_PERSON, MOST_REGISTRATIONS, register
from services.events.domain.rules import falls_due
from shared.contracts.base import Command, Event
from shared.contracts.events import RegistrationCancelled, RegistrationConfirmed, RegistrationWaitlisted
from shared.contracts.refused import Refused
from shared.contracts.registering import PlacesDrawn, RegistrationOffered
from shared.spine.aggregate import Aggregate

ID = "activity-01920000-0000-7000-8000-000000000001"
MOMENT = datetime(2024, 9, 1, 9, tzinfo=UTC)
MEMBERS = ("BG", "RO", "PT")
MODES = ("on-site", "online")
SEED = "6f2d"


class Told:
    """An activity as commands and time make it; deadlines fire as the service's would."""

    def __init__(self, places: dict[str, int] | None = None, **rules: object) -> None:
        self.activity, self.now = Activity(), MOMENT
        self.events: list[Event] = []
        self.due: dict[str, tuple[datetime, Command]] = {}
        self.tell(AnnounceActivity(activity=ID, kind="national-event"))
        self.schedule(places or {"on-site": 2})
        self.rules(**rules)
        self.tell(OpenRegistration(activity=ID, invited=MEMBERS))

    def tell(self, command: Command) -> list[Event]:
        new = decide(self.activity, command.at(self.now))
        for event in new:
            self.activity = evolve(self.activity, event)
            for name, at, due in falls_due(ID, event, self.now):
                if at is None or due is None:
                    self.due.pop(name, None)
                else:
                    self.due[name] = (at, due)
        self.events += new
        return new

    def schedule(self, places: dict[str, int]) -> None:
        days = {"starts_on": date(2024, 12, 10), "ends_on": date(2024, 12, 11)}
        mode = "hybrid" if len(places) > 1 else next(iter(places))
        self.tell(ScheduleActivity.model_validate({"activity": ID, "mode": mode, "places": places, **days}))

    def rules(self, **rules: object) -> None:
        if rules:
            self.tell(SetRules.model_validate({"activity": ID, "commitment": commitment_of(SEED), **rules}))

    def register(self, *persons: str, member: str = "BG", **more: object) -> list[Event]:
        who = tuple(Registrant(person=one, member=member, mode=more.get("mode")) for one in persons)  # type: ignore[arg-type]
        rest = {name: value for name, value in more.items() if name != "mode"}
        return self.tell(RegisterPersons.model_validate({"activity": ID, "persons": who, **rest}))

    def id(self, person: str) -> str:
        return self.activity.people[person]

    def say(self, command: type[Command], who: str, **more: object) -> list[Event]:
        return self.tell(command.model_validate({"activity": ID, "registration": self.id(who), **more}))

    def status(self, person: str) -> str:
        found = self.activity.people.get(person)
        return self.activity.registrations[found].status if found else CANCELLED

    def wait(self, **time: float) -> None:
        """Time passes; what falls due meanwhile fires in its order."""
        until = self.now + timedelta(**time)
        while ready := sorted((at, name) for name, (at, _) in self.due.items() if at <= until):
            at, name = ready[0]
            _, command = self.due.pop(name)
            self.now = max(self.now, at)
            if isinstance(command, DrawPlaces):
                command = command.model_copy(update={"seed": SEED})
            while self.tell(command) and isinstance(command, FillPlaces):
                pass
        self.now = until


def refusal(told: Told, do: object, *args: object, **more: object) -> str:
    with pytest.raises(Refused) as refused:
        do(*args, **more)  # type: ignore[operator]
    return refused.value.code


def test_an_offer_is_accepted_in_time() -> None:
    told = Told(offer_hours=48)
    told.register("a", "b", "c")
    (_, offered) = told.say(CancelRegistration, "a")
    assert isinstance(offered, RegistrationOffered)
    assert offered.until == MOMENT + timedelta(hours=48)
    assert told.status("c") == OFFERED
    (confirmed,) = told.say(AcceptOffer, "c")
    assert isinstance(confirmed, RegistrationConfirmed)
    assert (confirmed.from_waitlist, confirmed.waitlisted_on) == (True, "2024-09-01")
    told.wait(days=5)
    assert told.status("c") == CONFIRMED


def test_an_offer_that_is_not_answered_passes_on_and_none_is_skipped() -> None:
    told = Told({"on-site": 1}, offer_hours=24)
    for one in "abcd":
        told.register(one)
    told.say(CancelRegistration, "a")
    assert told.status("b") == OFFERED
    told.wait(hours=25)
    assert [told.status(one) for one in "bcd"] == [CANCELLED, OFFERED, WAITLISTED]
    lapsed = [one for one in told.events if isinstance(one, RegistrationCancelled) and one.because]
    assert [(one.because, one.previously) for one in lapsed] == [("lapsed", "waitlisted")]
    told.say(CancelRegistration, "c")
    assert told.status("d") == OFFERED
    assert told.register("b")[0].position == 1  # type: ignore[attr-defined]


def test_an_offer_ends_when_the_activity_begins_and_a_late_acceptance_is_refused() -> None:
    told = Told({"on-site": 1}, offer_hours=1000)
    told.register("a", "b")
    told.now = datetime(2024, 12, 9, 20, tzinfo=UTC)
    told.say(CancelRegistration, "a")
    told.now = datetime(2024, 12, 10, tzinfo=UTC)
    assert refusal(told, told.say, AcceptOffer, "b") == "offer-over"


def test_without_a_time_for_offers_the_place_is_theirs_at_once() -> None:
    told = Told({"on-site": 1})
    told.register("a", "b")
    told.say(CancelRegistration, "a")
    assert told.status("b") == CONFIRMED


def test_coverage_gives_to_a_member_with_nobody_first_and_shows_it_in_the_line() -> None:
    told = Told({"on-site": 1}, policy="coverage")
    told.register("bg-1")
    told.register("bg-2")
    told.register("ro-1", member="RO")
    told.register("bg-3")
    shown = [told.activity.registrations[one].person for one in in_order(told.activity, "on-site")]
    assert shown == ["ro-1", "bg-2", "bg-3"]
    told.schedule({"on-site": 2})
    assert told.status("ro-1") == CONFIRMED
    told.say(CancelRegistration, "bg-1")
    assert told.status("bg-2") == CONFIRMED


def test_a_draw_is_in_the_order_of_the_seed_that_was_committed_to() -> None:
    told = Told({"on-site": 2}, policy="draw", draw_at=MOMENT + timedelta(days=7))
    for number in range(12):
        told.register(f"p{number}")
    assert all(told.status(f"p{number}") == WAITLISTED for number in range(12))
    told.now += timedelta(days=8)
    assert refusal(told, told.tell, DrawPlaces(activity=ID, seed="another")) == "seed-unknown"
    told.wait(days=1)
    (drawn,) = [one for one in told.events if isinstance(one, PlacesDrawn)]
    assert commitment_of(drawn.seed) == told.activity.commitment
    everybody = sorted(told.activity.registrations, key=lambda one: rank(drawn.seed, one))
    given = [one.registration for one in told.events if isinstance(one, RegistrationConfirmed)]
    assert given == everybody[:2]
    assert list(told.activity.waiting["on-site"]) == everybody[2:]
    told.register("late")
    assert told.activity.waiting["on-site"][-1] == told.id("late")


def test_another_draw_is_drawn_again() -> None:
    told = Told({"on-site": 1}, policy="draw", draw_at=MOMENT + timedelta(days=2))
    told.wait(days=3)
    assert told.activity.seed == SEED
    told.rules(policy="draw", draw_at=MOMENT + timedelta(days=9), commitment=commitment_of("another"))
    assert told.activity.before_draw
    told.register("a")
    assert told.status("a") == WAITLISTED
    told.now += timedelta(days=7)
    told.tell(DrawPlaces(activity=ID, seed="another"))
    assert told.status("a") == CONFIRMED


def test_a_large_draw_gives_its_places_in_steps_and_nobody_comes_between() -> None:
    kept = [Kept(member="PT", places=1)]
    told = Told({"on-site": 502}, policy="draw", draw_at=MOMENT + timedelta(days=2), quotas=kept)
    for start in range(0, 600, 200):
        told.register(*(f"p{number}" for number in range(start, start + 200)))
    told.now += timedelta(days=2)
    drawn = told.tell(DrawPlaces(activity=ID, seed=SEED))
    assert len(drawn) == 1 + MOST_PROMOTED
    told.register("late")
    assert told.status("late") == WAITLISTED
    told.wait(hours=1)
    assert told.activity.taken["on-site"] == 501
    assert told.status("late") == WAITLISTED
    assert told.tell(FillPlaces(activity=ID)) == []


def test_nobody_registers_without_end_and_an_activity_fits_its_document() -> None:
    told = Told()
    for _ in range(MOST_OF_PERSON):
        told.register("a")
        told.say(CancelRegistration, "a")
    assert refusal(told, told.register, "a") == "too-often"

    def name(number: int) -> str:
        return f"00000000-0000-7000-8000-{number:012}"

    one = Registration("", "BG", "on-site", WAITLISTED, "2024-09-01", "2024-09-01", group=f"registration-{name(0)}")
    many = {
        f"registration-{name(number)}": replace(one, person=f"person-{name(number)}")
        for number in range(MOST_REGISTRATIONS)
    }
    full = Activity(
        activity=ID,
        waiting={"on-site": tuple(many)},
        registrations=many,
        people={each.person: id for id, each in many.items()},
    )
    assert len(bson.encode(Aggregate("activity", Activity, evolve).dump(full))) < 15 * 2**20
    command = {"activity": ID, "persons": [{"person": "b", "member": "BG"}]}
    with pytest.raises(Refused, match="More than this"):
        register(full, RegisterPersons.model_validate(command).at(MOMENT))


def test_an_offer_to_a_delegation_is_accepted_or_lapses_as_one() -> None:
    told = Told({"on-site": 2}, offer_hours=24)
    told.register("a")
    told.register("b", "c", together=True)
    told.say(CancelRegistration, "a")
    assert [told.status(one) for one in "bc"] == [OFFERED, OFFERED]
    assert len(told.say(AcceptOffer, "c")) == 2
    assert [told.status(one) for one in "bc"] == [CONFIRMED, CONFIRMED]
    other = Told({"on-site": 2}, offer_hours=24)
    other.register("a")
    other.register("b", "c", together=True)
    other.say(CancelRegistration, "a")
    other.register("d")
    other.wait(hours=25)
    assert [other.status(one) for one in "bcd"] == [CANCELLED, CANCELLED, OFFERED]


def test_the_policy_stays_once_somebody_registered_by_it() -> None:
    told = Told()
    told.register("a")
    assert refusal(told, told.rules, policy="coverage") == "policy-fixed"
    told.rules(offer_hours=24)


def test_quotas_are_kept_for_their_member_until_their_day() -> None:
    kept = [Kept(member="PT", places=1, release_on=date(2024, 9, 10))]
    told = Told({"on-site": 2}, quotas=kept)
    told.register("bg-1")
    told.register("bg-2")
    assert told.status("bg-2") == WAITLISTED
    told.register("pt-1", member="PT")
    assert told.status("pt-1") == CONFIRMED
    told.say(CancelRegistration, "pt-1")
    assert told.status("bg-2") == WAITLISTED
    told.wait(days=10)
    assert told.status("bg-2") == CONFIRMED
    assert refusal(told, told.rules, quotas=[Kept(member="RO", places=1)]) == "quotas-too-many"


def test_a_delegation_stays_together_or_is_split_as_it_says() -> None:
    told = Told({"on-site": 2})
    told.register("a")
    events = told.register("b", "c", together=True)
    assert {type(one) for one in events} == {RegistrationWaitlisted}
    told.register("d")
    assert told.status("d") == CONFIRMED
    told.say(CancelRegistration, "d")
    assert [told.status(one) for one in "bc"] == [WAITLISTED, WAITLISTED]
    told.say(CancelRegistration, "a")
    assert [told.status(one) for one in "bc"] == [CONFIRMED, CONFIRMED]
    other = Told({"on-site": 1})
    other.register("b", "c")
    assert [other.status(one) for one in "bc"] == [CONFIRMED, WAITLISTED]


def test_approval_in_two_stages() -> None:
    told = Told({"on-site": 1}, approval="two")
    told.register("a")
    assert told.status("a") == "requested"
    assert refusal(told, told.say, ApproveRegistration, "a") == "not-endorsed"
    told.say(EndorseRegistration, "a")
    told.say(ApproveRegistration, "a")
    assert told.status("a") == CONFIRMED
    told.register("b", standing="endorsed")
    told.say(ApproveRegistration, "b")
    assert told.status("b") == WAITLISTED
    told.register("c")
    told.say(DeclineRegistration, "c")
    assert told.status("c") == CANCELLED
    told.register("d", standing="approved")
    assert told.status("d") == WAITLISTED


def test_somebody_else_of_the_member_has_the_place_or_the_place_in_line() -> None:
    told = Told({"on-site": 1})
    for one in "abc":
        told.register(one)
    told.say(SubstitutePerson, "a", person="x")
    assert [told.status(one) for one in "axb"] == [CANCELLED, CONFIRMED, WAITLISTED]
    told.say(SubstitutePerson, "b", person="y")
    assert told.activity.waiting["on-site"] == (told.id("y"), told.id("c"))


def test_old_states_and_events_are_read_as_first_come() -> None:
    whole = Aggregate("activity", Activity, evolve)
    told = Told()
    told.register("a", "b", "c")
    new = ("held", "policy", "offer_hours", "approval", "quotas", "draw_at", "commitment", "seed", "together")
    old = {name: value for name, value in whole.dump(told.activity).items() if name not in new}
    for one in old["registrations"].values():
        for name in ("group", "waitlisted_on", "offered_until"):
            del one[name]
    loaded = whole.load(old)
    assert (loaded.policy, loaded.offer_hours, loaded.approval) == ("first-come", None, "none")
    before = {"registration": "r", "person": "p", "member": "BG", "previously": "waitlisted", "previously_on": "x"}
    assert RegistrationCancelled(**before).because == ""


class Places(RuleBasedStateMachine):
    """Everything that registrants, members, organisers and time do to one activity."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Told()
        self.number = 0

    @initialize(
        on_site=st.integers(0, 4), online=st.integers(1, 3), policy=st.sampled_from(["first-come", "draw", "coverage"]),
        hours=st.sampled_from([None, 24]), approval=st.sampled_from(["none", "none", "one", "two"]),
        kept=st.integers(0, 1),
    )  # fmt: skip
    def begin(self, on_site: int, online: int, policy: str, hours: int | None, approval: str, kept: int) -> None:
        quotas = [Kept(member="PT", mode="online", places=kept, release_on=date(2024, 9, 6))] if kept else []
        at = {"draw_at": MOMENT + timedelta(days=2)} if policy == "draw" else {}
        places = {"on-site": on_site, "online": online}
        self.told = Told(places, policy=policy, offer_hours=hours, approval=approval, quotas=quotas, **at)

    def try_to(self, do: object, *args: object, **more: object) -> None:
        """Every answer is definite: events, or a refusal that says why."""
        with suppress(Refused):
            do(*args, **more)  # type: ignore[operator]

    def somebody(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.told.activity.people)))

    @rule(member=st.sampled_from(MEMBERS), mode=st.sampled_from(MODES), size=st.integers(1, 3), together=st.booleans())
    def register(self, member: str, mode: str, size: int, together: bool) -> None:
        self.number += size
        persons = [f"p{self.number - one}" for one in range(size)]
        self.told.register(*persons, member=member, mode=mode, together=together)

    @precondition(lambda self: self.told.activity.people)
    @rule(data=st.data(), command=st.sampled_from([
        CancelRegistration, AcceptOffer, EndorseRegistration, ApproveRegistration, DeclineRegistration, LapseOffer,
    ]))  # fmt: skip
    def say(self, data: st.DataObject, command: type[Command]) -> None:
        who = self.somebody(data)
        before = self.told.activity.registrations[self.told.id(who)]
        self.try_to(self.told.say, command, who)
        after = self.told.activity.registrations
        if before.group and before.status == OFFERED and self.told.status(who) == CONFIRMED:
            of_group = [one.status for one in after.values() if (one.group, one.mode) == (before.group, before.mode)]
            assert OFFERED not in of_group

    @precondition(lambda self: self.told.activity.people)
    @rule(data=st.data(), mode=st.sampled_from(MODES))
    def change_mode(self, data: st.DataObject, mode: str) -> None:
        self.try_to(self.told.say, ChangeMode, self.somebody(data), mode=mode)

    @precondition(lambda self: self.told.activity.people)
    @rule(data=st.data())
    def substitute(self, data: st.DataObject) -> None:
        self.number += 1
        self.try_to(self.told.say, SubstitutePerson, self.somebody(data), person=f"p{self.number}")

    @precondition(lambda self: self.told.activity.registrations)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.told.activity.registrations)))
        self.try_to(self.told.tell, RestoreRegistration(activity=ID, registration=one))

    @rule(on_site=st.integers(0, 5), online=st.integers(0, 4))
    def change_places(self, on_site: int, online: int) -> None:
        if on_site + online:
            self.try_to(self.told.schedule, {"on-site": on_site, "online": online})

    @rule(hours=st.sampled_from([None, 12]), kept=st.integers(0, 2), member=st.sampled_from(MEMBERS))
    def change_rules(self, hours: int | None, kept: int, member: str) -> None:
        state = self.told.activity
        quotas = [Kept(member=member, mode="on-site", places=kept)] if kept else []
        draw = {"draw_at": state.draw_at} if state.draw_at else {}
        same = {"policy": state.policy, "approval": state.approval}
        self.try_to(self.told.rules, offer_hours=hours, quotas=quotas, **same, **draw)

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.told.wait(hours=hours)

    @invariant()
    def no_place_too_many(self) -> None:
        state = self.told.activity
        for mode, places in state.places.items():
            of_mode = [one for one in state.registrations.values() if one.mode == mode]
            holding = [one for one in of_mode if one.status in HOLDING]
            assert len(holding) <= places
            assert state.taken.get(mode, 0) == sum(one.status == CONFIRMED for one in of_mode)
            for member in MEMBERS:
                counted = sum(one.member == member for one in holding)
                assert state.held.get(mode, {}).get(member, 0) == counted
            kept = sum(
                max(quota.places - state.held.get(mode, {}).get(quota.member, 0), 0)
                for quota in state.quotas
                if quota.mode == mode
            )
            assert len(holding) + kept <= places

    @invariant()
    def no_place_empty_while_somebody_may_have_it(self) -> None:
        state = self.told.activity
        if state.before_draw:
            assert not any(state.taken.values())
            return
        for mode in state.places:
            for unit in units(state, state.waiting.get(mode, ())):
                assert free_for(state, mode, state.registrations[unit[0]].member) < len(unit)

    @invariant()
    def everybody_is_somewhere(self) -> None:
        state = self.told.activity
        waiting = [one for queue in state.waiting.values() for one in queue]
        assert len(waiting) == len(set(waiting))
        for id, one in state.registrations.items():
            assert (id in waiting) == (one.status == WAITLISTED)
            assert (state.people.get(one.person) == id) == (one.status != CANCELLED)
            assert one.status in (CONFIRMED, *IN_LINE, *PENDING, CANCELLED)
            if one.status == OFFERED:
                assert datetime.fromisoformat(one.offered_until) > self.told.now
        for mode in state.places:
            assert sorted(in_order(state, mode)) == sorted(state.waiting.get(mode, ()))

    @invariant()
    def the_events_alone_tell_the_same(self) -> None:
        whole = Aggregate("activity", Activity, evolve)
        assert whole.folded(self.told.events) == self.told.activity


TestPlaces = Places.TestCase
TestPlaces.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
