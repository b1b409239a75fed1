"""A reason in words is kept beside its event, never in it."""

from services.events.commands import (
    RestoreRegistration,
    TakeBackAttendance,
)
from shared.spine.draft import Put
from shared.spine.store import Store


def reason_beside(command: TakeBackAttendance | RestoreRegistration, store: Store) -> list[Put]:
    if not command.words:
        return []
    about = {"network": store.origin.network, "about": command.activity, "reason": command.reason}
    return [Put("reasons", command.words, about)]
