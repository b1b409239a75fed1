"""An exchange from the open call to the day it was held, through the JSON API, on real Kafka and MongoDB."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaProducer

from services.matching.app import build
from shared.contracts.base import Event
from shared.contracts.events import ActivityCancelled, ActivityHeld
from shared.ids import new_id
from shared.people import Role
from tests.support.pages import served
from tests.support.tally import settings_for, until

API = "/matching/api/v1"


class Desk:
    """The API as one person, or one key, uses it."""

    def __init__(self, client: httpx.AsyncClient, key: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {key}"}

    async def post(self, path: str, expect: int = 200, key: str | None = None, **body):
        headers = {**self.headers, "Idempotency-Key": key or uuid4().hex}
        answer = await self.client.post(f"{API}{path}", json=body, headers=headers, timeout=60)
        assert answer.status_code == expect, answer.text
        return answer.json()

    async def get(self, path: str, expect: int = 200):
        answer = await self.client.get(f"{API}{path}", headers=self.headers)
        assert answer.status_code == expect, answer.text
        return answer.json()


class House:
    """The running service, with a desk for each role."""

    def __init__(self, app, client: httpx.AsyncClient, settings) -> None:
        self.app, self.client, self.settings = app, client, settings
        self.service = app.state.service

    async def desk(self, *roles: Role, member: str | None = None, rights=(), network: str = "ela") -> Desk:
        _, key = await self.service.people.keys.create("test", roles, member, network, rights=rights)
        return Desk(self.client, key)

    async def tell(self, event: Event, stream: str) -> None:
        """As `events` would say it on its topic."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        names = {
            "ce_specversion": "1.0", "ce_id": f"{stream}@1", "ce_source": "/events", "ce_type": event.type,
            "ce_subject": stream, "ce_time": now, "ce_recordedtime": now, "ce_network": "ela", "ce_actor": "organiser",
        }  # fmt: skip
        headers = [("content-type", b"application/json"), *((name, text.encode()) for name, text in names.items())]
        async with AIOKafkaProducer(bootstrap_servers=self.settings.kafka) as producer:
            value = orjson.dumps(event.model_dump(mode="json"))
            await producer.send_and_wait(self.settings.topic("events"), value, stream.encode(), headers=headers)


@asynccontextmanager
async def house_for(settings):
    app = build(settings)
    async with served(app) as base, httpx.AsyncClient(base_url=base) as client:

        async def ready() -> bool:
            return bool(app.state.service.prepared)

        await until(ready, 30, "the service's readiness")
        yield House(app, client, settings)


@pytest.fixture(scope="module")
async def house(brokers, module_namespace):
    """One service for all tests here; each opens a call of its own."""
    async with house_for(settings_for(brokers.mongo_url, brokers.kafka, module_namespace)) as found:
        yield found


@pytest.fixture(scope="module")
async def coordinator(house):
    return await house.desk(Role.COORDINATOR)


@pytest.fixture(scope="module")
async def portugal(house):
    return await house.desk(Role.NLO, member="PT")


@pytest.fixture(scope="module")
async def spain(house):
    return await house.desk(Role.NLO, member="ES")


async def open_call(coordinator: Desk) -> str:
    call = await coordinator.post("/calls", 201, year=2024, focus_areas=["information", "undeclared-work"], minimum=40)
    return call["id"]


async def interest(desk: Desk, call: str, **changes):
    facts = {"focus": "information", "languages": ["pt", "en"], "weeks": ["2024-W38", "2024-W39"], "officials": 2}
    return await desk.post("/interests", 201, call=call, **{**facts, **changes})


async def offer(desk: Desk, call: str, **changes):
    facts = {"focus_areas": ["information"], "languages": ["es", "en"], "places": {"2024-W38": 2, "2024-W39": 2}}
    return await desk.post("/offers", 201, call=call, **{**facts, **changes})


async def proposed(coordinator: Desk, call: str) -> list[str]:
    """Run the match and propose all of it; the exchanges."""
    run = await coordinator.post(f"/calls/{call}/runs", 201)
    answer = await coordinator.post(f"/runs/{run['id']}/propose")
    assert answer["refused"] == []
    return [one["exchange"] for one in answer["proposed"]]


async def agreed(coordinator: Desk, portugal: Desk, spain: Desk) -> tuple[str, str]:
    """The offer and the exchange that both sides agreed to."""
    call = await open_call(coordinator)
    await interest(portugal, call)
    offered = await offer(spain, call)
    (exchange,) = await proposed(coordinator, call)
    await portugal.post(f"/exchanges/{exchange}/accept")
    assert (await spain.post(f"/exchanges/{exchange}/accept"))["status"] == "agreed"
    return offered["id"], exchange


