"""The use cases of the survey: take an answer, release answers in groups, remind, close, and ask once more."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from services.events import vouchers
from services.events.answers import Answers, hold
from services.events.commands import (
    CloseSurvey,
    GiveFeedback,
    OpenFollowUp,
    ReleaseAnswers,
    RemindSurvey,
    TellApplied,
)
from services.events.domain import survey
from services.events.domain.activity import Activity
from services.events.domain.attendance import Attendance
from services.events.domain.survey import Answer
from services.events.streams import attendance_of, follow_up_of, survey_of
from services.events.vouchers import Links
from shared import clock
from shared.contracts.refused import Refused
from shared.profiles import load
from shared.profiles.surveys import Feedback
from shared.spine.draft import BACKDATE_FREELY, Beside, Receipt, Remove
from shared.spine.expected import Stale
from shared.spine.origin import Origin
from shared.spine.store import GroupingStore, Store

ATTEMPTS = 20


def days_of_survey(network: str, when: datetime | None) -> dict[str, Any]:
    """By the network's rules: what a survey that is opened now needs to know of days.

    Of history that is imported nobody is reminded, and nobody is asked again.
    """
    rules, now = load(network).feedback, clock.now()
    today = now.date()
    if when and now - when > BACKDATE_FREELY:
        return {"rules": rules.model_copy(update={"remind_after_days": ()}), "today": today, "follow_up_on": None}
    later = survey.months_later(today, rules.follow_up.after_months) if rules.follow_up else None
    return {"rules": rules, "today": today, "follow_up_on": later}


async def give_feedback(
    command: GiveFeedback | TellApplied, store: GroupingStore, links: Links, answers: Answers
) -> Receipt:
    """Take an answer and forget whose token it used; the store given names no actor and keeps no receipt."""
    follow_up = isinstance(command, TellApplied)
    stream = follow_up_of(command.activity) if follow_up else survey_of(command.activity)
    registration = await links.registration_of(stream, command.voucher)
    told: Attendance = await store.load(attendance_of(command.activity)) if registration else Attendance()
    if registration is None or not told.was_present(registration):
        raise survey.unknown_token()
    day = command.at(clock.now()).when.date().isoformat()
    if isinstance(command, TellApplied):
        answer = Answer(on=day, applied=command.applied)
    else:
        answer = Answer(on=day, relevance=command.relevance, added_value=command.added_value)
    held = hold(stream, store.origin.network, answer, {"": command.words, **command.answers})
    beside: list[Beside] = [Remove(vouchers.COLLECTION, command.voucher), held]
    receipt = await store.execute(stream, command, survey.decide, beside)
    await release_answers(stream, store, answers)
    return receipt


async def release_answers(stream: str, store: GroupingStore, answers: Answers) -> None:
    """Let go what may go: groups of five, or all that are left once the survey is closed.

    The day is that of the last answer of its group. What is held changes with the survey's version alone, so that
    no answer is released twice, whoever else releases at the same moment.
    """
    for _attempt in range(ATTEMPTS):
        version, state, network = await answers.standing(stream)
        if not state.held or network != store.origin.network:
            return
        drawn = await answers.draw(stream, everything=state.closed)
        if not drawn:
            return
        last = date.fromisoformat(max(one.answer.on for one in drawn))
        command = ReleaseAnswers(survey=stream, happened_at=datetime(last.year, last.month, last.day, tzinfo=UTC))
        nobody = store.grouping.on_behalf_of(Origin(network, source="release", history=True))
        decide = partial(survey.release, drawn=[one.answer for one in drawn])
        try:
            beside = answers.released(state, network, drawn)
            await nobody.expecting(stream, version).execute(stream, command, decide, beside)
        except Stale:
            continue


async def close_survey(command: CloseSurvey, store: GroupingStore, links: Links, answers: Answers) -> Receipt:
    """No token counts any more, and what is held is released."""
    await store.load(command.survey)  # of this network, or 404
    receipt = await store.execute(command.survey, command, survey.decide)
    await links.close(command.survey)
    await release_answers(command.survey, store, answers)
    return receipt


async def remind_survey(command: RemindSurvey, store: Store) -> Receipt:
    """Ask once more who has not answered; the letters look up who that is."""
    return await store.execute(command.survey, command, survey.decide)


async def open_follow_up(command: OpenFollowUp, store: GroupingStore, links: Links) -> Receipt | None:
    """Months later, those who were there are asked whether they apply it, each by a new one-time token."""
    first: survey.Survey = await store.load(command.survey)
    state: Activity = await store.load(first.activity)
    rules: Feedback = load(store.origin.network).feedback
    told = await _attendance(store, first.activity)
    present = [id for id in state.people.values() if told.was_present(id)]
    if rules.follow_up is None or not present:
        return None
    stream = follow_up_of(first.activity)
    given = await links.give(stream, present)
    opening = partial(
        survey.open_with, activity=state, present=len(present), vouchers=given, rules=rules.follow_up,
        today=clock.now().date(),
    )  # fmt: skip
    try:
        receipt = await store.execute(stream, command, opening)
    except Refused as refused:
        if refused.status < 500:
            await links.forget(given)
        raise
    if not receipt.events:
        await links.forget(given)
    return receipt


async def _attendance(store: Store, activity: str) -> Attendance:
    try:
        told: Attendance = await store.load(attendance_of(activity))
    except Refused:
        return Attendance()
    return told
