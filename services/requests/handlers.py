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
from shared.spine.search import COLLECTION as SEARCH
from shared.spine.store import Store

from .commands import (
    AdoptPlan,
    Decision,
    DeclineRequest,
    DeferRequest,
    FulfilRequest,
    MoveActivity,
    NoteActivity,
    PlanActivity,
    PlanRequest,
    ReopenRequest,
    ReturnRequest,
    SubmitRequest,
    UnplanActivity,
    WithdrawRequest,
)
from .domain import plan, request
from .offered import activity_rules, kind_of, place_of
from .streams import ACTIVITIES, WORDS, plan_id

_ASKED = ("title", "description", "audience", "mode", "host_place", "host_member", "members", "duration", "level",
          "weeks", "inside_event", "website", "officials", "focus_area", "form")  # fmt: skip


def plan_year(quarter: str | None, moment: datetime) -> int:
    return Quarter.parse(quarter).year if quarter else moment.year


async def submit_request(command: SubmitRequest, store: Store) -> Receipt:
    """Send a request to the plan of the year it is wished for; it waits there for a first answer."""
    network = store.origin.network
    kind = kind_of(network, command.kind)
    name = command.request or new_id("request")
    year = plan_year(command.quarter_wished, command.happened_at or clock.now())
    home = plan_id(network, year)
    words = {field: getattr(command, field) for field in _ASKED}
    words |= {"network_named": command.network, "member": command.member, "network": network}
    return await store.execute_all(
        command,
        {
            name: partial(request.submit, kind=kind, plan=home),
            home: partial(plan.receive, year=year, request=name),
        },
        beside=[Put(WORDS, name, _filled(words))],
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
        decides[stream] = partial(plan.plan_request, year=of_year, asked=asked, place=place)
    return await store.execute_all(command, decides, beside=_reason(command, store))


async def defer_request(command: DeferRequest, store: Store) -> Receipt:
    """Put it off to a later quarter; its sender sees the reason at once, and that year's plan holds it."""
    asked = await _asked(command.request, store)
    year = Quarter.parse(command.quarter).year
    command = command.model_copy(update={"words": new_id("words")})
    target = plan_id(store.origin.network, year)
    decides: dict[str, Decide] = {command.request: partial(request.decide, held_by=asked.plan, plan=target)}
    for stream, of_year in {asked.plan: asked.year, target: year}.items():
        decides[stream] = partial(plan.defer_request, year=of_year, asked=asked)
    return await store.execute_all(command, decides, beside=_reason(command, store))


async def decline_request(command: DeclineRequest, store: Store) -> Receipt:
    """Say no, and why."""
    return await _let_go(command, store)


async def withdraw_request(command: WithdrawRequest, store: Store) -> Receipt:
    """Its sender takes it back; what was planned for it leaves the plan."""
    return await _let_go(command, store)


async def _let_go(command: DeclineRequest | WithdrawRequest, store: Store) -> Receipt:
    asked = await _asked(command.request, store)
    command = command.model_copy(update={"words": new_id("words") if command.reason else ""})
    decides: dict[str, Decide] = {
        command.request: partial(request.decide, held_by=asked.plan),
        asked.plan: partial(plan.let_go, activity=asked.activity),
    }
    return await store.execute_all(command, decides, beside=_reason(command, store))


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
    return await store.execute_all(command, decides, beside=_reason(command, store))


def _was_listed(asked: request.Request) -> bool:
    """Whether a plan's list had it before the last decision: one deferred within its year is on none."""
    match asked.decided:
        case (*_, earlier, last) if last.status == request.Status.DEFERRED.value:
            return earlier.year != last.year
    return True


async def return_request(command: ReturnRequest, store: Store) -> Receipt:
    """Its activity was cancelled: it waits on the board again; where that comes too late nothing follows."""
    asked = await _asked(command.request, store)
    if asked.activity != command.activity:
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


async def plan_activity(command: PlanActivity, store: Store) -> Receipt:
    """Plan an activity of the network's own, which nobody requested."""
    network = store.origin.network
    place = place_of(network, command.kind, command.line, command.year)
    _check_activity(command, network)
    command = command.model_copy(update={"activity": new_id("activity")})
    words = {"network": network, "member": command.member, "title": command.title}
    decides = {plan_id(network, command.year): partial(plan.plan_activity, place=place)}
    return await store.execute_all(command, decides, beside=[Put(WORDS, command.activity, words)])


async def move_activity(command: MoveActivity, store: Store, words: Mapping[str, object]) -> Receipt:
    """Give an activity of the network's own another line, quarter, member or title; `words` are those kept so far."""
    network = store.origin.network
    state: plan.Plan = await store.load(plan_id(network, command.year))
    planned = state.activities.get(command.activity)
    place = place_of(network, planned.kind, command.line, command.year) if planned else None
    if command.member is not None and command.member not in activity_rules(network, "").choices["member"]:
        sentence = "Choose a member of this network; %(member)s is none."
        raise Refused("member-unknown", sentence, status=422, member=command.member)
    described = ("title",) if command.title != words.get("title", "") else ()
    decide = partial(plan.move_activity, pillar=place.pillar if place else "", described=described)
    kept = {**words, "network": network, "member": command.member, "title": command.title}
    beside = [Put(WORDS, command.activity, kept)]
    return await store.execute(plan_id(network, command.year), command, decide, beside)


async def unplan_activity(command: UnplanActivity, store: Store) -> Receipt:
    gone = [Remove(SEARCH, command.activity)]
    return await store.execute(plan_id(store.origin.network, command.year), command, plan.unplan_activity, gone)


async def adopt_plan(command: AdoptPlan, store: Store) -> Receipt:
    """The Management Board agrees; refused with the members that still wait for an answer."""
    return await store.execute(plan_id(store.origin.network, command.year), command, plan.adopt)


async def _asked(name: str, store: Store) -> request.Request:
    asked: request.Request = await store.load(name)
    return asked


def _check_activity(command: PlanActivity, network: str) -> None:
    """Its words are the profile's; whom it is for is the network's own choice."""
    choices = activity_rules(network, command.kind).choices
    one = {"member": command.member, "topic": command.topic, "language": command.language}
    for field, value in one.items():
        if value is not None and value not in choices[field]:
            raise Refused(
                f"{field}-unknown",
                "Choose a %(field)s of this network; %(value)s is none.",
                status=422,
                field=field,
                value=value,
            )
    if unknown := [group for group in command.target_groups if group not in choices["target_groups"]]:
        sentence = f"Choose each target group from the list; {', '.join(unknown)} is not on it."
        raise Refused("target-groups-unknown", sentence, status=422)


def _reason(command: Decision, store: Store) -> list[Put]:
    if not command.words:
        return []
    about = {"network": store.origin.network, "about": command.request, "reason": command.reason}
    return [Put(WORDS, command.words, about)]


def _filled(document: dict[str, object]) -> dict[str, object]:
    """Without the fields that were left open."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in document.items() if value}
