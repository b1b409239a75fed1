"""An offer to host: the form that makes it, its places week by week, and the way to take it back."""

from functools import partial

from fastapi import APIRouter, Request, Response

from services.matching import handlers
from services.matching.commands import ChangeOffer, MakeOffer, WithdrawOffer
from services.matching.domain.call import Call
from services.matching.domain.offer import Offer
from services.matching.web.changing import save
from services.matching.web.common import (
    AnyCall,
    AnyOffer,
    OfferMaker,
    Reader,
    Withdrawer,
    found,
    language_options,
    market_terms,
    member_for,
    member_options,
    page_store,
    profile_of,
)
from services.matching.web.spans import calendar, filled, places_in, week_options, weeks_of
from services.matching.web.spoken import LEVELS, spoken_fields, spoken_in
from shared.contracts.matching import OfferChanged, OfferMade, OfferWithdrawn
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.on_behalf import asked_by, behalf, officers, written_down
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()


@router.get("/matching/calls/{call_id}/offers/new")
async def new_offer_page(request: Request, call_id: str, principal: OfferMaker) -> Response:
    call = await found(request, principal, call_id, Call)
    return await _new(request, principal, call, Form.of(_places_1=1, member=principal.member), 200)


@router.post("/matching/calls/{call_id}/offers/new")
async def make_offer(request: Request, call_id: str, principal: OfferMaker) -> Response:
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    status = 422
    try:
        command = _command(form, call, principal)
        asker = await asked_by(request, principal, form, command.member if command else None)
        if command is not None and not form.errors:
            store = behalf(page_store(request, principal, form.command_id), asker)
            receipt = await handlers.make_offer(command, store)
            made = receipt.first(OfferMade)
            assert made is not None
            done = _("Your offer to host stands. It takes part in the next run.")
            return see_other(request, f"/matching/offers/{made.stream}", done=done)
    except Refused as refusal:
        status = form.refuse(refusal)
    return await _new(request, principal, call, form, status)


def _command(form: Form, call: AnyCall, principal: Principal) -> MakeOffer | None:
    member = member_for(principal, form["member"])
    return form.build(MakeOffer, call=call.id, member=member, **_typed(form, call))


def _typed(form: Form, call: AnyCall) -> dict[str, object]:
    """What the form's own fields say, with a stand-in for what is said to be missing."""
    places = places_in(form, weeks_of(call.state))
    spoken = spoken_in(form, _("Choose a language in which you can receive."))
    return {"places": places or {"2024-W01": 1}, **spoken}


MINDS = (OfferChanged, OfferWithdrawn)


@router.get("/matching/offers/{offer_id}/change")
async def change_page(request: Request, offer_id: str, principal: OfferMaker) -> Response:
    offer = await found(request, principal, offer_id, Offer)
    call = await found(request, principal, offer.state.call, Call)
    return await _new(request, principal, call, _terms(offer.state), 200, changes=offer)


def _terms(state: Offer) -> Form:
    names = ("joint_inspection", "only_if_sends")
    plain = {name: getattr(state, name) for name in names}
    several = {"focus_areas": list(state.focus_areas), "excluded": list(state.excluded)}
    form = Form.of(**plain, **several, **spoken_fields(state.languages, state.levels), **filled(state.places))
    if len(state.languages) > 3:
        form.fail("", _("This form holds less than what stands. What you save takes the place of all of it."))
    return form


@router.post("/matching/offers/{offer_id}/change")
async def change_offer(request: Request, offer_id: str, principal: OfferMaker) -> Response:
    offer = await found(request, principal, offer_id, Offer)
    call = await found(request, principal, offer.state.call, Call)
    form = await read_form(request)
    command = form.build(ChangeOffer, offer=offer.id, happened_at=None, **_typed(form, call))
    if command is None:
        return await _new(request, principal, call, form, 422, changes=offer)

    async def theirs() -> Form:
        return _terms((await found(request, principal, offer_id, Offer)).state)

    saved = await save(
        request, principal, form, offer.id, partial(handlers.change_offer, command),
        minds=MINDS, theirs=theirs, here=f"/matching/offers/{offer.id}",
        done=_("Your offer is changed. It takes part so in the next run."),
    )  # fmt: skip
    if isinstance(saved, Response):
        return saved
    return await _new(request, principal, call, form, saved, changes=offer)


async def _new(
    request: Request, principal: Principal, call: AnyCall, form: Form, status: int, *, changes: AnyOffer | None = None
) -> Response:
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
        others=member_options(profile, without=principal.own_member),
        weeks=week_options(call.state),
        months=calendar(weeks_of(call.state)),
        levels=LEVELS,
        market=market_terms(principal.network, call.state),
        changes=changes,
        chooses_member=principal.own_member is None,
        officers=[] if changes else await officers(request, principal),
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
        request, "offer.html", status=status, offer=offer, call=call, form=form, profile=profile_of(principal),
        written_down=await written_down(request, principal, offer.id),
    )  # fmt: skip
