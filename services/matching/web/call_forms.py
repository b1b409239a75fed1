"""The forms of a call: a new one, opened at once or kept as a draft, and one whose terms change."""

from collections import defaultdict
from functools import partial
from typing import Any, get_args

from fastapi import APIRouter, Request, Response

from services.matching import handlers
from services.matching.commands import TERMS, ChangeCall, DraftCall, OpenCall
from services.matching.commands.calls import Aim
from services.matching.domain.call import Call
from services.matching.domain.market import Level
from services.matching.web.changing import save
from services.matching.web.common import (
    AnyCall,
    CallOpener,
    found,
    member_options,
    next_number,
    page_store,
    profile_of,
)
from services.matching.web.levels import level_name
from shared import clock
from shared.contracts.matching import CallChanged, CallClosed, CallDrafted, CallOpened, CallReopened
from shared.contracts.refused import Refused
from shared.profiles import Profile
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()
AIMS = get_args(Aim)

MINDS = (CallChanged, CallClosed, CallOpened, CallReopened)
"""What who changes or closes a call must have seen; what is filed meanwhile does not hinder it."""


@router.get("/matching/calls/new")
async def new_call_page(request: Request, principal: CallOpener) -> Response:
    profile = profile_of(principal)
    areas = [area for area, _title in handlers.focus_areas(profile)]
    minimum = int(profile.targets.get("staff-exchanges", 0))
    market = next(one for one in profile.markets.values() if one.offered)
    flags = {name: getattr(market, name) for name in ("rolling", "endorsed_only", "interpreted")}
    year = clock.now().year
    form = Form.of(year=year, focus_areas=areas, minimum=minimum, answer_days=14, market=market.id, **flags)
    return _new(request, principal, form, 200)


@router.post("/matching/calls/new")
async def open_call(request: Request, principal: CallOpener) -> Response:
    form = await read_form(request)
    status = 422
    drafts = bool(form["_draft"])
    more = {**_minimums(form, principal), "levels": _levels(form)}
    command = form.build(DraftCall, **more) if drafts else form.build(OpenCall, **more)
    if command is not None:
        store = page_store(request, principal, form.command_id)
        try:
            number = await next_number(request, principal, command)
            if isinstance(command, DraftCall):
                made = (await handlers.draft_call(command, store, number)).first(CallDrafted)
                done = _("The draft is kept. Members see it once you open it.")
            else:
                made = (await handlers.open_call(command, store, number)).first(CallOpened)
                done = _("The call is open.")
            assert made is not None
            return see_other(request, f"/matching/calls/{made.stream}", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return _new(request, principal, form, status)


def _new(request: Request, principal: Principal, form: Form, status: int) -> Response:
    profile = profile_of(principal)
    markets = [(one.id, one.title) for one in profile.markets.values() if one.offered]
    return render(request, "call_new.html", status=status, form=form, markets=markets, **_choices(profile))


def _choices(profile: Profile) -> dict[str, Any]:
    aims = [(one, level_name(Level(one))) for one in AIMS]
    places = [(str(place), str(place)) for place in range(1, len(AIMS) + 1)]
    return {"areas": handlers.focus_areas(profile), "members": member_options(profile), "aims": aims, "places": places}


@router.get("/matching/calls/{call_id}/change")
async def change_page(request: Request, call_id: str, principal: CallOpener) -> Response:
    call = await found(request, principal, call_id, Call)
    return _change_page(request, principal, call, _terms(call.state), 200)


@router.post("/matching/calls/{call_id}/change")
async def change_call(request: Request, call_id: str, principal: CallOpener) -> Response:
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    more = {**_minimums(form, principal), "levels": _levels(form)}
    command = form.build(ChangeCall, call=call.id, happened_at=None, **more)
    if command is None:
        return _change_page(request, principal, call, form, 422)

    async def theirs() -> Form:
        return _terms((await found(request, principal, call_id, Call)).state)

    saved = await save(
        request, principal, form, call.id, partial(handlers.change_call, command),
        minds=MINDS, theirs=theirs, here=f"/matching/calls/{call.id}", done=_("The call is changed."),
    )  # fmt: skip
    if isinstance(saved, Response):
        return saved
    return _change_page(request, principal, call, form, saved)


def _change_page(request: Request, principal: Principal, call: AnyCall, form: Form, status: int) -> Response:
    choices = _choices(profile_of(principal))
    return render(request, "call_change.html", status=status, call=call, form=form, **choices)


def _terms(call: Call) -> Form:
    plain = {name: getattr(call, name) for name in TERMS - {"focus_minimum", "levels"}}
    minimums = {f"_minimum_{area}": least for area, least in call.focus_minimum.items()}
    levels = [(place, name, weight) for place, one in enumerate(call.levels, 1) for name, weight in one.items()]
    named = {f"_level_{name}": str(place) for place, name, _weight in levels}
    weighed = {f"_weight_{name}": weight for _place, name, weight in levels if weight > 1}
    return Form.of(**plain, **minimums, **named, **weighed)


def _levels(form: Form) -> tuple[dict[str, int], ...]:
    """What comes first, second ...; what has the same place is weighed together. Empty where nothing is named."""
    places: dict[int, dict[str, int]] = defaultdict(dict)
    for name in AIMS:
        place, weight = form[f"_level_{name}"], form[f"_weight_{name}"].strip() or "1"
        if place and not (weight.isascii() and weight.isdigit() and 1 <= int(weight) <= 1_000):
            form.fail(f"_weight_{name}", _("Write a whole number from 1 to 1,000."))
        elif place.isascii() and place.isdigit():
            places[int(place)][name] = int(weight)
    return tuple(places[place] for place in sorted(places))


def _minimums(form: Form, principal: Principal) -> dict[str, dict[str, int]]:
    """The least of each focus area, where one is named; of areas that are not ticked nothing is asked."""
    least: dict[str, int] = {}
    for area, _title in handlers.focus_areas(profile_of(principal)):
        text = form[f"_minimum_{area}"].strip()
        if not text or area not in form.all("focus_areas"):
            continue
        if text.isascii() and text.isdigit() and len(text) < 4:
            least |= {area: int(text)} if int(text) else {}
        else:
            form.fail(f"_minimum_{area}", _("Write a whole number in digits."))
    return {"focus_minimum": least}
