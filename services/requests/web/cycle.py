"""The documents of the programming cycle: what is due from which coordination office, and what has come."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from services.requests import cycling
from services.requests.cycling import Due
from services.requests.domain.deliverable import AskDeliverable, Deliver, MoveDue, TakeDeliveryBack
from shared import clock
from shared.contracts.planning import DeliverableAsked
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import in_protocol_order
from shared.web import exports
from shared.web.exports import Column
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import render, see_other
from shared.web.rights import Principal, require
from shared.web.wording import in_words

from .common import PlanEditor, PlanReader, db_of, member_options, page_store
from .plan_parts import year_of


class _DeliverableConvertor(Convertor[str]):
    regex = "deliverable-[0-9a-f-]{36}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("deliverable", _DeliverableConvertor())
HERE = "/requests/cycle"
PATH = HERE + "/{deliverable:deliverable}"
Deliverer = Annotated[Principal, require("cycle.deliver")]

router = APIRouter()


@router.get(HERE + "/{year:year}")
async def cycle_page(request: Request, year: str, principal: PlanReader) -> Response:
    of_year = year_of(year)
    rows = await cycling.documents(db_of(request), principal.network, of_year)
    if kind := exports.asked(request):
        flat = [(row, who) for row in rows for who in row.state.due]
        return exports.answer(principal, kind, f"cycle-{of_year}", _columns(), flat)
    today = clock.now().date()
    members = in_protocol_order({who for row in rows for who in row.state.due})
    overdue = sum(row.state.overdue(who, today) for row in rows for who in row.state.due)
    still = sum(who not in row.state.delivered for row in rows for who in row.state.due)
    return render(
        request,
        "cycle.html",
        year=of_year,
        sentence=_sentence(of_year, len(rows), still, overdue),
        rows=rows,
        members=members,
        today=today,
    )


def _sentence(year: int, documents: int, still: int, overdue: int) -> str:
    if not documents:
        return _("No document of the programming cycle %(year)s is asked for yet", year=year)
    if not still:
        return _("Programming cycle %(year)s: every document has come", year=year)
    first = ngettext("one document is still to come", "%(num)s documents are still to come", still)
    second = ngettext("one is overdue", "%(num)s are overdue", overdue) if overdue else _("none is overdue")
    return _("Programming cycle %(year)s: %(first)s, %(second)s", year=year, first=first, second=second)


def _columns() -> list[Column[tuple[Due, str]]]:
    return [
        Column(_("Document"), lambda row: row[0].title),
        Column(_("Member"), lambda row: row[1]),
        Column(_("Due"), lambda row: exports.day(row[0].state.due[row[1]])),
        Column(_("Delivered"), lambda row: exports.day(row[0].state.delivered.get(row[1]))),
        Column(_("Where it lies"), lambda row: row[0].said.get(row[1], {}).get("link", "")),
        Column(_("Note"), lambda row: row[0].said.get(row[1], {}).get("note", "")),
    ]


@router.get(HERE + "/{year:year}/new")
async def new_page(request: Request, year: str, principal: PlanEditor) -> Response:
    return _new_page(request, year_of(year), principal, Form.of())


def _new_page(request: Request, year: int, principal: Principal, form: Form, status: int = 200) -> Response:
    members = member_options(in_words(principal.network))
    return render(request, "cycle_new.html", status=status, year=year, form=form, members=members)


@router.post(HERE + "/{year:year}/new")
async def new(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    form = await read_form(request)
    status = 422
    command = form.build(AskDeliverable, year=of_year, deliverable="", happened_at=None)
    if command is not None:
        try:
            receipt = await cycling.ask_deliverable(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, "members" if refusal.code == "members-unknown" else "")
        else:
            made = receipt.first(DeliverableAsked)
            assert made is not None
            return see_other(request, f"{HERE}/{made.stream}", done=_("The document is asked for."))
    return _new_page(request, of_year, principal, form, status)


@router.get(PATH)
async def document_page(request: Request, deliverable: str, principal: PlanReader) -> Response:
    return _page(request, principal, await _found(request, principal, deliverable), Form.of())


async def _found(request: Request, principal: Principal, deliverable: str) -> Due:
    found = await cycling.one_document(db_of(request), principal.network, deliverable)
    if found is None:
        raise HTTPException(404)
    return found


def _page(request: Request, principal: Principal, found: Due, form: Form, status: int = 200) -> Response:
    own, state = principal.own_member, found.state
    names = dict(member_options(in_words(principal.network)))
    asked = [(one, names.get(one, one)) for one in in_protocol_order(state.due)]
    still = [one for one in asked if one[0] not in state.delivered and own in (None, one[0])]
    came = len(state.delivered)
    return render(
        request,
        "cycle_document.html",
        status=status,
        found=found,
        form=form,
        sentence=_("%(title)s: %(came)s of %(asked)s have come", title=found.title, came=came, asked=len(state.due)),
        asked=asked,
        still=still,
        own=own,
        today=clock.now().date(),
        may_deliver=principal.may("cycle.deliver") and bool(still),
        may_take_back=lambda who: principal.may("cycle.deliver") and own in (None, who),
    )


def _for(principal: Principal, form: Form) -> dict[str, str]:
    """An office delivers its own; who sees all of the network for any."""
    return {"member": principal.own_member if principal.own_member is not None else form["member"]}


@router.post(PATH + "/deliver")
async def deliver(request: Request, deliverable: str, principal: Deliverer) -> Response:
    found = await _found(request, principal, deliverable)
    form = await read_form(request)
    status = 422
    command = form.build(Deliver, deliverable=deliverable, happened_at=None, **_for(principal, form))
    if command is not None:
        try:
            await cycling.deliver(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, "member")
        else:
            return see_other(request, f"{HERE}/{deliverable}", done=_("The document is marked as delivered."))
    return _page(request, principal, found, form, status)


@router.post(PATH + "/take-back")
async def take_back(request: Request, deliverable: str, principal: Deliverer) -> Response:
    await _found(request, principal, deliverable)
    form = await read_form(request)
    command = form.build(TakeDeliveryBack, deliverable=deliverable, happened_at=None, **_for(principal, form))
    if command is None:
        raise HTTPException(404)
    await cycling.take_delivery_back(command, page_store(request, principal, form.command_id))
    return see_other(request, f"{HERE}/{deliverable}", done=_("The document is still to come."))


@router.post(PATH + "/due")
async def due(request: Request, deliverable: str, principal: PlanEditor) -> Response:
    found = await _found(request, principal, deliverable)
    form = await read_form(request)
    status = 422
    command = form.build(MoveDue, deliverable=deliverable, happened_at=None, member=form["_office"])
    if command is not None:
        try:
            await cycling.move_due(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, "_office")
        else:
            return see_other(request, f"{HERE}/{deliverable}", done=_("The office has another due day."))
    return _page(request, principal, found, form, status)
