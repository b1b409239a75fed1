"""What goes on while the simulator runs: who could do what next, and what became of what was done."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from shared.profiles import Profile

from .account import Account
from .door import Answer
from .keys import COORDINATOR, ORGANISER, nlo
from .names import Crowd

REQUESTS, EVENTS, MATCHING = "/requests/api/v1", "/events/api/v1", "/matching/api/v1"
OPEN_AT_ONCE, IN_HAND = 8, 14
"""Activities that take registrations at once, and all that are between their plan and their end."""
OPEN_FOR_S = 6.0
"""About how long an activity takes registrations, so that all its steps are seen in a short run, too."""
BESIDE_THE_PLAN = 0.2
GIVE_FEEDBACK = 0.8
PEOPLE_OF_A_MEMBER = 400

Body = dict[str, Any]
Heard = Callable[[Answer], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A command to be sent. `heard` takes the answer that says yes, `refused` the one that says no."""

    what: str
    who: str
    path: str
    body: Body | None
    heard: Heard
    refused: Heard = lambda answer: None
    streams: Callable[[Answer], tuple[str, ...]] = lambda answer: ()

    @property
    def service(self) -> str:
        return self.path.split("/")[1]


@dataclass(slots=True, eq=False)
class Seat:
    """A registration; `busy` while a command about it is under way."""

    registration: str
    member: str
    busy: bool = False
    told: bool | None = None
    """Whether its person was present, once somebody said so."""


@dataclass(slots=True, eq=False)
class Activity:
    """One activity between its plan and its last feedback. Steps: known, scheduled, open, closed, held."""

    id: str
    kind: str
    member: str | None
    invited: tuple[str, ...]
    quota: int
    """Registrations after which it closes."""
    places: int
    step: str = "announced"
    busy: int = 0
    asked: int = 0
    first_person: int = 0
    sent: dict[str, int] = field(default_factory=dict)
    """How many people each member has sent; they are its people from `first_person` on."""
    seats: dict[str, Seat] = field(default_factory=dict)
    waiting: dict[str, Seat] = field(default_factory=dict)
    tokens: list[str] | None = None
    path_of_survey: str = ""

    @property
    def path(self) -> str:
        return f"{EVENTS}/activities/{self.id}"


