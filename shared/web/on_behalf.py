"""Acting for a member that asked by telephone: who asked is chosen, and kept beside who wrote it down.

The actor stays the one signed in; the person who asked is the event's `onbehalfof`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request

from shared.contracts.vocabulary import in_protocol_order
from shared.people import People
from shared.people.reads import Purpose
from shared.spine.store import GroupingStore
from shared.web.forms import Form
from shared.web.i18n import _
from shared.web.rights import Principal

FIELD = "_asked_by"
"""The form field; beginning with `_` it is no field of a command."""

Choice = tuple[str, str]


async def officers(request: Request, principal: Principal) -> list[Choice]:
    """The liaison officers who may have asked, member by member; nobody for who speaks for one member alone."""
    if principal.own_member is not None:
        return []
    people = _people(request)
    await people.directory.seed(request.app.state.identity.ready_made())
    found = await people.directory.officers(principal.network)
    order = {member: place for place, member in enumerate(in_protocol_order({one.speaks_for for one in found}))}
    found.sort(key=lambda one: (order[one.speaks_for], one.name))
    await people.reads.note(principal, Purpose.ON_BEHALF, [one.id for one in found])
    return [(one.id, f"{one.speaks_for} {one.name}") for one in found]


async def asked_by(request: Request, principal: Principal, form: Form, member: str | None = None) -> str | None:
    """The person chosen, none where nobody was; who does not speak for this member is told at the field.

    Who speaks for one member alone asks for themselves: what they send here is not looked at.
    """
    person = form[FIELD].strip()[:64]
    if not person or principal.own_member is not None:
        return None
    found = await _people(request).directory.officers(principal.network)
    one = next((one for one in found if one.id == person), None)
    if one is None:
        form.fail(FIELD, _("Choose one of the liaison officers listed."))
    elif member not in (None, one.speaks_for):
        form.fail(FIELD, _("Choose somebody of the member that this is for."))
    return person if one and not form.errors.get(FIELD) else None


def behalf(store: GroupingStore, person: str | None) -> GroupingStore:
    """The store, for what this person asked for."""
    return replace(store, origin=replace(store.origin, on_behalf_of=person)) if person else store


async def written_down(request: Request, principal: Principal, stream: str) -> str:
    """Who wrote the thing down for whom, in words; empty where nobody did."""
    first = {"stream": stream, "version": 1, "network": principal.network}
    row = await request.app.state.service.db.events.find_one(first, {"actor": 1, "onbehalfof": 1})
    if row is None or not row.get("onbehalfof"):
        return ""
    return in_words(row, await _people(request).name_of([row["actor"], row["onbehalfof"]]))


def in_words(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Both names of an event that was written down for somebody."""
    actor, asked = (names.get(row[one], _("Somebody")) for one in ("actor", "onbehalfof"))
    return _("%(actor)s on behalf of %(asked)s", actor=actor, asked=asked)


def _people(request: Request) -> People:
    people: People = request.app.state.people
    return people
