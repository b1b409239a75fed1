"""A holder's certificates: the list of who is signed in, and each behind its link, which is the right itself."""

import logging
from typing import Annotated

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events import certifying
from services.events.certificate_papers import address_of, as_badge, as_pdf, days
from services.events.certifying import certificates_of
from services.events.commands.certificate import NameOnCertificate
from services.events.holdings import Holdings
from services.events.queries import certificate as queries
from services.events.queries.certificate import Shown
from shared import clock
from shared.documents.pdf import PDF
from shared.spine.origin import Origin
from shared.spine.store import GroupingStore
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal, require

from .asked import db_of, person_of, service_of
from .certificate_check import JSON_LD, Anybody, checked, keys_of, rule_for
from .mine import unseen

router = APIRouter(include_in_schema=False)


def unlogged(record: logging.LogRecord) -> bool:
    """A filter for the server's log: who reads it must not be able to open what is a person's own."""
    return "/certificates/mine/" not in record.getMessage()


@router.get("/events/certificates")
async def mine(request: Request, principal: Annotated[Principal, require("events.read")]) -> Response:
    me = await person_of(request, principal)
    held = await certificates_of(db_of(request), principal.network, me) if me else []
    holdings = Holdings(service_of(request).settings)
    rows = [
        (one, holdings.path(id))
        for id, _state in held
        if (one := await queries.shown(db_of(request), principal.network, id))
    ]
    return render(request, "events/certificates_mine.html", rows=rows, today=clock.now().date())


async def held_by(request: Request, token: str) -> tuple[Shown, str]:
    return await checked(request, Holdings(service_of(request).settings).read(token))


@router.get("/certificates/mine/{token}")
async def page(request: Request, token: str, principal: Anybody) -> Response:
    one, name = await held_by(request, token)
    response = render(
        request, "events/certificate_mine.html", one=one, state=one.state, holder=name, days=days(one),
        here=f"/certificates/mine/{token}", form=Form.of(named="1" if one.state.named else None),
        status_word=one.status(clock.now().date()), address=address_of(one, service_of(request).settings.base_url),
    )  # fmt: skip
    return unseen(response)


@router.get("/certificates/mine/{token}/certificate.pdf")
async def paper(request: Request, token: str, principal: Anybody) -> Response:
    one, name = await held_by(request, token)
    made = await as_pdf(one, name, await rule_for(request, one), service_of(request).settings.base_url)
    headers = {"Content-Disposition": 'attachment; filename="certificate.pdf"'}
    return unseen(Response(made, media_type=PDF, headers=headers))


@router.get("/certificates/mine/{token}/badge.json")
async def badge(request: Request, token: str, principal: Anybody) -> Response:
    """With the holder's name: it is theirs to show."""
    one, name = await held_by(request, token)
    base = service_of(request).settings.base_url
    signer = await keys_of(request).signer(one.network)
    made = as_badge(one, name, await rule_for(request, one), signer, base)
    headers = {"Content-Disposition": 'attachment; filename="badge.json"'}
    return unseen(Response(orjson.dumps(made, option=orjson.OPT_INDENT_2), media_type=JSON_LD, headers=headers))


@router.post("/certificates/mine/{token}/name")
async def name_on(request: Request, token: str, principal: Anybody) -> Response:
    one, _name = await held_by(request, token)
    form = await read_form(request)
    command = NameOnCertificate(certificate=one.id, named=bool(form["named"]))
    origin = Origin(one.network, actor=one.state.person, source="link", command_id=form.command_id)
    await certifying.name_on(command, GroupingStore(service_of(request).grouping, origin))
    said = _("The public page shows your name now.") if command.named else _("The public page does not show your name.")
    return unseen(see_other(request, f"/certificates/mine/{token}", done=said))
