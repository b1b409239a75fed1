"""An activity's steps: from its date to the answers of those who were there."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shared.contracts.vocabulary import in_protocol_order
from shared.profiles import Profile

from . import words
from .story import LAST_DAY, Step, at, between, workday

Someone = tuple[str, int]
"""A member and the number of one of its people."""

SIZES: dict[str, tuple[int, int]] = {
    "national-event": (60, 120), "host-member-state-training": (26, 62), "ad-hoc-training": (16, 36),
    "mediation-training": (12, 24), "network-training": (35, 60), "modular-training": (30, 46),
    "eu-labour-mobility-training": (60, 84), "imi-prove": (32, 54), "posting-360": (44, 72),
    "transport-support": (34, 64), "progress": (40, 76), "thematic-workshop": (40, 76), "website-review": (9, 15),
    "translation": (6, 10), "follow-up-visit": (6, 10), "mutual-assistance-project": (6, 12),
    "peer-learning-dialogue": (12, 22), "staff-exchange": (10, 16),
}  # fmt: skip
GUESTS: dict[str, tuple[int, int]] = {
    "national-event": (0, 2), "host-member-state-training": (0, 2), "ad-hoc-training": (0, 1),
    "mediation-training": (0, 0), "website-review": (1, 1), "translation": (1, 1),
    "follow-up-visit": (2, 3), "mutual-assistance-project": (1, 2),
    "peer-learning-dialogue": (3, 4), "eu-labour-mobility-training": (25, 26), "modular-training": (8, 12),
    "network-training": (7, 11),
}  # fmt: skip
"""Members invited beside the one it is held for."""
MARKS = {"relevance": (1, 2, 7, 38, 52), "added_value": (1, 3, 10, 41, 45)}
WEAK = {"relevance": (6, 16, 28, 33, 17), "added_value": (7, 17, 30, 31, 15)}
WEAK_KINDS = ("website-review",)
DATED_BY = date(2024, 10, 8)
"""By then the last quarter's activities have their dates, all but a few."""
ANSWERED, ABSENT, NOBODY_CAME, GIVEN_BACK = 0.47, 0.07, 0.035, 0.05
WITHOUT_ROOM = ("website-review", "translation")


@dataclass(frozen=True, slots=True)
class Slot:
    """An activity of the plan and its fate: held, cancelled, coming, late (moved out of its quarter), undated."""

    line: str
    kind: str
    quarter: str
    fate: str
    asked_as: str = ""
    """The kind of request that it answers; none where the network plans it itself."""
    member: str = ""
    title: str = ""


def first_day(slot: Slot, rng: random.Random) -> date:
    """The day on which it begins, or was first meant to."""
    windows = {
        "Q1": (date(2024, 1, 24), date(2024, 3, 26)),
        "Q2": (date(2024, 4, 8), date(2024, 6, 26)),
        "Q3": (date(2024, 7, 1), date(2024, 9, 26)),
        "Q4": (date(2024, 10, 1), date(2024, 10, 10)),
    }
    if slot.fate in ("coming", "undated") and slot.quarter.endswith("Q4"):
        return between(rng, date(2024, 10, 17), date(2024, 12, 12))
    day = between(rng, *windows[slot.quarter[-2:]])
    if date(2024, 7, 19) <= day <= date(2024, 8, 26):  # hardly anything is held in August
        day = between(rng, *rng.choice([(date(2024, 7, 1), date(2024, 7, 18)), (date(2024, 8, 28), date(2024, 9, 26))]))
    return day


