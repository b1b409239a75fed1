"""The year as it is to be: every request and activity with what becomes of it, drawn from a seed.

Pure data: who plays it (`player.py`) leaves nothing to chance. A story's days are those on which things happen.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from shared.contracts.vocabulary import Quarter
from shared.profiles import Profile, load

from . import words
from .bilateral import bilateral_stories
from .call import call_story
from .gathering import Gathering, Slot, first_day
from .knowledge import knowledge_stories
from .story import Step, Story, at, between, told, workday

ADOPTED = date(2023, 12, 19)
"""In a week of its own: by the end of the week before, no request is open."""
CELLS: Counter[tuple[str, str]] = Counter({
    ("2024-Q1", "held"): 24, ("2024-Q1", "cancelled"): 2,
    ("2024-Q2", "held"): 36, ("2024-Q2", "cancelled"): 1,
    ("2024-Q3", "held"): 28, ("2024-Q3", "cancelled"): 3, ("2024-Q3", "late"): 1, ("2024-Q3", "undated"): 1,
    ("2024-Q4", "held"): 3, ("2024-Q4", "coming"): 46, ("2024-Q4", "undated"): 3,
})  # fmt: skip
"""The plan's 148 activities by quarter and fate: 91 of them are held by 15 October."""

ON_LINES: tuple[tuple[str, str, str, int], ...] = (
    # line, kind of request (none: the network's own), kind of activity where it is its own, how many
    ("trainings-in-host-member-state", "training-in-host-member-state", "", 20),
    ("trainings-in-host-member-state", "ad-hoc-training", "", 6),
    ("mediation-trainings", "mediation-training", "", 10),
    ("network-trainings", "network-training", "", 2),
    ("network-trainings", "", "network-training", 3),
    ("imi-prove", "", "imi-prove", 5),
    ("imi-prove", "follow-up-visit", "", 3),
    ("posting-360", "", "posting-360", 7),
    ("posting-360", "peer-learning-dialogue", "", 4),
    ("transport-support", "", "transport-support", 5),
    ("progress", "", "progress", 10),
    ("progress", "mutual-assistance-project", "", 2),
    ("thematic-workshop", "thematic-workshop", "", 6),
    ("thematic-workshop", "", "thematic-workshop", 7),
    ("thematic-workshop", "translation", "", 3),
)
FIXED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    # The same, with quarter and fate of each: the lines whose story is to be seen.
    ("modular-trainings", "", "modular-training", ("Q1 held", "Q2 held", "Q3 undated", "Q4 coming", "Q4 undated")),
    ("modular-trainings", "modular-training", "", ("Q3 late", "Q4 coming", "Q4 coming")),
    ("eu-labour-mobility-trainings", "", "eu-labour-mobility-training", ("Q1 held", "Q2 held", "Q4 coming")),
    ("good-practices-call", "", "good-practices-call", ("Q1 held",)),
    ("good-practices-collection", "", "good-practices-collection", ("Q3 held",)),
    ("good-practices-presentation", "", "good-practices-presentation", ("Q4 coming",)),
    ("training-centres-workshop", "", "training-centres-workshop", ("Q2 held", "Q4 undated")),
    ("social-partners-workshop", "", "social-partners-workshop", ("Q3 held", "Q4 coming")),
    ("staff-exchanges-call", "", "exchanges-call", ("Q1 held",)),
    ("staff-exchanges-actions", "", "staff-exchange", ("Q2 held", "Q4 coming")),
    ("thematic-workshop", "website-review", "", (*("Q2 held",) * 4, *("Q3 held",) * 3, "Q4 coming", "Q4 undated")),
)
NATIONAL_HELD = ("Q1",) * 3 + ("Q2",) * 8 + ("Q3",) * 7 + ("Q4",)
OTHER_FATES = {"deferred": 28, "declined": 42, "withdrawn": 7, "open": 12}


