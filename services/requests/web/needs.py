"""Analyses of needs: the list, one's own page, recording, changing and withdrawing one."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from services.requests import analysing, matrix
from services.requests.domain.needs import Finding, RecordNeeds, ReviseNeeds, WithdrawNeeds
from services.requests.matrix import Shown, View
from shared import clock
from shared.contracts.needs import FindingRow, NeedsRevised, NeedsWithdrawn
from shared.contracts.refused import Refused
from shared.profiles import Profile
from shared.web import exports
from shared.web.exports import Column
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark, ngettext
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, only_own, require
from shared.web.stale import Changed, guarded
from shared.web.wording import in_words

from .common import db_of, member_for, member_options, page_store

router = APIRouter()
ROWS_AT_ONCE, MOST_ROWS = 4, 100
MINDS = (NeedsRevised, NeedsWithdrawn)
WEIGHTS = {1: mark("1, little"), 2: "2", 3: mark("3, noticeable"), 4: "4", 5: mark("5, urgent")}
_TOLD = {"revised": mark("changed the analysis"), "withdrawn": mark("withdrew the analysis")}


class _NeedsConvertor(Convertor[str]):
    regex = "needs-[0-9a-f-]{36}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("needs", _NeedsConvertor())
PATH = "/requests/needs/{needs_id:needs}"
LIST = "/requests/needs/analyses"

NeedsReader = Annotated[Principal, require("needs.read")]
NeedsEditor = Annotated[Principal, require("needs.edit")]


def view_of(request: Request, principal: Principal) -> View:
    """Whose needs the reader looks at, as the address says."""
    query = request.query_params
    since = query.get("since", "")
    year = int(since) if since.isascii() and since.isdigit() and len(since) == 4 else None
    return View.of(principal.own_member, query.get("member", "")[:64], year)


def source_titles(profile: Profile) -> dict[str, str]:
    return {one.id: one.title for one in profile.needs.sources} if profile.needs else {}


async def found(request: Request, principal: Principal, needs_id: str) -> Shown:
    """The analysis, where it is the reader's to see: their member's, or the whole network's."""
    shown = await matrix.one(db_of(request), principal.network, needs_id)
    if shown is None:
        raise HTTPException(404)
    only_own(principal, network=principal.network, member=shown.state.member)
    return shown


def may_edit(principal: Principal, shown: Shown) -> bool:
    """Their own member's; the whole network's only for who sees all of it."""
    return principal.may("needs.edit") and principal.own_member in (None, shown.state.member)


async def editable(request: Request, principal: Principal, needs_id: str) -> Shown:
    shown = await found(request, principal, needs_id)
    if not may_edit(principal, shown):
        raise HTTPException(404)
    return shown


@router.get(LIST)
async def analyses_page(request: Request, principal: NeedsReader) -> Response:
    db, view = db_of(request), view_of(request, principal)
    source = request.query_params.get("source", "")[:64]
    if kind := exports.asked(request):
        return _export(request, principal, kind, view, source)
    paging, profile = Paging.of(request), in_words(principal.network)
    rows = await matrix.analyses(db, principal.network, view, source=source, skip=paging.skip, limit=paging.per_page)
    total = await matrix.count(db, principal.network, view, source)
    return render(
        request,
        "needs_list.html",
        sentence=_sentence(total),
        listing=paging.listing(rows, total),
        evaluations=await matrix.evaluations(db, principal.network, view) if not source else [],
        sources=source_titles(profile),
        members=member_options(profile) if principal.own_member is None else [],
        title_of=profile.title_of,
        **await age_of(request, principal),
    )


def _sentence(total: int) -> str:
    if not total:
        return _("No analysis of needs is here yet")
    return ngettext("One analysis of needs", "%(num)s analyses of needs", total)


async def age_of(request: Request, principal: Principal) -> dict[str, Any]:
    """The newest analysis's day, and whether it is too old."""
    agenda = await matrix.agenda(db_of(request), principal.network)
    today = clock.now().date().isoformat()
    years = analysing.needs_of(principal.network).every_years
    return {"agenda": agenda, "too_old": bool(agenda.due_on and agenda.due_on <= today), "every_years": years}


def _export(request: Request, principal: Principal, kind: str, view: View, source: str) -> Response:
    """A row for each finding."""
    db, profile = db_of(request), in_words(principal.network)
    sources = source_titles(profile)

    async def rows() -> Any:
        async for shown in exports.in_batches(
            lambda skip, limit: matrix.analyses(db, principal.network, view, source=source, skip=skip, limit=limit)
        ):
            for finding in shown.state.findings:
                yield shown, finding

    columns: list[Column[tuple[Shown, FindingRow]]] = [
        Column(_("Analysis"), lambda row: row[0].title),
        Column(_("Source"), lambda row: sources.get(row[0].state.source, row[0].state.source)),
        Column(_("Day"), lambda row: exports.day(row[0].state.on)),
        Column(_("Member"), lambda row: row[0].state.member),
        Column(_("Target group"), lambda row: profile.title_of(row[1][0])),
        Column(_("Topic"), lambda row: profile.title_of(row[1][1])),
        Column(_("Weight"), lambda row: row[1][2]),
        Column(_("Summary"), lambda row: row[0].words.get("summary", "")),
        Column(_("Id"), lambda row: row[0].id),
    ]
    return exports.answer(principal, kind, "needs", columns, rows())


@router.get(LIST + "/new")
async def new_page(request: Request, principal: NeedsEditor) -> Response:
    return _form(request, principal, Form.of(on=clock.now().date().isoformat()))


