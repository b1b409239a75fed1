"""Setting an activity up: one beside the plan, and date, mode, places and words of any."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.events import handlers
from services.events.commands import AnnounceActivity, Id, ScheduleActivity, Title
from shared.contracts.events import ActivityCancelled, ActivityDescribed, ActivityHeld, ActivityScheduled
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Language, Mode
from shared.profiles import Profile
from shared.spine.draft import Receipt
from shared.spine.http import store_for
from shared.spine.store import GroupingStore
from shared.web.formats import language_name, member_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded

from .asked import ActivityPath, db_of, found, profile_of
from .desk import Organiser, desk_page, schedule_form, store_of

router = APIRouter()


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
                await set_schedule(request, built, store_of(request, principal, form), form.version)
                return see_other(request, f"/events/{activity}/desk", done=_("Date and places are set."))
            except Changed as changed:
                one = await found(request, principal, activity)
                take = f"/events/{activity}/desk"
                status = form.stale(changed, schedule_form(one), take=take, told=_told())
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
