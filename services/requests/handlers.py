"""The use cases: one short function each; a request and the plan that holds it move together."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from shared import clock
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Quarter
from shared.ids import new_id
from shared.spine.aggregate import Decide
from shared.spine.draft import Put, Receipt, Remove
from shared.spine.store import Store

from . import merging
from .commands import (
    AcceptForCall,
    DeclineRequest,
    DeferRequest,
    FulfilRequest,
    NoteActivity,
    PlanRequest,
    ReopenRequest,
    ReturnRequest,
    SubmitRequest,
    WithdrawRequest,
)
from .domain import plan, request
from .domain.caps import within_cap
from .domain.merging import part
from .offered import kind_of, place_of
from .reasons import reason_of
from .streams import ACTIVITIES, DRAFTS, WORDS, plan_id

_ASKED = ("title", "description", "audience", "mode", "host_place", "host_member", "members", "duration", "level",
          "weeks", "inside_event", "website", "officials", "focus_area", "form", "agenda", "format", "contact",
          "period")  # fmt: skip


def plan_year(quarter: str | None, moment: datetime) -> int:
    return Quarter.parse(quarter).year if quarter else moment.year


async def submit_request(command: SubmitRequest, store: Store, *, call_open: bool = False, draft: str = "") -> Receipt:
    """Send a request to the plan of the year it is wished for; it waits there for a first answer.

    An exchange is asked for in the call where one is open. `draft` is what it was written as, gone from then on.
    """
    network = store.origin.network
    kind = kind_of(network, command.kind)
    name = command.request or new_id("request")
    year = plan_year(request.wished_for(command), command.happened_at or clock.now())
    home = plan_id(network, year)
    words = {field: getattr(command, field) for field in _ASKED}
    words |= {"network_named": command.network, "member": command.member, "network": network}
    return await store.execute_all(
        command,
        {
            name: partial(request.submit, kind=kind, plan=home, call_open=call_open),
            home: partial(plan.receive, year=year, request=name),
        },
        beside=[Put(WORDS, name, _filled(words)), *([Remove(DRAFTS, draft)] if draft else [])],
    )


async def plan_request(command: PlanRequest, store: Store) -> Receipt:
    """Put it on a line and into a quarter of the plan; `events` hears of the activity."""
    network = store.origin.network
    asked = await _asked(command.request, store)
    year = Quarter.parse(command.quarter).year
    kind = kind_of(network, asked.kind)
    place = place_of(network, kind.activity_kind, command.line, year)
    command = command.model_copy(update={"activity": new_id("activity"), "words": new_id("words")})
    target = plan_id(network, year)
    decides: dict[str, Decide] = {command.request: partial(request.decide, held_by=asked.plan, plan=target)}
    for stream, of_year in {asked.plan: asked.year, target: year}.items():
        decide = partial(plan.plan_request, year=of_year, asked=asked, place=place)
        capped = kind.cap is not None and stream == target
        decides[stream] = partial(within_cap, kind=kind, decide=decide) if capped else decide
    return await store.execute_all(command, decides, beside=reason_of(command, store))


async def defer_request(command: DeferRequest, store: Store) -> Receipt:
    """Put it off to a later quarter; its sender sees the reason at once, and that year's plan holds it."""
    asked = await _asked(command.request, store)
    year = Quarter.parse(command.quarter).year
    command = command.model_copy(update={"words": new_id("words")})
    target = plan_id(store.origin.network, year)
    decides: dict[str, Decide] = {command.request: partial(request.decide, held_by=asked.plan, plan=target)}
    for stream, of_year in {asked.plan: asked.year, target: year}.items():
        decides[stream] = partial(plan.defer_request, year=of_year, asked=asked)
    return await store.execute_all(command, decides, beside=reason_of(command, store))


async def decline_request(command: DeclineRequest, store: Store) -> Receipt:
    """Say no, and why."""
    return await _let_go(command, store)


async def withdraw_request(command: WithdrawRequest, store: Store) -> Receipt:
    """Its sender takes it back; what was planned for it leaves the plan, and those merged into it wait again."""
    asked = await _asked(command.request, store)
    command = command.model_copy(update={"words": new_id("words") if command.reason else ""})
    decides = await merging.withdrawn(command.request, asked, store)
    return await store.execute_all(command, decides, beside=reason_of(command, store))


async def _let_go(command: DeclineRequest | AcceptForCall, store: Store) -> Receipt:
    asked = await _asked(command.request, store)
    command = command.model_copy(update={"words": new_id("words") if command.reason else ""})
    decides: dict[str, Decide] = {
        command.request: partial(request.decide, held_by=asked.plan),
        asked.plan: partial(plan.let_go, activity=asked.activity),
    }
    return await store.execute_all(command, decides, beside=reason_of(command, store))


async def reopen_request(command: ReopenRequest, store: Store, activity: Mapping[str, object]) -> Receipt:
    """Take the last decision back; its sender reads why. `activity` is what `events` said last of the planned one."""
    asked = await _asked(command.request, store)
    if activity.get("status") in ("scheduled", "held"):
        raise Refused(
            "activity-scheduled",
            "Its activity has a date already. Ask its organiser to cancel it: the request then comes back by itself.",
        )
    command = command.model_copy(update={"words": new_id("words")})
    stood = asked.decided[-1] if asked.decided else None
    waits = stood.plan if stood else asked.plan
    decides: dict[str, Decide] = {command.request: partial(request.decide, held_by=asked.plan)}
    for stream, year in {asked.plan: asked.year, waits: stood.year if stood else asked.year}.items():
        listed = stream == waits and _was_listed(asked)
        decides[stream] = partial(plan.take_back, year=year, waits=listed, asked=asked)
    if asked.into:
        decides[asked.into] = partial(part, joined=command.request)
    return await store.execute_all(command, decides, beside=reason_of(command, store))


def _was_listed(asked: request.Request) -> bool:
    """Whether a plan's list had it before the last decision: one deferred within its year is on none."""
    match asked.decided:
        case (*_, earlier, last) if last.status == request.Status.DEFERRED.value:
            return earlier.year != last.year
    return True


async def return_request(command: ReturnRequest, store: Store) -> Receipt:
    """What answered it was cancelled: it waits on the board again; where that comes too late nothing follows."""
    asked = await _asked(command.request, store)
    # Withdrawn before its activity was cancelled, it keeps the activity's name, and waits for nobody.
    if not request.answered_by(asked, command.activity, command.exchange):
        return Receipt()
    decides: dict[str, Decide] = {
        command.request: request.decide,
        asked.plan: partial(plan.take_back, year=asked.year, waits=True, asked=asked),
    }
    return await store.execute_all(command, decides)


async def fulfil_request(command: FulfilRequest, store: Store) -> Receipt:
    """Its activity was held; for a request that is not planned any more nothing follows."""
    return await store.execute(command.request, command, request.decide)


async def note_activity(command: NoteActivity, year: int, facts: dict[str, object], store: Store) -> Receipt:
    """Keep beside the plan what `events` says of an activity: scheduled, held, cancelled, and when."""
    network = store.origin.network
    document = {**facts, "network": network}
    beside = [Put(ACTIVITIES, command.activity, document)]
    return await store.execute(plan_id(network, year), command, plan.nothing, beside=beside)


async def _asked(name: str, store: Store) -> request.Request:
    asked: request.Request = await store.load(name)
    return asked


def _filled(document: dict[str, object]) -> dict[str, object]:
    """Without the fields that were left open."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in document.items() if value}
