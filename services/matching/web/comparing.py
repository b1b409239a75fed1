"""Two runs side by side: what each level came to, and what became of each interest in the one and in the other."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response

from services.matching import queries
from services.matching.domain.call import Call
from services.matching.domain.solution import Match
from services.matching.queries import Run
from services.matching.web.common import Reader, db_of, found, profile_of
from services.matching.web.levels import level_words
from services.matching.web.runs import found_run, to_see
from shared.web.i18n import _, ngettext
from shared.web.pages import Listing, render

router = APIRouter()
MOST = 300


@dataclass(frozen=True, slots=True)
class Row:
    """An interest whose match differs; none where a run left it without one."""

    interest: str
    sender: str
    first: Match | None
    second: Match | None


@router.get("/matching/runs/{run_id}/compare")
async def compare(
    request: Request, run_id: str, principal: Reader, other: Annotated[str, Query(alias="with", max_length=100)] = ""
) -> Response:
    """Beside the run named `with`, else the one before; the rows are those that differ."""
    run = await found_run(request, principal, run_id)
    runs = await queries.runs(db_of(request), principal.network, run.call)
    others = [one for one in runs if one["run"] != run.id]
    earlier = next((one["run"] for one in others if one["at"] <= run.at), others[0]["run"] if others else "")
    second = await found_run(request, principal, other or earlier) if other or earlier else None
    if second is not None and second.call != run.call:
        raise HTTPException(404)
    rows = differences(run, second, principal.own_member) if second else []
    return render(
        request,
        "compare.html",
        title=_title(second, len(rows)),
        run=run,
        other=second,
        others=others,
        call=await found(request, principal, run.call, Call),
        levels=_levels(run, second) if second else [],
        listing=Listing(rows[:MOST], len(rows), per_page=MOST),
        profile=profile_of(principal),
    )


def differences(first: Run, second: Run, own: str | None) -> list[Row]:
    """By sender; what the reader may see alone."""
    a = {one.interest: one for one in to_see(first, own)[0]}
    b = {one.interest: one for one in to_see(second, own)[0]}
    rows = []
    for interest in a.keys() | b.keys():
        one, two = a.get(interest), b.get(interest)
        known = one or two
        if known and (one is None or two is None or (one.offer, one.week) != (two.offer, two.week)):
            rows.append(Row(interest, known.sender, one, two))
    return sorted(rows, key=lambda row: (row.sender, row.interest))


def _levels(first: Run, second: Run) -> list[tuple[str, str, str]]:
    a = dict(level_words(one) for one in first.solution.levels)
    b = dict(level_words(one) for one in second.solution.levels)
    return [(name, a.get(name, ""), b.get(name, "")) for name in dict.fromkeys([*a, *b])]


def _title(second: Any, differ: int) -> str:
    if second is None:
        return _("There is no other run of this call to compare with")
    if not differ:
        return _("Both runs come to the same")
    return ngettext("The two runs differ in one interest", "The two runs differ in %(num)s interests", differ)