class Floor:
    """Activities from their request to their feedback. `today` is the day that the services believe in."""

    def __init__(
        self, account: Account, profile: Profile, crowd: Crowd, rng: random.Random, today: date, *, rate: float
    ) -> None:
        self.account, self.profile, self.crowd, self.rng, self.today = account, profile, crowd, rng, today
        self.activities: list[Activity] = []
        self.undecided: list[str] = []
        self.rated: dict[str, None] = {}
        """Where somebody answered the survey."""
        self.titles = 0
        self._quota = max(6, round(rate * OPEN_FOR_S / OPEN_AT_ONCE))
        self._coming = 0
        """Activities whose making is under way."""
        self._kinds = [
            one
            for one in profile.request_kinds.values()
            if one.offered and not one.to_call and "member" in one.requesters
        ]
        self._plannable = [one for one in self._kinds if one.line]
        self._to_plan: list[tuple[str, str]] = []

    # The steps of an activity

    def submit(self, *, plannable: bool | None = None) -> Wanted:
        """A member sends a request."""
        likely = self.rng.random() < 0.7 if plannable is None else plannable
        kind = self.rng.choice(self._plannable if likely else self._kinds)
        member = self.rng.choice(self.profile.member_codes)
        self.titles += 1
        body: Body = {"kind": kind.id, "title": f"{kind.title} no. {self.titles}"}
        if "participants" in kind.takes:
            body["participants"] = self.rng.randrange(10, 120)

        def heard(answer: Answer) -> None:
            self.account.request(answer.body)
            if kind.line and likely:
                self._to_plan.append((answer.body["id"], kind.line))
            else:
                self.undecided.append(answer.body["id"])

        return Wanted("submit", nlo(member), f"{REQUESTS}/requests", body, heard, streams=_itself)

    def decide(self) -> Wanted | None:
        """A coordinator puts a request into the plan, puts it off, or says no."""
        if self._to_plan and self._in_hand() < 2 * IN_HAND and self.rng.random() < 0.7:
            request, line = self._to_plan.pop(0)
            return self._plan(request, line)
        if not self.undecided:
            return None
        request = self.undecided.pop(0)
        later = f"{self.today.year + 1}-Q{self.rng.randrange(1, 5)}"
        what, body = ("defer", {"quarter": later}) if self.rng.random() < 0.5 else ("decline", {})
        body["reason"] = self.rng.choice(("The places of this year are taken.", "Another training covers this topic."))
        path = f"{REQUESTS}/requests/{request}/{what}"
        return Wanted(what, COORDINATOR, path, body, lambda answer: self.account.request(answer.body), streams=_itself)

    def _plan(self, request: str, line: str) -> Wanted:
        quarter = f"{self.today.year}-Q{(self.today.month + 2) // 3}"
        self._coming += 1

        def heard(answer: Answer) -> None:
            self._coming -= 1
            told = answer.body
            self.account.request(told)
            kind = self.profile.request_kinds[told["kind"]].activity_kind
            self._take_on(told["activity"], kind, told["member"])

        def refused(answer: Answer) -> None:
            self._coming -= 1

        body = {"line": line, "quarter": quarter, "reason": "It fits the plan of this year."}
        path = f"{REQUESTS}/requests/{request}/plan"
        return Wanted("plan", COORDINATOR, path, body, heard, refused, streams=_itself)

    def set_up(self) -> Wanted:
        """An organiser sets up an activity beside the plan."""
        kind = self.rng.choice([one for one in self.profile.activity_kinds.values() if not one.is_exchange])
        self._coming += 1
        self.titles += 1

        def heard(answer: Answer) -> None:
            self._coming -= 1
            self._take_on(answer.body["id"], kind.id, None).step = "known"

        body = {"kind": kind.id, "title": f"{kind.title} no. {self.titles}"}
        return Wanted("set up", ORGANISER, f"{EVENTS}/activities", body, heard, streams=_itself)

    def _take_on(self, id: str, kind: str, member: str | None) -> Activity:
        others = [code for code in self.profile.member_codes if code != member]
        invited = [*([member] if member else []), *self.rng.sample(others, self.rng.randrange(2, 12))]
        quota = self.rng.randrange(self._quota // 2, self._quota * 3 // 2)
        places = quota if self.rng.random() < 0.5 else max(2, quota // self.rng.randrange(2, 6))
        one = Activity(
            id, kind, member, tuple(invited), quota, places, first_person=self.rng.randrange(PEOPLE_OF_A_MEMBER)
        )
        self.activities.append(one)
        return one

    def organise(self) -> Wanted | None:
        """The next step of an activity that is due for one."""
        if self._in_hand() < IN_HAND:
            if self.rng.random() < BESIDE_THE_PLAN:
                return self.set_up()
            if self._to_plan:
                return self._plan(*self._to_plan.pop(0))
        open_now = sum(one.step == "open" for one in self.activities)
        dated = sum(one.step == "scheduled" for one in self.activities)
        for one in self.activities:
            if one.busy:
                continue
            match one.step:
                case "known" if dated < OPEN_AT_ONCE:
                    return self._step(one, "schedule", "scheduled", self._schedule(one))
                case "scheduled" if open_now < OPEN_AT_ONCE:
                    return self._step(one, "open", "open", {"invited": list(one.invited)}, self.account.opened)
                case "open" if one.asked >= one.quota:
                    return self._step(one, "close", "closed", {})
                case "closed" if not any(seat.told is None for seat in one.seats.values()):
                    return self._step(one, "hold", "held", {}, self.account.activity_held)
        return None

    def _in_hand(self) -> int:
        return self._coming + sum(one.step not in ("held", "over") for one in self.activities)

    def _schedule(self, one: Activity) -> Body:
        last = self.today + timedelta(days=self.rng.randrange(20, 40))
        room = {"mode": "on-site", "places": {"on-site": one.places}}
        if self.rng.random() < 0.4:
            online = max(one.places // 2, 1)
            room = {"mode": "hybrid", "places": {"on-site": max(one.places - online, 1), "online": online}}
        title = f"{self.profile.title_of(one.kind)}, {one.member or 'all members'}"
        return {"starts_on": self.today.isoformat(), "ends_on": last.isoformat(), "title": title, **room}

    def _step(
        self, one: Activity, what: str, then: str, body: Body, told: Callable[[Any], None] = lambda said: None
    ) -> Wanted:
        one.busy += 1

        def heard(answer: Answer) -> None:
            one.busy -= 1
            one.step = then
            told(answer.body)

        def refused(answer: Answer) -> None:
            one.busy -= 1
            one.step = "over"

        return Wanted(what, ORGANISER, f"{one.path}/{what}", body, heard, refused, streams=_itself)

    # People

    def register(self) -> Wanted | None:
        """A member sends one person or a few; now and then somebody who is registered already."""
        found = [one for one in self.activities if one.step == "open" and one.asked < one.quota]
        if not found:
            return None
        one = self.rng.choice(found)
        member = self.rng.choice(one.invited)
        sent = one.sent.get(member, 0)
        again = sent > 0 and self.rng.random() < 0.02
        many = 1 if again or self.rng.random() < 0.8 else self.rng.randrange(2, 6)
        if again:
            numbers = range(self.rng.randrange(sent), sent)[:1]
        else:
            numbers = range(sent, sent + many)
            one.sent[member] = sent + many
            one.asked += many
        one.busy += 1
        persons = [self.crowd.person(member, (one.first_person + number) % PEOPLE_OF_A_MEMBER) for number in numbers]

        def heard(answer: Answer) -> None:
            one.busy -= 1
            self.account.registered(answer.body)
            self._seat(one, answer.body["registrations"])

        return Wanted(
            "register", nlo(member), f"{one.path}/registrations", {"persons": persons}, heard, _less_busy(one),
            streams=lambda answer: (one.id,),
        )  # fmt: skip

    def _seat(self, one: Activity, places: list[Any]) -> None:
        for place in places:
            name = place["registration"]
            seat = one.waiting.get(name) or Seat(name, place["member"])
            if place["status"] == "confirmed":
                one.waiting.pop(name, None)
                one.seats.setdefault(name, seat)
            elif name not in one.seats:
                one.waiting[name] = seat

    def cancel(self) -> Wanted | None:
        """A place is given back, rather where others wait for it; sometimes who waits gives up."""
        found = [one for one in self.activities if one.step == "open" and (one.seats or one.waiting)]
        found = [one for one in found if one.waiting] or found
        one = self.rng.choice(found) if found else None
        if one is None:
            return None
        rows = one.waiting if one.waiting and (self.rng.random() < 0.15 or not one.seats) else one.seats
        free = [seat for seat in rows.values() if not seat.busy and seat.told is None]
        if not free:
            return None
        seat = self.rng.choice(free)
        seat.busy, one.busy = True, one.busy + 1

        def heard(answer: Answer) -> None:
            one.busy -= 1
            one.seats.pop(seat.registration, None)
            one.waiting.pop(seat.registration, None)
            self.account.cancelled(answer.body)
            self._seat(one, [place for place in answer.body["confirmed"] if place["registration"] != seat.registration])

        def refused(answer: Answer) -> None:
            one.busy -= 1
            seat.busy = False

        path = f"{one.path}/registrations/{seat.registration}/cancel"
        return Wanted("cancel", nlo(seat.member), path, {}, heard, refused, streams=lambda answer: (one.id,))

    def attend(self) -> Wanted | None:
        """Attendance of a few people is told, or one mistake corrected."""
        found = [one for one in self.activities if one.step in ("open", "closed") and one.seats]
        found = [one for one in found if one.step == "closed" and not one.busy] or found
        if not found:
            return None
        one = self.rng.choice(found)
        free = [seat for seat in one.seats.values() if not seat.busy]
        told = [seat for seat in free if seat.told is not None]
        seats = [seat for seat in free if seat.told is None][: self.rng.randrange(1, 12)]
        if one.step == "open":
            seats = seats[:2]
        if told and (not seats or self.rng.random() < 0.08):
            seats = [self.rng.choice(told)]
        if not seats:
            return None
        # Said again it is corrected; who has not been told of is there nine times in ten.
        present = {
            seat.registration: not seat.told if seat.told is not None else self.rng.random() < 0.9 for seat in seats
        }
        for seat in seats:
            seat.busy = True
        one.busy += 1

        def heard(answer: Answer) -> None:
            one.busy -= 1
            self.account.attended(one.id, present)
            for seat in seats:
                seat.busy, seat.told = False, present[seat.registration]

        def refused(answer: Answer) -> None:
            one.busy -= 1
            for seat in seats:
                seat.busy = False

        attendance = "attendance" + one.id.removeprefix("activity")
        return Wanted(
            "attendance", ORGANISER, f"{one.path}/attendance", {"present": present}, heard, refused,
            streams=lambda answer: (attendance,) if answer.body["changed"] else (),
        )  # fmt: skip

    def rate(self) -> Wanted | None:
        """Somebody who was there answers the survey, without a name."""
        one = next((one for one in self.activities if one.step == "held" and one.tokens), None)
        if one is None:
            return None
        assert one.tokens
        token = one.tokens.pop()
        if not one.tokens:
            one.step = "over"
        relevance, added_value = (self.rng.choices((1, 2, 3, 4, 5), (1, 2, 8, 35, 54))[0] for _ in range(2))

        def heard(answer: Answer) -> None:
            self.account.feedback(one.kind, relevance, added_value)
            self.rated[one.path] = None

        body = {"relevance": relevance, "added_value": added_value}
        survey = "survey" + one.id.removeprefix("activity")
        path = f"{EVENTS}/feedback/{survey}/{token}"
        return Wanted("feedback", "", path, body, heard, streams=lambda answer: (survey,))

    def links(self, one: Activity, links: list[str]) -> None:
        """The survey's one-time addresses have been read; most of those who have one will answer."""
        tokens = [link.rpartition("/")[2] for link in links]
        one.tokens = [token for token in tokens if self.rng.random() < GIVE_FEEDBACK]
        if not one.tokens:
            one.step = "over"


def _itself(answer: Answer) -> tuple[str, ...]:
    return (answer.body["id"],)


def _less_busy(one: Activity) -> Heard:
    def refused(answer: Answer) -> None:
        one.busy -= 1

    return refused
