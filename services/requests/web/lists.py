"""The lists of this service as CSV and XLSX: what a row says of a request, or of an activity of the plan."""

from collections.abc import Sequence

from fastapi import Request, Response

from services.requests import queries
from services.requests.queries import Chip, Filter, Shown
from shared.profiles import Profile
from shared.web import exports
from shared.web.exports import Column
from shared.web.formats import language_name, member_name
from shared.web.i18n import _
from shared.web.rights import Principal
from shared.web.wording import in_words

from .common import FATES, db_of
from .story import quarter_words


def request_columns(profile: Profile) -> list[Column[Shown]]:
    title_of = profile.title_of
    return [
        Column(_("Request"), lambda row: row.title),
        Column(_("Member"), lambda row: row.member),
        Column(_("Name of the member"), lambda row: member_name(row.member, profile.id)),
        Column(_("Kind"), lambda row: title_of(row.kind)),
        Column(_("Topic"), lambda row: title_of(row.state["topic"]) if row.state["topic"] else ""),
        Column(_("Target groups"), lambda row: [title_of(one) for one in row.state["target_groups"]]),
        Column(_("Language"), lambda row: language_name(row.state["language"]) if row.state["language"] else ""),
        Column(_("Participants"), lambda row: row.state["participants"]),
        Column(_("Quarter wished"), lambda row: quarter_words(row.state["quarter_wished"])),
        Column(_("Sent"), lambda row: exports.day(row.state["submitted_on"])),
        Column(_("Fate"), lambda row: _(FATES.get(row.status.value, row.status.value))),
        Column(_("Quarter"), lambda row: quarter_words(row.state["quarter"])),
        Column(_("Plan line"), lambda row: title_of(row.state["line"]) if row.state["line"] else ""),
        Column(_("Activity on"), lambda row: exports.day(row.activity.get("on"))),
        Column(_("Reason"), lambda row: row.reason),
        Column(_("Description"), lambda row: row.words.get("description", "")),
        Column(_("Id"), lambda row: row.id),
    ]


def requests(request: Request, principal: Principal, kind: str, only: Filter, sort: str) -> Response:
    """Every request that the list shows on its pages."""
    db = db_of(request)

    async def page(skip: int, limit: int) -> Sequence[Shown]:
        rows, _total = await queries.listed(db, principal.network, only, skip=skip, limit=limit, sort=sort)
        return rows

    columns = request_columns(in_words(principal.network))
    return exports.answer(principal, kind, "requests", columns, exports.in_batches(page))


def plan_columns(profile: Profile, principal: Principal) -> list[Column[Chip]]:
    def title(chip: Chip) -> str:
        """That of another member's request is for its own eyes, as on the page."""
        own = not chip.planned.request or principal.own_member in (None, chip.planned.member)
        return chip.title if chip.title and own else profile.title_of(chip.planned.kind)

    words = {"scheduled": _("scheduled"), "held": _("held"), "cancelled": _("cancelled")}
    return [
        Column(_("Activity"), title),
        Column(_("Kind"), lambda chip: profile.title_of(chip.planned.kind)),
        Column(_("Plan line"), lambda chip: profile.title_of(chip.planned.line)),
        Column(_("Quarter"), lambda chip: quarter_words(chip.planned.quarter)),
        Column(_("Member"), lambda chip: chip.planned.member),
        Column(_("State"), lambda chip: words.get(str(chip.note.get("status", "")), _("planned"))),
        Column(_("On"), lambda chip: exports.day(chip.note.get("on"))),
        Column(_("Requested"), lambda chip: bool(chip.planned.request)),
        Column(_("Id"), lambda chip: chip.activity),
    ]


def plan(principal: Principal, kind: str, year: int, chips: Sequence[Chip]) -> Response:
    columns = plan_columns(in_words(principal.network), principal)
    return exports.answer(principal, kind, f"plan-{year}", columns, chips)
