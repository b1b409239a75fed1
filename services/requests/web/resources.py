"""What can be spent in each quarter of a year: the page on which it is set, and its API with the proposal's."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict

from services.requests import spending
from services.requests.commands import Moment
from services.requests.domain.resources import RESOURCES, OfQuarter, SetResources
from services.requests.domain.triage import reasons
from services.requests.weighing import HALVES, resources
from shared.contracts.refused import Refused
from shared.contracts.resources import ResourcesSet
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded

from .api_bodies import Key
from .common import Coordinator, PlanEditor, api_store, db_of, page_store
from .proposal import NAMES, STEPS, proposed, quarters_of, year_of
from .proposal_words import cost_in_words
from .story import quarter_words

router = APIRouter()
api = APIRouter(prefix="/requests/api/v1", tags=["triage"])
YearPath = Annotated[int, Path(ge=2000, le=2099)]


@router.get("/requests/resources/{year}")
async def resources_page(request: Request, year: str, principal: PlanEditor) -> Response:
    return await _page(request, year_of(year), principal)


async def _page(
    request: Request, year: int, principal: Principal, form: Form | None = None, status: int = 200
) -> Response:
    state, version = await resources(db_of(request), principal.network, year)
    stated = {
        f"{quarter}.{name}": _plain(getattr(state.of(quarter), name))
        for quarter in quarters_of(year)
        for name in RESOURCES
    }
    return render(
        request,
        "resources.html",
        status=status,
        year=year,
        version=version,
        form=form or Form.of(**stated),
        quarters=[(quarter, quarter_words(quarter)) for quarter in quarters_of(year)],
        names={name: _(word) for name, word in NAMES.items()},
        steps=STEPS | {"budget": "1"},
    )


def _plain(amount: float | None) -> str | None:
    return None if amount is None else f"{amount:g}" if amount < 1_000_000 else f"{amount:.0f}"


@router.post("/requests/resources/{year}")
async def set_resources(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    form = await read_form(request)
    quarters = [_of_quarter(form, quarter) for quarter in quarters_of(of_year)]
    status = 422
    if not form.errors:
        command = SetResources(year=of_year, quarters=tuple(one for one in quarters if one))
        store = page_store(request, principal, form.command_id)
        stream = spending.resources_id(principal.network, of_year)
        try:
            await guarded(
                request, store, stream, lambda now: spending.set_resources(command, now), seen=form.version or None,
                minds=(ResourcesSet,),
            )  # fmt: skip
        except Changed as changed:
            status = form.stale(changed, take=f"/requests/resources/{of_year}")
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            done = _("The resources of %(year)s are set; the board weighs against them.", year=of_year)
            return see_other(request, f"/requests/triage/{of_year}", done=done)
    return await _page(request, of_year, principal, form, status)


def _of_quarter(form: Form, quarter: str) -> OfQuarter | None:
    """One quarter's fields; what is wrong is told at the form's own."""
    own = Form({name: [form[f"{quarter}.{name}"].replace(",", ".")] for name in RESOURCES})
    built = own.build(OfQuarter, quarter=quarter)
    for name, sentence in own.errors.items():
        form.fail(f"{quarter}.{name}", sentence)
    return built


class ResourcesBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    quarters: Annotated[tuple[OfQuarter, ...], SetResources.model_fields["quarters"].metadata[0]]
    happened_at: Moment | None = None


class QuarterView(BaseModel):
    quarter: str
    budget: int | None = None
    trainer_days: float | None = None
    event_slots: int | None = None
    interpretation_days: float | None = None


class ResourcesView(BaseModel):
    """What can be spent; none where nothing limits. Euros, days, slots, days."""

    year: int
    quarters: list[QuarterView]


@api.get("/resources/{year}")
async def get_resources(year: YearPath, request: Request, principal: Coordinator) -> ResourcesView:
    state, _version = await resources(db_of(request), principal.network, year)
    shown = [
        QuarterView(quarter=quarter, **{name: getattr(state.of(quarter), name) for name in RESOURCES})
        for quarter in quarters_of(year)
    ]
    return ResourcesView(year=year, quarters=shown)


@api.put("/resources/{year}")
async def put_resources(
    year: YearPath, body: ResourcesBody, request: Request, principal: PlanEditor, _key: Key = None
) -> ResourcesView:
    command = SetResources(year=year, quarters=body.quarters, happened_at=body.happened_at)
    await spending.set_resources(command, api_store(request, principal))
    return await get_resources(year, request, principal)


class ShortView(BaseModel):
    resource: str
    needs: float
    left: float
    by: float


class LeftOutView(BaseModel):
    request: str
    quarter: str | None
    short: list[ShortView]
    kind_cap: int | None = None
    member_cap: int | None = None
    instead_of: str | None = None
    verified: bool


class ProposedView(BaseModel):
    request: str
    quarter: str
    cost: dict[str, float]


class ProposalView(BaseModel):
    """The best set that is known; it decides nothing. No set is worth more than `bound`; `gap` is a fraction."""

    year: int
    value: int
    bound: int
    gap: float
    proven: bool
    undecided: int
    proposed: list[ProposedView]
    left_out: list[LeftOutView]


@api.get("/triage/{year}")
async def get_proposal(year: YearPath, request: Request, principal: Coordinator) -> ProposalView:
    now, known = await proposed(request, principal.network, year)
    found = known.proposal
    return ProposalView(
        year=year,
        value=found.value,
        bound=found.bound,
        gap=found.gap,
        proven=found.proven,
        undecided=len(now.undecided),
        proposed=[
            ProposedView(request=item.id, quarter=found.chosen[item.id], cost=cost_in_words(item))
            for item in now.problem.items
            if item.id in found.chosen
        ],
        left_out=[
            LeftOutView(
                request=one.request,
                quarter=one.quarter,
                short=[
                    ShortView(
                        resource=RESOURCES[lack.resource],
                        **{word: getattr(lack, word) / HALVES[lack.resource] for word in ("needs", "left", "by")},
                    )
                    for lack in one.short
                ],
                kind_cap=one.kind_cap,
                member_cap=one.member_cap,
                instead_of=one.instead_of,
                verified=one.verified,
            )
            for one in reasons(now.problem, found)
        ],
    )
