"""The smallest service on the real spine: one command, with sign-in, receipts, relay and HTTP as everywhere."""

import os
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request

from shared.settings import get_settings
from shared.spine.app import build_app
from shared.spine.draft import Receipt, Work
from shared.spine.http import store_for
from shared.web.rights import Principal, require
from tests.support.tally import Count, count, publisher

router = APIRouter(prefix="/requests/api/v1")
service = publisher(get_settings())


@router.post("/tallies/{stream}")
async def count_one(
    request: Request, stream: str, command: Count, principal: Annotated[Principal, require("requests.submit")]
) -> dict[str, str]:
    receipt = await store_for(request, principal, source="api").execute(stream, command, count)
    return {"event": receipt.events[0].id}


if os.environ.get("BENCHMARK_SINGLE"):  # a transaction a command, as many at once as there are callers

    async def alone(work: Work) -> Receipt:
        (outcome,) = await service.grouping.run([work])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    service.grouping.submit = alone  # type: ignore[method-assign]

app = build_app(service, title="benchmark", routers=[router], templates=Path(__file__).parent)
