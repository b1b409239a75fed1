"""All consultations of a network, and opening one on a draft."""

from fastapi import APIRouter, Request, Response

from services.requests import consulting
from services.requests.consulting import MOST_FILES
from services.requests.domain.consultation import OpenConsultation
from shared.contracts.planning import ConsultationOpened
from shared.contracts.refused import Refused
from shared.spine.draft import Receipt
from shared.web.files import check, take
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.wording import in_words

from .common import db_of, member_options, page_store
from .consultation import HERE, Opener, Reader, field_of, sees
from .plan_parts import options

router = APIRouter()


@router.get(HERE)
async def consultations_page(request: Request, principal: Reader) -> Response:
    profile = in_words(principal.network)
    found = [one for one in await consulting.consultations(db_of(request), principal.network) if sees(principal, one)]
    open_now = [one for one in found if one.state.status == "open"]
    waits = [one for one in open_now if principal.own_member in one.state.silent]
    return render(
        request,
        "consultations.html",
        sentence=_list_sentence(len(open_now), len(waits)),
        rows=found,
        waits={one.id for one in waits},
        about_of={one.id: one.title for one in profile.consulted_on},
        offered=bool(profile.consulted_on),
    )


def _list_sentence(open_now: int, waits: int) -> str:
    if not open_now:
        return _("No consultation is open")
    first = ngettext("One consultation is open", "%(num)s consultations are open", open_now)
    if not waits:
        return first
    second = ngettext("one waits for your answer", "%(num)s wait for your answer", waits)
    return _("%(first)s, %(second)s", first=first, second=second)


@router.get(HERE + "/new")
async def new_page(request: Request, principal: Opener) -> Response:
    query = request.query_params
    return _new_page(request, principal, Form.of(about=query.get("about"), year=query.get("year")))


def _new_page(request: Request, principal: Principal, form: Form, status: int = 200) -> Response:
    profile = in_words(principal.network)
    return render(
        request,
        "consultation_new.html",
        status=status,
        form=form,
        abouts=options(profile.consulted_on),
        members=member_options(profile),
        units=options(profile.units),
        most=MOST_FILES,
    )


@router.post(HERE + "/new")
async def new(request: Request, principal: Opener) -> Response:
    try:
        return await _new(request, principal)
    finally:
        await request.close()  # with the files that were sent


async def _new(request: Request, principal: Principal) -> Response:
    form = await read_form(request)
    status, uploads = 422, form.uploads.get("draft", [])
    command = form.build(OpenConsultation, closes_at=None, consultation="", happened_at=None)
    if command is not None:
        try:
            await check(request, uploads, MOST_FILES)
            receipt = await consulting.open_consultation(command, page_store(request, principal, form.command_id))
            name = opened(receipt)
            for number, upload in enumerate(uploads):
                of_this = f"{form.command_id}-{number}"
                file = await take(request, principal, upload, about=name, command_id=of_this)
                await consulting.attach_draft(file, page_store(request, principal, of_this))
        except Refused as refusal:
            status = form.refuse(refusal, field_of(refusal.code))
        else:
            done = _("The consultation is open; those asked hear of it by mail.")
            return see_other(request, f"{HERE}/{name}", done=done)
    return _new_page(request, principal, form, status)


def opened(receipt: Receipt) -> str:
    found = receipt.first(ConsultationOpened)
    assert found is not None
    return found.stream
