"""The letters of this service, with those about consultations: to the officers asked, and when one is closed."""

from collections.abc import Iterable
from typing import Any

from shared.contracts.planning import ConsultationClosed, ConsultationOpened
from shared.messages import letter, members
from shared.messages.correspondence import Happened, Telling
from shared.people import Role
from shared.spine.draft import Once

from .consulting import consulted
from .reminding import letters

__all__ = ["letters"]


def asked(happened: Happened) -> Iterable[Once]:
    """To the officers of each member asked."""
    data = {"consultation": happened.stream}
    return [
        letter("consultation-opened", members(Role.NLO, member), happened.network, data, happened.id)
        for member in happened.event.members
    ]


def closed(happened: Happened) -> Iterable[Once]:
    """To the coordinators, who take the summary on."""
    data = {"consultation": happened.stream}
    return [letter("consultation-closed", members(Role.COORDINATOR), happened.network, data, happened.id)]


async def tell_of_consultation(telling: Telling) -> dict[str, Any] | None:
    name = telling.data["consultation"]
    found = await consulted(telling.db, telling.network, name)
    if found is None:
        return None
    state = found.state
    facts = {one: state.count(one) for one in ("agree", "object", "comment")}
    told = {"title": found.title, "due": state.due_on, "silent": len(state.silent)}
    return {**told, **facts, "link": f"/requests/consultations/{name}"}


letters.on(ConsultationOpened, asked)
letters.on(ConsultationClosed, closed)
letters.tell("consultation-opened", tell_of_consultation)
letters.tell("consultation-closed", tell_of_consultation)
