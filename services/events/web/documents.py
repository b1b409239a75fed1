"""An activity's documents, on its page, at the organiser's desk and in the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Request, Response, UploadFile
from fastapi import Form as FormField
from pydantic import BaseModel

from services.events.documenting import add_document, remove_document
from services.events.domain.documents import MOST
from services.events.queries.activity import Found
from shared.contracts.refused import Refused
from shared.files import File
from shared.spine.http import store_for
from shared.web.files import FILE_ID, check, files_of, sent, take
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.i18n import mark as _mark
from shared.web.pages import see_other
from shared.web.rights import Principal, require

from .asked import ActivityPath, IdempotencyKey, found, people_of

router = APIRouter()
api = APIRouter(prefix="/events/api/v1/activities/{activity:activity}/documents", tags=["events"])

Reader = Annotated[Principal, require("events.read")]
Organiser = Annotated[Principal, require("events.organise")]
FilePath = Annotated[str, Path(alias="file", pattern=FILE_ID, examples=["file-01926a5e-7b7c-7000-8000-5f0c1d2e3a4b"])]
Sort = Literal["agenda", "minutes", "material"]
SORTS: dict[str, str] = {"agenda": _mark("Agenda"), "minutes": _mark("Minutes"), "material": _mark("Material")}


async def shown_on(request: Request, principal: Principal, one: Found) -> dict[str, Any]:
    """What the pages of an activity show of its documents: the agenda first, then in the order they came."""
    files = await files_of(request).of(one.network, one.row.id)
    organises = principal.may("events.organise")
    return {
        "documents": sorted(files, key=lambda file: list(SORTS).index(file.sort) if file.sort in SORTS else len(SORTS)),
        "document_sorts": [(sort, _(word)) for sort, word in SORTS.items()],
        "documents_by": await people_of(request).name_of(file.by for file in files) if organises else {},
        "may_document": organises and len(files) < MOST,
        "may_clear": organises,
        "documenting": Form.of(sort="material"),
    }


@router.post("/events/{activity:activity}/documents")
async def add(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    one = await found(request, principal, activity)
    try:
        return await _add(request, principal, one.row.id)
    finally:
        await request.close()  # with the files that were sent


async def _add(request: Request, principal: Principal, activity: str) -> Response:
    form = await read_form(request)
    uploads = form.uploads.get("documents", [])
    page = f"/events/{activity}#documents"
    sort = form["sort"] if form["sort"] in SORTS else "material"
    if not uploads:
        return see_other(request, page, done=_("Choose a file."), kind="error")
    try:
        await check(request, uploads, MOST)
        for number, upload in enumerate(uploads):
            of_this = f"{form.command_id}-{number}"
            file = await take(request, principal, upload, about=activity, command_id=of_this, sort=sort)
            await add_document(file, store_for(request, principal, source="page", command_id=of_this))
    except Refused as refusal:
        if refusal.status >= 500:
            raise
        return see_other(request, page, done=_(refusal.sentence), kind="error")
    done = ngettext("The document is there.", "%(num)s documents are there.", len(uploads))
    return see_other(request, page, done=done)


@router.get("/events/{activity:activity}/documents/{file:file}")
async def download(request: Request, activity: ActivityPath, file: FilePath, principal: Reader) -> Response:
    one = await found(request, principal, activity)
    return await sent(request, await files_of(request).one(one.network, one.row.id, file))


@router.post("/events/{activity:activity}/documents/{file:file}/remove")
async def clear(request: Request, activity: ActivityPath, file: FilePath, principal: Organiser) -> Response:
    one = await found(request, principal, activity)
    form = await read_form(request)
    files = files_of(request)
    document = await files.one(one.network, one.row.id, file)
    if document is not None:  # else it went before: a double click
        store = store_for(request, principal, source="page", command_id=form.command_id)
        await remove_document(document, store, files)
    return see_other(request, f"/events/{activity}#documents", done=_("The document is removed."))


class DocumentView(BaseModel):
    id: str
    sort: str
    name: str
    media_type: str
    size: int
    added: datetime

    @classmethod
    def of(cls, file: File) -> "DocumentView":
        kept = {name: getattr(file, name) for name in ("id", "sort", "name", "media_type", "size")}
        return cls(**kept, added=file.at)


class DocumentsView(BaseModel):
    items: list[DocumentView]


@api.get("", summary="The documents of an activity")
async def documents(request: Request, activity: ActivityPath, principal: Reader) -> DocumentsView:
    one = await found(request, principal, activity)
    return DocumentsView(items=[DocumentView.of(file) for file in await files_of(request).of(one.network, one.row.id)])


@api.post("", status_code=201, summary="Add a document, as multipart/form-data")
async def lay_out(
    request: Request,
    response: Response,
    activity: ActivityPath,
    principal: Organiser,
    *,
    file: UploadFile,
    sort: Annotated[Sort, FormField()] = "material",
    idempotency_key: IdempotencyKey = None,
) -> DocumentView:
    """PDF, office documents without macros, pictures, text and CSV; what it is is told by its content."""
    one = await found(request, principal, activity)
    kept = await take(request, principal, file, about=one.row.id, command_id=None, sort=sort)
    await add_document(kept, store_for(request, principal, source="api"))
    response.headers["Location"] = f"/events/api/v1/activities/{one.row.id}/documents/{kept.id}"
    return DocumentView.of(kept)


@api.get("/{file:file}", summary="A document's content", response_class=Response)
async def content(request: Request, activity: ActivityPath, file: FilePath, principal: Reader) -> Response:
    one = await found(request, principal, activity)
    return await sent(request, await files_of(request).one(one.network, one.row.id, file))


@api.delete("/{file:file}", status_code=204, summary="Remove a document")
async def remove(
    request: Request,
    activity: ActivityPath,
    file: FilePath,
    principal: Organiser,
    idempotency_key: IdempotencyKey = None,
) -> None:
    one = await found(request, principal, activity)
    files = files_of(request)
    document = await files.one(one.network, one.row.id, file)
    if document is None:
        raise HTTPException(404)
    await remove_document(document, store_for(request, principal, source="api"), files)


router.include_router(api)
