"""Who did what: each service tells of its own events; this page puts them together in the browser, and tells of
persons and keys itself."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from shared.contracts.catalogue import SERVICES
from shared.people.trail import Asked, Change
from shared.web import exports
from shared.web.i18n import _
from shared.web.pages import Paging, render, service_name
from shared.web.rights import Principal, require

from . import lists
from .common import CHANGES, actor_in_words, days_of, ids_by_name, people_of, told

router = APIRouter(include_in_schema=False)
Auditor = Annotated[Principal, require("audit.read")]
FILTERS = ("q", "from", "to")


@router.get("/admin/audit")
async def audit(request: Request, principal: Auditor) -> Response:
    chosen = request.query_params.get("service", "")
    services = [name for name in SERVICES if chosen in ("", name)]
    asked = urlencode([(name, value) for name in FILTERS if (value := request.query_params.get(name, "")[:200])])
    return render(
        request,
        "admin_audit.html",
        services=services,
        all_services=[(name, service_name(name)) for name in SERVICES],
        asked=asked,
        part="&".join(one for one in ("part=1", asked) if one),
        people=chosen in ("", "people"),
    )


@router.get("/admin/changes")
async def changes(request: Request, principal: Auditor) -> Response:
    """What was changed about persons and keys."""
    people, network = people_of(request), principal.network
    paging = Paging.of(request)
    by = await ids_by_name(request, network, request.query_params.get("q", ""))
    begin, end = days_of(request, network)
    asked = Asked(by or (), begin, end)
    trail = people.directory.trail

    async def page(skip: int, limit: int) -> tuple[list[Change], int]:
        return ([], 0) if by == [] else await trail.page(network, asked, skip=skip, limit=limit)

    if kind := exports.asked(request):
        return lists.changes(principal, kind, people, page, lambda row: (_(CHANGES[row.what]), told(row)))
    rows, total = await page(paging.skip, paging.per_page)
    names = await people.name_of(one for row in rows for one in (row.by, row.about))
    part = "part" in request.query_params
    return render(
        request,
        "admin_changes_part.html" if part else "admin_changes.html",
        listing=paging.listing(rows, total),
        words=lambda row: _(CHANGES[row.what]),
        told=told,
        who=lambda row: actor_in_words(row.by, names),
        about=lambda row: names.get(row.about, _("Name erased") if not row.about.startswith("key-") else _("a key")),
        href=_href,
    )


def _href(row: Change) -> str:
    return "/admin/keys" if row.about.startswith("key-") else f"/admin/persons/{row.about}"
