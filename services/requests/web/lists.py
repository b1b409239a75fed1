"""The lists of this service as CSV and XLSX: what a row says of a request, or of an activity of the plan."""

from collections.abc import Mapping, Sequence

from fastapi import Request, Response

from services.requests import queries
from services.requests.plan_reads import Assignment
from services.requests.queries import Chip, Filter, Shown
from shared.profiles import Profile
from shared.profiles.rows import Line
from shared.web import exports
from shared.web.exports import Column
from shared.web.formats import language_name, member_name
from shared.web.i18n import _
from shared.web.rights import Principal
from shared.web.wording import in_words

from .common import db_of, fate_word
from .plan_parts import titled, unit_titles
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
        Column(_("Fate"), fate_word),
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


def plan_columns(
    profile: Profile, principal: Principal, year: int, stands: Mapping[str, Assignment]
) -> list[Column[Chip]]:
    lines = {line.id: line for line in profile.lines(year)}
    objectives = {one.id: one.title for one in profile.objectives}
    stages = {one.id: one.title for one in profile.stages}
    partners = {one.id: one.title for one in profile.partners}
    units = unit_titles(profile)

    def line(chip: Chip) -> Line | None:
        return lines.get(chip.planned.line)

    def served(chip: Chip) -> list[str]:
        found = line(chip)
        return [objectives[one] for one in found.objectives] if found else []

    def stand(chip: Chip) -> Assignment:
        return stands.get(chip.activity, Assignment())

    def who(chip: Chip) -> list[str]:
        return [f"{stages.get(stage, stage)}: {partners.get(one, one)}" for stage, one in stand(chip).partners]

    def heading(chip: Chip) -> str:
        found = line(chip)
        return profile.title_of(found.heading) if found else ""

    words = {"scheduled": _("scheduled"), "held": _("held"), "cancelled": _("cancelled")}
    return [
        Column(_("Heading"), heading),
        Column(_("Activity"), lambda chip: titled(principal, profile, chip)),
        Column(_("Kind"), lambda chip: profile.title_of(chip.planned.kind)),
        Column(_("Plan line"), lambda chip: profile.line_title(chip.planned.line)),
        Column(_("Objectives"), served),
        Column(_("Quarter"), lambda chip: quarter_words(chip.planned.quarter)),
        Column(_("Member"), lambda chip: chip.planned.member),
        Column(_("State"), lambda chip: words.get(str(chip.note.get("status", "")), _("planned"))),
        Column(_("On"), lambda chip: exports.day(chip.note.get("on"))),
        Column(_("Requested"), lambda chip: bool(chip.planned.request)),
        Column(_("Owner"), lambda chip: units.get(stand(chip).owner or "", stand(chip).owner)),
        Column(_("Contact person"), lambda chip: stand(chip).contact),
        Column(_("Partners by stage"), who),
        Column(_("Id"), lambda chip: chip.activity),
    ]


def plan(
    principal: Principal, kind: str, year: int, chips: Sequence[Chip], stands: Mapping[str, Assignment]
) -> Response:
    columns = plan_columns(in_words(principal.network), principal, year, stands)
    return exports.answer(principal, kind, f"plan-{year}", columns, chips)
