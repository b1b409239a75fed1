"""Who was there: a list with a box for each who had a place."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events import handlers
from services.events.commands import RecordAttendance
from services.events.queries import registration as queries
from services.events.queries.activity import Found
from shared.contracts.refused import Refused
from shared.spine.http import store_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, require

from .asked import ActivityPath, db_of, found, people_of

router = APIRouter()
CheckIn = Annotated[Principal, require("events.check-in")]


@router.get("/events/{activity:activity}/attendance")
async def attendance_page(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    one = await found(request, principal, activity)
    return await _page(request, principal, one, Form.of())


async def _page(request: Request, principal: Principal, one: Found, form: Form, status: int = 200) -> Response:
    told = await queries.attendance(db_of(request), principal.network, one.row.id)
    paging = Paging.of(request, per_page=50)
    rows = queries.registrations(one.state, told, status="confirmed")
    shown = rows[paging.skip : paging.skip + paging.per_page]
    return render(
        request, "events/attendance.html", status=status, one=one, form=form,
        listing=paging.listing(shown, len(rows)), names=await people_of(request).name_of(row.person for row in shown),
        present=sum(one.present for one in told.present.values()),
    )  # fmt: skip


@router.post("/events/{activity:activity}/attendance")
async def record(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    """`listed` names every registration that the page showed, `present` those whose box was ticked."""
    form = await read_form(request)
    one = await found(request, principal, activity)
    present = set(form.all("present"))
    command = Form().build(
        RecordAttendance, activity=activity, present={listed: listed in present for listed in form.all("listed")}
    )
    status = 422
    if command is None:
        form.fail("", _("There is nobody on this list; reload the page."))
    else:
        try:
            store = store_for(request, principal, source="page", command_id=form.command_id)
            receipt = await handlers.record_attendance(command, store)
            done = _("Attendance is recorded, %(count)s changed.", count=len(receipt.events))
            address = f"/events/{activity}/attendance?{request.url.query}".rstrip("?")
            return see_other(request, address, done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _page(request, principal, one, form, status)
