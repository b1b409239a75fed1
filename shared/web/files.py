"""Files on pages and in the API: taken from a form, shown in a list, sent to who may see what they belong to."""

from collections.abc import Sequence

from fastapi import HTTPException, Request
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from shared.contracts.refused import Refused
from shared.files import DOCUMENTS, File, Files, Kind, disposition
from shared.files.store import MIB
from shared.web.i18n import mark as _mark
from shared.web.rights import Principal

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FILE_ID = f"^file-{_UUID}$"

_NONE_CHOSEN = _mark("Choose a file.")


class _FileConvertor(StringConvertor):
    regex = f"file-{_UUID}"


register_url_convertor("file", _FileConvertor())


def files_of(request: Request) -> Files:
    service = request.app.state.service
    return Files(service.db, service.settings.file_mib * MIB)


async def take(
    request: Request,
    principal: Principal,
    upload: UploadFile | None,
    *,
    about: str,
    command_id: str | None,
    sort: str = "",
    allowed: tuple[Kind, ...] = DOCUMENTS,
) -> File:
    """Keep an upload for a thing; the same command id and content get the same file. Raises `Refused`."""
    if upload is None or not upload.filename:
        raise Refused("file-missing", _NONE_CHOSEN, status=422)
    return await files_of(request).take(
        upload.file,
        upload.filename,
        key=command_id or request.headers.get("idempotency-key") or "",
        about=about,
        network=principal.network,
        by=principal.subject,
        allowed=allowed,
        sort=sort,
    )


async def check(request: Request, uploads: Sequence[UploadFile], most: int) -> None:
    """Refuse at once what could not be added afterwards: before anything is done, all of them are looked at."""
    if len(uploads) > most:
        raise Refused("too-many-files", "Send %(most)s files at most.", status=422, most=most)
    files = files_of(request)
    for one in uploads:
        await files.look(one.file, one.filename or "", DOCUMENTS)


async def sent(request: Request, file: File | None) -> Response:
    """The file as a download, in pieces; 404 where there is none. Who may see it was asked before."""
    pieces = await files_of(request).content(file) if file else None
    if file is None or pieces is None:
        raise HTTPException(404)
    headers = {
        "Content-Disposition": disposition(file.name),
        "Content-Length": str(file.size),
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(pieces, media_type=file.media_type, headers=headers)
