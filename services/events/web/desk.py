"""The organiser's desk for one activity, from its set-up to the day it is held or called off."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.events import handlers
from services.events.commands import (
    AnnounceActivity,
    CancelActivity,
    CloseRegistration,
    HoldActivity,
    Id,
    OpenRegistration,
    ScheduleActivity,
    Title,
)
from services.events.domain.activity import OVER, Status
from services.events.queries import registration as queries
from services.events.queries.activity import Found
from shared import clock
from shared.contracts.events import ActivityCancelled, ActivityDescribed, ActivityHeld, ActivityScheduled
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Language, Mode, in_protocol_order
from shared.people.reads import Purpose
from shared.profiles import Profile
from shared.spine.draft import Receipt
from shared.spine.http import store_for
from shared.spine.store import GroupingStore
from shared.web import exports
from shared.web.formats import language_name, member_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.on_behalf import in_words
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, require
from shared.web.stale import Changed, guarded

from . import lists
from .activity import heading, whole
from .asked import ActivityPath, connections_of, db_of, found, links_of, names_shown, people_of, profile_of
from .catalogue import words

router = APIRouter()
Organiser = Annotated[Principal, require("events.organise")]


class NewActivity(BaseModel):
    """An activity beside the plan, as an organiser sets it up."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    kind: Id
    title: Annotated[Title, Field(min_length=1)]
    member: Id | None = None
    language: Language | None = None


def announcement(new: NewActivity, profile: Profile, store: GroupingStore) -> AnnounceActivity:
    """The command for an activity beside the plan; refused where the network has no such kind or member."""
    kind = profile.activity_kinds.get(new.kind)
    if kind is None:
        raise Refused("kind-unknown", "Choose one of the kinds of activity of %(name)s.", status=422, name=profile.name)
    if new.member and profile.member(new.member) is None:
        raise Refused("member-unknown", "Choose one of the members of %(name)s.", status=422, name=profile.name)
    return AnnounceActivity(
        activity=handlers.id_for_new(store.origin),
        kind=kind.id,
        pillar=kind.pillar,
        line=kind.line or "",
        member=new.member,
        language=new.language,
        title=new.title,
    )


@router.get("/events/new")
async def new_page(request: Request, principal: Organiser) -> Response:
    return _new_page(request, principal, Form.of())


def _new_page(request: Request, principal: Principal, form: Form, status: int = 200) -> Response:
    profile = profile_of(principal)
    return render(
        request, "events/new.html", status=status, form=form,
        kinds=[(one.id, one.title) for one in profile.activity_kinds.values()],
        members=[(one.code, f"{one.code} {member_name(one.code, profile.id)}") for one in profile.members],
        tongues=[(one.value, language_name(one.value)) for one in Language],
    )  # fmt: skip


