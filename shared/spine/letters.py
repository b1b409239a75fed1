"""Letters that did not arrive: who should have had them, why not, and a button to send them again."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request, Response

from shared.contracts.refused import Refused
from shared.messages.letter import OUTBOX, UNDELIVERED, Letter, State
from shared.messages.transport import is_wrong_address
from shared.mongo import Database
from shared.people import Role
from shared.people.reads import Purpose
from shared.web import exports
from shared.web.formats import member_name
from shared.web.forms import Form
from shared.web.i18n import _
from shared.web.i18n import mark as _mark
from shared.web.nav import ROLE_NAMES
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, require

from . import lists
from .service import Service

MOST, MOST_EXPORTED, MOST_ABOUT = 500, 20_000, 20
KIND_WORDS: dict[str, str] = {
    "request-planned": _mark("Request planned"),
    "request-deferred": _mark("Request put off"),
    "request-declined": _mark("Request declined"),
    "request-reopened": _mark("Request decided anew"),
    "request-merged": _mark("Request merged"),
    "request-joined": _mark("Another request merged into one"),
    "request-accepted": _mark("Request accepted for a call"),
    "request-withdrawn": _mark("Request withdrawn"),
    "request-question": _mark("Question about a request"),
    "request-answer": _mark("Answer to a question about a request"),
    "consultation-opened": _mark("Consultation opened"),
    "consultation-closed": _mark("Consultation closed"),
    "exchange-proposed": _mark("Exchange proposed"),
    "exchange-answered": _mark("Exchange answered"),
    "exchange-declined": _mark("Exchange declined"),
    "exchange-cancelled": _mark("Exchange cancelled"),
    "exchange-moved": _mark("Another week asked for"),
    "exchange-missed": _mark("No-show"),
    "exchange-held": _mark("Exchange to be reported"),
    "call-matched-again": _mark("More matches found"),
    "exchange-withdrawn": _mark("Proposal taken back"),
    "registration-confirmed": _mark("Place confirmed"),
    "registration-waitlisted": _mark("In line for a place"),
    "registration-cancelled": _mark("Registration cancelled"),
    "registration-offered": _mark("Place offered"),
    "registration-requested": _mark("Registration noted"),
    "registration-declined": _mark("Registration declined"),
    "registration-link": _mark("New personal link"),
    "activity-changed": _mark("Activity changed"),
    "activity-cancelled": _mark("Activity cancelled"),
    "activity-opened": _mark("Registration open"),
    "feedback-invited": _mark("Invitation to give feedback"),
    "feedback-reminder": _mark("Reminder to give feedback"),
    "follow-up-invited": _mark("Question whether it is applied"),
    "practice-submitted": _mark("A good practice was submitted"),
    "practice-to-review": _mark("A good practice to review"),
    "practice-returned": _mark("A good practice was returned"),
    "practice-published": _mark("A good practice was published"),
    "practice-recognised": _mark("A good practice was recognised"),
    "practice-reused": _mark("A good practice is reused"),
    "practice-call": _mark("Call for good practices"),
    "alert-there": _mark("Something waits in the restricted channel"),
    "my-data": _mark("Link to one's own data"),
    "account-invited": _mark("Invitation to sign in"),
    "digest": _mark("Daily letter"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A letter as the list shows it."""

    id: str
    kind: str
    to: str
    why: str
    about: str
    when: datetime
    again: bool
    """Whether it can be written again."""


def boxes(service: Service) -> list[Database]:
    """The service's outbox; with `requests`, which has the administration, that of the people's database."""
    own = [service.db]
    return [*own, service.people.db] if service.name == "requests" else own


def _query(network: str) -> dict[str, Any]:
    states = [state.value for state in UNDELIVERED]
    tried = {"state": State.WAITING.value, "attempts": {"$gt": 1}}
    return {"network": network, "$or": [{"state": {"$in": states}}, tried]}


async def undelivered(service: Service, network: str) -> int:
    """How many letters of this network somebody should look at."""
    return sum([await db[OUTBOX].count_documents(_query(network)) for db in boxes(service)])


