"""The annual plan: lines down, quarters across; as a list to download, and as the document that a Board adopts."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response

from services.requests import plan_reads, queries
from services.requests.domain.amending import waiting
from services.requests.plan_reads import Assignment
from services.requests.queries import Chip
from shared import clock
from shared.contracts.vocabulary import Quarter
from shared.documents.pdf import PDF
from shared.files.names import disposition
from shared.profiles import Profile
from shared.web import exports
from shared.web.forms import Form
from shared.web.i18n import _, ngettext
from shared.web.pages import render, see_other
from shared.web.wording import in_words

from .common import PlanReader, db_of
from .lists import plan as export_plan
from .plan_document import document
from .plan_parts import FIRST_YEAR, LAST_YEAR, titled, unit_titles, ways, year_of
from .story import quarter_words

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the plan with its activities by quarter; a heading has none."""

    title: str
    heading: bool
    cells: tuple[list[Chip], ...] = ()
    note: str = ""
    owner: str = ""
    objectives: tuple[int, ...] = field(default=())
    """The numbers of the strategy's objectives that it serves."""


@router.get("/requests/plan")
async def plan_of_this_year(request: Request, principal: PlanReader) -> Response:
    return see_other(request, f"/requests/plan/{clock.now().year}")


@router.get("/requests/plan/{year}")
async def plan_page(request: Request, year: str, principal: PlanReader) -> Response:
    of_year = year_of(year)
    db, network = db_of(request), principal.network
    state, chips = await queries.plan(db, network, of_year)
    stands = await plan_reads.assignments(db, network, state.activities)
    if kind := exports.asked(request):
        return export_plan(principal, kind, of_year, chips, stands)
    profile = in_words(network)
    stated = profile.plan(of_year)
    held_up = len(waiting(state))
    return render(
        request,
        "plan.html",
        year=of_year,
        first=FIRST_YEAR,
        last=LAST_YEAR,
        state=state,
        rows=rows_of(profile, of_year, chips),
        quarters=[str(one) for one in Quarter.all_of(of_year)],
        quarter_words=quarter_words,
        sentence=_sentence(of_year, len(chips), held_up, state.adopted, state.amended),
        own=[chip for chip in chips if not chip.planned.request],
        title_of=lambda chip: titled(principal, profile, chip),
        units=unit_titles(profile),
        stands=stands,
        nobody=Assignment(),
        ways=ways(principal, profile, state, of_year),
        stated=stated.stated_actions if stated else None,
        unmarked=bool(stated) and not any(line.quarters for line in profile.lines(of_year)),
        count=len(chips),
        form=Form.of(),
    )


@router.get("/requests/plan/{year}/document")
async def plan_document(request: Request, year: str, principal: PlanReader) -> Response:
    """As a tagged PDF: what stands now, or a baseline as it was adopted where `baseline` names its number."""
    of_year = year_of(year)
    named = request.query_params.get("baseline", "")
    number = int(named) if named.isascii() and named.isdigit() and len(named) < 5 else 0
    made = await document(db_of(request), principal, of_year, number)
    name = f"plan-{of_year}-{principal.network}.pdf"
    headers = {"Content-Disposition": disposition(name), "Cache-Control": "private, no-store"}
    return Response(made, media_type=PDF, headers=headers)


def _sentence(year: int, activities: int, undecided: int, adopted: bool, amended: int) -> str:
    if not activities and not undecided:
        return _("The plan of %(year)s is empty", year=year)
    first = ngettext("one activity", "%(num)s activities", activities)
    if undecided:
        second = ngettext("one request is undecided", "%(num)s requests are undecided", undecided)
        return _("The plan of %(year)s: %(first)s, %(second)s", year=year, first=first, second=second)
    third = _("adopted") if adopted else _("ready for adoption")
    if amended:
        third = ngettext("adopted, amended once since", "adopted, amended %(num)s times since", amended)
    return _("The plan of %(year)s: %(first)s, %(second)s", year=year, first=first, second=third)


def rows_of(profile: Profile, year: int, chips: list[Chip]) -> list[Row]:
    quarters = [str(one) for one in Quarter.all_of(year)]
    numbers = {one.id: number for number, one in enumerate(profile.objectives, 1)}
    rows: list[Row] = []
    heading = None
    lines = profile.lines(year)
    known = {line.id for line in lines}
    for line in lines:
        if line.heading != heading:
            heading = line.heading
            rows.append(Row(profile.title_of(heading), True))
        cells = _cells(quarters, [one for one in chips if one.planned.line == line.id])
        served = tuple(sorted(numbers[one] for one in line.objectives))
        rows.append(Row(line.title, False, cells, line.note, line.owner, served))
    if others := [one for one in chips if one.planned.line not in known]:
        rows.append(Row(_("Other lines"), False, _cells(quarters, others)))
    return rows


def _cells(quarters: list[str], chips: list[Chip]) -> tuple[list[Chip], ...]:
    return tuple([one for one in chips if one.planned.quarter == quarter] for quarter in quarters)
