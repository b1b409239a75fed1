"""An interest: the form that files it, its page with what became of it, and the way to take it back."""

from functools import partial

from fastapi import APIRouter, Request, Response

from services.matching import handlers
from services.matching.commands import ChangeInterest, EndorseInterest, FileInterest, WithdrawInterest
from services.matching.domain.call import Call
from services.matching.domain.interest import Interest
from services.matching.web.changing import save
from services.matching.web.common import (
    AnyCall,
    AnyInterest,
    Endorser,
    InterestFiler,
    Reader,
    Withdrawer,
    endorses,
    found,
    language_options,
    market_terms,
    member_for,
    member_options,
    page_store,
    profile_of,
)
from services.matching.web.reasons import why_not
from services.matching.web.spans import calendar, ticked, week_options, weeks_in, weeks_of
from services.matching.web.spoken import LEVELS, spoken_fields, spoken_in
from shared.contracts.matching import InterestChanged, InterestFiled, InterestMatched, InterestWithdrawn
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.on_behalf import asked_by, behalf, officers, written_down
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()


@router.get("/matching/calls/{call_id}/interests/new")
async def new_interest_page(request: Request, call_id: str, principal: InterestFiler) -> Response:
    call = await found(request, principal, call_id, Call)
    form = Form.of(officials=1, duration=1, member=principal.member)
    return await _new(request, principal, call, form, 200)


@router.post("/matching/calls/{call_id}/interests/new")
async def file_interest(request: Request, call_id: str, principal: InterestFiler) -> Response:
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    status = 422
    try:
        command = _command(form, call, principal)
        asker = await asked_by(request, principal, form, command.member if command else None)
        if command is not None and not form.errors:
            store = behalf(page_store(request, principal, form.command_id), asker)
            receipt = await handlers.file_interest(command, store, endorsed=endorses(principal, command.member))
            filed = receipt.first(InterestFiled)
            assert filed is not None
            done = _("Your interest is filed. It takes part in the next run.")
            return see_other(request, f"/matching/interests/{filed.stream}", done=done)
    except Refused as refusal:
        status = form.refuse(refusal)
    return await _new(request, principal, call, form, status)


def _command(form: Form, call: AnyCall, principal: Principal) -> FileInterest | None:
    member = member_for(principal, form["member"])
    return form.build(FileInterest, call=call.id, member=member, **_typed(form))


def _typed(form: Form) -> dict[str, object]:
    """What the form's own fields say, with a stand-in for what is said to be missing."""
    weeks = weeks_in(form)
    wishes = tuple(one for place in (1, 2, 3) if (one := form[f"_wish_{place}"]))
    spoken = spoken_in(form, _("Choose the language that suits best."))
    return {"wishes": wishes, "weeks": weeks or ("2024-W01",), **spoken}


MINDS = (InterestChanged, InterestMatched, InterestWithdrawn)


@router.get("/matching/interests/{interest_id}/change")
async def change_page(request: Request, interest_id: str, principal: InterestFiler) -> Response:
    interest = await found(request, principal, interest_id, Interest)
    call = await found(request, principal, interest.state.call, Call)
    return await _new(request, principal, call, _terms(interest.state), 200, changes=interest)


def _terms(state: Interest) -> Form:
    wishes = {f"_wish_{place}": code for place, code in enumerate(state.wishes[:3], 1)}
    names = ("focus", "officials", "duration", "joint_inspection", "fewer_opportunities")
    plain = {name: getattr(state, name) for name in names}
    spoken = spoken_fields(state.languages, state.levels)
    form = Form.of(**plain, excluded=list(state.excluded), **wishes, **spoken, **ticked(state.weeks))
    if not (len(state.languages) < 4 and len(state.wishes) < 4):
        form.fail("", _("This form holds less than what stands. What you save takes the place of all of it."))
    return form


@router.post("/matching/interests/{interest_id}/change")
async def change_interest(request: Request, interest_id: str, principal: InterestFiler) -> Response:
    interest = await found(request, principal, interest_id, Interest)
    call = await found(request, principal, interest.state.call, Call)
    form = await read_form(request)
    command = form.build(ChangeInterest, interest=interest.id, happened_at=None, **_typed(form))
    if command is None:
        return await _new(request, principal, call, form, 422, changes=interest)

    async def theirs() -> Form:
        return _terms((await found(request, principal, interest_id, Interest)).state)

    saved = await save(
        request, principal, form, interest.id, partial(handlers.change_interest, command),
        minds=MINDS, theirs=theirs, here=f"/matching/interests/{interest.id}",
        done=_("Your interest is changed. It takes part so in the next run."),
    )  # fmt: skip
    if isinstance(saved, Response):
        return saved
    return await _new(request, principal, call, form, saved, changes=interest)


async def _new(
    request: Request,
    principal: Principal,
    call: AnyCall,
    form: Form,
    status: int,
    *,
    changes: AnyInterest | None = None,
) -> Response:
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
        weeks=week_options(call.state),
        months=calendar(weeks_of(call.state)),
        levels=LEVELS,
        market=market_terms(principal.network, call.state),
        changes=changes,
        chooses_member=principal.own_member is None,
        officers=[] if changes else await officers(request, principal),
    )


@router.get("/matching/interests/{interest_id}")
async def interest_page(request: Request, interest_id: str, principal: Reader) -> Response:
    return await _page(request, principal, await found(request, principal, interest_id, Interest), Form.of(), 200)


@router.post("/matching/interests/{interest_id}/endorse")
async def endorse_interest(request: Request, interest_id: str, principal: Endorser) -> Response:
    """The member's liaison officer stands behind what somebody else filed."""
    interest = await found(request, principal, interest_id, Interest)
    form = await read_form(request)
    store = page_store(request, principal, form.command_id)
    try:
        await handlers.endorse_interest(EndorseInterest(interest=interest.id), store)
    except Refused as refusal:
        return await _page(request, principal, interest, form, form.refuse(refusal))
    return see_other(request, f"/matching/interests/{interest.id}", done=_("The interest is endorsed."))


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
    reasons = await why_not(request, principal, interest, call)
    return render(
        request,
        "interest.html",
        status=status,
        interest=interest,
        call=call,
        reasons=reasons,
        form=form,
        profile=profile_of(principal),
        written_down=await written_down(request, principal, interest.id),
    )
