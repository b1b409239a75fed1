"""The network's projects: the list, one's own page, entering, changing and removing one."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from services.requests import portfolio
from services.requests.domain.projects import ChangeProject, EnterProject, RemoveProject, Stage
from services.requests.portfolio import SORTS, Shown
from shared.contracts.projects import ProjectChanged, ProjectRemoved
from shared.contracts.refused import Refused
from shared.web import exports
from shared.web.exports import Column
from shared.web.formats import number
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark, ngettext
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, require
from shared.web.stale import Changed, guarded
from shared.web.wording import in_words

from .common import db_of, findable, member_options, page_store

router = APIRouter()
MINDS = (ProjectChanged, ProjectRemoved)
STAGES: dict[str, str] = {
    Stage.CURRENT: mark("Current"),
    Stage.SUBMITTED: mark("Submitted"),
    Stage.PIPELINE: mark("In the pipeline"),
    Stage.ENDED: mark("Ended"),
}
COLOURS = {Stage.CURRENT: "yes", Stage.SUBMITTED: "ask", Stage.PIPELINE: "later", Stage.ENDED: ""}


class _ProjectConvertor(Convertor[str]):
    regex = "project-[0-9a-f-]{36}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("project", _ProjectConvertor())
LIST = "/requests/projects"
PATH = LIST + "/{project_id:project}"

ProjectsReader = Annotated[Principal, require("projects.read")]
ProjectsEditor = Annotated[Principal, require("projects.edit")]


def euros(value: float | None) -> str:
    """`1,610,000 €`; cents only where there are some."""
    if value is None:
        return ""
    return f"{number(value, 0 if value == int(value) else 2)}\u00a0€"


async def found(request: Request, principal: Principal, project_id: str) -> Shown:
    shown = await portfolio.one(db_of(request), principal.network, project_id)
    if shown is None:
        raise HTTPException(404)
    return shown


def _words(principal: Principal) -> dict[str, Any]:
    return {
        "stages": {stage: _(word) for stage, word in STAGES.items()},
        "colours": COLOURS,
        "euros": euros,
        "members": member_options(in_words(principal.network)),
    }


@router.get(LIST)
async def projects_page(request: Request, principal: ProjectsReader) -> Response:
    query = request.query_params
    paging = Paging.of(request, sortable=tuple(SORTS), default="stage", per_page=50)
    rows = await portfolio.listed(
        db_of(request),
        principal.network,
        stage=query.get("stage", "")[:20],
        member=query.get("member", "")[:64],
        find=findable(query.get("q", "")),
        sort=paging.sort,
    )
    if kind := exports.asked(request):
        return _export(principal, kind, rows)
    current = [one for one in rows if one.stage is Stage.CURRENT]
    return render(
        request,
        "projects.html",
        sentence=_sentence(rows, len(current)),
        listing=paging.listing(rows[paging.skip : paging.skip + paging.per_page], len(rows)),
        eu=sum(one.eu_grant or 0 for one in current),
        own=sum(one.own_grant or 0 for one in current),
        **_words(principal),
    )


def _sentence(rows: list[Shown], current: int) -> str:
    if not rows:
        return _("No project is entered here yet")
    first = ngettext("One project", "%(num)s projects", len(rows))
    return _("%(projects)s, %(current)s of them current", projects=first, current=current)


def _export(principal: Principal, kind: str, rows: list[Shown]) -> Response:
    columns: list[Column[Shown]] = [
        Column(_("Project"), lambda row: row.title),
        Column(_("Stage"), lambda row: _(STAGES[row.stage])),
        Column(_("Programme"), lambda row: row.words.get("programme")),
        Column(_("Coordinator"), lambda row: row.words.get("coordinator")),
        Column(_("Lead"), lambda row: row.words.get("lead")),
        Column(_("Themes"), lambda row: row.words.get("themes")),
        Column(_("Period"), lambda row: row.words.get("period")),
        Column(_("Begins"), lambda row: exports.day(row.state.starts_on)),
        Column(_("Ends"), lambda row: exports.day(row.state.ends_on)),
        Column(_("EU grant (EUR)"), lambda row: row.eu_grant),
        Column(_("Own grant (EUR)"), lambda row: row.own_grant),
        Column(_("Members"), lambda row: row.state.members),
        Column(_("Id"), lambda row: row.id),
    ]
    return exports.answer(principal, kind, "projects", columns, rows)


@router.get(LIST + "/new")
async def new_page(request: Request, principal: ProjectsEditor) -> Response:
    return _form(request, principal, Form.of(stage=Stage.CURRENT.value))


def _form(
    request: Request, principal: Principal, form: Form, status: int = 200, shown: Shown | None = None
) -> Response:
    action = f"{LIST}/{shown.id}/edit" if shown else f"{LIST}/new"
    return render(
        request, "project_form.html", status=status, form=form, shown=shown, action=action, **_words(principal)
    )


@router.post(LIST + "/new")
async def enter(request: Request, principal: ProjectsEditor) -> Response:
    form = await read_form(request)
    command = form.build(EnterProject, project="", happened_at=None)
    status = 422
    if command is not None:
        try:
            receipt = await portfolio.enter_project(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, _field(refusal.code))
        else:
            return see_other(request, f"{LIST}/{receipt.events[0].stream}", done=_("The project is entered."))
    return _form(request, principal, form, status)


def _field(code: str) -> str:
    return {"ends-before-it-starts": "ends_on", "members-unknown": "members"}.get(code, "")


@router.get(PATH)
async def project_page(request: Request, project_id: str, principal: ProjectsReader) -> Response:
    shown = await found(request, principal, project_id)
    return render(request, "project.html", shown=shown, **_words(principal))


def _filled(shown: Shown) -> Form:
    state = shown.state
    facts = {"stage": state.stage, "starts_on": state.starts_on, "ends_on": state.ends_on, "members": state.members}
    grants = {"eu_grant": shown.eu_grant, "own_grant": shown.own_grant}
    return Form.of(**shown.words, **facts, **grants)


@router.get(PATH + "/edit")
async def edit_page(request: Request, project_id: str, principal: ProjectsEditor) -> Response:
    shown = await found(request, principal, project_id)
    return _form(request, principal, _filled(shown), shown=shown)


@router.post(PATH + "/edit")
async def edit(request: Request, project_id: str, principal: ProjectsEditor) -> Response:
    shown = await found(request, principal, project_id)
    form = await read_form(request)
    command = form.build(ChangeProject, project=project_id, happened_at=None)
    status, here = 422, f"{LIST}/{project_id}"
    if command is not None:
        store, words = page_store(request, principal, form.command_id), shown.words
        try:
            await guarded(
                request,
                store,
                project_id,
                lambda now: portfolio.change_project(command, now, words),
                seen=form.version,
                minds=MINDS,
            )
        except Changed as changed:
            shown = await found(request, principal, project_id)
            status = form.stale(
                changed, _filled(shown), take=f"{here}/edit", told={"changed": _("changed the project")}
            )
        except Refused as refusal:
            status = form.refuse(refusal, _field(refusal.code))
        else:
            return see_other(request, here, done=_("The project is changed."))
    return _form(request, principal, form, status, shown)


@router.get(PATH + "/remove")
async def remove_page(request: Request, project_id: str, principal: ProjectsEditor) -> Response:
    shown = await found(request, principal, project_id)
    return render(request, "project_remove.html", shown=shown, form=Form.of())


@router.post(PATH + "/remove")
async def remove(request: Request, project_id: str, principal: ProjectsEditor) -> Response:
    shown = await found(request, principal, project_id)
    form = await read_form(request)
    command = form.build(RemoveProject, project=project_id, words="", happened_at=None)
    status = 422
    if command is not None:
        try:
            await portfolio.remove_project(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            return see_other(request, LIST, done=_("The project is removed."))
    return render(request, "project_remove.html", status=status, shown=shown, form=form)
