"""The market for experts in the API: calls, applications, assessments, what activities need, runs, answers."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import Field

from services.matching import commands
from services.matching.commands import experts as ask
from services.matching.commands.words import Ask, Reason
from services.matching.domain.demand import Demand
from services.matching.domain.demand import Status as DemandStatus
from services.matching.domain.expert import Expert
from services.matching.domain.expert import Status as ExpertStatus
from services.matching.domain.roster import Roster
from services.matching.handlers import experts as doing
from services.matching.handlers.market_runs import propose_all
from services.matching.queries import experts as queries
from services.matching.queries.ideas import texts
from services.matching.web import models
from services.matching.web.api import Key, Part
from services.matching.web.common import api_store, db_of
from services.matching.web.experts import (
    Assessor,
    ExpertReader,
    ExpertSelf,
    MarketRunner,
    Seeking,
    found,
    people_of,
    person_of,
)
from services.matching.web.market_runs import proposed, run_now
from services.matching.web.market_views import (
    DemandView,
    ExpertView,
    MarketRunView,
    ProposedSeats,
    RosterView,
)
from services.matching.web.views import PageOf
from shared.contracts.experts import ExpertsSought, RosterOpened
from shared.contracts.refused import Refused
from shared.people.notices import Told
from shared.spine.draft import Receipt
from shared.web.rights import Principal

router = APIRouter(prefix="/matching/api/v1", tags=["experts"])
Name = Annotated[str, Path(max_length=100)]


class Application(ask.Profiled):
    """Without `name` and `email` one applies for oneself; keys name the person that they apply for."""

    roster: ask.RosterId
    statement: ask.Told
    member: commands.Code | None = None
    name: ask.Title | None = None
    email: Annotated[str, Field(max_length=320, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None


class ExpertTerms(ask.Profiled):
    """What stands from now on."""


class Assessment(Ask):
    listed: bool
    scores: dict[commands.Code, ask.Score] = Field(max_length=20)
    areas: Annotated[tuple[commands.Code, ...], Field(max_length=30)] = ()
    reason: ask.Told


class DeclineSeatBody(models.Body):
    reason: Reason = ""


class RosterCall(ask.OpenRoster):
    """`year`, fields of expertise, and the last day for applications."""


class DemandBody(ask.SeekExperts):
    """What an activity needs."""


@router.post("/rosters", status_code=201)
async def open_roster(body: RosterCall, request: Request, principal: Assessor, _key: Key = None) -> RosterView:
    command = ask.OpenRoster(**body.model_dump())
    number = await queries.rosters_of_year(db_of(request), principal.network, command.year) + 1
    receipt = await doing.open_roster(command, api_store(request, principal), number)
    return RosterView.of(await found(request, principal, _stream(receipt, RosterOpened), Roster))


@router.get("/rosters")
async def list_rosters(request: Request, principal: ExpertSelf) -> list[RosterView]:
    """Newest first."""
    return [RosterView.of(one) for one in await queries.rosters(db_of(request), principal.network)]


@router.post("/rosters/{roster_id}/close")
async def close_roster(
    roster_id: Name, request: Request, principal: Assessor, body: models.Body | None = None, _key: Key = None
) -> RosterView:
    one = await found(request, principal, roster_id, Roster)
    command = ask.CloseRoster(roster=one.id, happened_at=body and body.happened_at)
    await doing.close_roster(command, api_store(request, principal))
    return RosterView.of(await found(request, principal, roster_id, Roster))


@router.post("/experts", status_code=201)
async def apply(body: Application, request: Request, principal: ExpertSelf, _key: Key = None) -> ExpertView:
    """An application; coordinators assess it."""
    person = await _applicant(request, principal, body)
    told = body.model_dump(exclude={"name", "email", "member"})
    member = body.member if principal.own_member is None else principal.member
    await doing.apply(ask.Apply(**told, member=member), api_store(request, principal), person)
    await people_of(request).tell(person, Told("experts", "experts.apply"))
    return await _expert(request, principal, doing.expert_of(principal.network, person))


async def _applicant(request: Request, principal: Principal, body: Application) -> str:
    own = await person_of(request, principal)
    if own is not None:
        if body.name or body.email:
            raise Refused("other-person", "You apply for yourself only: leave name and address out.", status=403)
        return own
    if not (body.name and body.email):
        raise Refused("person-missing", "Name the person that this is for, with their address.", status=422)
    return await people_of(request).remember(body.name, body.email, body.member, principal.network)


@router.get("/experts")
async def list_experts(
    request: Request,
    principal: ExpertReader,
    asked: Part,
    *,
    status: Annotated[ExpertStatus | None, Query()] = None,
    area: Annotated[str, Query(max_length=60)] = "",
    language: Annotated[str, Query(max_length=2)] = "",
) -> PageOf[ExpertView]:
    """Who waits for an assessment first, then the best; names stay on the pages."""
    db, network = db_of(request), principal.network
    rows, total = await queries.experts(
        db, network, status=status or "", area=area, language=language, **asked.part
    )  # fmt: skip
    return asked.of([ExpertView.of(one) for one in rows], total)


@router.get("/experts/{expert_id}")
async def get_expert(expert_id: Name, request: Request, principal: ExpertReader) -> ExpertView:
    return await _expert(request, principal, expert_id)


@router.post("/experts/{expert_id}/assess")
async def assess(
    expert_id: Name, body: Assessment, request: Request, principal: Assessor, _key: Key = None
) -> ExpertView:
    one = await found(request, principal, expert_id, Expert)
    await doing.assess(ask.Assess(expert=one.id, **body.model_dump()), api_store(request, principal))
    return await _expert(request, principal, one.id)


@router.post("/experts/{expert_id}/change")
async def change_expert(
    expert_id: Name, body: ExpertTerms, request: Request, principal: ExpertSelf, _key: Key = None
) -> ExpertView:
    one = await _own(request, principal, expert_id)
    await doing.change_expert(ask.ChangeExpert(expert=one, **body.model_dump()), api_store(request, principal))
    return await _expert(request, principal, one)


@router.post("/experts/{expert_id}/renew")
async def renew_expert(
    expert_id: Name, request: Request, principal: ExpertSelf, body: models.Body | None = None, _key: Key = None
) -> ExpertView:
    one = await _own(request, principal, expert_id)
    command = ask.RenewExpert(expert=one, happened_at=body and body.happened_at)
    await doing.renew_expert(command, api_store(request, principal))
    return await _expert(request, principal, one)


@router.post("/experts/{expert_id}/withdraw")
async def withdraw_expert(
    expert_id: Name, request: Request, principal: ExpertSelf, body: models.Body | None = None, _key: Key = None
) -> ExpertView:
    one = await _own(request, principal, expert_id)
    command = ask.WithdrawExpert(expert=one, happened_at=body and body.happened_at)
    await doing.withdraw_expert(command, api_store(request, principal))
    return await _expert(request, principal, one)


@router.post("/demands", status_code=201)
async def seek(body: DemandBody, request: Request, principal: Seeking, _key: Key = None) -> DemandView:
    receipt = await doing.seek_experts(ask.SeekExperts(**body.model_dump()), api_store(request, principal))
    return await _demand(request, principal, _stream(receipt, ExpertsSought))


@router.get("/demands")
async def list_demands(
    request: Request,
    principal: ExpertReader,
    asked: Part,
    status: Annotated[DemandStatus | None, Query()] = None,
) -> PageOf[DemandView]:
    """The first to begin first."""
    db, network = db_of(request), principal.network
    rows, total = await queries.demands(db, network, status=status or "", **asked.part)
    kept = await texts(db, network, [one.state.words for one in rows])
    return asked.of([DemandView.of(one, kept) for one in rows], total)


@router.get("/demands/{demand_id}")
async def get_demand(demand_id: Name, request: Request, principal: ExpertReader) -> DemandView:
    return await _demand(request, principal, demand_id)


@router.post("/demands/{demand_id}/withdraw")
async def withdraw_demand(
    demand_id: Name, body: models.ReasonBody, request: Request, principal: Seeking, _key: Key = None
) -> DemandView:
    one = await found(request, principal, demand_id, Demand)
    command = ask.WithdrawDemand(demand=one.id, **body.model_dump())
    await doing.withdraw_demand(command, api_store(request, principal))
    return await _demand(request, principal, one.id)


@router.post("/demands/{demand_id}/seats/{seat_id}/accept")
async def accept(
    demand_id: Name,
    seat_id: Name,
    request: Request,
    principal: ExpertSelf,
    *,
    body: models.Body | None = None,
    _key: Key = None,
) -> DemandView:
    """The expert says yes."""
    await _must_be_asked(request, principal, demand_id, seat_id)
    command = ask.AcceptSeat(demand=demand_id, seat=seat_id, happened_at=body and body.happened_at)
    await doing.accept_seat(command, api_store(request, principal))
    return await _answered(request, principal, demand_id, seat_id)


@router.post("/demands/{demand_id}/seats/{seat_id}/decline")
async def decline(
    demand_id: Name,
    seat_id: Name,
    request: Request,
    principal: ExpertSelf,
    *,
    body: DeclineSeatBody | None = None,
    _key: Key = None,
) -> DemandView:
    """The expert says no; somebody else is looked for."""
    await _must_be_asked(request, principal, demand_id, seat_id)
    told = (body or DeclineSeatBody()).model_dump()
    await doing.decline_seat(ask.DeclineSeat(demand=demand_id, seat=seat_id, **told), api_store(request, principal))
    return await _answered(request, principal, demand_id, seat_id)


@router.post("/experts-runs", status_code=201)
async def run_experts(
    request: Request, principal: MarketRunner, body: models.Body | None = None, _key: Key = None
) -> MarketRunView:
    """Solves what is open; the answer comes when it is solved."""
    command = ask.RunMarket(market="experts", happened_at=body and body.happened_at)
    return await _run(request, principal, await run_now(request, principal, command, api_store(request, principal)))


@router.get("/experts-runs/{market_run}")
async def get_run(market_run: Name, request: Request, principal: ExpertReader) -> MarketRunView:
    return await _run(request, principal, market_run)


@router.post("/experts-runs/{market_run}/propose")
async def propose(
    market_run: Name, request: Request, principal: MarketRunner, body: models.Body | None = None, _key: Key = None
) -> ProposedSeats:
    """Ask everybody that the run found; what changed since is refused, the others go on."""
    run = await queries.run(db_of(request), principal.network, market_run, "experts")
    if run is None:
        raise HTTPException(404)
    common = {"happened_at": body and body.happened_at}
    store = api_store(request, principal)
    outcome = await propose_all(market_run, "experts", run["solution"].matches, store, **common)
    return proposed(outcome)


async def _expert(request: Request, principal: Principal, name: str) -> ExpertView:
    return ExpertView.of(await found(request, principal, name, Expert))


async def _demand(request: Request, principal: Principal, name: str) -> DemandView:
    one = await found(request, principal, name, Demand)
    kept = await texts(db_of(request), principal.network, [one.state.words])
    return DemandView.of(one, kept)


async def _answered(request: Request, principal: Principal, demand_id: str, seat_id: str) -> DemandView:
    """An expert sees their own seat alone: who else was asked, and what they said, is for those who read experts."""
    view = await _demand(request, principal, demand_id)
    return view if principal.may("experts.read") else view.with_seat_alone(seat_id)


async def _run(request: Request, principal: Principal, name: str) -> MarketRunView:
    run = await queries.run(db_of(request), principal.network, name, "experts")
    if run is None:
        raise HTTPException(404)
    return MarketRunView.of(run)


async def _own(request: Request, principal: Principal, name: str) -> str:
    """The expert named, where they are the reader; keys of coordinators act for any."""
    one = await found(request, principal, name, Expert)
    person = await person_of(request, principal)
    if one.state.person != person and not (person is None and principal.may("experts.assess")):
        raise HTTPException(404)
    return one.id


async def _must_be_asked(request: Request, principal: Principal, demand_id: str, seat_id: str) -> None:
    one = await found(request, principal, demand_id, Demand)
    seat = one.state.seats.get(seat_id)
    if seat is None:
        raise HTTPException(404)
    await _own(request, principal, seat.expert)


def _stream(receipt: Receipt, kind: type[Any]) -> str:
    made = receipt.first(kind)
    assert made is not None
    return made.stream
