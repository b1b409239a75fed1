"""Who was there online, from the meeting tool's report: read, shown to be looked at, then recorded. Nothing is kept."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from babel.dates import get_timezone_location
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events.commands.attendance import RecordReport, SessionAsked, SetSessions
from services.events.domain.sessions import sessions_of
from services.events.handlers.attendance import record_report, set_sessions
from services.events.queries import registration as queries
from services.events.queries.activity import Found
from services.events.reports import Matched, Report, matched, read
from shared.contracts.refused import Refused
from shared.people.reads import Purpose
from shared.spine.http import store_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _, locale
from shared.web.pages import render, see_other
from shared.web.rights import Principal, require

from .asked import ActivityPath, db_of, found, names_shown, people_of, profile_of
from .sessions import named, zone_of

router = APIRouter(include_in_schema=False)
CheckIn = Annotated[Principal, require("events.check-in")]
MOST_SHOWN, AT_ONCE = 500, 400


@router.get("/events/{activity:activity}/report")
async def report_page(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    one = await found(request, principal, activity)
    share = profile_of(principal).certificates.session_share
    return await _page(request, principal, one, Form.of(minimum=share, session=request.query_params.get("session")))


async def _page(
    request: Request, principal: Principal, one: Found, form: Form, *, rows: list[dict[str, Any]] | None = None,
    left_out: int = 0, status: int = 200,
) -> Response:  # fmt: skip
    told = await queries.attendance(db_of(request), principal.network, one.row.id)
    lines = queries.registrations(one.state, told, status="confirmed")
    names: dict[str, str] = {}
    if rows:
        names = await names_shown(request, principal, Purpose.ATTENDANCE, (row.person for row in lines))
    gone = _("Name erased")
    options = [(row.id, f"{names.get(row.person, gone)} ({row.member})") for row in lines] if rows else []
    return render(
        request, "events/report.html", status=status, one=one, row=one.row, form=form, rows=rows or [],
        sessions=named(one, told), options=sorted(options, key=lambda option: option[1]), called=dict(options),
        left_out=left_out,
    )  # fmt: skip


@router.post("/events/{activity:activity}/report")
async def take_report(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    """First the file, then what it says with the registrations that were chosen for it."""
    one = await found(request, principal, activity)
    try:
        form = await read_form(request)
        if form["_read"]:
            return await _record(request, principal, one, form)
        return await _read(request, principal, one, form)
    finally:
        await request.close()  # with the file that was sent


async def _read(request: Request, principal: Principal, one: Found, form: Form) -> Response:
    upload = form.files.get("report")
    if upload is None:
        form.fail("report", _("Choose a file."))
        return await _page(request, principal, one, form, status=422)
    try:
        report = await asyncio.to_thread(read, await upload.read())
    except Refused as refusal:
        return await _page(request, principal, one, form, status=form.refuse(refusal, "report"))
    told = await queries.attendance(db_of(request), principal.network, one.row.id)
    length = _length(one, told.sessions, form["session"], report)
    persons = await _persons(request, one)
    shown, left_out = to_look_at(matched(report, persons))
    rows = [_row(number, match, length) for number, match in enumerate(shown)]
    return await _page(request, principal, one, form, rows=rows, left_out=left_out)


def to_look_at(found: Sequence[Matched]) -> tuple[list[Matched], int]:
    """What is shown, and how many more nobody's registration fits; those that are certain are never left out."""
    proposed = sorted((each for each in found if not each.certain), key=lambda each: not each.registration)
    kept = sorted(proposed[:MOST_SHOWN], key=lambda each: bool(each.registration))
    return [*kept, *(each for each in found if each.certain)], len(proposed) - len(kept)


def _length(one: Found, own: Any, session: str, report: Report) -> int:
    """Seconds of the session: its own hours where it has some, else as long as the meeting was."""
    known = {each.id: each for each in sessions_of(one.state, own, zone_of(one.network))}
    return known[session].minutes * 60 if own and session in known else report.seconds


