"""An interest: the form that files it, its page with what became of it, and the way to take it back."""

from fastapi import APIRouter, Request, Response

from services.matching import handlers, queries
from services.matching.commands import FileInterest, WithdrawInterest
from services.matching.domain.call import Call
from services.matching.domain.interest import Interest
from services.matching.web.common import (
    AnyCall,
    AnyInterest,
    InterestFiler,
    Reader,
    Withdrawer,
    db_of,
    found,
    language_options,
    member_for,
    member_options,
    page_store,
    profile_of,
    week_options,
)
from services.matching.web.sentences import why_unmatched
from services.matching.web.spans import weeks_in
from shared.contracts.matching import InterestFiled
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()
# Stands in for what is said to be missing at its own field, so that the model finds what else is wrong.
_ANY = ("en", "2024-W01")


@router.get("/matching/calls/{call_id}/interests/new")
async def new_interest_page(request: Request, call_id: str, principal: InterestFiler) -> Response:
    call = await found(request, principal, call_id, Call)
    form = Form.of(officials=1, duration=1, member=principal.member)
    return _new(request, principal, call, form, 200)


@router.post("/matching/calls/{call_id}/interests/new")
async def file_interest(request: Request, call_id: str, principal: InterestFiler) -> Response:
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    status = 422
    try:
        command = _command(form, call, principal)
        if command is not None:
            receipt = await handlers.file_interest(command, page_store(request, principal, form.command_id))
            filed = receipt.first(InterestFiled)
            assert filed is not None
            done = _("Your interest is filed. It takes part in the next run.")
            return see_other(request, f"/matching/interests/{filed.stream}", done=done)
    except Refused as refusal:
        status = form.refuse(refusal)
    return _new(request, principal, call, form, status)


def _command(form: Form, call: AnyCall, principal: Principal) -> FileInterest | None:
    weeks = weeks_in(form)
    languages = tuple(one for place in (1, 2, 3) if (one := form[f"_language_{place}"]))
    if not languages:
        form.fail("_language_1", _("Choose the language that suits best."))
    wishes = tuple(one for place in (1, 2, 3) if (one := form[f"_wish_{place}"]))
    member = member_for(principal, form["member"])
    facts = {"call": call.id, "member": member, "wishes": wishes}
    return form.build(FileInterest, **facts, languages=languages or _ANY[:1], weeks=weeks or _ANY[1:])


def _new(request: Request, principal: Principal, call: AnyCall, form: Form, status: int) -> Response:
    profile = profile_of(principal)
    return render(
        request,
        "interest_new.html",
        status=status,
        call=call,
        form=form,
        areas=[one for one in handlers.focus_areas(profile) if one[0] in call.state.focus_areas],
        languages=language_options(handlers.languages(profile)),
        members=member_options(profile),
        others=member_options(profile, without=principal.own_member),
        weeks=week_options(call.state.year),
        chooses_member=principal.own_member is None,
    )


@router.get("/matching/interests/{interest_id}")
async def interest_page(request: Request, interest_id: str, principal: Reader) -> Response:
    return await _page(request, principal, await found(request, principal, interest_id, Interest), Form.of(), 200)


@router.post("/matching/interests/{interest_id}/withdraw")
async def withdraw_interest(request: Request, interest_id: str, principal: Withdrawer) -> Response:
    interest = await found(request, principal, interest_id, Interest)
    form = await read_form(request)
    command = WithdrawInterest(interest=interest.id)
    try:
        await handlers.withdraw_interest(command, page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _page(request, principal, interest, form, form.refuse(refusal))
    return see_other(request, f"/matching/calls/{interest.state.call}", done=_("The interest is withdrawn."))


async def _page(request: Request, principal: Principal, interest: AnyInterest, form: Form, status: int) -> Response:
    call = await found(request, principal, interest.state.call, Call)
    run = await queries.latest_run(db_of(request), principal.network, interest.state.call)
    profile = profile_of(principal)
    reasons: list[str] = []
    for one in run.solution.unmatched if run else ():
        if run and one.interest == interest.id:
            reader = principal.own_member
            reasons = why_unmatched(one, interest.state.focus, run.solution.offers, profile, reader)
    return render(
        request,
        "interest.html",
        status=status,
        interest=interest,
        call=call,
        run=run,
        reasons=reasons,
        form=form,
        profile=profile,
    )
