"""The service `events` as it is, but with a transaction for each command: what the grouping is compared with."""

from services.events.app import app, service
from shared.spine.draft import Receipt, Work


async def alone(work: Work) -> Receipt:
    (outcome,) = await service.grouping.run([work])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


service.grouping.submit = alone  # type: ignore[method-assign]

__all__ = ["app"]
