"""The matrix of needs: target groups down, topics across, the darker the more is needed; a cell opens what is in it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response

from services.requests import matrix
from services.requests.matrix import REQUEST_WEIGHT, Cell, Cells, Matrix, heat
from shared import clock
from shared.contracts.vocabulary import in_protocol_order
from shared.profiles import Profile
from shared.web import exports
from shared.web.exports import Column
from shared.web.formats import member_name
from shared.web.i18n import _, ngettext
from shared.web.pages import render
from shared.web.rights import Principal
from shared.web.wording import in_words

from .common import FATES, db_of, member_options
from .needs import NeedsReader, age_of, source_titles, view_of
from .story import quarter_words

router = APIRouter()
FIRST_YEAR = 2020
Address = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Square:
    """A cell as the page shows it."""

    weight: int
    heat: int
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    squares: Sequence[Square]
    total: int


@router.get("/requests/needs")
async def matrix_page(request: Request, principal: NeedsReader) -> Response:
    profile, view = in_words(principal.network), view_of(request, principal)
    found = await matrix.matrix(db_of(request), principal.network, view)
    if kind := exports.asked(request):
        return _export(principal, kind, profile, found)
    beside = {name: value for name in ("member", "since") if (value := request.query_params.get(name))}
    return render(
        request,
        "needs_matrix.html",
        sentence=_sentence(profile, found),
        topics=_columns(profile, found.by_group),
        silent=_silent(profile, found.by_group),
        rows=_rows(profile, found, beside),
        by_member=_member_rows(profile, principal, found) if principal.own_member is None else [],
        request_weight=REQUEST_WEIGHT,
        members=member_options(profile) if principal.own_member is None else [],
        years=[(year, str(year)) for year in range(clock.now().year, FIRST_YEAR - 1, -1)],
        **await age_of(request, principal),
    )


def _sentence(profile: Profile, found: Matrix) -> str:
    heaviest = found.heaviest
    if heaviest is None:
        return _("Nobody has told of a need yet")
    group, topic = (profile.title_of(one) for one in heaviest)
    return _("Needed most: %(topic)s, by %(group)s", topic=topic, group=group)


def _columns(profile: Profile, cells: Cells) -> list[tuple[str, str]]:
    """The topics that somebody told of, the heaviest first; what was said without one comes last."""
    weights = {one.id: sum(cell.weight for key, cell in cells.items() if key[1] == one.id) for one in profile.topics}
    told = [(one.id, one.title) for one in profile.topics if weights[one.id]]
    told.sort(key=lambda topic: -weights[topic[0]])
    return [*told, ("", _("No topic"))] if any(not topic for _line, topic in cells) else told


def _silent(profile: Profile, cells: Cells) -> list[str]:
    """The topics that nobody told of."""
    told = {topic for _group, topic in cells}
    return [one.title for one in profile.topics if one.id not in told]


def _rows(profile: Profile, found: Matrix, beside: dict[str, str]) -> list[Row]:
    groups = [(one.id, one.title) for one in profile.target_groups]
    if any(not group for group, _topic in found.by_group):
        groups.append(("", _("No target group")))
    return _made(profile, found.by_group, groups, lambda group, topic: _address(group, topic, beside))


def _member_rows(profile: Profile, principal: Principal, found: Matrix) -> list[Row]:
    named = {member for member, _topic in found.by_member if member}
    members = [(code, member_name(code, principal.network)) for code in in_protocol_order(named)]
    if any(not member for member, _topic in found.by_member):
        members.append(("", _("The whole network")))
    return _made(profile, found.by_member, members, lambda _member, _topic: "")


def _made(profile: Profile, cells: Cells, lines: Iterable[tuple[str, str]], address: Address) -> list[Row]:
    most = max((cell.weight for cell in cells.values()), default=0)
    topics = [topic for topic, _title in _columns(profile, cells)]
    rows = []
    for line, title in lines:
        squares = [_square(cells.get((line, topic), Cell()), most, address(line, topic)) for topic in topics]
        rows.append(Row(title, squares, sum(one.weight for one in squares)))
    return rows


def _square(cell: Cell, most: int, href: str) -> Square:
    return Square(cell.weight, heat(cell.weight, most), in_cell(cell), href if cell.weight else "")


def _address(group: str, topic: str, beside: dict[str, str]) -> str:
    return "/requests/needs/cell?" + urlencode({"group": group, "topic": topic, **beside})


def in_cell(cell: Cell) -> str:
    """What a cell is made of: `2 findings, 3 requests`."""
    parts = [
        ngettext("one finding", "%(num)s findings", cell.findings) if cell.findings else "",
        ngettext("one evaluation", "%(num)s evaluations", cell.evaluations) if cell.evaluations else "",
        ngettext("one request", "%(num)s requests", cell.requests) if cell.requests else "",
    ]
    return ", ".join(part for part in parts if part)


def _export(principal: Principal, kind: str, profile: Profile, found: Matrix) -> Response:
    columns: list[Column[tuple[tuple[str, str], Cell]]] = [
        Column(_("Target group"), lambda row: profile.title_of(row[0][0]) if row[0][0] else ""),
        Column(_("Topic"), lambda row: profile.title_of(row[0][1]) if row[0][1] else ""),
        Column(_("Weight"), lambda row: row[1].weight),
        Column(_("Findings"), lambda row: row[1].findings),
        Column(_("Evaluations"), lambda row: row[1].evaluations),
        Column(_("Requests"), lambda row: row[1].requests),
    ]
    rows = sorted(found.by_group.items(), key=lambda row: (-row[1].weight, row[0]))
    return exports.answer(principal, kind, "needs-matrix", columns, rows)


@router.get("/requests/needs/cell")
async def cell_page(request: Request, principal: NeedsReader) -> Response:
    profile, view, query = in_words(principal.network), view_of(request, principal), request.query_params
    group, topic = query.get("group", "")[:64], query.get("topic", "")[:64]
    groups, topics = {one.id for one in profile.target_groups}, {one.id for one in profile.topics}
    if group not in groups | {""} or topic not in topics | {""}:
        raise HTTPException(404)
    opened = await matrix.opened(db_of(request), principal.network, view, group, topic)
    return render(
        request,
        "needs_cell.html",
        group=profile.title_of(group) if group else _("No target group"),
        topic=profile.title_of(topic) if topic else _("No topic"),
        opened=opened,
        sources=source_titles(profile),
        title_of=profile.title_of,
        fates={fate: _(word) for fate, word in FATES.items()},
        quarter_words=quarter_words,
        own=principal.own_member,
    )
