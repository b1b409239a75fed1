"""The agreed actions of a year: what the document states beside what is itemised, how far each is, and its review."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from services.requests import acting
from services.requests.acting import Agreed
from services.requests.domain.action import AgreeAction, JoinAction, ProgressAction, ReviewAction
from shared import clock
from shared.contracts.planning import ActionAgreed
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import in_protocol_order
from shared.profiles import Profile
from shared.web import exports
from shared.web.exports import Column
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark, ngettext
from shared.web.pages import render, see_other
from shared.web.rights import Principal, require
from shared.web.wording import in_words

from .common import PlanEditor, PlanReader, db_of, member_options, page_store
from .plan_parts import has, line_options, year_of


class _ActionConvertor(Convertor[str]):
    regex = "action-[0-9a-f-]{36}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("action", _ActionConvertor())
HERE = "/requests/actions"
PATH = HERE + "/{action:action}"
Worker = Annotated[Principal, require("actions.work")]

STAGES: dict[str, str] = {
    "agreed": mark("agreed"),
    "initiated": mark("initiated"),
    "implemented": mark("implemented"),
}
STAGE_COLOURS = {"agreed": "", "initiated": "ask", "implemented": "yes"}
OUTCOMES: dict[str, str] = {"continues": mark("continues"), "done": mark("done"), "dropped": mark("dropped")}

router = APIRouter()


@router.get(HERE)
async def actions_of_this_year(request: Request, principal: PlanReader) -> Response:
    return see_other(request, f"{HERE}/{clock.now().year}")


@router.get(HERE + "/{year:year}")
async def actions_page(request: Request, year: str, principal: PlanReader) -> Response:
    of_year, profile = year_of(year), in_words(principal.network)
    rows = await acting.actions(db_of(request), principal.network, of_year)
    if kind := exports.asked(request):
        return exports.answer(principal, kind, f"actions-{of_year}", _columns(profile), rows)
    plan = profile.plan(of_year)
    stated = plan.stated_actions if plan else None
    taken = {one.state.itemised for one in rows if one.state.itemised}
    listed = acting.itemised(profile, of_year, taken)
    before = await acting.actions(db_of(request), principal.network, of_year - 1)
    known = {one.title for one in rows}
    return render(
        request,
        "actions.html",
        year=of_year,
        sentence=_sentence(of_year, stated, rows),
        rows=rows,
        stated=stated,
        note=plan.note if plan else "",
        listed=listed,
        listed_count=acting.counted_once(listed),
        going_on=[one for one in before if one.state.outcome == "continues" and one.title not in known],
        line_of=profile.line_title,
        order=in_protocol_order,
        may_agree=principal.may("plan.edit") and has(profile, "agreed-actions"),
        form=Form.of(),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "stages": {name: _(words) for name, words in STAGES.items()},
        "colours": STAGE_COLOURS,
        "outcomes": {name: _(words) for name, words in OUTCOMES.items()},
    }


def _sentence(year: int, stated: int | None, rows: list[Agreed]) -> str:
    done = sum(one.state.status == "implemented" for one in rows)
    begun = sum(one.state.status == "initiated" for one in rows)
    first = ngettext("one action is itemised", "%(num)s actions are itemised", len(rows))
    second = ngettext("one implemented", "%(num)s implemented", done)
    third = ngettext("one initiated", "%(num)s initiated", begun)
    facts = {"year": year, "first": first, "second": second, "third": third}
    if stated:
        return _("%(year)s: %(stated)s actions are stated, %(first)s, %(second)s, %(third)s", stated=stated, **facts)
    return _("%(year)s: %(first)s, %(second)s, %(third)s", **facts)


def _columns(profile: Profile) -> list[Column[Agreed]]:
    words = _words()
    return [
        Column(_("Action"), lambda row: row.title),
        Column(_("Line"), lambda row: profile.line_title(row.state.line)),
        Column(_("Kind"), lambda row: _("multilateral") if row.state.multilateral else _("bilateral")),
        Column(_("Lead"), lambda row: row.state.lead),
        Column(_("Members"), lambda row: in_protocol_order(row.state.members)),
        Column(_("State"), lambda row: words["stages"][row.state.status]),
        Column(_("Since"), lambda row: exports.day(row.state.since)),
        Column(_("Review"), lambda row: words["outcomes"].get(row.state.outcome, "")),
        Column(_("Reviewed"), lambda row: exports.day(row.state.reviewed_on)),
        Column(_("What the review said"), lambda row: row.review),
        Column(_("Id"), lambda row: row.id),
    ]


@router.get(HERE + "/{year:year}/new")
async def new_page(request: Request, year: str, principal: PlanEditor) -> Response:
    """`itemised` takes the words of that row of the network's document over."""
    profile = in_words(principal.network)
    named = request.query_params.get("itemised", "")
    row = next((one for one in profile.bilateral if one.id == named), None)
    form = Form.of()
    if row is not None:
        said = {"title": row.title, "line": row.line, "lead": row.members[0], "members": row.members}
        form = Form.of(**said, itemised=row.id, text=" ".join(part for part in (row.dates_as_quoted, row.note) if part))
    return _new_page(request, year_of(year), principal, form)