def programme(seed: int = 2024) -> list[Story]:
    """Every story of the year, in no order that matters."""
    rng, profile = random.Random(seed), load("ela")
    slots = plan(rng, profile)
    numbers: Counter[str] = Counter()
    stories = []
    for slot in slots:
        numbers[slot.line] += 1
        stories.append(_activity(f"{slot.line}-{numbers[slot.line]}", slot, profile, seed))
    stories += _other_requests(profile, rng)
    stories.append(told("adoption", [Step(at(ADOPTED, 15, rng), "adopt", {"year": 2024})]))
    stories.append(call_story(profile, rng))
    return [*stories, *bilateral_stories(load("fr-it-pt-es"), rng), *knowledge_stories(rng)]


def plan(rng: random.Random, profile: Profile) -> list[Slot]:
    """The activities of the plan, each on its line with its quarter, its fate and its title."""
    left = Counter(CELLS)
    slots = [*_fixed(left), *_national(left)]
    free = list(left.elements())
    rng.shuffle(free)
    kinds = [(line, asked, kind) for line, asked, kind, many in ON_LINES for _ in range(many)]
    slots += [
        Slot(line, kind or profile.request_kinds[asked].activity_kind, quarter, fate, asked)
        for (line, asked, kind), (quarter, fate) in zip(kinds, free, strict=True)
    ]
    used: Counter[str] = Counter()
    return [_with_words(slot, used, rng) for slot in slots]


def _fixed(left: Counter[tuple[str, str]]) -> Iterator[Slot]:
    for line, asked, kind, cells in FIXED:
        for cell in cells:
            quarter, fate = cell.split()
            left[f"2024-{quarter}", fate] -= 1
            yield Slot(line, kind or asked, f"2024-{quarter}", fate, asked)


def _national(left: Counter[tuple[str, str]]) -> Iterator[Slot]:
    """A national event for each member that asked, held for those that had theirs."""
    having = [code for code in words.BUSY if code not in words.NO_NATIONAL_EVENT]
    later = [code for code in words.NO_NATIONAL_EVENT if code not in words.NOT_ASKED_FOR]
    cells = [(quarter, "held") for quarter in NATIONAL_HELD] + [("Q4", "coming")] * len(later)
    for member, (quarter, fate) in zip([*having, *later], cells, strict=True):
        left[f"2024-{quarter}", fate] -= 1
        yield Slot("national-events", "national-event", f"2024-{quarter}", fate, "national-event", member)


def _with_words(slot: Slot, used: Counter[str], rng: random.Random) -> Slot:
    member = slot.member or (_somebody(rng) if slot.asked_as else "")
    key = slot.asked_as or slot.kind
    titles = words.TITLES[key]
    number = used[key] + 1
    used[key] += 1
    title = titles[(number - 1) % len(titles)]
    if key in ("modular-training", "posting-360", "imi-prove", "transport-support", "progress", "network-training"):
        title = f"{title} {number}" if len(titles) == 1 or number > len(titles) else title
    return replace(slot, member=member, title=title)


def _somebody(rng: random.Random) -> str:
    able = [code for code in words.BUSY if code != words.ABSENT]
    return rng.choices(able, [words.BUSY[code] for code in able])[0]


# A story of the plan


def _activity(name: str, slot: Slot, profile: Profile, seed: int) -> Story:
    rng = random.Random(f"{seed}/{name}")  # its own, so that a change in one story leaves the others alone
    first = first_day(slot, rng)
    steps: list[Step] = []
    if slot.asked_as:
        sent, decided = _asked_when(first, rng)
        steps.append(Step(at(sent, 9, rng), "submit", _wish(slot, profile, rng)))
        reason = rng.choice(words.PLANNED_BECAUSE)
        facts = {"line": slot.line, "quarter": slot.quarter, "reason": reason}
        steps.append(Step(at(decided, 14, rng), "plan", facts))
    else:
        decided = between(rng, date(2023, 12, 4), date(2023, 12, 15))
        own = {"kind": slot.kind, "line": slot.line, "quarter": slot.quarter, "title": slot.title}
        steps.append(Step(at(decided, 14, rng), "plan own", own))
    steps += Gathering(slot, profile, decided, first, rng).steps()
    return told(name, steps)


