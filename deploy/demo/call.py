"""The call for staff exchanges: interests and offers, four runs over the year, and a week for each exchange."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from shared.profiles import Profile

from . import words
from .story import LAST_DAY, Step, Story, at, between, told

OPENED = date(2024, 1, 15)
ROUNDS: tuple[tuple[date, int, int, int], ...] = (
    # day of the run, interests filed for it, first and last week in which they can start
    (date(2024, 3, 4), 13, 13, 21),
    (date(2024, 5, 6), 11, 21, 28),
    (date(2024, 7, 1), 11, 35, 40),
    (date(2024, 9, 9), 9, 43, 49),
)
OFFERS = 18
HOSTS = ("FR", "ES", "IT", "PT", "PL", "DE", "RO", "BE", "NL", "EL", "BG", "CZ", "FI", "AT", "LT", "SI", "HR", "SK")


def call_story(profile: Profile, rng: random.Random) -> Story:
    """One story, since its runs bring together what was filed by then."""
    areas = [term.id for term in profile.focus_areas]
    steps = [Step(at(OPENED, 9, rng), "open call", {"year": 2024, "focus_areas": areas, "minimum": 40})]
    steps += _offers(areas, rng)
    steps += _interests(areas, rng)
    for ran, *_ in ROUNDS:
        steps.append(Step(at(ran, 10, rng), "run"))
        steps.append(Step(at(ran, 14, rng), "propose"))
        steps.append(Step(at(ran + timedelta(days=2), 10, rng), "answer"))
    friday = date(2024, 3, 29)
    while friday <= LAST_DAY:
        steps.append(Step(at(friday, 17, rng), "hold exchanges"))
        friday += timedelta(days=7)
    return told("exchanges", steps)


def _offers(areas: list[str], rng: random.Random) -> Iterator[Step]:
    weeks = [f"2024-W{number:02}" for _, _, first, last in ROUNDS for number in range(first, last + 2)]
    for number in range(OFFERS):
        member = HOSTS[number]
        places = {week: rng.randint(2, 5) for week in sorted(set(weeks)) if rng.random() < 0.7}
        facts: dict[str, Any] = {"member": member, "places": places}
        facts["focus_areas"] = rng.sample(areas, rng.randint(2, len(areas)))
        facts["languages"] = sorted({"en", words.LANGUAGES[member]})
        yield Step(at(between(rng, OPENED + timedelta(days=3), date(2024, 2, 23)), 11, rng), "offer", facts)


def _interests(areas: list[str], rng: random.Random) -> Iterator[Step]:
    opened = OPENED + timedelta(days=2)
    able = [code for code in words.BUSY if code != words.ABSENT]
    for ran, many, first, last in ROUNDS:
        for _ in range(many):
            member = rng.choices(able, [words.BUSY[code] + 0.2 for code in able])[0]
            start = rng.randint(first, last - 2)
            facts: dict[str, Any] = {
                "member": member,
                "focus": rng.choice(areas),
                "languages": sorted({"en", words.LANGUAGES[member]}),
                "officials": rng.randint(1, 3),
                "weeks": [f"2024-W{number:02}" for number in range(start, start + 3)],
                "wishes": rng.sample([code for code in HOSTS if code != member], 2),
            }
            yield Step(at(between(rng, opened, ran - timedelta(days=4)), 13, rng), "interest", facts)
        opened = ran + timedelta(days=1)
