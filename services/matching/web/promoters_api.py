"""Mobility promoters in the API: read by theme, language, member; pages are shown by persons themselves."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from services.matching.queries import promoters as queries
from services.matching.queries.ideas import texts
from services.matching.web.api import Part
from services.matching.web.common import db_of
from services.matching.web.market_views import PromoterView
from services.matching.web.promoters import PromoterReader, found
from services.matching.web.views import PageOf

router = APIRouter(prefix="/matching/api/v1", tags=["promoters"])
Name = Annotated[str, Path(max_length=100)]


@router.get("/promoters")
async def list_promoters(
    request: Request,
    principal: PromoterReader,
    asked: Part,
    *,
    theme: Annotated[str, Query(max_length=60)] = "",
    language: Annotated[str, Query(max_length=2)] = "",
    member: Annotated[str, Query(max_length=60)] = "",
) -> PageOf[PromoterView]:
    db, network = db_of(request), principal.network
    part = asked.part
    rows, total = await queries.promoters(
        db, network, skip=part["skip"], limit=part["limit"], theme=theme, language=language, member=member
    )
    kept = await texts(db, network, [one.state.words for one in rows])
    return asked.of([PromoterView.of(one, kept) for one in rows], total)


@router.get("/promoters/{promoter_id}")
async def get_promoter(promoter_id: Name, request: Request, principal: PromoterReader) -> PromoterView:
    one = await found(request, principal, promoter_id)
    return PromoterView.of(one, await texts(db_of(request), principal.network, [one.state.words]))
