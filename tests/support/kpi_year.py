"""A year as it may go, told at random: lives of activities, requests and exchanges, with what they take back."""

from random import Random
from zlib import crc32

from shared.contracts import events as e
from shared.contracts import matching as m
from shared.contracts import requests as r
from tests.support.kpi import ACTIVITY, MEMBER_CODES, Log


class Year:
    """Each stream keeps to one of three logs."""

    def __init__(self, random: Random) -> None:
        self.random, self.logs = random, [Log() for _ in range(3)]
        self.day, self.number = "2024-01-01", 0

    def tell(self, lives: int = 0) -> list[Log]:
        for _ in range(lives or self.random.randint(1, 12)):
            self.number += 1
            self.random.choice([self.activity, self.request, self.exchange])()
        return self.logs

    def say(self, event, stream: str) -> str:
        self.day = f"{self.random.choice([2023, 2024])}-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}"
        self.logs[crc32(stream.encode()) % 3].say(event, stream, day=self.day, recorded=self.day)
        return self.day

    def maybe(self) -> bool:
        return self.random.random() < 0.6

    def activity(self) -> None:
        id, facts = f"activity-{self.number}", ACTIVITY | {"member": self.random.choice(MEMBER_CODES)}
        if self.maybe():
            facts["kind"] = "national-event"
        quarter = {"quarter": "2024-Q1"}
        in_plan = self.maybe()
        if in_plan:
            on = self.say(r.ActivityPlanned(year=2024, activity=id, **quarter, **facts), "plan-1")
            if self.maybe():
                self.say(r.ActivityUnplanned(year=2024, activity=id, planned_on=on, **quarter, **facts), "plan-1")
                self.say(r.ActivityPlanned(year=2024, activity=id, **quarter, **facts), "plan-1")
        on = self.say(e.RegistrationOpened(invited=MEMBER_CODES, **facts), id)
        for person in range(self.random.randint(0, 4)):
            self.registration(id, f"person-{person}")
        if self.maybe():
            quarter = quarter if in_plan else {}
            self.say(e.ActivityHeld(planned=in_plan, held_on="2024-03-03", **quarter, **facts), id)
        elif self.maybe():
            self.say(e.ActivityCancelled(invited=MEMBER_CODES, invited_on=on, **facts), id)

    def registration(self, activity: str, person: str) -> None:
        member = self.random.choice(MEMBER_CODES)
        facts = {"registration": f"{activity}/{person}", "person": person, "member": member}
        if self.maybe():
            on = self.say(e.RegistrationWaitlisted(position=1, **facts), activity)
            if not self.maybe():
                return
            on = self.say(e.RegistrationConfirmed(from_waitlist=True, waitlisted_on=on, **facts), activity)
        else:
            on = self.say(e.RegistrationConfirmed(**facts), activity)
        if not self.maybe():
            self.say(e.RegistrationCancelled(previously="confirmed", previously_on=on, **facts), activity)
            return
        present = self.maybe()
        on = self.say(e.AttendanceRecorded(activity=activity, present=present, **facts), f"attendance-{activity}")
        if self.maybe():
            taken = {"previously_present": present, "previously_on": on}
            present = self.maybe()
            self.say(
                e.AttendanceRecorded(activity=activity, present=present, **taken, **facts), f"attendance-{activity}"
            )
        if present:
            marks = {"relevance": self.random.randint(1, 5), "added_value": self.random.randint(1, 5)}
            self.say(e.FeedbackGiven(activity=activity, **marks), f"survey-{activity}")

    def request(self) -> None:
        id, facts = f"request-{self.number}", {"kind": "webinar", "member": self.random.choice(MEMBER_CODES)}
        self.say(r.RequestSubmitted(plan="plan-1", **facts), id)
        if self.maybe():
            self.say(r.RequestDeferred(quarter="2025-Q1", **facts), id)
        if self.maybe():
            self.say(r.RequestPlanned(plan="plan-1", activity="a", line="l", quarter="2024-Q1", **facts), id)
            self.say(r.RequestFulfilled(activity="a", **facts), id)

    def exchange(self) -> None:
        id, week = f"exchange-{self.number}", self.random.choice(["2023-W40", "2024-W03"])
        facts = {"call": "c", "sender": "BG", "host": "PT", "focus": "information", "week": week}
        on = self.say(m.ExchangeAgreed(**facts), id)
        if self.maybe():
            self.say(m.ExchangeHeld(activity="a", **facts), id)
        elif self.maybe():
            self.say(m.ExchangeCancelled(agreed_on=on, **facts), id)
