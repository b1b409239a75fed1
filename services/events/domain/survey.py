"""An activity's survey: one answer a token, and nobody can tell whose.

A token is a random number, given to one who was present. The survey knows the numbers' hashes only (`vouchers`), in
an order that tells nothing. Which number was given to whom stands in a document beside (`links.py`), and the
transaction that takes the answer removes it: from then on nothing leads from the answer to the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.events.commands import GiveFeedback, HoldActivity
from shared.contracts.base import Event
from shared.contracts.events import FeedbackGiven, SurveyOpened
from shared.contracts.refused import Refused

from .activity import Activity


@dataclass(frozen=True, slots=True)
class Survey:
    activity: str = ""
    kind: str = ""
    pillar: str = ""
    line: str = ""
    tokens: int = 0
    outstanding: tuple[str, ...] = ()
    answers: int = 0


def open_with(
    survey: Survey, command: HoldActivity, *, activity: Activity, present: int, vouchers: Sequence[str]
) -> list[Event]:
    """Open it for the activity that is held: one voucher for each who had a place, `present` of them were there."""
    if survey.activity:
        return []
    return [
        SurveyOpened(
            activity=command.activity,
            tokens=present,
            kind=activity.kind,
            pillar=activity.pillar,
            line=activity.line,
            vouchers=tuple(sorted(vouchers)),
        )
    ]


def decide(survey: Survey, command: GiveFeedback) -> list[Event]:
    if command.voucher not in survey.outstanding:
        raise unknown_token()
    return [
        FeedbackGiven(
            activity=survey.activity,
            kind=survey.kind,
            pillar=survey.pillar,
            line=survey.line,
            relevance=command.relevance,
            added_value=command.added_value,
            voucher=command.voucher,
        )
    ]


def unknown_token() -> Refused:
    return Refused(
        "token-used", "This link was used already or is not known. Each participant answers once.", status=410
    )


def evolve(survey: Survey, event: Event) -> Survey:
    match event:
        case SurveyOpened():
            return replace(
                survey,
                activity=event.activity,
                kind=event.kind,
                pillar=event.pillar,
                line=event.line,
                tokens=event.tokens,
                outstanding=event.vouchers,
            )
        case FeedbackGiven():
            left = tuple(one for one in survey.outstanding if one != event.voucher)
            return replace(survey, outstanding=left, answers=survey.answers + 1)
    return survey
