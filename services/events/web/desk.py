"""The organiser's desk for one activity: the page. What it leads to is beside it in `setting_up` and `course`."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events.domain.activity import OVER
from services.events.queries import registration as queries
from services.events.queries.activity import Found
from shared import clock
from shared.contracts.vocabulary import Mode, in_protocol_order
from shared.people.reads import Purpose
from shared.profiles import Profile
from shared.spine.http import store_for
from shared.spine.store import GroupingStore
from shared.web import exports
from shared.web.formats import member_name
from shared.web.forms import Form
from shared.web.i18n import _
from shared.web.on_behalf import in_words
from shared.web.pages import Paging, render
from shared.web.rights import Principal, require

from . import lists
from .activity import heading, whole
from .asked import ActivityPath, connections_of, db_of, found, names_shown, people_of, profile_of
from .catalogue import words

router = APIRouter()
Organiser = Annotated[Principal, require("events.organise")]


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
        schedule=schedule or schedule_form(one), opening=opening or _opening_form(one, profile_of(principal)),
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


def schedule_form(one: Found) -> Form:
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


def store_of(request: Request, principal: Principal, form: Form) -> GroupingStore:
    return store_for(request, principal, source="page", command_id=form.command_id)
