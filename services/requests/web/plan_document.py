"""The plan as a document that a Board can adopt: a tagged PDF of the lines, their activities and what stands behind."""

from pathlib import Path
from typing import Any

from fastapi import HTTPException

from services.requests import plan_reads, queries
from services.requests.domain.amending import waiting
from services.requests.domain.baseline import Item
from services.requests.domain.plan import Plan
from services.requests.plan_reads import Assignment
from shared import clock
from shared.contracts.vocabulary import Quarter
from shared.documents.pdf import pdf
from shared.mongo import Database
from shared.profiles import Profile
from shared.web import formats
from shared.web.i18n import _, language, ngettext
from shared.web.rights import Principal
from shared.web.wording import in_words

from .plan_parts import changes_words, partner_words, reads, unit_titles
from .story import quarter_words


def moment(value: Any, network: str | None = None) -> str:
    """A day in full, as words alone."""
    return str(formats.moment(value, network, style="date").striptags())


TEMPLATE = Path(__file__).parent / "templates" / "plan.typ"


async def document(db: Database, principal: Principal, year: int, number: int = 0) -> bytes:
    """The plan as it stands, or the baseline of this number; 404 where there is none of it."""
    network, profile = principal.network, in_words(principal.network)
    state, chips = await queries.plan(db, network, year)
    kept = await plan_reads.baseline(db, network, year, number) if number else None
    if number and kept is None:
        raise HTTPException(404, _("This plan has no baseline of this number."))
    items = dict(kept.activities) if kept else plan_reads.items(chips)
    stands = await plan_reads.assignments(db, network, items)
    amendments = [] if kept else await plan_reads.amendments(db, network, year)
    subtitle = _adopted(kept.number, kept.on) if kept else _status(state)
    data = {
        "title": _("Annual plan of activities %(year)s", year=year),
        "subtitle": f"{profile.title}. {subtitle}",
        "foot": _("%(network)s, plan of %(year)s, made on %(day)s", network=profile.name, year=year,
                  day=moment(clock.now(), network)),
        "summary": _summary(profile, items),
        "objectives": _objectives(profile, year, items),
        "quarter_heads": [_("Line"), *(quarter_words(str(one)) for one in Quarter.all_of(year))],
        "overview_title": _("Activities by line and quarter"),
        "overview": _overview(profile, year, items),
        "headings": _headings(principal, profile, year, items, stands),
        "activity_heads": [_("Activity"), _("Quarter"), _("Member"), _("Owner and partners")],
        "amendments_title": _("Amendments since the adoption"),
        "amendment_heads": [_("No."), _("Day"), _("Activity"), _("Why")],
        "amendments": [
            [
                str(one.number),
                moment(one.on),
                f"{_item_title(principal, profile, one)}: {changes_words()[one.change]}",
                one.reason if reads(principal, one.request, one.member) else "",
            ]
            for one in amendments
        ],
        "adoption_title": _("Adoption"),
        "adoption": _adopted(kept.number, kept.on) if kept else _adoption(state),
        "signature": [_("Place and date"), _("For the Management Board")],
    }  # fmt: skip
    return await pdf(TEMPLATE, data, language=language())


def _adopted(number: int, on: str) -> str:
    return _("Adopted on %(day)s as baseline %(number)s", day=moment(on), number=number)


def _status(state: Plan) -> str:
    if not state.adopted:
        return _("Draft for adoption")
    if state.amended:
        return ngettext(
            "Adopted as baseline %(number)s, amended once since",
            "Adopted as baseline %(number)s, amended %(num)s times since",
            state.amended,
            number=state.baseline,
        )
    return _("Adopted as baseline %(number)s", number=state.baseline)


def _adoption(state: Plan) -> str:
    if state.adopted:
        return _status(state)
    if count := len(waiting(state)):
        return ngettext(
            "One request is still undecided; the plan can be adopted once it is decided.",
            "%(num)s requests are still undecided; the plan can be adopted once they are decided.",
            count,
        )
    return _("Every request is decided; the plan can be adopted.")


def _summary(profile: Profile, items: dict[str, Item]) -> str:
    members = len({one.member for one in items.values() if one.member})
    asked = sum(bool(one.request) for one in items.values())
    first = ngettext("The plan holds one activity", "The plan holds %(num)s activities", len(items))
    second = ngettext("one of them answers a request", "%(num)s of them answer requests", asked)
    third = ngettext("one member has an activity of its own", "%(num)s members have activities of their own", members)
    return _("%(first)s; %(second)s; %(third)s.", first=first, second=second, third=third)


def _objectives(profile: Profile, year: int, items: dict[str, Item]) -> dict[str, Any]:
    rows = []
    for number, one in enumerate(profile.objectives, 1):
        lines = {line.id for line in profile.lines(year) if one.id in line.objectives}
        rows.append([str(number), one.title, str(sum(item.line in lines for item in items.values()))])
    heads = [_("No."), _("Objective"), _("Activities")]
    return {"title": _("The strategy's objectives"), "heads": heads, "rows": rows}


def _overview(profile: Profile, year: int, items: dict[str, Item]) -> list[list[str]]:
    quarters = [str(one) for one in Quarter.all_of(year)]
    titles = profile.line_titles(year)
    rows = []
    for id, title in titles.items():
        counts = [sum(one.line == id and one.quarter == quarter for one in items.values()) for quarter in quarters]
        rows.append([title, *(str(count) if count else "\u2013" for count in counts)])
    return rows


def _headings(
    principal: Principal, profile: Profile, year: int, items: dict[str, Item], stands: dict[str, Assignment]
) -> list[dict[str, Any]]:
    units = unit_titles(profile)
    numbers = {one.id: number for number, one in enumerate(profile.objectives, 1)}
    found: list[dict[str, Any]] = []
    for line in profile.lines(year):
        title = profile.title_of(line.heading)
        if not found or found[-1]["title"] != title:
            found.append({"title": title, "lines": []})
        mine = sorted((one for one in items.items() if one[1].line == line.id), key=lambda one: one[1].quarter)
        rows = [
            [
                _item_title(principal, profile, one),
                quarter_words(one.quarter),
                one.member or _("all"),
                _who(profile, units, stands.get(id)),
            ]
            for id, one in mine
        ]
        served = ", ".join(str(numbers[one]) for one in line.objectives)
        found[-1]["lines"].append({
            "title": line.title,
            "serves": _("Serves objectives %(numbers)s.", numbers=served) if served else "",
            "rows": rows,
            "empty": _("No activity is planned on this line yet."),
        })  # fmt: skip
    return found


def _item_title(principal: Principal, profile: Profile, item: Any) -> str:
    return item.title if item.title and reads(principal, item.request, item.member) else profile.title_of(item.kind)


def _who(profile: Profile, units: dict[str, str], one: Assignment | None) -> str:
    if one is None:
        return ""
    partners = [f"{stage}: {', '.join(names)}" for stage, names in partner_words(profile, one.partners).items()]
    return "; ".join(part for part in (units.get(one.owner or "", ""), *partners) if part)
