"""Adoption races submissions, over two replicas of the service's store on the real MongoDB: whichever comes first, the
plan that is adopted leaves nobody undecided.
"""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from services.requests import handlers, planning
from services.requests.commands import AdoptPlan, DeclineRequest, PlanActivity, SubmitRequest
from services.requests.domain.plan import Plan
from services.requests.streams import PLAN, REQUEST, plan_id
from shared.contracts.base import parse_event
from shared.contracts.refused import Refused
from shared.contracts.requests import PlanAdopted, PlanRequestReceived
from shared.ids import new_id
from shared.spine.origin import Origin
from shared.spine.service import Service
from shared.spine.store import GroupingStore
from tests.support.tally import settings_for

FIRST, ROUNDS = 2000, 100
KIND = "training-in-host-member-state"
MEMBERS = ("BG", "EL", "FR", "IT", "MT")


@pytest.fixture
async def replicas(brokers, namespace) -> AsyncIterator[list[Service]]:
    settings = settings_for(brokers.mongo_url, brokers.kafka, namespace)
    services = [Service("requests", aggregates=(REQUEST, PLAN), settings=settings) for _ in range(2)]
    await services[0].store.prepare()
    yield services
    for service in services:
        service.client.close()


def store_of(service: Service) -> GroupingStore:
    return service.grouping.on_behalf_of(Origin("ela", "ela-coordinator", "api", None))


async def submit(service: Service, year: int, member: str) -> str:
    name = new_id("request")
    wish = SubmitRequest(
        kind=KIND, title="In a race", member=member, quarter_wished=f"{year}-Q2", request=name
    )  # fmt: skip
    await handlers.submit_request(wish, store_of(service))
    return name


async def adopt(service: Service, year: int) -> bool:
    """Whether the Board could; refused where somebody waits."""
    try:
        await planning.adopt_plan(AdoptPlan(year=year), store_of(service), {})
    except Refused as refusal:
        if refusal.code != "requests-undecided":
            raise
        return False
    return True


async def plan_of(service: Service, year: int) -> Plan:
    plan: Plan = await store_of(service).load(plan_id("ela", year))
    return plan


async def adopted_with(service: Service, year: int) -> tuple[Plan, list[str]]:
    """The plan as it was when it was adopted, and the requests that came after."""
    rows = await service.db.events.find({"stream": plan_id("ela", year)}).sort("version", 1).to_list(None)
    events = [parse_event(row["type"], row["data"]) for row in rows]
    at = next(place for place, event in enumerate(events) if isinstance(event, PlanAdopted))
    later = [event.request for event in events[at + 1 :] if isinstance(event, PlanRequestReceived)]
    return PLAN.folded(events[: at + 1]), later


async def test_no_adopted_plan_has_anybody_undecided(replicas):
    here, there = replicas
    chance = random.Random(5)
    for year in range(FIRST, FIRST + ROUNDS):
        own = PlanActivity(year=year, kind="posting-360", line="posting-360", quarter=f"{year}-Q1")
        await planning.plan_activity(own, store_of(here))
        members = chance.sample(MEMBERS, chance.randint(1, 3))
        acts = [submit(chance.choice(replicas), year, member) for member in members]
        acts.insert(chance.randint(0, len(acts)), adopt(there, year))
        outcomes = await asyncio.gather(*acts)
        sent = [one for one in outcomes if isinstance(one, str)]
        (adopted,) = [one for one in outcomes if isinstance(one, bool)]
        if not adopted:
            waiting = (await plan_of(here, year)).undecided
            assert set(sent) == set(waiting), "nobody who was refused the adoption is told of less than all"
            for name in sent:
                await handlers.decline_request(DeclineRequest(request=name, reason="Raced."), store_of(here))
            assert await adopt(there, year)
        plan, later = await adopted_with(here, year)
        assert plan.undecided == {}
        assert set((await plan_of(here, year)).undecided) == set(later), "what came after waits for an amendment"
        for name in sent:
            state = await store_of(here).load(name)
            assert state.status.value in ("submitted", "declined")
            assert state.plan == plan_id("ela", year)
