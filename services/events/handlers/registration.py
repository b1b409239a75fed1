"""The use cases of registrations that are more than a decision."""

from services.events.commands import (
    RestoreRegistration,
)
from services.events.domain import activity
from services.events.handlers.reasons import reason_beside
from shared.ids import new_id
from shared.spine.draft import Receipt
from shared.spine.store import Store


async def restore_registration(command: RestoreRegistration, store: Store) -> Receipt:
    """Take a cancellation back, where the place is still free; the reason is kept beside."""
    command = command.model_copy(update={"words": new_id("reason") if command.reason else ""})
    return await store.execute(command.activity, command, activity.decide, reason_beside(command, store))
