"""How requests are answered: how many are taken up, and how soon their senders hear something."""

from statistics import median_low

from services.kpi.engine.figures import Cells, Share, Wait, indicator
from services.kpi.engine.measures import Deltas, measure
from shared.contracts.requests import RequestQuestioned

from .fates import requests_by_fate, waits

COVERED = ("planned", "accepted", "fulfilled", "merged")


@measure("questions", by=("request", "member"))
def questions(event: RequestQuestioned, stream: str) -> Deltas:
    """Questions that coordinators asked about a request."""
    yield (stream, event.member), 1


def requests_covered(cells: Cells) -> Share:
    by_fate = requests_by_fate(cells)
    return Share(sum(count for (_, _, fate), count in by_fate.items() if fate in COVERED), by_fate.total())


def first_answer(cells: Cells) -> Wait:
    """From the day of submission to the first question or decision that stands."""
    days = waits(cells)
    number = days.total()
    return Wait(median_low(days.elements()) if number else None, number)


indicator(
    "requests-covered",
    title="Requests covered",
    unit="share",
    value=requests_covered,
    says="Of the requests submitted in the year, those that were planned, held, taken into a call or answered together"
    " with another.",
    part="requests covered",
    whole="requests submitted",
)
indicator(
    "first-answer",
    title="Time to first answer",
    unit="days",
    value=first_answer,
    says="Of the requests submitted in the year and answered, half had a first answer, a question or a decision, within"
    " so many days.",
    live=False,
)