@router.post("/events/new")
async def new(request: Request, principal: Organiser) -> Response:
    form = await read_form(request)
    wanted = form.build(NewActivity)
    status = 422
    if wanted is not None:
        store = store_for(request, principal, source="page", command_id=form.command_id)
        try:
            command = announcement(wanted, profile_of(principal), store)
            await handlers.announce_activity(command, store)
            done = _("The activity is set up. Give it a date and open registration.")
            return see_other(request, f"/events/{command.activity}/desk", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return _new_page(request, principal, form, status)


@router.get("/events/{activity:activity}/desk")
async def desk(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    one = await found(request, principal, activity)
    if kind := exports.asked(request, "registrations"):
        status = request.query_params.get("status", "")[:20]
        return await lists.registrations(request, principal, kind, one, status=status)
    if kind := exports.asked(request, "members"):
        return await lists.by_member(request, principal, kind, one)
    return await desk_page(request, principal, one)


async def _written_down(request: Request, principal: Principal, activity: str) -> dict[str, str]:
    """By registration: who wrote it down for whom, where a member asked by telephone."""
    query = {"stream": activity, "network": principal.network, "onbehalfof": {"$exists": True}}
    wanted = {"actor": 1, "onbehalfof": 1, "data.registration": 1}
    rows = await db_of(request).events.find(query, wanted).sort("version", 1).to_list(2_000)
    names = await people_of(request).name_of(id for row in rows for id in (row["actor"], row["onbehalfof"]))
    told = [(row["data"].get("registration", ""), in_words(row, names)) for row in rows]
    return {registration: words for registration, words in told if registration}


async def desk_page(
    request: Request,
    principal: Principal,
    one: Found,
    *,
    schedule: Form | None = None,
    opening: Form | None = None,
    status: int = 200,
) -> Response:
    """The desk; where a form was not accepted it stands there as it was typed."""
    db, today = db_of(request), clock.now().date()
    told = await queries.attendance(db, principal.network, one.row.id)
    wanted = request.query_params.get("status", "")[:20]
    paging = Paging.of(request)
    rows = queries.registrations(one.state, told, status=wanted)
    shown = rows[paging.skip : paging.skip + paging.per_page]
    waiting = queries.registrations(one.state, told, status="waitlisted")[:10]
    survey = await queries.survey(db, principal.network, one.row.id)
    return render(
        request, "events/desk.html", status=status, one=one, row=one.row, heading=heading(one.row),
        schedule=schedule or _schedule_form(one), opening=opening or _opening_form(one, profile_of(principal)),
        form=Form.of(), modes=[(mode.value, _(mode.label)) for mode in Mode],
        members=[(code, _named(code, profile_of(principal))) for code in _invitable(one, profile_of(principal))],
        by_member=whole(queries.by_member(one.state, told)), listing=paging.listing(shown, len(rows)),
        waiting=waiting, survey=survey, present=sum(one.present for one in told.present.values()),
        names=await names_shown(
            request, principal, Purpose.REGISTRATIONS, [row.person for row in [*shown, *waiting]]
        ),
        written_down=await _written_down(request, principal, one.row.id),
        connections=await connections_of(request).of_activity(principal.network, one.row.id),
        begun=bool(one.state.starts_on and one.state.starts_on <= today), over=one.state.status in OVER,
        profile=profile_of(principal), **words(),
    )  # fmt: skip


def _schedule_form(one: Found) -> Form:
    state, kept = one.state, one.words
    return Form.of(
        starts_on=state.starts_on,
        ends_on=state.ends_on,
        mode=state.mode or None,
        places_on_site=state.places.get("on-site"),
        places_online=state.places.get("online"),
        title=kept.get("title"),
        place=kept.get("place"),
        description=kept.get("description"),
    )


def _opening_form(one: Found, profile: Profile) -> Form:
    return Form.of(invited=list(one.state.invited) or default_invited(one, profile))


def default_invited(one: Found, profile: Profile) -> list[str]:
    """Whom an activity is for unless its organiser says otherwise: the one member it is held for, else all."""
    own = (one.state.member,) if one.state.member else profile.member_codes
    return in_protocol_order(one.state.meant_for or one.state.members or own)


def _named(code: str, profile: Profile) -> str:
    return f"{code} {member_name(code, profile.id)}" if code in profile.member_codes else profile.title_of(code)


def _invitable(one: Found, profile: Profile) -> list[str]:
    partners = [partner.id for partner in profile.partners if partner.stakeholder]
    return [*in_protocol_order({*profile.member_codes, *one.state.members, *one.state.invited}), *partners]


@router.post("/events/{activity:activity}/schedule")
async def schedule(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    command = form.build(_Typed)
    status = 422
    if command is not None:
        wanted = command.places()
        typed = Form({name: form.all(name) for name in ("starts_on", "ends_on", "mode", "title", "place")})
        built = typed.build(ScheduleActivity, activity=activity, places=wanted, description=command.description)
        form.errors |= typed.errors
        if built is not None:
            try:
                await set_schedule(request, built, _store(request, principal, form), form.version)
                return see_other(request, f"/events/{activity}/desk", done=_("Date and places are set."))
            except Changed as changed:
                one = await found(request, principal, activity)
                take = f"/events/{activity}/desk"
                status = form.stale(changed, _schedule_form(one), take=take, told=_told())
            except Refused as refusal:
                status = form.refuse(refusal)
    return await desk_page(request, principal, one, schedule=form, status=status)


SCHEDULE_MINDS = (ActivityScheduled, ActivityDescribed, ActivityHeld, ActivityCancelled)
"""What who changes the schedule must have seen; that somebody registers meanwhile does not hinder it."""


def _told() -> dict[str, str]:
    return {
        "scheduled": _("changed days, mode or places"),
        "described": _("changed title, place or description"),
        "held": _("said that it was held"),
        "cancelled": _("cancelled it"),
    }


async def set_schedule(request: Request, command: ScheduleActivity, store: GroupingStore, seen: int | None) -> None:
    async def schedule_now(now: GroupingStore) -> Receipt:
        """The words are read anew each time: those of another's edit stay where this one leaves them out."""
        words = await db_of(request).words.find_one({"_id": command.activity}, {"_id": 0}) or {}
        return await handlers.schedule_activity(command, now, words)

    await guarded(request, store, command.activity, schedule_now, seen=seen, minds=SCHEDULE_MINDS)


class _Typed(BaseModel):
    """The schedule as its form has it: a field for each mode's places."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    starts_on: str
    ends_on: str
    mode: Mode
    places_on_site: Annotated[int, Field(ge=0, le=20_000)] | None = None
    places_online: Annotated[int, Field(ge=0, le=20_000)] | None = None
    title: Title = ""
    place: Title = ""
    description: str = ""

    def places(self) -> dict[str, int]:
        given = {"on-site": self.places_on_site, "online": self.places_online}
        wanted = given if self.mode == Mode.HYBRID else {str(self.mode): given[str(self.mode)]}
        return {mode: number or 0 for mode, number in wanted.items()}


def _store(request: Request, principal: Principal, form: Form) -> GroupingStore:
    return store_for(request, principal, source="page", command_id=form.command_id)


@router.post("/events/{activity:activity}/open")
async def open_registration(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    command = form.build(OpenRegistration, activity=activity)
    status = 422
    if command is not None:
        try:
            await handlers.change_activity(command, activity, _store(request, principal, form))
            return see_other(request, f"/events/{activity}/desk", done=_("Registration is open."))
        except Refused as refusal:
            status = form.refuse(refusal, "invited" if refusal.code == "nobody-invited" else "")
    return await desk_page(request, principal, one, opening=form, status=status)


@router.post("/events/{activity:activity}/close")
async def close_registration(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    command = CloseRegistration(activity=activity)
    await handlers.change_activity(command, activity, _store(request, principal, form))
    here = f"/events/{activity}/desk"
    return see_other(request, here, done=_("Registration is closed."), undo=f"{here}#opening")


@router.get("/events/{activity:activity}/hold")
async def hold_page(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    one = await found(request, principal, activity)
    told = await queries.attendance(db_of(request), principal.network, activity)
    present = sum(one.present for one in told.present.values())
    open_still = one.state.status == Status.OPEN
    return render(
        request, "events/hold.html", one=one, form=Form.of(), present=present, confirmed=one.row.taken,
        open_still=open_still,
    )  # fmt: skip


@router.post("/events/{activity:activity}/hold")
async def hold(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    command = HoldActivity(activity=activity)
    await handlers.hold_activity(command, _store(request, principal, form), links_of(request))
    return see_other(request, f"/events/{activity}/desk", done=_("It is held; those present can give feedback now."))


@router.get("/events/{activity:activity}/cancel")
async def cancel_page(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    return render(request, "events/cancel.html", one=await found(request, principal, activity), form=Form.of())


@router.post("/events/{activity:activity}/cancel")
async def cancel(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    command = form.build(CancelActivity, activity=activity)
    status = 422
    if command is not None:
        try:
            await handlers.cancel_activity(command, _store(request, principal, form))
            return see_other(request, f"/events/{activity}/desk", done=_("The activity is cancelled."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return render(request, "events/cancel.html", status=status, one=one, form=form)
