"""Project ideas in the API: put up, joined, matched, answered."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request

from services.matching import commands
from services.matching.commands import ideas as ask
from services.matching.commands.experts import RunMarket, Title, Told
from services.matching.domain.idea import Status
from services.matching.handlers import ideas as doing
from services.matching.handlers.market_runs import propose_all
from services.matching.queries import experts as run_queries
from services.matching.queries import ideas as queries
from services.matching.web import models
from services.matching.web.api import Key, Part
from services.matching.web.common import api_store, db_of, member_for
from services.matching.web.ideas import (
    IdeaAnswerer,
    IdeaMaker,
    IdeaMatcher,
    IdeaReader,
    answering,
    found,
    led,
    offered,
)
from services.matching.web.market_runs import proposed, run_now
from services.matching.web.market_views import (
    IdeaView,
    MarketRunView,
    PartnerView,
    ProposedSeats,
)
from services.matching.web.views import PageOf
from shared.contracts.ideas import IdeaPut, PartnershipOffered
from shared.spine.draft import Receipt
from shared.web.rights import Principal

router = APIRouter(prefix="/matching/api/v1", tags=["ideas"])
Name = Annotated[str, Path(max_length=100)]


class IdeaBody(ask.PutIdea):
    """`lead` is left out for one's own member."""

    lead: commands.Code | None = None  # type: ignore[assignment]


class PartnershipBody(ask.Partnering):
    member: commands.Code | None = None
    """Left out: one's own."""


class PartnershipTerms(ask.Partnering):
    """What stands from now on."""


class ProjectBody(models.Body):
    name: Title


class WithdrawIdeaBody(models.Body):
    reason: Told


@router.post("/ideas", status_code=201)
async def put(body: IdeaBody, request: Request, principal: IdeaMaker, _key: Key = None) -> IdeaView:
    lead = member_for(principal, body.lead)
    command = ask.PutIdea(**{**body.model_dump(), "lead": lead})
    receipt = await doing.put_idea(command, api_store(request, principal))
    return await _idea(request, principal, _stream(receipt, IdeaPut))


@router.get("/ideas")
async def list_ideas(
    request: Request,
    principal: IdeaReader,
    asked: Part,
    status: Annotated[Status | None, Query()] = None,
    theme: Annotated[str, Query(max_length=60)] = "",
) -> PageOf[IdeaView]:
    """The newest first."""
    db, network = db_of(request), principal.network
    rows, total = await queries.ideas(db, network, status=status or "", theme=theme, **asked.part)
    kept = await queries.texts(db, network, [one.state.words for one in rows])
    return asked.of([_shown(IdeaView.of(one, kept), principal) for one in rows], total)


@router.get("/ideas/{idea_id}")
async def get_idea(idea_id: Name, request: Request, principal: IdeaReader) -> IdeaView:
    return await _idea(request, principal, idea_id)


@router.post("/ideas/{idea_id}/withdraw")
async def withdraw(
    idea_id: Name, body: WithdrawIdeaBody, request: Request, principal: IdeaMaker, _key: Key = None
) -> IdeaView:
    one = await led(request, principal, idea_id)
    await doing.withdraw_idea(ask.WithdrawIdea(idea=one.id, **body.model_dump()), api_store(request, principal))
    return await _idea(request, principal, one.id)


@router.post("/ideas/{idea_id}/project")
async def make_project(
    idea_id: Name, body: ProjectBody, request: Request, principal: IdeaMaker, _key: Key = None
) -> IdeaView:
    """All partners joined: it is a project from now on."""
    one = await led(request, principal, idea_id)
    await doing.make_project(ask.MakeProject(idea=one.id, **body.model_dump()), api_store(request, principal))
    return await _idea(request, principal, one.id)


@router.post("/ideas/{idea_id}/seats/{seat_id}/accept")
async def accept(
    idea_id: Name,
    seat_id: Name,
    request: Request,
    principal: IdeaAnswerer,
    *,
    body: models.AnswerBody | None = None,
    _key: Key = None,
) -> IdeaView:
    told = body or models.AnswerBody()
    one, side = await answering(request, principal, idea_id, seat_id, told.member)
    command = ask.AcceptPartner(idea=one.id, seat=seat_id, member=side, happened_at=told.happened_at)
    await doing.accept_partner(command, api_store(request, principal))
    return await _idea(request, principal, one.id)


