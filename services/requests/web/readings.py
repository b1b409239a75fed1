"""Figures from outside: the newest of each against its target, and each by itself with what was corrected."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from services.requests import taking
from services.requests.domain.readings import CorrectReading, RemoveReading
from services.requests.taking import Newest, Taken, is_share
from shared.contracts.readings import ReadingCorrected, ReadingRemoved
from shared.contracts.refused import Refused
from shared.profiles.rows import CommunicationTarget, Indicator
from shared.web import exports
from shared.web.exports import Column
from shared.web.formats import number, percent
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, only_own, require
from shared.web.stale import Changed, guarded
from shared.web.wording import in_words

from .common import db_of, page_store

router = APIRouter()
MINDS = (ReadingCorrected, ReadingRemoved)
WHAT = {"taken": mark("Entered"), "corrected": mark("Corrected"), "removed": mark("Removed")}


class _ReadingConvertor(Convertor[str]):
    regex = "reading-[0-9a-f-]{36}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("reading", _ReadingConvertor())
LIST = "/requests/readings"
PATH = LIST + "/{reading_id:reading}"

ReadingsReader = Annotated[Principal, require("readings.read")]
ReadingsEditor = Annotated[Principal, require("readings.edit")]


def in_figures(value: int, of: int | None) -> str:
    """`2,083`, or `22 % (44 of 200)`."""
    if of is None:
        return number(value)
    share = percent(value / of) if of else "–"
    return _("%(share)s (%(part)s of %(whole)s)", share=share, part=number(value), whole=number(of))


def target_of(one: Indicator | CommunicationTarget) -> str:
    """As the network's document states it."""
    if one.target is None:
        return ""
    text = percent(one.target) if is_share(one) else number(one.target)
    if isinstance(one, CommunicationTarget) and one.per:
        return _("%(target)s a month", target=text) if one.per == "month" else f"{text} ({one.per})"
    return _("%(target)s by %(due)s", target=text, due=one.due) if isinstance(one, Indicator) and one.due else text


def outside(principal: Principal) -> dict[str, Indicator | CommunicationTarget]:
    return {one.id: one for one in in_words(principal.network).outside}


async def found(request: Request, principal: Principal, reading_id: str) -> Taken:
    taken = await taking.one(db_of(request), principal.network, reading_id)
    if taken is None:
        raise HTTPException(404)
    only_own(principal, network=principal.network, member=taken.state.member)
    return taken


async def editable(request: Request, principal: Principal, reading_id: str) -> Taken:
    """One of the own member; one of the whole network only for who sees all of it."""
    taken = await found(request, principal, reading_id)
    if principal.own_member not in (None, taken.state.member):
        raise HTTPException(404)
    return taken


@router.get(LIST)
async def readings_page(request: Request, principal: ReadingsReader) -> Response:
    db, figures = db_of(request), outside(principal)
    figure, own = request.query_params.get("figure", "")[:64], principal.own_member
    if kind := exports.asked(request):
        return _export(request, principal, kind, figure)
    paging = Paging.of(request)
    rows, total = await taking.listed(
        db, principal.network, figure=figure, own=own, skip=paging.skip, limit=paging.per_page
    )
    newest = await taking.newest(db, principal.network, own)
    return render(
        request,
        "readings.html",
        sentence=_sentence(figures, newest),
        figures=figures,
        newest=newest,
        target_of=target_of,
        in_figures=in_figures,
        reached={id: _reached(figures[id], last) for id, last in newest.items() if id in figures},
        listing=paging.listing(rows, total),
    )


def _sentence(figures: Mapping[str, Any], newest: Mapping[str, Newest]) -> str:
    if not figures:
        return _("This network reads no figures from outside")
    known = len([id for id in figures if id in newest])
    if not known:
        return _("No figure from outside was entered yet")
    return _("%(known)s of %(all)s figures from outside are known", known=known, all=len(figures))


def _reached(one: Indicator | CommunicationTarget, last: Newest) -> float | None:
    """How much of the target is reached, at most all of it; none where it has no target to compare with."""
    value = last.share if is_share(one) else float(last.value)
    return min(value / one.target, 1.0) if one.target and value is not None else None