class Gathering:
    """The steps of one activity after it joined the plan on `planned`."""

    def __init__(self, slot: Slot, profile: Profile, planned: date, first: date, rng: random.Random) -> None:
        self.slot, self.profile, self.rng, self.first = slot, profile, rng, first
        self.last = first + timedelta(days=rng.choice((0, 0, 1, 1, 2)) if slot.kind not in WITHOUT_ROOM else 0)
        if self.last.weekday() > 4:
            self.last = first
        least = planned + timedelta(days=2)
        self.scheduled = between(rng, max(least, first - timedelta(days=70)), max(least, first - timedelta(days=38)))
        if slot.fate == "coming":
            self.scheduled = max(least, min(self.scheduled, DATED_BY))
        self.opened = workday(self.scheduled + timedelta(days=rng.randint(1, 5)))
        self.invited = self._invited()
        here = slot.kind in ("national-event", "host-member-state-training")
        self.mode = "on-site" if here else rng.choices(("on-site", "hybrid", "online"), (5, 3, 2))[0]
        self.size = round(rng.randint(*SIZES.get(slot.kind, (25, 45))) * (1.1 if slot.member else 1.2))

    def steps(self) -> Iterator[Step]:
        if self.slot.fate == "undated":
            return
        if self.slot.fate == "late":
            yield self._schedule(self.scheduled, self.first, self.last)
            move = timedelta(days=63)
            later = workday(self.first + move)
            yield self._schedule(workday(self.first - timedelta(days=8)), later, later, hour=15)
            return
        yield self._schedule(self.scheduled, self.first, self.last)
        yield Step(at(self.opened, 10, self.rng), "open", {"invited": list(self.invited)})
        if self.slot.fate == "cancelled":
            reason = self.rng.choice(words.CANCELLED_BECAUSE)
            day = workday(max(self.opened + timedelta(days=8), self.first - timedelta(days=25)))
            yield Step(at(min(day, self.first), 16, self.rng), "cancel activity", {"reason": reason})
            return
        yield from self._people()

    def _invited(self) -> tuple[str, ...]:
        own = [self.slot.member] if self.slot.member else []
        least, most = GUESTS.get(self.slot.kind, (5, 11))
        others = [code for code in words.BUSY if code not in own]
        wanted = self.rng.randint(least, most)
        drawn = sorted(others, key=lambda code: self.rng.random() ** (1 / (words.BUSY[code] + 0.05)), reverse=True)
        return tuple(in_protocol_order([*own, *drawn[:wanted]]))

    def _schedule(self, on: date, first: date, last: date, hour: int = 9) -> Step:
        place = self.rng.choice(words.CITIES[self.slot.member or self.rng.choice(("BE", "SK", "FR", "PL", "ES"))])
        facts: dict[str, Any] = {"starts_on": first.isoformat(), "ends_on": last.isoformat(), "mode": self.mode}
        facts["title"] = self.slot.title
        if self.mode != "online":
            facts["place"] = place
        return Step(at(on, hour, self.rng), "schedule", facts | {"places": self._places()})

    def _places(self) -> dict[str, int]:
        tight = self.rng.random() < 0.25
        room = max(round(self.size * (0.88 if tight else 1.2)), 4)
        if self.mode == "hybrid":
            return {"on-site": max(room * 3 // 4, 2), "online": max(room // 2, 2)}
        return {self.mode: room}

    # People

    def _people(self) -> Iterator[Step]:
        sent = self._sent()
        alone = {member for member, numbers in sent.items() if len(numbers) == 1}
        everyone: list[Someone] = []
        last = max(self.first - timedelta(days=3), self.opened + timedelta(days=1))
        days = sorted(between(self.rng, self.opened + timedelta(days=1), last) for _ in sent)
        # The smallest delegations are named first, the large ones of the host last.
        for day, (member, numbers) in zip(days, sorted(sent.items(), key=lambda one: len(one[1])), strict=True):
            everyone += [(member, number) for number in numbers]
            people = [[member, number] for number in numbers]
            how = self.rng.choice(("on-site", "on-site", "online")) if self.mode == "hybrid" else self.mode
            yield Step(at(day, 11, self.rng), "register", {"member": member, "people": people, "mode": how})
        for member, number in self.rng.sample(everyone, round(len(everyone) * GIVEN_BACK)):
            if member not in alone:
                yield Step(at(last, 15, self.rng), "give back", {"who": [member, number]})
        if self.slot.fate != "held":
            return
        yield Step(at(self.first - timedelta(days=1), 17, self.rng), "close")
        away = {member for member in sent if member == words.ABSENT or self.rng.random() < NOBODY_CAME}
        absent = [
            list(one) for one in everyone if one[0] in away or (one[0] not in alone and self.rng.random() < ABSENT)
        ]
        yield Step(at(self.last, 16, self.rng), "attend", {"absent": absent})
        yield Step(at(self.last, 18, self.rng), "hold")
        answers = round(len(everyone) * (1 - ABSENT - GIVEN_BACK) * ANSWERED)
        marks = [self._mark() for _ in range(answers)]
        for number, part in enumerate((marks[: answers * 2 // 3], marks[answers * 2 // 3 :])):
            if part:
                facts = {"marks": part, "last": bool(number)}
                yield Step(at(workday(self.last + timedelta(days=3 + 7 * number)), 10, self.rng), "rate", facts)

    def _sent(self) -> dict[str, list[int]]:
        """Which of its people each member sends; the one it is held for sends most."""
        weights = {code: words.BUSY[code] + 0.2 for code in self.invited}
        if self.slot.member in weights:
            weights[self.slot.member] = sum(weights.values()) * 3
        whole, sent = sum(weights.values()), {}
        for code in self.invited:
            many = max(round(self.size * weights[code] / whole), 1)
            if code == words.ABSENT and self.slot.member != code:
                many = self.rng.randrange(2)
            if many:
                sent[code] = self.rng.sample(range(pool_of(code)), min(many, pool_of(code)))
        return sent

    def _mark(self) -> list[Any]:
        scale = WEAK if self.slot.kind in WEAK_KINDS else MARKS
        relevance, added = (self.rng.choices(range(1, 6), scale[one])[0] for one in ("relevance", "added_value"))
        return [relevance, added, self.rng.choice(words.FEEDBACK_WORDS) if self.rng.random() < 0.08 else ""]


def pool_of(member: str) -> int:
    """How many people of a member take part in the year, one more often than another."""
    return round(60 + 160 * words.BUSY[member])


__all__ = ["LAST_DAY", "Gathering", "Slot", "first_day", "pool_of"]
