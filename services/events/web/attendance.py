"""Who was there: a list with a box for each who had a place."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events import handlers
from services.events.commands import RecordAttendance, TakeBackAttendance
from services.events.domain.attendance import Attendance
from services.events.queries import registration as queries
from services.events.queries.activity import Found
from shared.contracts.events import AttendanceRecorded
from shared.contracts.refused import Refused
from shared.people.reads import Purpose
from shared.spine.http import store_for
from shared.web import exports
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, require

from . import lists
from .asked import ActivityPath, db_of, found, names_shown
from .sessions import named

router = APIRouter()
CheckIn = Annotated[Principal, require("events.check-in")]


@router.get("/events/{activity:activity}/attendance")
async def attendance_page(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    one = await found(request, principal, activity)
    if kind := exports.asked(request):
        return await lists.registrations(request, principal, kind, one, status="confirmed")
    return await _page(request, principal, one, Form.of())


async def _page(request: Request, principal: Principal, one: Found, form: Form, status: int = 200) -> Response:
    told = await queries.attendance(db_of(request), principal.network, one.row.id)
    paging = Paging.of(request, per_page=50)
    rows = queries.registrations(one.state, told, status="confirmed")
    shown = rows[paging.skip : paging.skip + paging.per_page]
    sessions = named(one, told)
    chosen = next((id for id, _name in sessions if id == request.query_params.get("session")), "")
    return render(
        request, "events/attendance.html", status=status, one=one, form=form,
        listing=paging.listing(shown, len(rows)), sessions=sessions, session=chosen,
        there={row.id: _in(told, row.id, chosen) for row in shown} if chosen else {},
        names=await names_shown(request, principal, Purpose.ATTENDANCE, (row.person for row in shown)),
        present=sum(one.present for one in told.present.values()),
    )  # fmt: skip


def _in(told: Attendance, registration: str, session: str) -> bool | None:
    """Whether they were there in that session; None where nothing was told of it."""
    known = told.attended.get(registration, {}).get(session)
    return known.present if known else None


@router.post("/events/{activity:activity}/attendance")
async def record(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    """`listed` names every registration that the page showed, `present` those whose box was ticked."""
    form = await read_form(request)
    one = await found(request, principal, activity)
    present = set(form.all("present"))
    command = Form().build(
        RecordAttendance, activity=activity, present={listed: listed in present for listed in form.all("listed")},
        excused=tuple(form.all("excused")), session=form["session"] or None,
    )  # fmt: skip
    status = 422
    if command is None:
        form.fail("", _("There is nobody on this list; reload the page."))
    else:
        try:
            store = store_for(request, principal, source="page", command_id=form.command_id)
            receipt = await handlers.record_attendance(command, store)
            told = [one.event for one in receipt.events if isinstance(one.event, AttendanceRecorded)]
            done = _("Attendance is recorded, %(count)s changed.", count=len(receipt.events))
            address = f"/events/{activity}/attendance?{request.url.query}".rstrip("?")
            undo = _undo_of(activity, [one for one in told if not one.previously_on])
            return see_other(request, address, done=done, undo=undo)
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _page(request, principal, one, form, status)


MOST_UNDONE = 50
"""As many as a page of the list shows."""


def _undo_of(activity: str, told: list[AttendanceRecorded]) -> str:
    """Where what was told for the first time just now can be taken back; a correction is corrected instead."""
    if not told or len(told) > MOST_UNDONE:
        return ""
    chosen = [("registration", one.registration.removeprefix("registration-")) for one in told]
    return f"/events/{activity}/attendance/undo?{urlencode(chosen)}"


@router.get("/events/{activity:activity}/attendance/undo")
async def undo_page(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    one = await found(request, principal, activity)
    chosen = [f"registration-{name}" for name in request.query_params.getlist("registration")[:MOST_UNDONE]]
    return await _undo_page(request, principal, one, chosen, Form.of())


async def _undo_page(
    request: Request, principal: Principal, one: Found, chosen: list[str], form: Form, *, status: int = 200
) -> Response:
    told = await queries.attendance(db_of(request), principal.network, one.row.id)
    rows = [row for row in queries.registrations(one.state, told) if row.id in chosen and row.present is not None]
    return render(
        request, "events/attendance_undo.html", status=status, one=one, rows=rows, form=form,
        names=await names_shown(request, principal, Purpose.ATTENDANCE, (row.person for row in rows)),
    )  # fmt: skip


@router.post("/events/{activity:activity}/attendance/undo")
async def undo(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    """As if nothing had been told of those whose box is ticked."""
    form = await read_form(request)
    one = await found(request, principal, activity)
    chosen = form.all("registrations")
    status = 422
    if not form["reason"].strip():
        form.fail("reason", _("Fill this in."))
    command = form.build(TakeBackAttendance, activity=activity, words="", happened_at=None)
    if command is not None:
        try:
            store = store_for(request, principal, source="page", command_id=form.command_id)
            await handlers.take_back_attendance(command, store)
            done = _("It is taken back: nothing is recorded of them.")
            return see_other(request, f"/events/{activity}/attendance", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _undo_page(request, principal, one, chosen, form, status=status)
