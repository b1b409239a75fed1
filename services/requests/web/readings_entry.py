"""Entering figures from outside: one by a form, or a file of them."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from services.requests import filing, taking
from services.requests.domain.readings import TakeReading
from shared import clock
from shared.contracts.refused import Refused
from shared.spine.http import store_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.wording import in_words

from .common import member_for, member_options, page_store
from .readings import LIST, ReadingsEditor, field_of, outside

router = APIRouter()


@router.get(LIST + "/new")
async def new_page(request: Request, principal: ReadingsEditor) -> Response:
    figure = request.query_params.get("figure", "")[:64]
    return _new(request, principal, Form.of(on=clock.now().date().isoformat(), figure=figure))


def _new(request: Request, principal: Principal, form: Form, status: int = 200) -> Response:
    profile = in_words(principal.network)
    return render(
        request,
        "reading_new.html",
        status=status,
        form=form,
        figures=[(id, one.title) for id, one in outside(principal).items()],
        members=member_options(profile) if principal.own_member is None else [],
        today=clock.now().date().isoformat(),
    )


@router.post(LIST + "/new")
async def take(request: Request, principal: ReadingsEditor) -> Response:
    form = await read_form(request)
    command = form.build(TakeReading, **own_facts(principal), words="", happened_at=None)
    status = 422
    if command is not None:
        try:
            await taking.take_reading(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, field_of(refusal.code))
        else:
            return see_other(request, LIST, done=_("The figure is entered."))
    return _new(request, principal, form, status)


def own_facts(principal: Principal) -> dict[str, str]:
    return {} if principal.own_member is None else {"member": member_for(principal, None)}


@router.get(LIST + "/file")
async def file_page(request: Request, principal: ReadingsEditor) -> Response:
    return _file(request, principal, Form.of())


def _file(request: Request, principal: Principal, form: Form, status: int = 200) -> Response:
    return render(
        request, "readings_file.html", status=status, form=form, headers=filing.HEADERS, figures=outside(principal)
    )


@router.post(LIST + "/file")
async def take_file(request: Request, principal: ReadingsEditor) -> Response:
    form = await read_form(request)
    file = form.files.get("file")
    if file is None:
        form.fail("file", _("Choose a CSV or XLSX file."))
        return _file(request, principal, form, 422)
    data = await file.read(filing.MOST_BYTES + 1)
    await file.close()
    titles = {one.title: id for id, one in outside(principal).items()}
    store = store_for(request, principal, source=f"file:{filing.name_of(data)}", command_id="row")
    try:
        outcomes = await filing.take(data, file.filename or "", titles, own_facts(principal).get("member"), store)
    except filing.Unreadable as unreadable:
        form.fail("file", _(unreadable.sentence))
        return _file(request, principal, form, 422)
    counts = {fate: sum(one.fate == fate for one in outcomes) for fate in ("taken", "there", "refused")}
    return render(
        request, "readings_filed.html", sentence=_counted(counts), outcomes=outcomes, figures=outside(principal)
    )


def _counted(counts: Mapping[str, int]) -> str:
    if not any(counts.values()):
        return _("The file has no figures yet")
    parts = [ngettext("one figure entered", "%(num)s figures entered", counts["taken"])]
    if counts["there"]:
        parts.append(ngettext("one was there already", "%(num)s were there already", counts["there"]))
    if counts["refused"]:
        parts.append(ngettext("one refused", "%(num)s refused", counts["refused"]))
    return ", ".join(parts).capitalize()
