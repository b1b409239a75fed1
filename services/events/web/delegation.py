"""A delegation from a spreadsheet: read into the form of nominations, row by row, to be looked at before it is sent."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events.commands import PERSONS_AT_ONCE
from services.events.intake import MODES, member_code
from shared.contracts.refused import Refused
from shared.forms import table
from shared.forms.eusurvey import Unreadable
from shared.people import normal_address
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.rights import Principal, require

from .asked import ActivityPath, found, profile_of
from .registration import nominate_page_of

router = APIRouter()
HEADERS = {
    "name": "name", "full name": "name", "participant": "name", "nom": "name",
    "e-mail": "email", "email": "email", "address": "email", "e-mail address": "email", "courriel": "email",
    "member": "member", "country": "member", "member state": "member", "pays": "member",
    "mode": "mode", "attendance": "mode",
}  # fmt: skip
"""What columns are called in spreadsheets."""


@router.post("/events/{activity:activity}/nominate/file")
async def nominate_file(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("events.nominate")]
) -> Response:
    sent = await read_form(request)
    one = await found(request, principal, activity)
    form, rows, status = Form({"_command": [sent.command_id]}), 0, 422
    file = sent.files.get("file")
    if file is None:
        form.fail("file", _("Choose a file."))
    else:
        try:
            form, rows = await _read(await file.read(), file.filename or "", sent.command_id, principal)
            status = 200 if not form.errors else 422
        except Unreadable as error:
            form.fail("file", _(str(error)))
    return await nominate_page_of(request, principal, one, form, rows=rows, status=status)


async def _read(data: bytes, name: str, command: str, principal: Principal) -> tuple[Form, int]:
    """The form filled from the file, with what is wrong at its row."""
    _headers, found = await asyncio.to_thread(table.read, data, name)
    if len(found) > PERSONS_AT_ONCE:
        raise Unreadable(_("At most %(most)s persons can be registered together.", most=PERSONS_AT_ONCE))
    values: dict[str, list[str]] = {"_command": [command]}
    errors: list[tuple[str, str]] = []
    for number, (line, row) in enumerate(found, 1):
        cells = {HEADERS[title.casefold()]: text for title, text in row.items() if title.casefold() in HEADERS}
        errors += _wrong(cells, number, line, principal)
        if mode := MODES.get(cells.get("mode", "").casefold()):
            cells["mode"] = mode
        values |= {f"{field}_{number}": [text] for field, text in cells.items()}
    if not found:
        raise Unreadable(_("The file names nobody."))
    form = Form(values)
    for field, sentence in errors:
        form.fail(field, sentence)
    return form, len(found)


def _wrong(cells: dict[str, str], number: int, line: int, principal: Principal) -> list[tuple[str, str]]:
    errors = []
    if not cells.get("name"):
        errors.append((f"name_{number}", _("Row %(line)s: the name is missing.", line=line)))
    try:
        normal_address(cells.get("email", ""))
    except Refused:
        errors.append((f"email_{number}", _("Row %(line)s: this is no address.", line=line)))
    if principal.own_member is None:
        try:
            cells["member"] = member_code(cells.get("member", ""), profile_of(principal))
        except Refused as refusal:
            errors.append((f"member_{number}", _(refusal.sentence)))
    if cells.get("mode") and cells["mode"].casefold() not in MODES:
        errors.append((f"mode_{number}", _("Row %(line)s: say on-site or online.", line=line)))
    return errors
