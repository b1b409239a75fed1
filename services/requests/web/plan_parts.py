"""What the pages of the plan share: the year in the address, whose title may be read, and the ways between them."""

from collections.abc import Mapping
from typing import Any

from fastapi import HTTPException
from starlette.convertors import Convertor, register_url_convertor

from services.requests.domain.plan import Plan
from services.requests.queries import Chip
from shared.profiles import Profile
from shared.web.i18n import _, mark
from shared.web.rights import Principal

FIRST_YEAR, LAST_YEAR = 2000, 2099


class _YearConvertor(Convertor[str]):
    """So that an address with a year leaves those with an id to their own routes."""

    regex = "20[0-9]{2}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("year", _YearConvertor())
CHANGES: dict[str, str] = {
    "same": mark("as adopted"),
    "added": mark("added"),
    "removed": mark("taken out"),
    "moved": mark("moved"),
    "described": mark("retitled"),
}
CHANGE_COLOURS = {"added": "yes", "removed": "no", "moved": "ask", "described": "later"}


def changes_words() -> dict[str, str]:
    return {name: _(words) for name, words in CHANGES.items()}


def year_of(text: str) -> int:
    """The year of an address; 404 for what is none."""
    if len(text) != 4 or not (text.isascii() and text.isdigit()) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise HTTPException(404)
    return int(text)


def reads(principal: Principal, request: str | None, member: str | None) -> bool:
    """Whether the words of what answers another member's request are for this reader's eyes."""
    return not request or principal.own_member in (None, member)


def titled(principal: Principal, profile: Profile, chip: Chip) -> str:
    """An activity's title; its kind's where it has none, or where it answers another member's request."""
    own = reads(principal, chip.planned.request, chip.planned.member)
    return chip.title if chip.title and own else profile.title_of(chip.planned.kind)


def line_options(profile: Profile, year: int) -> list[tuple[str, str]]:
    return list(profile.line_titles(year).items())


def has(profile: Profile, feature: str) -> bool:
    return any(one.id == feature for one in profile.features)


def partner_words(profile: Profile, partners: tuple[tuple[str, str], ...]) -> Mapping[str, list[str]]:
    """Stage -> its partners, in the profile's order and words."""
    stages = {one.id: one.title for one in profile.stages}
    names = {one.id: one.title for one in profile.partners}
    told: dict[str, list[str]] = {}
    for stage, title in stages.items():
        if found := [names.get(who, who) for of, who in partners if of == stage]:
            told[title] = found
    return told


def ways(principal: Principal, profile: Profile, state: Plan, year: int) -> list[tuple[str, str]]:
    """The other pages of this plan that the reader may see."""
    here = f"/requests/plan/{year}"
    found: list[tuple[str, str]] = []
    if state.baseline:
        found.append((_("Baseline and plan side by side"), f"{here}/compare"))
    if profile.objectives:
        found.append((_("By objective"), f"{here}/objectives"))
    if has(profile, "agreed-actions"):
        found.append((_("Agreed actions"), f"/requests/actions/{year}"))
    if profile.consulted_on:
        found.append((_("Consultations"), "/requests/consultations"))
    if has(profile, "programming-cycle"):
        found.append((_("Documents of the programming cycle"), f"/requests/cycle/{year}"))
    if principal.may("plan.edit") and not state.from_year and not state.adopted:
        found.append((_("Begin from the plan of %(year)s", year=year - 1), f"{here}/begin"))
    if principal.may("plan.edit") and not state.adopted:
        found.append((_("Cut-off for requests"), f"{here}/cut-off"))
    if state.activities:
        found.append((_("As a document (PDF)"), f"{here}/document"))
    return found


def unit_titles(profile: Profile) -> dict[str, str]:
    return {one.id: one.title for one in profile.units}


def options(terms: Any) -> list[tuple[str, str]]:
    return [(one.id, one.title) for one in terms]