def letters_router(service: Service) -> APIRouter:
    router = APIRouter(prefix=f"/{service.name}/letters", include_in_schema=False)

    @router.get("")
    async def listed(request: Request, principal: Annotated[Principal, require("letters.read")]) -> Response:
        if kind := exports.asked(request):
            return lists.letters(principal, kind, service.name, _all(service, principal))
        found = await _found(service, principal.network, MOST)
        paging = Paging.of(request)
        rows = await _rows(service, principal, found[paging.skip : paging.skip + paging.per_page], Purpose.LETTERS)
        away = service.outbox.away if service.outbox.lease.held else ""
        return render(
            request, "letters.html", listing=paging.listing(rows, len(found)), form=Form(), service=service.name,
            away=away,
        )  # fmt: skip

    @router.post("/{letter}/again")
    async def again(
        request: Request,
        letter: Annotated[str, Path(max_length=100)],
        principal: Annotated[Principal, require("letters.work")],
    ) -> Response:
        await send_again(service, letter, principal.network)
        return see_other(request, f"/{service.name}/letters", done=_("It is sent again; look here in a minute."))

    return router


async def undelivered_about(request: Request, principal: Principal, stream: str) -> list[Row]:
    """Letters about this thing that did not arrive, for its page; none for who looks after no letters."""
    if not principal.may("letters.read"):
        return []
    service: Service = request.app.state.service
    kind, thing = stream.partition("-")[0], {"$regex": re.escape(stream)}
    query = {"$and": [_query(principal.network), {"$or": [{f"data.{kind}": stream}, {"about": thing}]}]}
    found = await service.db[OUTBOX].find(query).sort("made", -1).to_list(MOST_ABOUT)
    return await _rows(service, principal, found, Purpose.LETTERS) if found else []


async def _found(service: Service, network: str, most: int) -> list[dict[str, Any]]:
    """The newest first."""
    found = [
        one
        for db in boxes(service)
        for one in await db[OUTBOX].find(_query(network)).sort("made", -1).limit(most).to_list(most)
    ]
    return sorted(found, key=lambda one: one["made"], reverse=True)


async def _rows(service: Service, principal: Principal, found: Sequence[dict[str, Any]], purpose: Purpose) -> list[Row]:
    """As the list shows them; whose names are shown is noted."""
    names = await service.people.name_of(one["to"] for one in found)
    await service.people.reads.note(principal, purpose, list(names))
    return [_row(one, names, principal.network) for one in found]


async def _all(service: Service, principal: Principal) -> AsyncIterator[Row]:
    found = await _found(service, principal.network, MOST_EXPORTED)
    for start in range(0, len(found), exports.ROWS_AT_ONCE):
        part = found[start : start + exports.ROWS_AT_ONCE]
        for row in await _rows(service, principal, part, Purpose.EXPORT):
            yield row


async def send_again(service: Service, letter: str, network: str) -> None:
    """As a new message, at once; refused where what it was about is forgotten."""
    now = datetime.now(UTC)
    fresh = {"state": State.WAITING.value, "due": now, "made": now, "attempts": 0, "reason": ""}
    for db in boxes(service):
        found = await db[OUTBOX].find_one({"_id": letter, **_query(network)})
        if found is None:
            continue
        if "data" not in found:
            raise Refused("letter-forgotten", "What it said is not kept. Tell the person yourself.")
        change = {"$set": fresh, "$inc": {"again": 1}, "$unset": {"expires": ""}}
        await db[OUTBOX].update_one({"_id": letter, "state": found["state"]}, change)
        return
    raise HTTPException(404)


def _row(found: dict[str, Any], names: dict[str, str], network: str) -> Row:
    one = Letter.of(found)
    return Row(
        id=one.id,
        kind=_(KIND_WORDS[one.kind]) if one.kind in KIND_WORDS else one.kind,
        to=_receiver(one.to, names, network),
        why=_why(one),
        about=found.get("about", ""),
        when=found.get("ended") or one.made,
        again="data" in found,
    )


def _receiver(to: str, names: dict[str, str], network: str) -> str:
    role, at, member = to.partition("@")
    if not at:
        return names.get(to, _("Name erased"))
    if role in set(Role):
        return f"{_(ROLE_NAMES[Role(role)])} {member_name(member, network)}".strip()
    return _("All who are concerned")


def _why(one: Letter) -> str:
    match one.state:
        case State.NOBODY if one.reason == "no-holder":
            return _("Nobody holds this office. Name somebody on the page of persons, then send it again.")
        case State.NOBODY:
            return _("There is no address of this person.")
        case State.BOUNCED if is_wrong_address(one.reason):
            return _("The address does not work (%(code)s). Have it corrected, then send it again.", code=one.reason)
        case State.BOUNCED:
            return _("The mail server of the address refused it (%(code)s).", code=one.reason)
        case State.WAITING:
            return _("It is tried again and again (%(code)s).", code=one.reason)
    return _("It was tried for days without success (%(code)s).", code=one.reason)
