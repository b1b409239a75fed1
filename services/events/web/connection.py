"""Connections of form tools: made by an organiser, then used by the tool's signed webhooks."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import JSONResponse, Response

from services.events import handlers, intake
from services.events.commands import RegisterPersons
from services.events.intake import Connection, Named
from shared.contracts.events import RegistrationEvent, RegistrationWaitlisted
from shared.contracts.refused import Refused
from shared.spine.origin import Origin
from shared.spine.store import GroupingStore
from shared.telemetry import traceparent
from shared.web.forms import read_form
from shared.web.i18n import _
from shared.web.pages import render
from shared.web.problems import problem
from shared.web.rights import Principal, public, require
from shared.web.wording import in_words

from .asked import ActivityPath, connections_of, found, people_of, service_of

router = APIRouter()
LARGEST_BODY, LONGEST_ID = 64 * 1024, 200


@router.post("/events/{activity:activity}/connections")
async def create(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("connections.edit")]
) -> Response:
    """Make a connection and show its secret, once."""
    form = await read_form(request)
    one = await found(request, principal, activity)
    name = form["name"].strip()[:100] or _("Registration form")
    connection, secret = await connections_of(request).create(principal.network, activity, name, principal.subject)
    base = service_of(request).settings.base_url.rstrip("/")
    address = f"{base}/events/intake/webhook/{connection}"
    response = render(request, "events/connection.html", one=one, called=name, address=address, secret=secret)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/events/intake/webhook/{connection:connection}")
async def webhook(
    request: Request,
    connection: Annotated[str, Path(max_length=80)],
    _nobody: Annotated[Principal | None, public()],
) -> Response:
    """A message signed by Standard Webhooks; its `webhook-id` is the command's id, so a repeat changes nothing."""
    known = await connections_of(request).find(connection)
    if known is None:
        raise HTTPException(404)
    try:
        return await _received(request, known)
    except Refused as refused:
        return problem(refused.status, refused.code, refused.sentence)


async def _received(request: Request, known: Connection) -> Response:
    body = await request.body()
    if len(body) > LARGEST_BODY:
        raise Refused("too-large", "Send 64 KiB at most.", status=413)
    payload = intake.verify(known, body, request.headers, service_of(request).settings.webhook_tolerance)
    answers = intake.answers_of(payload, known)
    if answers is None:
        return JSONResponse({"taken": False, "why": "This type of message is not used here."}, 202)
    profile = in_words(known.network)
    member = intake.member_code(answers.member, profile)
    named = Named(name=answers.name, email=answers.email, member=member, mode=answers.mode)
    persons = await intake.registrants([named], people_of(request), known.network, form="webhook")
    command = RegisterPersons(activity=known.activity, persons=persons)
    receipt = await handlers.change_activity(command, known.activity, _store(request, known))
    event = receipt.first(RegistrationEvent)
    if event is None or not isinstance(event.event, RegistrationEvent):
        raise Refused("nothing-done", "Nothing came of this message.", status=409)
    waiting = event.event if isinstance(event.event, RegistrationWaitlisted) else None
    return JSONResponse(
        {
            "taken": True,
            "activity": known.activity,
            "registration": event.event.registration,
            "status": "waitlisted" if waiting else "confirmed",
            "position": waiting.position if waiting else None,
        }
    )


def _store(request: Request, known: Connection) -> GroupingStore:
    origin = Origin(
        known.network,
        actor=known.id,
        source=f"webhook:{known.id}",
        command_id=request.headers["webhook-id"][:LONGEST_ID],
        traceparent=traceparent(),
    )
    return GroupingStore(service_of(request).grouping, origin)
