"""An activity's own page: what, when, where, for whom; register; afterwards give feedback."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events.domain.activity import Activity, Status
from services.events.domain.attendance import Attendance
from services.events.queries import questions as questions_of
from services.events.queries import registration as queries
from services.events.queries.activity import Found, Row
from services.events.queries.registration import Registered
from services.events.streams import survey_of
from shared.contracts.vocabulary import Mode
from shared.people.reads import Purpose
from shared.spine.letters import undelivered_about
from shared.web import exports, formats
from shared.web.forms import Form
from shared.web.i18n import _, ngettext
from shared.web.pages import Listing, Paging, render
from shared.web.rights import Principal, require

from . import documents, lists
from .asked import ActivityPath, db_of, found, links_of, names_shown, person_of, profile_of
from .catalogue import words

router = APIRouter()


@router.get("/events/{activity:activity}")
async def activity_page(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("events.read")]
) -> Response:
    one = await found(request, principal, activity)
    if principal.may("events.nominate") and principal.own_member and (kind := exports.asked(request, "delegation")):
        return await lists.registrations(request, principal, kind, one, member=principal.own_member)
    return await activity_page_of(request, principal, one)


async def activity_page_of(
    request: Request, principal: Principal, one: Found, form: Form | None = None, *, status: int = 200
) -> Response:
    """The page; what was typed and not taken stands in its form."""
    told = await queries.attendance(db_of(request), principal.network, one.row.id)
    me = await person_of(request, principal)
    mine = _mine(one.state, told, me)
    delegation, names = None, {}
    if principal.may("events.nominate") and principal.own_member:
        paging = Paging.of(request)
        rows = queries.registrations(one.state, told, member=principal.own_member)
        shown = rows[paging.skip : paging.skip + paging.per_page]
        delegation = paging.listing(shown, len(rows))
        names = await names_shown(request, principal, Purpose.REGISTRATIONS, (row.person for row in shown))
    may_register = _may_register(principal, one.state, me, mine)
    asked = await questions_of.asked(db_of(request), principal.network, one.row.id) if may_register else ()
    if form is None:
        kept = await questions_of.draft(db_of(request), principal.network, one.row.id, me) if asked and me else {}
        form = Form.of(mode=_first_mode(one.row), **{f"q_{name}": text for name, text in kept.items()})
    return render(
        request, "events/activity.html", status=status, one=one, row=one.row, heading=heading(one.row), mine=mine,
        feedback=await _feedback_link(request, principal, one, told, mine), delegation=delegation, names=names,
        may_register=may_register, form=form, asked=asked, rule=published(one.state),
        modes=[(room.mode, _(Mode(room.mode).label), _free(room.free, room.waiting)) for room in one.row.rooms],
        profile=profile_of(principal), days=days(one.row), **await documents.shown_on(request, principal, one),
        undelivered=await undelivered_about(request, principal, one.row.id), **words(),
    )  # fmt: skip


def published(state: Activity) -> list[str]:
    """How places are given, in sentences."""
    said = {
        "first-come": _("Places are given in the order of registration."),
        "coverage": _("When places are rare, a member with nobody comes before a second person from another."),
        "draw": _("Places are drawn: all who register before the draw have the same chance."),
    }
    found = [said[state.policy]]
    if state.offer_hours is not None:
        found.append(
            ngettext(
                "A place that becomes free is offered to the next in line for one hour, then to the one after.",
                "A place that becomes free is offered to the next in line for %(num)s hours, then to the one after.",
                state.offer_hours,
            )
        )
    if state.approval == "one":
        found.append(_("The organiser approves each registration."))
    if state.approval == "two":
        found.append(_("The liaison officer endorses each registration, then the organiser approves it."))
    if state.together:
        found.append(_("A delegation that stays together gets its places at once; whoever fits is served meanwhile."))
    return found


def heading(row: Row) -> str:
    """The page's question answered in a sentence."""
    match row.status:
        case Status.HELD:
            return _("%(title)s was held on %(days)s", title=row.title, days=days(row))
        case Status.CANCELLED:
            return _("%(title)s was cancelled", title=row.title)
        case Status.PLANNED:
            return _("%(title)s has no date yet", title=row.title)
        case Status.OPEN:
            free = ngettext("one place is free", "%(num)s places are free", row.free) if row.free else _full(row)
            return f"{row.title}: {days(row)}, {free}"
    return f"{row.title}: {days(row)}"


def _full(row: Row) -> str:
    return _("full, %(waiting)s wait", waiting=row.waiting) if row.waiting else _("full")


def _free(free: int, waiting: int) -> str:
    if free:
        return ngettext("one place free", "%(num)s places free", free)
    return _("full: you join the waitlist as number %(number)s", number=waiting + 1)


def days(row: Row) -> str:
    """The days in the reader's words: 10 October 2024, or 10–11 October 2024."""
    if row.starts_on is None or row.ends_on is None:
        return _("no date yet")
    return formats.span(row.starts_on, row.ends_on)


def _first_mode(row: Row) -> str:
    free = (room.mode for room in row.rooms if room.free)
    return next(free, row.rooms[0].mode if row.rooms else "")


def _mine(state: Activity, told: Attendance, me: str | None) -> Registered | None:
    if me is None or me not in state.people:
        return None
    return next(iter(queries.registrations(state, told, person=me)), None)


def _may_register(principal: Principal, state: Activity, me: str | None, mine: Registered | None) -> bool:
    """Whether the page offers a place to the reader; a delegation is nominated on a page of its own."""
    fits = bool(me and principal.member in state.invited and mine is None)
    return fits and state.status == Status.OPEN and principal.may("events.register")


async def _feedback_link(
    request: Request, principal: Principal, one: Found, told: Attendance, mine: Registered | None
) -> str | None:
    """Where the reader gives feedback: once the activity is held, if they were there and have not answered yet."""
    if one.state.status != Status.HELD or mine is None or not told.was_present(mine.id):
        return None
    survey = await queries.survey(db_of(request), principal.network, one.row.id)
    stream = survey_of(one.row.id)
    token = await links_of(request).token_of(stream, mine.id, survey.outstanding)
    return f"/events/feedback/{stream}/{token}" if token else None


def whole(rows: Sequence[object]) -> Listing:
    return Listing(rows, total=len(rows), per_page=len(rows) or 1)
