"""The use cases of the annual plan: its activities, who stands for them, its adoption, and the next year's."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from shared.contracts.refused import Refused
from shared.contracts.requests import PlanAdopted
from shared.ids import fixed_id, new_id
from shared.spine.aggregate import Decide
from shared.spine.draft import Appended, Beside, Following, Put, Receipt, Remove
from shared.spine.search import COLLECTION as SEARCH
from shared.spine.store import Store

from .commands import (
    AdoptPlan,
    AssignActivity,
    BeginYear,
    DeferRequest,
    MoveActivity,
    PlanActivity,
    SetCutOff,
    UnplanActivity,
)
from .domain import amending, plan, request, year
from .domain.year import Recurring
from .offered import activity_rules, place_of, profile_of
from .streams import ASSIGNMENTS, BASELINES, WORDS, plan_id

MOST_ALONG, MOST_RECURRING = 100, 250


def baseline_id(network: str, of_year: int, number: int) -> str:
    return fixed_id("baseline", network, str(of_year), str(number))


async def plan_activity(command: PlanActivity, store: Store) -> Receipt:
    """Plan an activity of the network's own, which nobody requested; an amendment once the plan is adopted."""
    network = store.origin.network
    place = place_of(network, command.kind, command.line, command.year)
    _check_activity(command, network)
    command = command.model_copy(update={"activity": new_id("activity"), "words": _words(command.reason)})
    words = {"network": network, "member": command.member, "title": command.title}
    decides = {plan_id(network, command.year): partial(plan.plan_activity, place=place)}
    return await store.execute_all(command, decides, [Put(WORDS, command.activity, words), *_why(command, store)])


async def move_activity(command: MoveActivity, store: Store, words: Mapping[str, object]) -> Receipt:
    """Give an activity of the network's own another line, quarter, member or title; `words` are those kept so far."""
    network = store.origin.network
    state: plan.Plan = await store.load(plan_id(network, command.year))
    planned = state.activities.get(command.activity)
    place = place_of(network, planned.kind, command.line, command.year) if planned else None
    if command.member is not None and command.member not in activity_rules(network, "").choices["member"]:
        sentence = "Choose a member of this network; %(member)s is none."
        raise Refused("member-unknown", sentence, status=422, member=command.member)
    command = command.model_copy(update={"words": _words(command.reason)})
    described = ("title",) if command.title != words.get("title", "") else ()
    decide = partial(plan.move_activity, pillar=place.pillar if place else "", described=described)
    kept = {**words, "network": network, "member": command.member, "title": command.title}
    beside = [Put(WORDS, command.activity, kept), *_why(command, store)]
    return await store.execute(plan_id(network, command.year), command, decide, beside)


async def unplan_activity(command: UnplanActivity, store: Store) -> Receipt:
    command = command.model_copy(update={"words": _words(command.reason)})
    gone: list[Beside] = [Remove(SEARCH, command.activity), *_why(command, store)]
    return await store.execute(plan_id(store.origin.network, command.year), command, plan.unplan_activity, gone)


async def assign_activity(command: AssignActivity, store: Store) -> Receipt:
    """Say who stands for an activity: the unit, its contact person, the partners at each stage."""
    network = store.origin.network
    profile = profile_of(network)
    stages, partners = {one.id for one in profile.stages}, {one.id for one in profile.partners}
    if command.owner is not None and command.owner not in {one.id for one in profile.units}:
        raise Refused("owner-unknown", "Choose a unit of this network.", status=422)
    for one in command.partners:
        stage, _, who = one.partition(":")
        if stage not in stages or who not in partners:
            raise Refused("partners-unknown", "Choose partners and stages of this network.", status=422)
    kept = {
        "network": network,
        "plan": plan_id(network, command.year),
        "owner": command.owner,
        "contact": command.contact,
        "partners": [one.split(":", 1) for one in command.partners],
    }
    beside = [Put(ASSIGNMENTS, command.activity, kept)]
    return await store.execute(plan_id(network, command.year), command, year.assign, beside)


async def adopt_plan(command: AdoptPlan, store: Store, said: Mapping[str, tuple[str, str | None]]) -> Receipt:
    """The Management Board agrees, and what stands is frozen; refused with the members that wait.

    `said` has each activity's title of today, and the request that it answers.
    """
    network = store.origin.network

    def freeze(appended: Sequence[Appended]) -> Iterable[Put]:
        for one in appended:
            if isinstance(one.event, PlanAdopted):
                yield Put(BASELINES, baseline_id(network, command.year, one.event.baseline), _baseline(one.event))

    def _baseline(event: PlanAdopted) -> dict[str, Any]:
        kept = [[*row, *said.get(row[0], ("", None))] for row in event.frozen]
        facts = {"network": network, "year": event.year, "number": event.baseline, "on": event.on}
        ids = [row[0] for row in event.frozen]
        return {**facts, "amendments": event.amendments, "ids": ids, "activities": kept}

    return await store.execute(plan_id(network, command.year), command, amending.adopt, [Following(freeze)])


async def set_cut_off(command: SetCutOff, store: Store) -> Receipt:
    return await store.execute(plan_id(store.origin.network, command.year), command, amending.set_cut_off)


async def begin_year(
    command: BeginYear,
    store: Store,
    recurring: Mapping[str, plan.Planned],
    titles: Mapping[str, str],
    along: Mapping[str, request.Request],
) -> Receipt:
    """Make the year's plan from the one before in one step; the senders of what comes along are told."""
    network, target = store.origin.network, plan_id(store.origin.network, command.year)
    if len(along) > MOST_ALONG or len(recurring) > MOST_RECURRING:
        sentence = "Decide on some of the deferred requests first: %(most)s come along at once."
        raise Refused("too-many-come-along", sentence, status=422, most=MOST_ALONG)
    again = tuple(Recurring(new_id("activity"), before, one) for before, one in recurring.items())
    decides: dict[str, Decide] = {target: partial(year.begin, recurring=again, along=along)}
    beside: list[Put] = []
    for one in again:
        kept = {"network": network, "member": one.planned.member, "title": titles.get(one.before, "")}
        beside.append(Put(WORDS, one.activity, kept))
    for name, asked in along.items():
        words = new_id("words")
        decides[name] = partial(_defer_along, name=name, held_by=asked.plan, target=target, words=words)
        beside.append(Put(WORDS, words, {"network": network, "about": name, "reason": command.reason}))
    return await store.execute_all(command, decides, beside)


def _defer_along(
    state: request.Request, command: BeginYear, *, name: str, held_by: str, target: str, words: str
) -> list[Any]:
    quarter = f"{command.year}-Q1"
    deferred = DeferRequest(
        request=name, quarter=quarter, reason=command.reason, words=words, happened_at=command.happened_at
    )
    return request.decide(state, deferred, held_by=held_by, plan=target)


def _words(reason: str) -> str:
    return new_id("words") if reason else ""


def _why(command: PlanActivity | MoveActivity | UnplanActivity, store: Store) -> list[Put]:
    if not command.words:
        return []
    network = store.origin.network
    about = {"network": network, "about": plan_id(network, command.year), "reason": command.reason}
    return [Put(WORDS, command.words, about)]


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
