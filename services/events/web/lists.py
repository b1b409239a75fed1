"""The lists of this service as CSV and XLSX; those with names are noted as read."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from fastapi import Request, Response

from services.events.domain.activity import Status
from services.events.queries import activity as activities
from services.events.queries import registration as queries
from services.events.queries.activity import Filters, Found, Row
from services.events.queries.registration import MemberRow, Registered
from shared.contracts.vocabulary import Mode
from shared.people.reads import Purpose
from shared.web import exports
from shared.web.exports import ROWS_AT_ONCE, Column
from shared.web.formats import language_name, member_name, quarter
from shared.web.i18n import _
from shared.web.i18n import mark as _mark
from shared.web.rights import Principal
from shared.web.wording import in_words

from .asked import db_of, people_of

REGISTRATION_WORDS = {
    "confirmed": _mark("Has a place"),
    "waitlisted": _mark("In line"),
    "offered": _mark("Place offered"),
    "requested": _mark("To be endorsed"),
    "endorsed": _mark("To be approved"),
    "cancelled": _mark("Cancelled"),
}


def _mode(mode: str) -> str:
    return _(Mode(mode).label) if mode else ""


def activity_columns(network: str, states: Mapping[Status, str]) -> list[Column[Row]]:
    return [
        Column(_("Activity"), lambda row: row.title),
        Column(_("Kind"), lambda row: row.kind_title),
        Column(_("First day"), lambda row: row.starts_on),
        Column(_("Last day"), lambda row: row.ends_on),
        Column(_("Quarter"), lambda row: quarter(row.quarter)),
        Column(_("Mode"), lambda row: _mode(row.mode)),
        Column(_("Place"), lambda row: row.place),
        Column(_("Host"), lambda row: row.member),
        Column(_("Language"), lambda row: language_name(row.language) if row.language else ""),
        Column(_("Places"), lambda row: row.places if row.rooms else None),
        Column(_("Taken"), lambda row: row.taken if row.rooms else None),
        Column(_("In line"), lambda row: row.waiting if row.rooms else None),
        Column(_("State"), lambda row: _(states[Status(row.status)])),
        Column(_("In the plan"), lambda row: row.planned),
        Column(_("Id"), lambda row: row.id),
    ]


def catalogue(
    request: Request,
    principal: Principal,
    kind: str,
    filters: Filters,
    order: tuple[str, int],
    *,
    states: Mapping[Status, str],
) -> Response:
    """Every activity that the list shows on its pages."""
    db = db_of(request)

    async def page(skip: int, limit: int) -> Sequence[Row]:
        rows, _total = await activities.activities(db, principal.network, filters, skip=skip, limit=limit, order=order)
        return rows

    columns = activity_columns(principal.network, states)
    return exports.answer(principal, kind, "activities", columns, exports.in_batches(page))


Named = tuple[Registered, str]
"""A registration with the name of its person."""


def _present(told: bool | None) -> str:
    return "" if told is None else _("present") if told else _("absent")


async def registrations(
    request: Request, principal: Principal, kind: str, one: Found, *, status: str = "", member: str | None = None
) -> Response:
    """Who is registered for an activity, with names; noted as read."""
    told = await queries.attendance(db_of(request), principal.network, one.row.id)
    rows = queries.registrations(one.state, told, status=status, member=member)
    people = people_of(request)
    await people.reads.note(principal, Purpose.EXPORT, (row.person for row in rows))

    async def named() -> AsyncIterator[Named]:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[start : start + ROWS_AT_ONCE]
            names = await people.name_of(row.person for row in part)
            for row in part:
                yield row, names.get(row.person, _("Name erased"))

    columns: list[Column[Named]] = [
        Column(_("Name"), lambda row: row[1]),
        Column(_("Member"), lambda row: row[0].member),
        Column(_("Name of the member"), lambda row: member_name(row[0].member, principal.network)),
        Column(_("Mode"), lambda row: _mode(row[0].mode)),
        Column(_("State"), lambda row: _(REGISTRATION_WORDS.get(row[0].status, row[0].status))),
        Column(_("In line"), lambda row: row[0].position),
        Column(_("Registered on"), lambda row: exports.day(row[0].since)),
        Column(_("Attendance"), lambda row: _present(row[0].present)),
    ]
    return exports.answer(principal, kind, "registrations", columns, named())


async def by_member(request: Request, principal: Principal, kind: str, one: Found) -> Response:
    told = await queries.attendance(db_of(request), principal.network, one.row.id)
    columns: list[Column[MemberRow]] = [
        Column(_("Member"), lambda row: row.member),
        Column(_("Name of the member"), lambda row: member_name(row.member, principal.network)),
        Column(_("Invited"), lambda row: row.invited),
        Column(_("Places"), lambda row: row.confirmed),
        Column(_("In line"), lambda row: row.waiting),
        Column(_("Present"), lambda row: row.present),
    ]
    return exports.answer(principal, kind, "members", columns, queries.by_member(one.state, told))


def words(request: Request, principal: Principal, kind: str, activity: str, *, follow_up: Collection[bool]) -> Response:
    """What participants wrote, without names; of those surveys alone that have enough answers."""
    asked = questions(principal.network)

    async def page(skip: int, limit: int) -> Sequence[tuple[str, str]]:
        if not follow_up:
            return []
        db, network = db_of(request), principal.network
        rows, _total = await queries.words_given(db, network, activity, skip, limit, follow_up=follow_up)
        return rows

    columns: list[Column[tuple[str, str]]] = [
        Column(_("Question"), lambda row: asked.get(row[0], "")),
        Column(_("Words"), lambda row: row[1]),
    ]
    return exports.answer(principal, kind, "feedback", columns, exports.in_batches(page))


def questions(network: str) -> dict[str, str]:
    """The network's own questions of its surveys, by id."""
    rules = in_words(network).feedback
    return {one.id: one.title for one in (*rules.questions, *(rules.follow_up.questions if rules.follow_up else ()))}