def _export(request: Request, principal: Principal, kind: str, figure: str) -> Response:
    db, figures = db_of(request), outside(principal)

    async def page(skip: int, limit: int) -> list[Taken]:
        rows, _total = await taking.listed(
            db, principal.network, figure=figure, own=principal.own_member, skip=skip, limit=limit
        )
        return rows

    columns: list[Column[Taken]] = [
        Column(_("Figure"), lambda row: figures[row.state.figure].title if row.state.figure in figures else ""),
        Column(_("Id of the figure"), lambda row: row.state.figure),
        Column(_("Day"), lambda row: exports.day(row.state.on)),
        Column(_("Member"), lambda row: row.state.member),
        Column(_("Value"), lambda row: row.state.value),
        Column(_("Of"), lambda row: row.state.of),
        Column(_("Source"), lambda row: row.source),
        Column(_("Corrections"), lambda row: row.state.corrections),
    ]
    return exports.answer(principal, kind, "readings", columns, exports.in_batches(page))


def field_of(code: str) -> str:
    fields = {"figure-unknown": "figure", "member-unknown": "member", "on-in-the-future": "on", "reading-there": "on"}
    return "of" if code.startswith("of-") else fields.get(code, "")


@router.get(PATH)
async def reading_page(request: Request, reading_id: str, principal: ReadingsReader) -> Response:
    return await _page(request, principal, await found(request, principal, reading_id))


async def _page(
    request: Request, principal: Principal, taken: Taken, form: Form | None = None, status: int = 200
) -> Response:
    traces = await taking.trace(db_of(request), principal.network, taken.id)
    names = await request.app.state.service.people.name_of(one.actor for one in traces if one.actor)
    figure = outside(principal).get(taken.state.figure)
    return render(
        request,
        "reading.html",
        status=status,
        taken=taken,
        figure=figure,
        title=figure.title if figure else taken.state.figure,
        traces=traces,
        names=names,
        what={name: _(word) for name, word in WHAT.items()},
        in_figures=in_figures,
        form=form or _filled(taken),
        share=bool(figure and is_share(figure)),
        may_edit=principal.may("readings.edit") and principal.own_member in (None, taken.state.member),
    )


def _filled(taken: Taken) -> Form:
    return Form.of(value=taken.state.value, of=taken.state.of)


@router.post(PATH + "/correct")
async def correct(request: Request, reading_id: str, principal: ReadingsEditor) -> Response:
    taken = await editable(request, principal, reading_id)
    form = await read_form(request)
    command = form.build(CorrectReading, reading=reading_id, words="", happened_at=None)
    status, here = 422, f"{LIST}/{reading_id}"
    if command is not None:
        store = page_store(request, principal, form.command_id)
        try:
            await guarded(
                request,
                store,
                reading_id,
                lambda now: taking.correct_reading(command, now),
                seen=form.version,
                minds=MINDS,
            )
        except Changed as changed:
            taken = await editable(request, principal, reading_id)
            status = form.stale(changed, _filled(taken), take=here, told={"corrected": _("corrected the figure")})
        except Refused as refusal:
            status = form.refuse(refusal, field_of(refusal.code))
        else:
            return see_other(request, here, done=_("The figure is corrected; what it was before stays to be seen."))
    return await _page(request, principal, taken, form, status)


@router.get(PATH + "/remove")
async def remove_page(request: Request, reading_id: str, principal: ReadingsEditor) -> Response:
    taken = await editable(request, principal, reading_id)
    return render(request, "reading_remove.html", taken=taken, form=Form.of())


@router.post(PATH + "/remove")
async def remove(request: Request, reading_id: str, principal: ReadingsEditor) -> Response:
    taken = await editable(request, principal, reading_id)
    form = await read_form(request)
    command = form.build(RemoveReading, reading=reading_id, words="", happened_at=None)
    status = 422
    if command is not None:
        try:
            await taking.remove_reading(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            return see_other(request, LIST, done=_("The figure is removed."))
    return render(request, "reading_remove.html", status=status, taken=taken, form=form)
