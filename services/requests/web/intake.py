"""Upload of an EUSurvey export, with what became of each row."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.requests import intake
from services.requests.offered import profile_of
from services.requests.samples import sample
from shared import clock
from shared.forms.eusurvey import MOST_BYTES, Unreadable
from shared.spine.http import store_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import render, see_other

from .common import Importer, db_of

router = APIRouter()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/requests/intake")
async def intakes(request: Request, principal: Importer) -> Response:
    return see_other(request, "/requests/intake/eusurvey")


@router.get("/requests/intake/eusurvey")
async def upload_page(request: Request, principal: Importer) -> Response:
    return render(request, "intake.html", form=Form.of(), headers=_headers())


@router.get("/requests/intake/eusurvey/sample.xlsx")
async def sample_file(request: Request, principal: Importer) -> Response:
    """An export in this network's words, to be sent as it is or filled in."""
    network = profile_of(principal.network).id
    content = sample(network, principal.own_member or None, clock.now().year + 1)
    name = f"eusurvey-sample-{network}.xlsx"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/requests/intake/eusurvey")
async def upload(request: Request, principal: Importer) -> Response:
    form = await read_form(request)
    file = form.files.get("file")
    if file is None:
        form.fail("file", _("Choose the file that EUSurvey exported."))
        return render(request, "intake.html", status=422, form=form, headers=_headers())
    data = await file.read(MOST_BYTES + 1)
    await file.close()
    try:
        export, outcomes = await intake.take(
            data,
            db_of(request),
            principal.network,
            principal.own_member,
            lambda source: store_for(request, principal, source=source, command_id="row"),
        )
    except Unreadable as unreadable:
        form.fail("file", _(unreadable.sentence))
        return render(request, "intake.html", status=422, form=form, headers=_headers())
    counts = {fate: sum(one.fate == fate for one in outcomes) for fate in ("accepted", "there", "refused")}
    facts: dict[str, Any] = {"export": export, "outcomes": outcomes, "counts": counts}
    return render(request, "intake_result.html", sentence=_sentence(counts), **facts)


def _headers() -> list[str]:
    return [names[0] for names in intake.HEADERS.values()]


def _sentence(counts: dict[str, int]) -> str:
    if not any(counts.values()):
        return _("The file has no answers yet")
    parts = [ngettext("one request accepted", "%(num)s requests accepted", counts["accepted"])]
    if counts["there"]:
        parts.append(ngettext("one was there already", "%(num)s were there already", counts["there"]))
    if counts["refused"]:
        parts.append(ngettext("one refused", "%(num)s refused", counts["refused"]))
    return ", ".join(parts).capitalize()