async def _persons(request: Request, one: Found) -> dict[str, tuple[str, str]]:
    people = people_of(request)
    placed = {id: each.person for id, each in one.state.registrations.items() if each.status == "confirmed"}
    contacts = {id: await people.contact(person) for id, person in placed.items()}
    return {id: contact for id, contact in contacts.items() if contact}


def _row(number: int, match: Matched, length: int) -> dict[str, Any]:
    one = match.participant
    share = min(100, 100 * one.seconds // length) if length else 0
    return {
        "number": number, "who": one.name or one.email, "minutes": one.seconds // 60, "share": share,
        "registration": match.registration, "certain": match.certain,
    }  # fmt: skip


async def _record(request: Request, principal: Principal, one: Found, form: Form) -> Response:
    """Where two participants were put to one registration, the longer stay counts."""
    shares: dict[str, int] = {}
    for name in form.names():
        if not name.startswith("registration_"):
            continue
        registration, share = form[name], form[name.replace("registration", "share", 1)]
        if registration and share.isascii() and share.isdigit() and len(share) < 4:
            shares[registration] = max(shares.get(registration, 0), min(100, int(share)))
    told = {name: form[name] for name in ("session", "minimum")}
    whole = list(shares.items())
    parts = [dict(whole[start : start + AT_ONCE]) for start in range(0, len(whole), AT_ONCE)]
    commands = [Form.of(**told).build(RecordReport, activity=one.row.id, shares=part) for part in parts]
    if not commands or None in commands:
        form.fail("", _("Choose for at least one participant whose registration it is, then record it."))
        return await _page(request, principal, one, form, status=422)
    store, changed = store_for(request, principal, command_id=form.command_id), 0
    try:
        for number, command in enumerate(filter(None, commands)):
            of_part = store.row(f"{form.command_id}/{number}") if number else store
            changed += len((await record_report(command, of_part)).events)
    except Refused as refusal:
        return await _page(request, principal, one, form, status=form.refuse(refusal))
    done = _("Attendance is recorded, %(count)s changed.", count=changed)
    return see_other(request, f"/events/{one.row.id}/attendance?session={form['session']}", done=done)


@router.get("/events/{activity:activity}/sessions")
async def sessions_page(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    one = await found(request, principal, activity)
    told = await queries.attendance(db_of(request), principal.network, activity)
    zone = zone_of(one.network)
    lines = [
        f"{each.begins.astimezone(zone):%Y-%m-%d %H:%M} {each.ends.astimezone(zone):%H:%M}" for each in told.sessions
    ]
    return _sessions(request, one, Form.of(sessions="\n".join(lines)))


def _sessions(request: Request, one: Found, form: Form, status: int = 200) -> Response:
    example = (one.row.starts_on or datetime(2024, 6, 4)).strftime("%Y-%m-%d")
    return render(
        request, "events/sessions.html", status=status, one=one, row=one.row, form=form, example=example,
        zone=get_timezone_location(zone_of(one.network), locale=locale(), return_city=True),
    )  # fmt: skip


@router.post("/events/{activity:activity}/sessions")
async def set_hours(request: Request, activity: ActivityPath, principal: CheckIn) -> Response:
    one, form = await found(request, principal, activity), await read_form(request)
    try:
        asked = [_asked(line, one.network) for line in form["sessions"].splitlines() if line.strip()]
    except ValueError:
        form.fail("sessions", _("Write each session on a line of its own, as the help shows."))
        return _sessions(request, one, form, 422)
    command = SetSessions(activity=activity, sessions=tuple(asked))
    try:
        await set_sessions(command, store_for(request, principal, command_id=form.command_id))
    except Refused as refusal:
        return _sessions(request, one, form, form.refuse(refusal, "sessions"))
    return see_other(request, f"/events/{activity}/attendance", done=_("The sessions are set."))


def _asked(line: str, network: str) -> SessionAsked:
    """Of `2024-06-04 09:00 12:30`."""
    day, begins, ends = line.split()
    zone = zone_of(network)
    moments = [datetime.strptime(f"{day} {hour}", "%Y-%m-%d %H:%M").replace(tzinfo=zone) for hour in (begins, ends)]
    return SessionAsked(begins=moments[0], ends=moments[1])