async def test_an_interest_finds_its_host_and_the_exchange_is_held(house, coordinator, portugal, spain):
    offered, exchange = await agreed(coordinator, portugal, spain)
    state = await portugal.get(f"/exchanges/{exchange}")
    assert (state["sender"], state["host"], state["week"], state["language"]) == ("PT", "ES", "2024-W38", "en")
    assert (await spain.get(f"/offers/{offered}"))["free"] == {"2024-W38": 0, "2024-W39": 2}
    activity = new_id("activity")
    held = ActivityHeld(kind="staff-exchange", held_on=datetime(2024, 9, 20).date(), exchange=exchange)
    await house.tell(held, activity)

    async def is_held() -> bool:
        return (await portugal.get(f"/exchanges/{exchange}"))["status"] == "held"

    await until(is_held, 20, "the exchange's end")
    stored = await house.service.db.events.find({"stream": exchange}).sort("version", 1).to_list(None)
    assert [one["type"].split(".")[-2] for one in stored] == ["proposed", "accepted", "accepted", "agreed", "held"]
    assert stored[-1]["data"]["agreed_on"] == stored[-2]["data"]["agreed_on"] != ""
    assert stored[-1]["data"]["activity"] == activity


async def test_a_cancelled_activity_gives_the_places_back(house, coordinator, portugal, spain):
    offered, exchange = await agreed(coordinator, portugal, spain)
    await house.tell(ActivityCancelled(kind="staff-exchange", exchange=exchange), new_id("activity"))

    async def is_cancelled() -> bool:
        return (await spain.get(f"/exchanges/{exchange}"))["status"] == "cancelled"

    await until(is_cancelled, 20, "the exchange's end")
    assert (await spain.get(f"/offers/{offered}"))["free"] == {"2024-W38": 2, "2024-W39": 2}
    call = (await portugal.get(f"/exchanges/{exchange}"))["call"]
    (own,) = (await portugal.get(f"/interests?call={call}"))["items"]
    assert (own["status"], own["exchange"]) == ("filed", None)


async def test_a_no_frees_the_places_and_the_two_do_not_meet_again(coordinator, portugal, spain):
    call = await open_call(coordinator)
    filed, offered = await interest(portugal, call), await offer(spain, call)
    (exchange,) = await proposed(coordinator, call)
    declined = await spain.post(f"/exchanges/{exchange}/decline", reason="The team moves that week.")
    assert (declined["status"], declined["declined_by"]) == ("declined", "ES")
    assert (await spain.get(f"/offers/{offered['id']}"))["free"] == offered["places"]
    run = await coordinator.post(f"/calls/{call}/runs", 201)
    assert run["matches"] == []
    assert run["unmatched"][0]["interest"] == filed["id"]
    assert [one["rule"] for one in run["unmatched"][0]["fallen"]] == ["turned-down"]
    late = await portugal.post(f"/exchanges/{exchange}/accept", 409)
    assert late["code"] == "exchange-closed"


async def test_silence_frees_the_places(house):
    coordinator = importer = await house.desk(Role.COORDINATOR, Role.NLO, rights=("history.write",))
    long_ago = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    call = await open_call(coordinator)
    await interest(importer, call, member="PT")
    await offer(importer, call, member="ES")
    run = await coordinator.post(f"/calls/{call}/runs", 201)
    answer = await coordinator.post(f"/runs/{run['id']}/propose", happened_at=long_ago)
    exchange = answer["proposed"][0]["exchange"]

    async def lapsed() -> bool:
        return (await coordinator.get(f"/exchanges/{exchange}"))["status"] == "lapsed"

    await until(lapsed, 20, "the proposal's end")
    (offered,) = (await coordinator.get(f"/offers?call={call}"))["items"]
    assert offered["free"] == offered["places"]
    (found,) = (await coordinator.post(f"/calls/{call}/runs", 201))["matches"]
    assert found["sender"] == "PT"


