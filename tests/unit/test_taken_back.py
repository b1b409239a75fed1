"""Wrong decisions taken back: everything stands, and every figure counts, as before they were taken."""

from functools import partial

import pytest

from services.events.commands import RecordAttendance, RestoreRegistration, TakeBackAttendance
from services.events.domain import attendance
from services.events.domain.attendance import Attendance
from services.events.domain.attendance import decide as record
from services.matching.commands import ChangeCall, ChangeInterest, ChangeOffer, ReopenCall, TakeBackProposal
from services.matching.domain import call, exchange, interest, offer
from services.matching.handlers import CALL, EXCHANGE, INTEREST, OFFER
from services.requests.commands import DeclineRequest, ReopenRequest, ReturnRequest
from services.requests.domain import plan, request
from services.requests.domain.request import Status
from services.requests.handlers import _was_listed
from shared.contracts import events as e
from shared.contracts import requests as r
from shared.contracts.refused import Refused
from tests.support.kpi import ACTIVITY, Log, cells_of, value_of
from tests.unit import test_events_activity as of_events
from tests.unit import test_matching_domain as of_matching
from tests.unit.test_requests_domain import NOW, World, folded


class Board(World):
    """The world of a request, with decisions taken back as the handlers do."""

    def take_back(self, command) -> list:
        asked = self.request
        events = request.decide(asked, command)
        undone = isinstance(command, ReopenRequest)
        waits = asked.decided[-1].plan if undone else asked.plan
        self.request = folded(request.evolve, asked, events)
        for name in dict.fromkeys((asked.plan, waits)):
            listed = name == waits and (_was_listed(asked) or not undone)
            self._plan(name, partial(plan.take_back, year=int(name[-4:]), waits=listed, asked=asked), command)
        return events

    def reopen(self, reason: str = "Wrong.") -> list:
        return self.take_back(ReopenRequest(request=self.name, reason=reason, words="words-1", happened_at=NOW))

    @property
    def stands(self) -> tuple:
        state = self.request
        plans = {name: (dict(one.undecided), len(one.activities)) for name, one in self.plans.items()}
        return state.status, state.plan, state.year, state.quarter, state.activity, plans


@pytest.mark.parametrize("first", [None, "2024-Q4", "2025-Q1"])
@pytest.mark.parametrize("then", ["plan 2024-Q2", "plan 2025-Q2", "defer 2024-Q3", "defer 2025-Q3", "decline"])
def test_a_decision_taken_back_leaves_everything_as_it_stood_before(first, then):
    board = Board()
    if first:
        board.defer(first)
    before = board.stands
    way, _, quarter = then.partition(" ")
    if way == "decline":
        board.let_go(DeclineRequest(request=board.name, reason="No.", happened_at=NOW))
    else:
        getattr(board, way)(quarter)
    assert board.stands != before
    board.reopen()
    assert board.stands == before


def test_it_needs_a_reason_and_a_decision():
    board = Board()
    with pytest.raises(Refused, match="no decision"):
        board.reopen()
    board.plan("2024-Q2")
    with pytest.raises(Refused, match="Say why"):
        board.reopen("")


def test_a_cancelled_activity_sends_its_request_back_with_nothing_decided():
    board = Board()
    board.defer("2024-Q3")
    board.plan("2024-Q4")
    activity = board.request.activity
    late = ReturnRequest(request=board.name, activity="activity-other", happened_at=NOW)
    assert request.decide(board.request, late) == []
    (event,) = board.take_back(ReturnRequest(request=board.name, activity=activity, happened_at=NOW))
    assert [fate for fate, _day in event.taken_back] == ["deferred", "planned"]
    assert (board.request.status, board.request.cause) == (Status.SUBMITTED, "activity-cancelled")
    assert board.plans["plan-2024"].undecided == {board.name: "BG"}
    assert len(board.plans["plan-2024"].activities) == 1  # it counts as cancelled
    board.let_go(DeclineRequest(request=board.name, reason="No.", happened_at=NOW))
    assert len(board.plans["plan-2024"].activities) == 1


def test_a_proposal_taken_back_frees_the_place_and_the_interest():
    wish, _ = of_matching.after(interest, INTEREST, of_matching.FILE, of_matching.PROPOSE)
    host, _ = of_matching.after(offer, OFFER, of_matching.OFFER_IT, of_matching.PROPOSE)
    proposed, _ = of_matching.after(exchange, EXCHANGE, of_matching.PROPOSE, of_matching.ACCEPTS[0])
    back = TakeBackProposal(exchange=of_matching.PROPOSE.exchange, reason="Wrong week.", happened_at=of_matching.WHEN)
    ended = EXCHANGE.folded(exchange.decide(proposed, back), proposed)
    assert (ended.status, ended.taken_back) == (exchange.Status.CANCELLED, True)
    freed = INTEREST.folded(interest.decide(wish, back), wish)
    assert (freed.status, freed.turned_down) == (interest.Status.FILED, ())
    assert OFFER.folded(offer.decide(host, back), host).holds == {}
    agreed = EXCHANGE.folded(exchange.decide(proposed, of_matching.ACCEPTS[1]), proposed)
    assert of_matching.refused(exchange, agreed, back) == "exchange-closed"