def _new_page(request: Request, year: int, principal: Principal, form: Form, status: int = 200) -> Response:
    profile = in_words(principal.network)
    return render(
        request,
        "action_new.html",
        status=status,
        year=year,
        form=form,
        lines=line_options(profile, year),
        members=member_options(profile),
    )


@router.post(HERE + "/{year:year}/new")
async def new(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    form = await read_form(request)
    status = 422
    command = form.build(AgreeAction, year=of_year, action="", continues=None, happened_at=None)
    if command is not None:
        try:
            receipt = await acting.agree_action(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, _field(refusal.code))
        else:
            agreed = receipt.first(ActionAgreed)
            assert agreed is not None
            return see_other(request, f"{HERE}/{agreed.stream}", done=_("The action is on the list."))
    return _new_page(request, of_year, principal, form, status)


def _field(code: str) -> str:
    if code == "lead-not-a-member":
        return "lead"
    return code.removesuffix("-unknown") if code.endswith("-unknown") else ""


@router.post(HERE + "/{year:year}/go-on")
async def go_on(request: Request, year: str, principal: PlanEditor) -> Response:
    """Every action of the year before that its review lets continue is agreed for this year, at once."""
    of_year = year_of(year)
    form = await read_form(request)
    coming = await acting.going_on(db_of(request), principal.network, of_year)
    if coming:
        await acting.agree_actions(coming, page_store(request, principal, form.command_id))
    done = ngettext("One action goes on.", "%(num)s actions go on.", len(coming))
    return see_other(request, f"{HERE}/{of_year}", done=done)


@router.get(PATH)
async def action_page(request: Request, action: str, principal: PlanReader) -> Response:
    row = await found(request, principal, action)
    return _action_page(request, principal, row, Form.of(status=row.state.status, outcome=row.state.outcome))


async def found(request: Request, principal: Principal, action: str) -> Agreed:
    row = await acting.one_action(db_of(request), principal.network, action)
    if row is None:
        raise HTTPException(404)
    return row


def must_be_in(principal: Principal, row: Agreed) -> None:
    if principal.own_member not in (None, *row.state.members):
        raise Refused("not-in-it", "The members of an action say how far it is; join it first.")


def _action_page(request: Request, principal: Principal, row: Agreed, form: Form, status: int = 200) -> Response:
    profile = in_words(principal.network)
    own = principal.own_member
    outside = [one for one in member_options(profile) if one[0] not in row.state.members]
    listed = next((one for one in profile.bilateral if one.id == row.state.itemised), None)
    return render(
        request,
        "action.html",
        status=status,
        found=row,
        row=listed,
        form=form,
        line=profile.line_title(row.state.line),
        members=in_protocol_order(row.state.members),
        joined=dict(row.state.joined),
        may_progress=principal.may("actions.work") and (own is None or own in row.state.members),
        joiners=outside if own is None else [one for one in outside if one[0] == own],
        **_words(),
    )


@router.post(PATH + "/progress")
async def progress(request: Request, action: str, principal: Worker) -> Response:
    """By its members, and by who sees all of the network."""
    row = await found(request, principal, action)
    must_be_in(principal, row)
    form = await read_form(request)
    command = form.build(ProgressAction, action=action, happened_at=None)
    if command is None:
        return _action_page(request, principal, row, form, 422)
    await acting.progress_action(command, page_store(request, principal, form.command_id))
    return see_other(request, f"{HERE}/{action}", done=_("It is written down how far the action is."))


@router.post(PATH + "/join")
async def join(request: Request, action: str, principal: Worker) -> Response:
    row = await found(request, principal, action)
    form = await read_form(request)
    own = principal.own_member
    status = 422
    command = form.build(JoinAction, action=action, happened_at=None, **({"member": own} if own is not None else {}))
    if command is not None:
        try:
            await acting.join_action(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, _field(refusal.code))
        else:
            return see_other(request, f"{HERE}/{action}", done=_("The member has joined the action."))
    return _action_page(request, principal, row, form, status)


@router.post(PATH + "/review")
async def review(request: Request, action: str, principal: PlanEditor) -> Response:
    row = await found(request, principal, action)
    form = await read_form(request)
    command = form.build(ReviewAction, action=action, words="", happened_at=None)
    if command is None:
        return _action_page(request, principal, row, form, 422)
    await acting.review_action(command, page_store(request, principal, form.command_id))
    return see_other(request, f"{HERE}/{action}", done=_("The review is written down."))
