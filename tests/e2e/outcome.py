"""What the dashboard must show after the journey, worked out by hand."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from tests.e2e.browsing import WITHIN
from tests.e2e.dashboard import Table, Watcher

T = TypeVar("T")


def exchanged(today: date) -> int:
    """Exchanges count for the year that their week belongs to, which around New Year may be the other one."""
    return int(today.isocalendar().year == today.year)


def held_beside(today: date) -> int:
    """The exchange as an activity, which counts for the year in which its week begins."""
    return int((today - timedelta(days=today.weekday())).year == today.year)


def figures(today: date) -> dict[str, str]:
    """Three requests by page, three by file: one waits, two were held, one is planned, one deferred, one declined.

    Training: BG and RO invited; two of BG were there; who waited from RO got no place. Event: BG, RO, PT, ES and FR
    invited; one each of BG, RO and PT was there, the one of ES stayed away, FR sent nobody. Marks: relevance
    5 4 3 5 4, added value 4 4 5 4 2.
    """
    exchanges = str(exchanged(today))
    return {
        "completed-to-planned": "67 %",
        "completed-to-planned-of": "of 95 %",
        "completed-to-planned-words": "2 of 3 activities held.",
        "participation-rate": "57 %",
        "participation-rate-of": "of 90 %",
        "participation-rate-words": "3 of 27 members.",
        "relevance": "4.2",
        "relevance-of": "of 5 · 5 answers",
        "relevance-words": "",
        "added-value": "3.8",
        "staff-exchanges": exchanges,
        "staff-exchanges-of": "of 40",
        "staff-exchanges-words": f"{exchanges} agreed for the year.",
        "national-events": "1",
        "national-events-of": "of 27 members",
        "national-events-words": "None yet: BE, CZ, DK, DE, EE …",
        "activities-held": f"{2 + held_beside(today)}",
        "registrations": "6",
        "waiting": "1",
        "participations": "5",
        "persons": "4",
        "members-reached": "3",
        "requests": "6",
        "requests-decided": "83 %",
        "exchanges-agreed": exchanges,
    }


FEED = [
    "BG exchange with ES held",
    "ES held: Staff exchange or study visit",
    "BG exchange with ES agreed for week {week}",
    "ES offers to host staff exchanges",
    "BG seeks a staff exchange: Undeclared work",
    "BG held: National event",
]
"""The newest that happened; what happened at one moment stands in any order."""


async def is_shown(board: Watcher, today: date) -> None:
    """Every figure, every table and the headline."""
    assert await settled(board.figures, figures(today)) == figures(today)
    assert await board.headline() == f"By {today.day} {today:%B}, 67 % of the {today.year} plan is done"
    for name, rows in tables(today).items():
        assert await settled(partial(board.table, name), rows) == rows, name
    told = [line.format(week=today.isocalendar().week) for line in FEED]
    assert sorted((await board.feed())[: len(told)]) == sorted(told)


async def settled(read: Callable[[], Awaitable[T]], wanted: T) -> T:
    """What is read, once it is as wanted (pictures and lists follow a moment after the figures), else at the end."""
    deadline = time.monotonic() + WITHIN
    while (found := await read()) != wanted and time.monotonic() < deadline:
        pass
    return found


def tables(today: date) -> dict[str, Table]:
    """Rows of zeros left out."""
    quarter = f"Q{(today.month + 2) // 3}"
    rows = {
        "reached": {"BG Bulgaria": ["2"], "PT Portugal": ["1"], "RO Romania": ["1"]},
        "plan-by-quarter": {quarter: ["2", "0", "1", "0"]},
        "funnel": {"Submitted": ["6"], "Decided": ["5"], "Planned": ["3"], "Held": ["2"]},
        "registered-and-present": {"BG": ["3", "3"], "ES": ["1", "0"], "PT": ["1", "1"], "RO": ["1", "1"]},
        "held-by-week": {today.isoformat(): ["2"]},
        "registered-by-week": {today.isoformat(): ["6"]},
        "Activities at risk": {"Mediation training": ["BG", quarter, "no date yet"]},
        "Activities by line of the plan": {
            "Trainings provided in a host Member State": ["1", "1", "0"],
            "Mediation trainings": ["1", "0", "0"],
            "National events facilitated by the NLOs": ["1", "1", "0"],
            "Actions (Staff exchanges/study visits and secondment schemes)": ["0", "0", f"{held_beside(today)}"],
        },
        "Activities by pillar": {"Capacity building (horizontal)": ["3", "2", f"{held_beside(today)}"]},
        "Requests by kind and fate": {
            "Training provided in a host Member State": ["2", "1", "1", "0", "0"],
            "Ad-hoc training": ["1", "0", "0", "0", "1"],
            "Training on the mediation procedure": ["1", "0", "1", "0", "0"],
            "National event": ["1", "0", "1", "0", "0"],
            "Website review": ["1", "0", "0", "0", "1"],
        },
    }
    return {name: {first: rest for first, rest in table.items() if set(rest) != {"0"}} for name, table in rows.items()}


def events(today: date) -> dict[str, Counter[str]]:
    """What stands behind a figure: events with the members they name. Answers of participants never open."""
    found = {
        "completed-to-planned": {"plan activity planned BG": 3, "activity held BG": 2},
        "participation-rate": {
            "activity registration opened BG, RO": 1,
            "activity registration opened BG, ES, FR, PT, RO": 1,
            "attendance recorded BG": 3,
            "attendance recorded PT": 1,
            "attendance recorded RO": 1,
            "activity held BG": 2,
            "activity held ES": held_beside(today),
        },
        "relevance": {},
        "staff-exchanges": {"exchange held BG, ES": exchanged(today)},
        "national-events": {"activity held BG": 1},
        "registrations": {
            "registration confirmed BG": 4,
            "registration confirmed ES": 1,
            "registration confirmed PT": 1,
            "registration confirmed RO": 1,
            "registration cancelled BG": 1,
        },
        "requests-decided": {
            "request submitted BG": 6,
            "request planned BG": 3,
            "request deferred BG": 1,
            "request declined BG": 1,
            "request fulfilled BG": 2,
        },
    }
    return {name: +Counter(counts) for name, counts in found.items()}


async def opens_what_is_behind(board: Watcher, today: date) -> None:
    for name, behind in events(today).items():
        assert await board.events_behind(name) == behind, name
        if name == "relevance":
            await board.sees("Answers to surveys are counted and never open.")
