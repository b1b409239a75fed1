"""An offer to host: the form that makes it, its places week by week, and the way to take it back."""

from fastapi import APIRouter, Request, Response

from services.matching import handlers
from services.matching.commands import MakeOffer, WithdrawOffer
from services.matching.domain.call import Call
from services.matching.domain.offer import Offer
from services.matching.web.common import (
    AnyCall,
    AnyOffer,
    OfferMaker,
    Reader,
    Withdrawer,
    found,
    language_options,
    member_for,
    member_options,
    page_store,
    profile_of,
    week_options,
)
from services.matching.web.spans import places_in
from shared.contracts.matching import OfferMade
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()


@router.get("/matching/calls/{call_id}/offers/new")
async def new_offer_page(request: Request, call_id: str, principal: OfferMaker) -> Response:
    call = await found(request, principal, call_id, Call)
    return _new(request, principal, call, Form.of(_places_1=1, member=principal.member), 200)


@router.post("/matching/calls/{call_id}/offers/new")
async def make_offer(request: Request, call_id: str, principal: OfferMaker) -> Response:
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    status = 422
    try:
        command = _command(form, call, principal)
        if command is not None:
            receipt = await handlers.make_offer(command, page_store(request, principal, form.command_id))
            made = receipt.first(OfferMade)
            assert made is not None
            done = _("Your offer to host stands. It takes part in the next run.")
            return see_other(request, f"/matching/offers/{made.stream}", done=done)
    except Refused as refusal:
        status = form.refuse(refusal)
    return _new(request, principal, call, form, status)


def _command(form: Form, call: AnyCall, principal: Principal) -> MakeOffer | None:
    places = places_in(form)
    languages = tuple(one for place in (1, 2, 3) if (one := form[f"_language_{place}"]))
    if not languages:
        form.fail("_language_1", _("Choose a language in which you can receive."))
    member = member_for(principal, form["member"])
    # What is said to be missing at its own field has a stand-in here, so that the model finds what else is wrong.
    return form.build(
        MakeOffer, call=call.id, member=member, languages=languages or ("en",), places=places or {"2024-W01": 1}
    )


def _new(request: Request, principal: Principal, call: AnyCall, form: Form, status: int) -> Response:
    profile = profile_of(principal)
    return render(
        request,
        "offer_new.html",
        status=status,
        call=call,
        form=form,
        areas=[one for one in handlers.focus_areas(profile) if one[0] in call.state.focus_areas],
        languages=language_options(handlers.languages(profile)),
        members=member_options(profile),
        weeks=week_options(call.state.year),
        chooses_member=principal.own_member is None,
    )


@router.get("/matching/offers/{offer_id}")
async def offer_page(request: Request, offer_id: str, principal: Reader) -> Response:
    return await _page(request, principal, await found(request, principal, offer_id, Offer), Form.of(), 200)


@router.post("/matching/offers/{offer_id}/withdraw")
async def withdraw_offer(request: Request, offer_id: str, principal: Withdrawer) -> Response:
    offer = await found(request, principal, offer_id, Offer)
    form = await read_form(request)
    try:
        await handlers.withdraw_offer(WithdrawOffer(offer=offer.id), page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _page(request, principal, offer, form, form.refuse(refusal))
    return see_other(request, f"/matching/calls/{offer.state.call}", done=_("The offer is withdrawn."))


async def _page(request: Request, principal: Principal, offer: AnyOffer, form: Form, status: int) -> Response:
    call = await found(request, principal, offer.state.call, Call)
    return render(
        request, "offer.html", status=status, offer=offer, call=call, form=form, profile=profile_of(principal)
    )
