"""The letters of this service, with the reminder that a network's newest analysis of needs is too old."""

from collections.abc import Iterable
from typing import Any

from shared.contracts.needs import NeedsOutdated
from shared.messages import letter, members
from shared.messages.correspondence import Happened, Telling
from shared.people import Role
from shared.spine.draft import Once

from .letters import letters

__all__ = ["letters"]


def needs_are_old(happened: Happened) -> Iterable[Once]:
    """To the coordinators of the network."""
    data = {"newest": happened.event.newest_on.isoformat(), "due": happened.event.due_on.isoformat()}
    return [letter("needs-outdated", members(Role.COORDINATOR), happened.network, data, happened.id)]


async def tell_of_needs(telling: Telling) -> dict[str, Any]:
    return {**telling.data, "link": "/requests/needs/analyses/new"}


letters.on(NeedsOutdated, needs_are_old)
letters.tell("needs-outdated", tell_of_needs)
