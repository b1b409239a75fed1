"""The use cases of the survey."""

from uuid import uuid4

from services.events import vouchers
from services.events.commands import (
    GiveFeedback,
)
from services.events.domain import survey
from services.events.domain.attendance import Attendance
from services.events.streams import attendance_of, survey_of
from services.events.vouchers import Links
from shared import clock
from shared.spine.draft import Put, Receipt, Remove
from shared.spine.store import Store


async def give_feedback(command: GiveFeedback, store: Store, links: Links) -> Receipt:
    """Take an answer and forget whose token it used; the store given names no actor and keeps no receipt."""
    stream = survey_of(command.activity)
    registration = await links.registration_of(stream, command.voucher)
    told: Attendance = await store.load(attendance_of(command.activity)) if registration else Attendance()
    if registration is None or not told.was_present(registration):
        raise survey.unknown_token()
    beside: list[Put | Remove] = [Remove(vouchers.COLLECTION, command.voucher)]
    if command.words:
        day = command.at(clock.now()).when.date().isoformat()
        words = {"activity": command.activity, "network": store.origin.network, "words": command.words, "on": day}
        beside.append(Put("feedback_words", uuid4().hex, words))
    return await store.execute(stream, command, survey.decide, beside)
