"""Acting for a member that asked by telephone: who asked is chosen, and kept beside who wrote it down.

The actor stays the one signed in; the person who asked is the event's `onbehalfof`. Pages have a field for it, the API
a header.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict

from shared.contracts.refused import Refused
from shared.contracts.vocabulary import in_protocol_order
from shared.people import People
from shared.people.accounts import Account
from shared.people.reads import Purpose
from shared.spine.store import GroupingStore
from shared.web.forms import Form
from shared.web.i18n import _
from shared.web.rights import Principal, require

FIELD = "_asked_by"
"""The form field; beginning with `_` it is no field of a command."""

Choice = tuple[str, str]

OnBehalfOf = Annotated[
    str | None,
    Header(
        alias="On-Behalf-Of",
        max_length=64,
        description="Who asked for it, where a coordinator or organiser writes it down for them: the `id` of one of the"
        " liaison officers at `officers`, of the member that it is for. Both names are kept and told.",
        examples=["5f0c1d2e7b7c700080005f0c1d2e3a4b"],
    ),
]


class Officer(BaseModel):
    """A liaison officer who may have asked, or who acts for one today."""

    model_config = ConfigDict(frozen=True)

    id: str
    """For `On-Behalf-Of`."""
    member: str
    name: str


async def officers(request: Request, principal: Principal) -> list[Choice]:
    """The liaison officers who may have asked, member by member; nobody for who speaks for one member alone."""
    if not _may_ask(principal):
        return []
    return [(one.id, f"{one.speaks_for} {one.name}") for one in await _officers(request, principal)]


async def _officers(request: Request, principal: Principal) -> list[Account]:
    people = _people(request)
    await people.directory.seed(request.app.state.identity.ready_made())
    found = await people.directory.officers(principal.network)
    order = {member: place for place, member in enumerate(in_protocol_order({one.speaks_for for one in found}))}
    found.sort(key=lambda one: (order[one.speaks_for], one.name))
    await people.reads.note(principal, Purpose.ON_BEHALF, [one.id for one in found])
    return found


def _may_ask(principal: Principal) -> bool:
    return principal.may("behalf.act") and principal.own_member is None


def officers_router(service: str) -> APIRouter:
    """`/<service>/api/v1/officers`: whom a program may name in `On-Behalf-Of`."""
    router = APIRouter(prefix=f"/{service}/api/v1", tags=[service])

    @router.get("/officers", summary="Who may have asked: the liaison officers by member")
    async def listed(request: Request, principal: Annotated[Principal, require("behalf.act")]) -> list[Officer]:
        if not _may_ask(principal):
            return []
        found = await _officers(request, principal)
        return [Officer(id=one.id, member=one.speaks_for, name=one.name) for one in found]

    return router


async def asked_for(
    request: Request, principal: Principal, store: GroupingStore, person: str | None, member: str | None = None
) -> GroupingStore:
    """The store, for what the person of an `On-Behalf-Of` header asked for; as it is where there is none.

    Refused for who speaks for one member alone, and for a person who does not speak for this member.
    """
    if not person:
        return store
    if not _may_ask(principal):
        raise Refused("not-on-behalf", "Only a coordinator or organiser writes down what others ask for.", status=403)
    found = await _people(request).directory.officers(principal.network)
    one = next((one for one in found if one.id == person), None)
    if one is None:
        raise Refused("officer-unknown", "Name one of the liaison officers of this network.", status=422)
    if member not in (None, one.speaks_for):
        raise Refused("officer-of-another", "Name somebody of the member that this is for.", status=422)
    return behalf(store, person)


async def asked_by(request: Request, principal: Principal, form: Form, member: str | None = None) -> str | None:
    """The person chosen, none where nobody was; who does not speak for this member is told at the field.

    Who speaks for one member alone asks for themselves: what they send here is not looked at.
    """
    person = form[FIELD].strip()[:64]
    if not person or not _may_ask(principal):
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