@router.post(LIST + "/new")
async def record(request: Request, principal: NeedsEditor) -> Response:
    form = await read_form(request)
    if form["_more"]:
        return _form(request, principal, form)
    facts = _facts(principal, form)
    command = form.build(RecordNeeds, **facts, needs="", happened_at=None)
    status = 422
    if command is not None:
        try:
            receipt = await analysing.record_needs(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, _field(refusal.code))
        else:
            done = _("The analysis is recorded; the matrix counts its findings.")
            return see_other(request, f"/requests/needs/{receipt.events[0].stream}", done=done)
    return _form(request, principal, form, status)


def _facts(principal: Principal, form: Form) -> dict[str, Any]:
    """What the fields cannot say by themselves: the findings, and whose analysis it is."""
    facts: dict[str, Any] = {"findings": tuple(_findings(form))}
    if principal.own_member is not None:
        facts["member"] = member_for(principal, None)
    return facts


def _findings(form: Form) -> Iterator[Finding]:
    """Rows with a target group or a topic; half a row is told, an empty one passed over."""
    for row in range(MOST_ROWS):
        group, topic, weight = (form[f"_{name}_{row}"] for name in ("group", "topic", "weight"))
        if group and topic:
            yield Finding(
                target_group=group[:64],
                topic=topic[:64],
                weight=int(weight) if weight in ("1", "2", "3", "4", "5") else 3,
            )
        elif group or topic:
            form.fail(f"_topic_{row}" if group else f"_group_{row}", _("Choose both, or leave both open."))


def _field(code: str) -> str:
    return {"on-in-the-future": "on", "source-unknown": "source", "member-unknown": "member"}.get(code, "")


def _form(
    request: Request, principal: Principal, form: Form, status: int = 200, shown: Shown | None = None
) -> Response:
    profile = in_words(principal.network)
    filled = [row for row in range(MOST_ROWS) if form[f"_group_{row}"] or form[f"_topic_{row}"]]
    return render(
        request,
        "needs_form.html",
        status=status,
        form=form,
        shown=shown,
        version=shown.version if shown else None,
        action=f"/requests/needs/{shown.id}/edit" if shown else f"{LIST}/new",
        rows=range(min(max(filled, default=-1) + 1 + ROWS_AT_ONCE, MOST_ROWS)),
        sources=list(source_titles(profile).items()),
        groups=[(one.id, one.title) for one in profile.target_groups],
        topics=[(one.id, one.title) for one in profile.topics],
        weights=[(weight, _(words)) for weight, words in WEIGHTS.items()],
        members=member_options(profile) if principal.own_member is None else [],
        today=clock.now().date().isoformat(),
    )


@router.get(PATH)
async def needs_page(request: Request, needs_id: str, principal: NeedsReader) -> Response:
    shown = await found(request, principal, needs_id)
    profile = in_words(principal.network)
    return render(
        request,
        "needs.html",
        shown=shown,
        source=source_titles(profile).get(shown.state.source, shown.state.source),
        findings=sorted(shown.state.findings, key=lambda row: (-row[2], row[:2])),
        title_of=profile.title_of,
        may_edit=may_edit(principal, shown),
    )


def _filled(shown: Shown) -> Form:
    """The form as the analysis stands."""
    rows: dict[str, Any] = {}
    for row, (group, topic, weight) in enumerate(shown.state.findings):
        rows |= {f"_group_{row}": group, f"_topic_{row}": topic, f"_weight_{row}": weight}
    state = shown.state
    words = {name: shown.words.get(name, "") for name in ("title", "summary")}
    return Form.of(source=state.source, on=state.on, member=state.member, **words, **rows)


@router.get(PATH + "/edit")
async def edit_page(request: Request, needs_id: str, principal: NeedsEditor) -> Response:
    shown = await editable(request, principal, needs_id)
    return _form(request, principal, _filled(shown), shown=shown)


@router.post(PATH + "/edit")
async def edit(request: Request, needs_id: str, principal: NeedsEditor) -> Response:
    shown = await editable(request, principal, needs_id)
    form = await read_form(request)
    if form["_more"]:
        return _form(request, principal, form, shown=shown)
    command = form.build(ReviseNeeds, **_facts(principal, form), needs=needs_id, happened_at=None)
    status, here = 422, f"/requests/needs/{needs_id}"
    if command is not None:
        store, words = page_store(request, principal, form.command_id), shown.words
        try:
            await guarded(
                request,
                store,
                needs_id,
                lambda now: analysing.revise_needs(command, now, words),
                seen=form.version,
                minds=MINDS,
            )
        except Changed as changed:
            shown = await editable(request, principal, needs_id)
            told = {name: _(words) for name, words in _TOLD.items()}
            status = form.stale(changed, _filled(shown), take=f"{here}/edit", told=told)
        except Refused as refusal:
            status = form.refuse(refusal, _field(refusal.code))
        else:
            return see_other(request, here, done=_("The analysis is changed."))
    return _form(request, principal, form, status, shown)


@router.get(PATH + "/withdraw")
async def withdraw_page(request: Request, needs_id: str, principal: NeedsEditor) -> Response:
    shown = await editable(request, principal, needs_id)
    return render(request, "needs_withdraw.html", shown=shown, form=Form.of())


@router.post(PATH + "/withdraw")
async def withdraw(request: Request, needs_id: str, principal: NeedsEditor) -> Response:
    shown = await editable(request, principal, needs_id)
    form = await read_form(request)
    status = 422
    command = form.build(WithdrawNeeds, needs=needs_id, words="", happened_at=None)
    if command is not None:
        try:
            await analysing.withdraw_needs(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            return see_other(request, LIST, done=_("The analysis is withdrawn; the matrix counts it no more."))
    return render(request, "needs_withdraw.html", status=status, shown=shown, form=form)