def _asked_when(first: date, rng: random.Random) -> tuple[date, date]:
    """The day it is sent, and the day it is decided: none is open on the day the plan is adopted."""
    sent = workday(max(first - timedelta(days=rng.randint(80, 135)), date(2023, 12, 4)))
    if sent < date(2023, 12, 14):
        return sent, between(rng, sent + timedelta(days=1), date(2023, 12, 15))
    sent = max(sent, date(2024, 1, 8))
    return sent, workday(sent + timedelta(days=rng.randint(4, 16)))


def _wish(slot: Slot, profile: Profile, rng: random.Random) -> dict[str, Any]:
    kind = profile.request_kinds[slot.asked_as]
    could: dict[str, Any] = {
        "topic": rng.choice([term.id for term in profile.topics]),
        "target_groups": [rng.choice([one.id for one in profile.target_groups if one.trained_directly])],
        "language": words.LANGUAGES[slot.member],
        "participants": rng.randrange(12, 90),
        "host_place": rng.choice(words.CITIES[slot.member]),
        "mode": rng.choice(("on-site", "on-site", "hybrid", "online")),
        "quarter_wished": slot.quarter,
        "duration": rng.choice(("half-day", "full-day")),
        "level": rng.choice(("basic", "intermediate", "advanced")),
        "network": rng.choice(("EURES", "SOLVIT")),
        "website": f"https://authority.{slot.member.lower()}.example/posting",
        "host_member": rng.choice([code for code in words.BUSY if code != slot.member]),
    }
    taken: dict[str, Any] = {name: value for name, value in could.items() if name in kind.takes}
    said: dict[str, Any] = {
        "title": slot.title,
        "description": rng.choice(words.DESCRIPTIONS),
        "audience": rng.choice(words.AUDIENCES),
    }
    return {"kind": slot.asked_as, "member": slot.member, **said, **taken}


# Requests that the plan of the year does not take up


def _other_requests(profile: Profile, rng: random.Random) -> list[Story]:
    kinds = [
        kind.id
        for kind in profile.request_kinds.values()
        if kind.offered and not kind.to_call and "member" in kind.requesters
    ]
    stories = []
    for fate, many in OTHER_FATES.items():
        for number in range(many):
            kind = rng.choice(kinds)
            member = _somebody(rng) if number % 9 else words.ABSENT
            title = rng.choice(words.TITLES.get(kind, (profile.request_kinds[kind].title,)))
            slot = Slot("", kind, "", fate, kind, member, title)
            stories.append(told(f"{fate}-{number + 1}", _unplanned(slot, profile, rng)))
    return stories


def _unplanned(slot: Slot, profile: Profile, rng: random.Random) -> Iterator[Step]:
    first, last = (
        (date(2024, 9, 25), date(2024, 10, 14)) if slot.fate == "open" else (date(2024, 1, 8), date(2024, 9, 20))
    )
    sent = between(rng, first, last)
    decided = workday(sent + timedelta(days=rng.randint(5, 20)))
    later = Quarter.of(decided).next()
    if rng.random() < 0.5:
        later = Quarter(2025, rng.randint(1, 4))
    wished = replace(slot, quarter=str(Quarter.of(sent).next()))
    yield Step(at(sent, 9, rng), "submit", _wish(wished, profile, rng))
    match slot.fate:
        case "deferred":
            facts = {"quarter": str(later), "reason": rng.choice(words.DEFERRED_BECAUSE)}
            yield Step(at(decided, 14, rng), "defer", facts)
        case "declined":
            yield Step(at(decided, 14, rng), "decline", {"reason": rng.choice(words.DECLINED_BECAUSE)})
        case "withdrawn":
            yield Step(at(decided, 14, rng), "withdraw", {"reason": rng.choice(words.WITHDRAWN_BECAUSE)})