def test_a_call_closed_too_early_opens_again_and_an_open_one_changes():
    opened = of_matching.open_call()
    name = of_matching.name("call")
    terms = ChangeCall(call=name, focus_areas=("information",), minimum=12, happened_at=of_matching.WHEN)
    changed = CALL.folded(call.decide(opened, terms), opened)
    assert (changed.minimum, call.decide(changed, terms)) == (12, [])
    closed = CALL.folded(call.decide(opened, of_matching.CloseCall(call=name)), opened)
    again = ReopenCall(call=name, reason="Two members asked.", happened_at=of_matching.WHEN)
    elsewhere = terms.model_copy(update={"focus_areas": ("undeclared-work",)})
    assert of_matching.refused(call, closed, elsewhere) == "call-closed"
    assert CALL.folded(call.decide(closed, again), closed) == opened
    assert of_matching.refused(call, opened, again) == "call-open"


def test_an_interest_changes_until_it_is_matched_and_an_offer_keeps_what_is_held():
    wish, _ = of_matching.after(interest, INTEREST, of_matching.FILE)
    told = {"focus": "information", "languages": ("en",), "weeks": ("2024-W30",), "happened_at": of_matching.WHEN}
    change = ChangeInterest(interest=of_matching.name("interest"), **told)
    assert INTEREST.folded(interest.decide(wish, change), wish).weeks == ("2024-W30",)
    matched = INTEREST.folded(interest.decide(wish, of_matching.PROPOSE), wish)
    assert of_matching.refused(interest, matched, change) == "interest-matched"
    host, _ = of_matching.after(offer, OFFER, of_matching.OFFER_IT, of_matching.PROPOSE)
    facts = {"offer": of_matching.name("offer"), "focus_areas": ("information",), "languages": ("en",)}
    less = ChangeOffer(**facts, places={"2024-W18": 1, "2024-W19": 2}, happened_at=of_matching.WHEN)
    assert of_matching.refused(offer, host, less) == "places-held"
    enough = less.model_copy(update={"places": {"2024-W18": 2, "2024-W19": 2}})
    assert OFFER.folded(offer.decide(host, enough), host).free == {"2024-W18": 0, "2024-W19": 0}


def gathering(places: int = 1) -> of_events.Story:
    story = of_events.Story()
    story.tell(of_events.AnnounceActivity(activity=of_events.ID, kind="posting-360"))
    story.tell(of_events.schedule({"on-site": places}))
    story.tell(of_events.OpenRegistration(activity=of_events.ID, invited=("BG",)))
    return story


def restore(story: of_events.Story, registration: str) -> list:
    return story.tell(RestoreRegistration(activity=of_events.ID, registration=registration), of_events.at("2024-10-03"))


def test_a_cancelled_place_comes_back_on_the_day_it_was_given():
    story = gathering()
    story.register("anna", when=of_events.at("2024-10-01"))
    before = story.activity
    registration = before.people["anna"]
    story.cancel("anna", of_events.at("2024-10-02"))
    (event,) = restore(story, registration)
    assert (event.on, event.cancelled_on) == ("2024-10-01", "2024-10-02")
    assert story.activity == before


def test_nobody_is_passed_over_when_a_cancellation_is_taken_back():
    story = gathering()
    story.register("anna", "ben")
    registration = story.activity.people["anna"]
    story.cancel("anna")  # ben moves up
    with pytest.raises(Refused, match="not free any more"):
        restore(story, registration)
    story.cancel("ben")
    story.register("anna")
    with pytest.raises(Refused, match="registered again"):
        restore(story, registration)


def test_attendance_taken_back_is_as_if_nothing_was_told():
    story = gathering()
    story.register("anna")
    story.tell(of_events.CloseRegistration(activity=of_events.ID))
    registration = story.activity.people["anna"]
    day = of_events.at("2024-10-20")
    present = RecordAttendance(activity=of_events.ID, present={registration: True}).at(day)
    told = folded(attendance.evolve, Attendance(), record(Attendance(), present, story.activity))
    back = TakeBackAttendance(activity=of_events.ID, registrations=(registration,)).at(day)
    (event,) = attendance.take_back(told, back, story.activity)
    assert (event.previously_present, event.previously_on) == (True, "2024-10-20")
    left = attendance.evolve(told, event)
    assert left.present == {}
    with pytest.raises(Refused, match="Nothing was recorded"):
        attendance.take_back(left, back, story.activity)


