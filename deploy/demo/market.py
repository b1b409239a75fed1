"""The exchanges' part of what goes on: interests, offers, runs, proposals and two answers to each."""

import random
from datetime import date

from shared.profiles import Profile

from .account import Account
from .door import Answer
from .floor import EVENTS, MATCHING, Body, Wanted, _itself
from .keys import COORDINATOR, ORGANISER, nlo

PLACES_A_WEEK, INTERESTS_AN_OFFER, INTERESTS_A_RUN = 20, 6, 4


class Market:
    """One call: what may be asked next, and what became of it. `week` is the present one, `2024-W42`."""

    def __init__(self, account: Account, profile: Profile, rng: random.Random, today: date) -> None:
        self.account, self.profile, self.rng, self.today = account, profile, rng, today
        year, number, _ = today.isocalendar()
        self.week = f"{year}-W{number:02}"
        self.areas = [term.id for term in profile.focus_areas or profile.topics]
        self.call = ""
        self.filed = self.offered = 0
        self.sides: dict[str, tuple[str, str]] = {}
        """Sender and host of what a run matched, by interest."""
        self.to_accept: list[tuple[str, str]] = []
        """Exchange, and the member that has not answered yet."""
        self.agreed: set[str] = set()
        """Exchanges that `events` must have heard of before they can be held."""
        self.to_hold: list[str] = []
        """Their activities."""
        self._running = False
        self._to_propose: str | None = None

    def open_call(self) -> Wanted:
        def heard(answer: Answer) -> None:
            self.call = answer.body["id"]

        body = {"year": self.today.year, "focus_areas": self.areas, "minimum": 40}
        return Wanted("call", COORDINATOR, f"{MATCHING}/calls", body, heard, streams=_itself)

    def offer(self) -> Wanted:
        self.offered += 1
        # All focus areas and one language, so that it is the places that limit.
        body: Body = {"call": self.call, "focus_areas": self.areas, "languages": ["en"]}
        body["places"] = {self.week: PLACES_A_WEEK}
        member = self.rng.choice(self.profile.member_codes)
        return Wanted("offer", nlo(member), f"{MATCHING}/offers", body, lambda answer: None, streams=_itself)

    def interest(self) -> Wanted:
        def heard(answer: Answer) -> None:
            self.filed += 1

        member = self.rng.choice(self.profile.member_codes)
        body: Body = {
            "call": self.call,
            "focus": self.rng.choice(self.areas),
            "languages": ["en"],
            "weeks": [self.week],
        }
        body["officials"] = self.rng.randrange(1, 4)
        return Wanted("interest", nlo(member), f"{MATCHING}/interests", body, heard, streams=_itself)

    def next(self) -> Wanted | None:
        """What is due in this call; the oldest exchange goes first."""
        if not self.call:
            return None
        if self.to_hold:
            return self._hold(self.to_hold.pop(0))
        if self.to_accept:
            return self._accept(*self.to_accept.pop(0))
        if self._to_propose:
            return self._propose(self._to_propose)
        if self.filed >= INTERESTS_A_RUN and not self._running:
            return self._run()
        if self.filed + len(self.sides) >= self.offered * INTERESTS_AN_OFFER:
            return self.offer()
        return self.interest()

    def _run(self) -> Wanted:
        self._running, self.filed = True, 0

        def heard(answer: Answer) -> None:
            matches = answer.body["matches"]
            self.sides |= {one["interest"]: (one["sender"], one["host"]) for one in matches}
            self._to_propose = answer.body["id"] if matches else None
            self._running = bool(matches)

        def refused(answer: Answer) -> None:
            self._running = False

        path = f"{MATCHING}/calls/{self.call}/runs"
        return Wanted("run", COORDINATOR, path, None, heard, refused, streams=lambda answer: (self.call,))

    def _propose(self, run: str) -> Wanted:
        self._to_propose = None

        def heard(answer: Answer) -> None:
            self._running = False
            for one in answer.body["proposed"]:
                self.to_accept += [(one["exchange"], side) for side in self.sides[one["interest"]]]

        def refused(answer: Answer) -> None:
            self._running = False

        def streams(answer: Answer) -> tuple[str, ...]:
            return tuple(one["exchange"] for one in answer.body["proposed"])

        return Wanted("propose", COORDINATOR, f"{MATCHING}/runs/{run}/propose", None, heard, refused, streams=streams)

    def _accept(self, exchange: str, member: str) -> Wanted:
        def heard(answer: Answer) -> None:
            self.account.exchange(answer.body)
            if answer.body["status"] == "agreed":
                self.agreed.add(exchange)

        path = f"{MATCHING}/exchanges/{exchange}/accept"
        return Wanted("accept", nlo(member), path, {}, heard, streams=_itself)

    def _hold(self, activity: str) -> Wanted:
        def heard(answer: Answer) -> None:
            self.account.activity_held(answer.body)

        return Wanted("hold", ORGANISER, f"{EVENTS}/activities/{activity}/hold", {}, heard, streams=_itself)

    def announced(self, activity: str, exchange: str) -> None:
        """`events` has an activity for this exchange."""
        if exchange in self.agreed:
            self.agreed.discard(exchange)
            self.to_hold.append(activity)
