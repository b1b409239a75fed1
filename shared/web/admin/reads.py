"""The log of reads: who was shown names and addresses of others, and what for."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from shared.people.reads import Asked, Read
from shared.web import exports
from shared.web.i18n import _, ngettext
from shared.web.pages import Paging, render
from shared.web.rights import Principal, require

from . import lists
from .common import PURPOSES, actor_in_words, days_of, ids_by_name, people_of

router = APIRouter(include_in_schema=False)


@router.get("/admin/reads")
async def reads(request: Request, principal: Annotated[Principal, require("reads.read")]) -> Response:
    people, network, query = people_of(request), principal.network, request.query_params
    paging = Paging.of(request, per_page=50)
    one = await people.directory.one(network, query["of"][:64]) if query.get("of") else None
    by = await ids_by_name(request, network, query.get("q", ""))
    begin, end = days_of(request, network)
    asked = Asked(
        by=by if by is not None else (),
        about=[one.id] if one else (),
        purpose=query.get("purpose", ""),
        begin=begin,
        end=end,
    )
    nobody = by == [] or (one is None and bool(query.get("of")))

    async def page(skip: int, limit: int) -> tuple[list[Read], int]:
        return ([], 0) if nobody else await people.reads.page(network, asked, skip=skip, limit=limit)

    if kind := exports.asked(request):
        return lists.reads(principal, kind, people, page, PURPOSES)
    rows, total = await page(paging.skip, paging.per_page)
    names = await people.name_of(row.by for row in rows)
    return render(
        request,
        "admin_reads.html",
        listing=paging.listing(rows, total),
        title=_title(total, one.name if one else ""),
        about=one,
        days=request.app.state.settings.reads_kept_days,
        purposes=[(key, _(words)) for key, words in PURPOSES.items()],
        purpose_words=PURPOSES,
        who=lambda row: actor_in_words(row.by, names),
    )


def _title(total: int, about: str) -> str:
    if about:
        return ngettext(
            "%(num)s time somebody was shown data of %(name)s",
            "%(num)s times somebody was shown data of %(name)s",
            total,
            name=about,
        )
    return ngettext(
        "%(num)s time somebody was shown data of others", "%(num)s times somebody was shown data of others", total
    )