async def test_two_runs_never_give_one_place_twice(coordinator, portugal, spain, house):
    call = await open_call(coordinator)
    france = await house.desk(Role.NLO, member="FR")
    await offer(spain, call, places={"2024-W38": 2})
    first, second = await interest(portugal, call), None
    run_one = await coordinator.post(f"/calls/{call}/runs", 201)
    await portugal.post(f"/interests/{first['id']}/withdraw")
    second = await interest(france, call)
    run_two = await coordinator.post(f"/calls/{call}/runs", 201)
    again = await interest(portugal, call)
    run_three = await coordinator.post(f"/calls/{call}/runs", 201)
    answers = await asyncio.gather(
        *(coordinator.post(f"/runs/{run['id']}/propose") for run in (run_one, run_two, run_three) for _ in range(2))
    )
    made = {one["exchange"] for answer in answers for one in answer["proposed"]}
    refusals = {one["code"] for answer in answers for one in answer["refused"]}
    living = (await coordinator.get(f"/exchanges?call={call}&status=proposed"))["items"]
    assert len(living) == 1
    assert {one["id"] for one in living} == made
    assert refusals <= {"places-taken", "interest-withdrawn", "interest-matched"}
    assert living[0]["interest"] in (second["id"], again["id"])


async def test_a_member_sees_what_is_its_own(house, coordinator, portugal, spain):
    call = await open_call(coordinator)
    filed, offered = await interest(portugal, call, wishes=["ES"]), await offer(spain, call)
    await portugal.get(f"/offers/{offered['id']}", 404)
    await spain.get(f"/interests/{filed['id']}", 404)
    await spain.post(f"/interests/{filed['id']}/withdraw", 404)
    (exchange,) = await proposed(coordinator, call)
    stranger = await house.desk(Role.NLO, member="FR")
    await stranger.get(f"/exchanges/{exchange}", 404)
    await stranger.post(f"/exchanges/{exchange}/accept", 404)
    run = (await coordinator.get(f"/calls/{call}/runs"))[0]["run"]
    assert (await stranger.get(f"/runs/{run}"))["matches"] == []
    (seen,) = (await spain.get(f"/runs/{run}"))["matches"]
    assert not any("wish" in sentence for sentence in seen["why"])
    elsewhere = await house.desk(Role.COORDINATOR, network="eures")
    await elsewhere.get(f"/calls/{call}", 404)
    await elsewhere.get(f"/runs/{run}", 404)
    other = await portugal.post("/interests", 403, call=call, member="FR", focus="information", languages=["en"],
                                weeks=["2024-W38"])  # fmt: skip
    assert other["code"] == "member-foreign"


async def test_a_command_given_again_counts_once(coordinator, portugal, spain):
    call = await open_call(coordinator)
    facts = {"call": call, "focus": "information", "languages": ["en"], "weeks": ["2024-W38"]}
    answers = [await portugal.post("/interests", 201, key="one", **facts) for _ in range(2)]
    assert answers[0]["id"] == answers[1]["id"]
    other = await portugal.post("/interests", 422, key="one", **{**facts, "weeks": ["2024-W39"]})
    assert other["code"] == "command-id-reused"
    await offer(spain, call)
    runs = [await coordinator.post(f"/calls/{call}/runs", 201, key="run") for _ in range(2)]
    assert runs[0]["id"] == runs[1]["id"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"weeks": ["2024-W60"]}, "invalid"), ({"focus": "cooperation-enforcement"}, "focus-not-in-call"),
        ({"languages": ["xx"]}, "language-unknown"), ({"wishes": ["PT"]}, "own-host"),
        ({"wishes": ["XX"]}, "member-unknown"), ({"officials": 0}, "invalid"),
        ({"happened_at": "2024-01-01"}, "invalid"),
        ({"happened_at": "2024-01-01T00:00:00Z"}, "too-long-ago"), ({"surprise": 1}, "invalid"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_a_sentence(coordinator, portugal, wrong, code):
    call = await open_call(coordinator)
    facts = {"call": call, "focus": "information", "languages": ["en"], "weeks": ["2024-W38"]}
    problem = await portugal.post("/interests", 422, **{**facts, **wrong})
    assert problem["code"] == code
    assert problem["detail"]


async def test_a_closed_call_takes_no_more_and_still_runs(coordinator, portugal, spain):
    call = await open_call(coordinator)
    await interest(portugal, call)
    await offer(spain, call)
    assert (await coordinator.post(f"/calls/{call}/close"))["status"] == "closed"
    facts = {"focus": "information", "languages": ["en"], "weeks": ["2024-W38"]}
    assert (await portugal.post("/interests", 409, call=call, **facts))["code"] == "call-closed"
    assert len(await proposed(coordinator, call)) == 1
    shown = await coordinator.get(f"/calls/{call}")
    assert (shown["interests"], shown["offers"], shown["exchanges"]) == (1, 1, {"proposed": 1})