@router.post("/ideas/{idea_id}/seats/{seat_id}/decline")
async def decline(
    idea_id: Name,
    seat_id: Name,
    request: Request,
    principal: IdeaAnswerer,
    *,
    body: models.DeclineBody | None = None,
    _key: Key = None,
) -> IdeaView:
    told = body or models.DeclineBody()
    one, side = await answering(request, principal, idea_id, seat_id, told.member)
    facts = {"reason": told.reason, "happened_at": told.happened_at}
    command = ask.DeclinePartner(idea=one.id, seat=seat_id, member=side, **facts)
    await doing.decline_partner(command, api_store(request, principal))
    return await _idea(request, principal, one.id)


@router.post("/partners", status_code=201)
async def offer(body: PartnershipBody, request: Request, principal: IdeaMaker, _key: Key = None) -> PartnerView:
    """One offer a member; the one that stands is changed."""
    command = ask.OfferPartnership(**{**body.model_dump(), "member": member_for(principal, body.member)})
    receipt = await doing.offer_partnership(command, api_store(request, principal))
    return PartnerView.of(await offered(request, principal, _stream(receipt, PartnershipOffered)))


@router.get("/partners")
async def list_partners(request: Request, principal: IdeaReader) -> list[PartnerView]:
    """Offers that stand: one's own member's, or all for who sees all."""
    rows = await queries.partners(db_of(request), principal.network, principal.own_member)
    return [PartnerView.of(one) for one in rows]


@router.post("/partners/{partner_id}/change")
async def change(
    partner_id: Name, body: PartnershipTerms, request: Request, principal: IdeaMaker, _key: Key = None
) -> PartnerView:
    one = await offered(request, principal, partner_id)
    command = ask.ChangePartnership(partner=one.id, **body.model_dump())
    await doing.change_partnership(command, api_store(request, principal))
    return PartnerView.of(await offered(request, principal, one.id))


@router.post("/partners/{partner_id}/withdraw")
async def withdraw_partnership(
    partner_id: Name, request: Request, principal: IdeaMaker, body: models.Body | None = None, _key: Key = None
) -> PartnerView:
    one = await offered(request, principal, partner_id)
    command = ask.WithdrawPartnership(partner=one.id, happened_at=body and body.happened_at)
    await doing.withdraw_partnership(command, api_store(request, principal))
    return PartnerView.of(await offered(request, principal, one.id))


@router.post("/ideas-runs", status_code=201)
async def run_ideas(
    request: Request, principal: IdeaMatcher, body: models.Body | None = None, _key: Key = None
) -> MarketRunView:
    """Solves what is open; the answer comes when it is solved."""
    command = RunMarket(market="ideas", happened_at=body and body.happened_at)
    run = await run_now(request, principal, command, api_store(request, principal))
    return MarketRunView.of(await _run(request, principal, run))


@router.get("/ideas-runs/{idea_run}")
async def get_run(idea_run: Name, request: Request, principal: IdeaMatcher) -> MarketRunView:
    return MarketRunView.of(await _run(request, principal, idea_run))


@router.post("/ideas-runs/{idea_run}/propose")
async def propose(
    idea_run: Name, request: Request, principal: IdeaMatcher, body: models.Body | None = None, _key: Key = None
) -> ProposedSeats:
    run = await _run(request, principal, idea_run)
    common = {"happened_at": body and body.happened_at}
    store = api_store(request, principal)
    outcome = await propose_all(idea_run, "ideas", run["solution"].matches, store, **common)
    return proposed(outcome)


async def _idea(request: Request, principal: Principal, name: str) -> IdeaView:
    one = await found(request, principal, name)
    kept = await queries.texts(db_of(request), principal.network, [one.state.words])
    return _shown(IdeaView.of(one, kept), principal)


def _shown(view: IdeaView, principal: Principal) -> IdeaView:
    """What is proposed concerns lead and partner alone; who joined is for all to see."""
    own = principal.own_member
    seats = [seat for seat in view.seats if own in (None, view.lead, seat.member) or seat.answer == "joined"]
    return view.model_copy(update={"seats": seats, "wishes": view.wishes if own in (None, view.lead) else []})


async def _run(request: Request, principal: Principal, name: str) -> dict[str, Any]:
    run = await run_queries.run(db_of(request), principal.network, name, "ideas")
    if run is None:
        raise HTTPException(404)
    return run


def _stream(receipt: Receipt, kind: type[Any]) -> str:
    made = receipt.first(kind)
    assert made is not None
    return made.stream
