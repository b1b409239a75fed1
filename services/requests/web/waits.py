"""What waits for a member, in words: on its desk, on its year's page, in the year's PDF."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from services.requests.waiting import Waits, waiting
from shared import clock
from shared.mongo import Database
from shared.web.formats import moment
from shared.web.i18n import _, mark
from shared.web.rights import Principal

_TEXTS: dict[str, str] = {
    "consultation": mark("Consultation: your member's answer"),
    "document": mark("Document of the programming cycle"),
    "question": mark("A coordinator asks about your request"),
}
_OF_A_MEMBER: dict[str, str] = _TEXTS | {
    "consultation": mark("Consultation: the member's answer"),
    "question": mark("A question to the sender of a request"),
}
"""For who looks at a member that is not their own."""
_ADDRESSES: dict[str, Callable[[str], str]] = {
    "consultation": lambda id: f"/requests/consultations/{id}",
    "document": lambda id: f"/requests/cycle/{id}",
    "question": lambda id: f"/requests/{id}",
}


@dataclass(frozen=True, slots=True)
class Todo:
    """As `ui.todo` takes it."""

    due: str
    text: str
    about: str
    href: str
    over: bool


async def todos(db: Database, principal: Principal, member: str) -> list[Todo]:
    texts = _TEXTS if principal.own_member else _OF_A_MEMBER
    network, today = principal.network, clock.now().date()
    return [_todo(one, _(texts[one.kind]), network, today) for one in await waiting(db, network, member)]


def _todo(one: Waits, text: str, network: str, today: date) -> Todo:
    if not one.on:
        return Todo(_("Now"), text, one.title, _ADDRESSES[one.kind](one.id), False)
    on = date.fromisoformat(one.on)
    day = moment(on, network, style="date").striptags()
    told = _("Was due on %(day)s", day=day) if on < today else _("By %(day)s", day=day)
    return Todo(told, text, one.title, _ADDRESSES[one.kind](one.id), on < today)
