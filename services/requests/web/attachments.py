"""A request's attachments, on its page and in the API: added, listed, downloaded, removed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request, Response, UploadFile
from pydantic import BaseModel
from starlette.datastructures import UploadFile as Upload

from services.requests.attaching import CLOSED, add_attachment, remove_attachment
from services.requests.domain.attachments import MOST
from services.requests.queries import Shown
from shared.contracts.refused import Refused
from shared.files import File
from shared.web.files import FILE_ID, check, files_of, sent, take
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import see_other
from shared.web.rights import Principal, require

from .api_bodies import Key, RequestPath
from .common import PATH, Reader, api_store, found, page_store

router = APIRouter()
api = APIRouter(prefix="/requests/api/v1/requests/{request_id}/files", tags=["requests"])

Attacher = Annotated[Principal, require("requests.attach")]
FilePath = Annotated[str, Path(alias="file", pattern=FILE_ID, examples=["file-01926a5e-7b7c-7000-8000-5f0c1d2e3a4b"])]


async def shown_on(request: Request, principal: Principal, shown: Shown) -> dict[str, Any]:
    """What the page of a request shows of its attachments."""
    files = await files_of(request).of(shown.network, shown.id)
    changes = principal.may("requests.attach")
    return {
        "attachments": files,
        "attached_by": await request.app.state.service.people.name_of(file.by for file in files),
        "may_attach": changes and shown.status not in CLOSED and len(files) < MOST,
        "may_detach": changes,
        "attaching": Form.of(),
    }


async def attach_all(
    request: Request, principal: Principal, request_id: str, uploads: Sequence[Upload], command_id: str
) -> None:
    """Attach each upload under an id of its own, so that a form sent twice attaches them once. Raises `Refused`."""
    await check(request, uploads, MOST)
    for number, upload in enumerate(uploads):
        of_this = f"{command_id}-{number}"
        file = await take(request, principal, upload, about=request_id, command_id=of_this)
        await add_attachment(file, page_store(request, principal, of_this))


@router.post(PATH + "/files")
async def attach(request: Request, request_id: str, principal: Attacher) -> Response:
    shown = await found(request, principal, request_id)
    try:
        return await _attach(request, principal, shown.id)
    finally:
        await request.close()  # with the files that were sent


async def _attach(request: Request, principal: Principal, request_id: str) -> Response:
    form = await read_form(request)
    uploads = form.uploads.get("attachments", [])
    page = f"/requests/{request_id}"
    if not uploads:
        return see_other(request, page, done=_("Choose a file."), kind="error")
    try:
        await attach_all(request, principal, request_id, uploads, form.command_id)
    except Refused as refusal:
        if refusal.status >= 500:
            raise
        return see_other(request, page, done=_(refusal.sentence), kind="error")
    return see_other(request, page, done=ngettext("The file is attached.", "%(num)s files are attached.", len(uploads)))


@router.get(PATH + "/files/{file:file}")
async def download(request: Request, request_id: str, file: FilePath, principal: Reader) -> Response:
    shown = await found(request, principal, request_id)
    return await sent(request, await files_of(request).one(shown.network, shown.id, file))


@router.post(PATH + "/files/{file:file}/remove")
async def detach(request: Request, request_id: str, file: FilePath, principal: Attacher) -> Response:
    shown = await found(request, principal, request_id)
    form = await read_form(request)
    files = files_of(request)
    one = await files.one(shown.network, shown.id, file)
    if one is not None:  # else it went before: a double click
        await remove_attachment(one, page_store(request, principal, form.command_id), files)
    return see_other(request, f"/requests/{request_id}", done=_("The file is removed."))


class FileView(BaseModel):
    id: str
    name: str
    media_type: str
    size: int
    added: datetime

    @classmethod
    def of(cls, file: File) -> "FileView":
        return cls(id=file.id, name=file.name, media_type=file.media_type, size=file.size, added=file.at)


class FilesView(BaseModel):
    items: list[FileView]


@api.get("", summary="The files attached to a request")
async def attachments(request_id: RequestPath, request: Request, principal: Reader) -> FilesView:
    shown = await found(request, principal, request_id)
    return FilesView(items=[FileView.of(one) for one in await files_of(request).of(shown.network, shown.id)])


@api.post("", status_code=201, summary="Attach a file, as multipart/form-data")
async def add(
    request_id: RequestPath,
    request: Request,
    response: Response,
    principal: Attacher,
    *,
    file: UploadFile,
    idempotency_key: Key = None,
) -> FileView:
    """PDF, office documents without macros, pictures, text and CSV; what it is is told by its content."""
    shown = await found(request, principal, request_id)
    kept = await take(request, principal, file, about=shown.id, command_id=None)
    await add_attachment(kept, api_store(request, principal))
    response.headers["Location"] = f"/requests/api/v1/requests/{shown.id}/files/{kept.id}"
    return FileView.of(kept)


@api.get("/{file:file}", summary="A file's content", response_class=Response)
async def content(request_id: RequestPath, file: FilePath, request: Request, principal: Reader) -> Response:
    shown = await found(request, principal, request_id)
    return await sent(request, await files_of(request).one(shown.network, shown.id, file))


@api.delete("/{file:file}", status_code=204, summary="Remove a file")
async def remove(
    request_id: RequestPath, file: FilePath, request: Request, principal: Attacher, idempotency_key: Key = None
) -> None:
    shown = await found(request, principal, request_id)
    files = files_of(request)
    one = await files.one(shown.network, shown.id, file)
    if one is None:
        raise HTTPException(404)
    await remove_attachment(one, api_store(request, principal), files)


router.include_router(api)