FIGURES = (
    "requests", "requests-decided", "registrations", "waiting", "participations", "persons", "members-reached",
    "participation-rate", "activities-planned", "completed-to-planned",
)  # fmt: skip
WHO = {"registration": "r", "person": "p1", "member": "BG", "kind": "posting-360"}
ASKED = {"kind": "posting-360", "member": "BG"}
INTO_PLAN = {"plan": "plan", "activity": "a", "line": "l", "quarter": "2024-Q2"}
REOPENED = {**ASKED, "status": "submitted", "plan": "plan", "year": 2024}


def life() -> Log:
    log = Log(day="2024-03-01")
    log.say(r.RequestSubmitted(**ASKED, plan="plan", submitted_on="2024-03-01"), "request-1")
    log.say(r.ActivityPlanned(year=2024, activity="activity-1", quarter="2024-Q2", planned_on="2024-03-02", **ACTIVITY))
    log.say(e.RegistrationOpened(**ACTIVITY, invited=("BG", "PT")), day="2024-03-03")
    log.say(e.RegistrationConfirmed(**WHO, on="2024-03-04"), day="2024-03-04")
    return log.say(e.ActivityHeld(**ACTIVITY, quarter="2024-Q2", held_on="2024-05-02", planned=True), day="2024-05-02")


UNDONE = {
    "planned": [
        (r.RequestPlanned(**ASKED, **INTO_PLAN, on="2024-03-05"), "request-1"),
        (r.RequestReopened(**REOPENED, previously="planned", taken_back=(("planned", "2024-03-05"),)), "request-1"),
    ],
    "deferred and planned": [
        (r.RequestDeferred(**ASKED, quarter="2024-Q3", on="2024-03-05"), "request-1"),
        (r.RequestPlanned(**ASKED, **INTO_PLAN, on="2024-03-06"), "request-1"),
        (
            r.RequestReopened(
                **REOPENED,
                previously="planned",
                cause="activity-cancelled",
                taken_back=(("deferred", "2024-03-05"), ("planned", "2024-03-06")),
            ),
            "request-1",
        ),
    ],
    "attendance": [
        (e.AttendanceRecorded(activity="activity-1", **WHO, present=True, on="2024-03-07"), "attendance-1"),
        (
            e.AttendanceTakenBack(
                activity="activity-1", **WHO, previously_present=True, previously_on="2024-03-07", on="2024-03-09"
            ),
            "attendance-1",
        ),
    ],
    "cancellation": [
        (e.RegistrationCancelled(**WHO, previously="confirmed", previously_on="2024-03-04"), "activity-1"),
        (e.RegistrationRestored(**WHO, on="2024-03-04", cancelled_on="2024-03-07"), "activity-1"),
    ],
    "moved there and back": [
        (
            r.ActivityMoved(
                year=2024, activity="activity-1", quarter="2024-Q4", previous_quarter="2024-Q2", **ACTIVITY,
                previous_line="posting-360", previous_pillar="cooperation", planned_on="2024-03-02",
            ),
            "plan-1",
        ),
        (
            r.ActivityMoved(
                year=2024, activity="activity-1", quarter="2024-Q2", previous_quarter="2024-Q4", **ACTIVITY,
                previous_line="posting-360", previous_pillar="cooperation", planned_on="2024-03-02",
            ),
            "plan-1",
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", UNDONE)
def test_the_figures_before_are_the_figures_after(name):
    before, after = life(), life()
    days = {"cancellation": "2024-03-07", "attendance": "2024-03-07", "planned": "2024-03-05"}
    for number, (event, stream) in enumerate(UNDONE[name]):
        day = days.get(name, f"2024-03-0{5 + number}") if number == 0 else f"2024-03-0{5 + number}"
        day = "2024-03-09" if number == len(UNDONE[name]) - 1 else day
        after.say(event, stream, day=day)
    told = {one: value_of(one, cells_of(after)) for one in FIGURES}
    assert told == {one: value_of(one, cells_of(before)) for one in FIGURES}
    for measure in ("requests", "registrations", "participations", "persons", "planned"):
        cells, untouched = cells_of(after), cells_of(before)
        by = cells.merged.measures[measure].by
        assert cells.by(measure, *by, ever=True) == untouched.by(measure, *by, ever=True)
        assert cells.days(measure) == untouched.days(measure)  # on each day as well
