"""Each service's own operations panel: health, lag, throughput, dead letters with replay."""

import time
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from shared.contracts.refused import Refused
from shared.web import exports
from shared.web.forms import Form
from shared.web.i18n import _
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, require

from . import lists
from .dead import reason_of
from .letters import undelivered
from .replay import PAGE
from .service import Service


@dataclass(slots=True)
class Throughput:
    """Messages and events a second since the panel was last asked, at least a second ago."""

    at: float = 0.0
    worked: int = 0
    sent: int = 0
    rates: tuple[float, float] = (0.0, 0.0)

    def measure(self, worked: int, sent: int) -> tuple[float, float]:
        now = time.monotonic()
        if now - self.at >= 1:
            if self.at:
                self.rates = ((worked - self.worked) / (now - self.at), (sent - self.sent) / (now - self.at))
            self.at, self.worked, self.sent = now, worked, sent
        return self.rates


async def panel_of(service: Service, throughput: Throughput, network: str) -> dict[str, Any]:
    """What the panel shows to a reader of this network; it asks nothing that could wait for long."""
    reasons = [reason for probe in service.probes if (reason := await probe())]
    consumer = service.consumer
    worked = consumer.worked if consumer else 0
    read_rate, sent_rate = throughput.measure(worked, service.relay.sent)
    reachable = service.prepared and not any("MongoDB" in reason for reason in reasons)
    return {
        "name": service.name,
        "ready": not reasons,
        "reasons": reasons,
        "lag": consumer.lag() if consumer else 0,
        "partitions": len(consumer.cursor) if consumer else 0,
        "worked": worked,
        "read_rate": read_rate,
        "sent": service.relay.sent,
        "sent_rate": sent_rate,
        "relays": service.relay.lease.held,
        "letters": await service.dead_letters.counts() if reachable else None,
        "undelivered": await undelivered(service, network) if reachable else None,
        "deadlines": await service.db.deadlines.estimated_document_count() if reachable else None,
    }


def operations_router(service: Service) -> APIRouter:
    router = APIRouter(prefix=f"/{service.name}/operations", include_in_schema=False)
    letters, throughput = service.dead_letters, Throughput()

    @router.get("")
    async def panel(request: Request, principal: Annotated[Principal, require("operations.read")]) -> Response:
        part = "hx-request" in request.headers or "part" in request.query_params
        name = "operations_part.html" if part else "operations_panel.html"
        return render(request, name, panel=await panel_of(service, throughput, principal.network))

    @router.get("/dead")
    async def dead(request: Request, principal: Annotated[Principal, require("operations.read")]) -> Response:
        if kind := exports.asked(request):
            return lists.dead(principal, kind, service.name, letters)
        paging, network = Paging.of(request, per_page=PAGE), principal.network
        rows, counts = await letters.page(paging.page, network), await letters.counts(network)
        listing = paging.listing(rows, counts["dead"] + counts["parked"])
        return render(request, "dead_letters.html", listing=listing, counts=counts, service=service.name, form=Form())

    @router.post("/dead/{letter:path}/replay")
    async def replay(
        request: Request, letter: str, principal: Annotated[Principal, require("operations.work")]
    ) -> Response:
        await letters.show(letter, principal.network)
        back = f"/{service.name}/operations/dead"
        try:
            done = await letters.replay(letter)
        except Refused as refused:
            return see_other(request, back, done=refused.sentence, kind="error")
        except Exception as error:
            sentence = _("It cannot be worked yet: %(reason)s", reason=reason_of(error))
            return see_other(request, back, done=sentence, kind="error")
        return see_other(request, back, done=_("Worked: %(done)s messages.", done=done))

    @router.post("/dead/{letter:path}/discard")
    async def discard(
        request: Request, letter: str, principal: Annotated[Principal, require("operations.work")]
    ) -> Response:
        await letters.show(letter, principal.network)
        await letters.discard(letter)
        return see_other(request, f"/{service.name}/operations/dead", done=_("The message is discarded."))

    return router
