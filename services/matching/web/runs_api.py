"""The JSON API of runs: solved at once or behind a page, proposed, and what would change them."""

from fastapi import APIRouter, HTTPException, Request

from services.matching import handlers, queries
from services.matching.commands import RunMatch
from services.matching.domain import call
from services.matching.domain.call import must_be_matched
from services.matching.handlers import workings
from services.matching.queries.market import market_of
from services.matching.queries.workings import working
from services.matching.web import models
from services.matching.web.api import Key, Name
from services.matching.web.common import Proposer, Reader, Runner, api_store, db_of, found, profile_of, solve_in
from services.matching.web.reasons_views import RunReasonsView, WorkingView
from services.matching.web.run_views import RunView
from services.matching.web.runs import found_run
from services.matching.web.since import since_of
from services.matching.web.views import NotProposedView, ProposalsView, ProposedView, RunSummary
from shared.contracts.matching import MatchRunCompleted
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.web.rights import Principal

router = APIRouter(prefix="/matching/api/v1", tags=["matching"])


@router.post("/calls/{call_id}/runs", status_code=201)
async def run_match(
    call_id: Name, request: Request, principal: Runner, body: models.Body | None = None, _key: Key = None
) -> RunView:
    """Solves the call as it stands; the answer comes when it is solved."""
    one = await found(request, principal, call_id, call.Call)
    market = await market_of(db_of(request), principal.network, one.id)
    command = RunMatch(call=one.id, happened_at=body and body.happened_at)
    receipt = await handlers.run_match(command, market, solve_in(request), api_store(request, principal))
    completed = receipt.first(MatchRunCompleted)
    assert completed is not None
    assert isinstance(completed.event, MatchRunCompleted)
    return await _run(request, principal, completed.event.run)


@router.get("/calls/{call_id}/runs")
async def list_runs(call_id: Name, request: Request, principal: Reader) -> list[RunSummary]:
    """The latest first."""
    one = await found(request, principal, call_id, call.Call)
    rows = await queries.runs(db_of(request), principal.network, one.id)
    return [RunSummary.model_validate(row) for row in rows]


@router.get("/runs/{run_id}")
async def get_run(run_id: Name, request: Request, principal: Reader) -> RunView:
    return await _run(request, principal, run_id)


@router.post("/runs/{run_id}/propose")
async def propose(
    run_id: Name, request: Request, principal: Proposer, body: models.ProposeBody | None = None, _key: Key = None
) -> ProposalsView:
    """Each match for itself: what cannot be proposed any more is refused, the others go on."""
    run = await found_run(request, principal, run_id)
    asked = body or models.ProposeBody()
    chosen = None if asked.interests is None else set(asked.interests)
    matches = [one for one in run.solution.matches if chosen is None or one.interest in chosen]
    if chosen and len(matches) < len(chosen):
        raise Refused("not-matched", "Name interests that this run matched.", status=422)
    store = api_store(request, principal)
    outcomes = await handlers.propose_exchanges(run.id, run.call, matches, store, happened_at=asked.happened_at)
    refused = [one for one in outcomes if one.refused and one.refused.code != "proposed-already"]
    return ProposalsView(
        proposed=[ProposedView(interest=one.interest, exchange=one.exchange) for one in outcomes if one not in refused],
        refused=[
            NotProposedView(interest=one.interest, code=one.refused.code, detail=one.refused.sentence)
            for one in refused
            if one.refused
        ],
    )


@router.post("/calls/{call_id}/runs/begin", status_code=202)
async def begin_run(
    call_id: Name, request: Request, principal: Runner, body: models.Body | None = None, _key: Key = None
) -> WorkingView:
    """The run is solved behind this answer: `/runs/{run}/working` says how far it is, `/runs/{run}` has it then."""
    one = await found(request, principal, call_id, call.Call)
    must_be_matched(one.state)
    origin = api_store(request, principal).origin
    key = origin.command_id
    run = fixed_id("run", principal.network, principal.subject, "api", key) if key else new_id("run")
    if await queries.run_call(db_of(request), principal.network, run) is None:
        await workings.ask_run(db_of(request), run, one.id, origin)
    return await _working(request, principal, run)


@router.get("/runs/{run_id}/working")
async def get_working(run_id: Name, request: Request, principal: Reader) -> WorkingView:
    """How far the run is, and what is worked out of it."""
    return await _working(request, principal, run_id)


@router.post("/runs/{run_id}/stop")
async def stop_run(
    run_id: Name, request: Request, principal: Runner, body: models.Body | None = None, _key: Key = None
) -> WorkingView:
    """Leave it as it is: a run under way is given up, what would change a run is not worked out further."""
    await _working(request, principal, run_id)
    await workings.stop(db_of(request), principal.network, run_id)
    return await _working(request, principal, run_id)


@router.post("/runs/{run_id}/go-on")
async def go_on(
    run_id: Name, request: Request, principal: Runner, body: models.Body | None = None, _key: Key = None
) -> WorkingView:
    """Work out the rest of what would change the run."""
    await _working(request, principal, run_id)
    await workings.go_on(db_of(request), principal.network, run_id)
    return await _working(request, principal, run_id)


@router.get("/runs/{run_id}/reasons")
async def get_reasons(run_id: Name, request: Request, principal: Reader) -> RunReasonsView:
    """What would change the run: for each interest without a match, for the hosts, for the call's minimum."""
    run = await found_run(request, principal, run_id)
    known = await working(db_of(request), principal.network, run_id)
    one = await found(request, principal, run.call, call.Call)
    state = known[1] if known else None
    came = await since_of(request, principal, one, run.id, state)
    return RunReasonsView.of(run, state, came, profile_of(principal), principal.own_member)


async def _run(request: Request, principal: Principal, name: str) -> RunView:
    run = await found_run(request, principal, name)
    focus = await queries.focus_of(db_of(request), principal.network, [one.interest for one in run.solution.unmatched])
    return RunView.of(run, focus, profile_of(principal), principal.own_member)


async def _working(request: Request, principal: Principal, name: str) -> WorkingView:
    known = await working(db_of(request), principal.network, name)
    if known is None:
        raise HTTPException(404)
    one = await found(request, principal, known[0], call.Call)
    return WorkingView.of(name, one.id, known[1])
