"""Requests from the form to the plan and back to their sender, on real servers: by page, by API, by file."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from httpx import ASGITransport, AsyncClient, Response

from services.requests.app import build
from services.requests.samples import sample
from services.requests.streams import PLAN, REQUEST
from shared.contracts.base import parse_event
from shared.contracts.envelope import headers_of, iso
from shared.contracts.events import ActivityHeld
from shared.people import Role
from shared.spine.service import Service
from shared.web.rights import actions_of
from tests.support.tally import settings_for, until

API = "/requests/api/v1"
KIND, LINE = "training-in-host-member-state", "trainings-in-host-member-state"
YEAR = datetime.now(UTC).year + 1
CLIENTS: dict[str, tuple[list[Role], str | None, str, tuple[str, ...]]] = {
    "nlo": ([Role.NLO], "BG", "ela", ()),
    "greek": ([Role.NLO], "EL", "ela", ()),
    "coordinator": ([Role.COORDINATOR], None, "ela", ()),
    "importer": ([Role.COORDINATOR], None, "ela", ("history.write",)),
    "foreigner": ([Role.COORDINATOR], None, "earlall", ()),
}


@pytest.fixture(scope="module")
async def app(brokers, module_namespace) -> AsyncIterator[Any]:
    app = build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))
    async with app.router.lifespan_context(app):
        service: Service = app.state.service

        async def prepared() -> bool:
            return service.prepared

        await until(prepared, 20, "the store's preparation")
        yield app


@pytest.fixture(scope="module")
async def clients(app) -> AsyncIterator[dict[str, AsyncClient]]:
    """A client with an API key for each of CLIENTS, and `nobody` without one."""
    async with AsyncExitStack() as stack:
        found: dict[str, AsyncClient] = {}
        for name, (roles, member, network, rights) in CLIENTS.items():
            _id, key = await app.state.people.keys.create(name, roles, member, network, rights=rights)
            client = AsyncClient(transport=ASGITransport(app), base_url="http://test")
            client.headers["Authorization"] = f"Bearer {key}"
            found[name] = await stack.enter_async_context(client)
        found["nobody"] = await stack.enter_async_context(
            AsyncClient(transport=ASGITransport(app), base_url="http://test")
        )
        yield found


@pytest.fixture
async def browser(app) -> AsyncIterator[Callable[[str], Any]]:
    """Sign in as a ready-made person, as a browser without JavaScript does."""
    async with AsyncExitStack() as stack:

        async def sign_in(subject: str) -> AsyncClient:
            client = AsyncClient(transport=ASGITransport(app), base_url="http://test", follow_redirects=True)
            await stack.enter_async_context(client)
            await client.post("/sign-in", data={"subject": subject, "next": "/privacy"})
            return client

        yield sign_in


def wish(**changes: Any) -> dict[str, Any]:
    asked = {"kind": KIND, "title": "Induction", "target_groups": ["inspectors"], "language": "bg"}
    return {**asked, "participants": 60, "quarter_wished": f"{YEAR}-Q1", **changes}


async def send(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post(f"{API}/requests", json=wish(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def code_of(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def hidden(page: Response) -> dict[str, str]:
    """The hidden fields of a page's form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))


async def test_the_nlo_asks_the_coordinator_plans_and_the_nlo_reads_why(clients):
    sent = await send(clients["nlo"])
    assert (sent["status"], sent["member"], sent["year"], sent["via"]) == ("submitted", "BG", YEAR, "api")
    body = {"line": LINE, "quarter": f"{YEAR}-Q2", "reason": "Trainers are free."}
    planned = await clients["coordinator"].post(f"{API}/requests/{sent['id']}/plan", json=body)
    assert planned.status_code == 200
    seen = (await clients["nlo"].get(f"{API}/requests/{sent['id']}")).json()
    assert (seen["status"], seen["quarter"], seen["reason"]) == ("planned", f"{YEAR}-Q2", "Trainers are free.")
    plan = (await clients["nlo"].get(f"{API}/plan/{YEAR}")).json()
    (activity,) = [one for one in plan["activities"] if one["request"] == sent["id"]]
    assert activity["activity"] == seen["activity"]
    assert (activity["kind"], activity["pillar"]) == ("host-member-state-training", "capacity-building")
    again = await clients["coordinator"].post(f"{API}/requests/{sent['id']}/plan", json=body)
    assert code_of(again) == (409, "wrong-status")


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("defer", {"quarter": f"{YEAR + 1}-Q1", "reason": "Next year."}, "deferred"),
        ("decline", {"reason": "Out of scope."}, "declined"),
    ],
)
async def test_no_comes_with_its_reason(clients, action, body, status):
    sent = await send(clients["nlo"])
    nothing = await clients["coordinator"].post(f"{API}/requests/{sent['id']}/{action}", json={**body, "reason": " "})
    assert nothing.status_code == 422
    assert (await clients["coordinator"].post(f"{API}/requests/{sent['id']}/{action}", json=body)).status_code == 200
    seen = (await clients["nlo"].get(f"{API}/requests/{sent['id']}")).json()
    assert (seen["status"], seen["reason"]) == (status, body["reason"])


async def test_sent_again_with_its_key_it_counts_once(clients):
    headers = {"Idempotency-Key": "one-key"}
    answers = await asyncio.gather(
        *(clients["nlo"].post(f"{API}/requests", json=wish(), headers=headers) for _ in range(3))
    )
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await clients["nlo"].post(f"{API}/requests", json=wish(title="Another"), headers=headers)
    assert code_of(other) == (422, "command-id-reused")


async def test_a_decision_sent_again_keeps_its_activity(clients):
    sent = await send(clients["nlo"])
    path, body = f"{API}/requests/{sent['id']}/plan", {"line": LINE, "quarter": f"{YEAR}-Q3"}
    headers = {"Idempotency-Key": "plan-once"}
    first, second = [(await clients["coordinator"].post(path, json=body, headers=headers)).json() for _ in range(2)]
    assert first == second
    assert first["activity"].startswith("activity-")


async def test_what_is_not_theirs_is_not_there(clients):
    sent = await send(clients["nlo"])
    path = f"{API}/requests/{sent['id']}"
    for name in ("greek", "foreigner"):
        assert (await clients[name].get(path)).status_code == 404
        assert (await clients[name].get(f"/requests/{sent['id']}")).status_code == 404
    assert (await clients["greek"].post(f"{path}/withdraw", json={})).status_code == 404
    assert (await clients["foreigner"].post(f"{path}/decline", json={"reason": "No."})).status_code == 404
    assert (await clients["greek"].get(f"{API}/requests?member=BG")).json()["total"] == 0
    assert code_of(await clients["nlo"].post(f"{API}/requests", json=wish(member="EL")))[1] == "member-foreign"
    assert (await clients["nlo"].post(f"{path}/decline", json={"reason": "No."})).status_code == 403
    assert (await clients["nobody"].get(path)).status_code == 401


async def test_a_list_is_narrowed_and_paged(clients):
    for number in range(3):
        await send(clients["greek"], title=f"Narrow (needle) {number}", kind="national-event", language="el")
    found = (await clients["coordinator"].get(f"{API}/requests?q=(NEEDLE)&kind=national-event&per_page=2")).json()
    assert (found["total"], len(found["items"])) == (3, 2)
    assert (await clients["greek"].get(f"{API}/requests?q=needle&status=planned")).json()["total"] == 0


async def test_history_needs_its_right(clients):
    past = {"happened_at": "2024-01-05T10:00:00+01:00", "quarter_wished": None, "member": "EL"}
    refused = await clients["coordinator"].post(f"{API}/requests", json=wish(**past))
    assert code_of(refused) == (422, "too-long-ago")
    sent = await send(clients["importer"], **past)
    assert (sent["submitted_on"], sent["year"]) == ("2024-01-05", 2024)


async def test_workers_alone_are_refused_with_the_strategys_reason(clients):
    answer = await clients["nlo"].post(f"{API}/requests", json=wish(target_groups=["workers-jobseekers"]))
    assert code_of(answer) == (422, "group-not-trained")
    assert "4.1" in answer.json()["detail"]


async def test_the_plan_takes_own_activities_and_waits_for_the_undecided(clients):
    coordinator, year = clients["coordinator"], YEAR + 10
    own = {"kind": "posting-360", "line": "posting-360", "quarter": f"{year}-Q2", "title": "Workshop 1"}
    made = await coordinator.post(f"{API}/plan/{year}/activities", json=own)
    assert made.status_code == 201
    sent = await send(clients["nlo"], quarter_wished=f"{year}-Q1")
    assert code_of(await coordinator.post(f"{API}/plan/{year}/adopt")) == (409, "requests-undecided")
    await clients["nlo"].post(f"{API}/requests/{sent['id']}/withdraw", json={"reason": "Solved."})
    assert (await coordinator.post(f"{API}/plan/{year}/adopt")).json() == {
        "year": year, "activities": 1, "baseline": 1,
    }  # fmt: skip
    own_one = f"{API}/plan/{year}/activities/{made.json()['activity']}"
    assert code_of(await coordinator.delete(own_one)) == (422, "reason-missing")
    gone = await coordinator.delete(own_one, params={"reason": "The host fell ill."})
    assert gone.status_code == 204
    plan = (await coordinator.get(f"{API}/plan/{year}")).json()
    assert (plan["adopted"], plan["undecided"], plan["activities"]) == (True, 0, [])


async def test_many_at_once_are_all_in_the_plan(clients):
    year = YEAR + 20
    await asyncio.gather(*(send(clients["nlo"], quarter_wished=f"{year}-Q1") for _ in range(60)))
    assert (await clients["nlo"].get(f"{API}/plan/{year}")).json()["undecided"] == 60


async def test_the_held_activity_fulfils_the_request(app, clients):
    sent = await send(clients["nlo"])
    body = {"line": LINE, "quarter": f"{YEAR}-Q2"}
    planned = (await clients["coordinator"].post(f"{API}/requests/{sent['id']}/plan", json=body)).json()
    facts = {"kind": "host-member-state-training", "line": LINE, "quarter": f"{YEAR}-Q2", "member": "BG"}
    held = ActivityHeld(**facts, planned=True, held_on=date(YEAR, 5, 2), request=sent["id"])
    await publish(app.state.service, planned["activity"], held)

    async def fulfilled() -> bool:
        return (await clients["nlo"].get(f"{API}/requests/{sent['id']}")).json()["status"] == "fulfilled"

    await until(fulfilled, 30, "the request's fulfilment")
    page = await clients["nlo"].get(f"/requests/{sent['id']}")
    assert "Its activity was held" in page.text


async def publish(service: Service, stream: str, event: ActivityHeld) -> None:
    """Put an event of `events` on the log, as its relay does."""
    now = iso(datetime.now(UTC).replace(microsecond=0))
    stored = {"_id": f"{stream}@9", "stream": stream, "type": event.type, "source": "/events", "network": "ela"}
    headers = headers_of({**stored, "time": now, "recordedtime": now})
    producer = AIOKafkaProducer(bootstrap_servers=service.settings.kafka)
    await producer.start()
    value = orjson.dumps(event.model_dump(mode="json"))
    await producer.send_and_wait(service.settings.topic("events"), value, key=stream.encode(), headers=headers)
    await producer.stop()


async def test_words_stay_off_the_log(app, clients):
    words = {"title": "Planted title", "description": "Planted text", "audience": "Planted people"}
    sent = await send(clients["nlo"], **words)
    body = {"line": LINE, "quarter": f"{YEAR}-Q4", "reason": "Planted reason"}
    await clients["coordinator"].post(f"{API}/requests/{sent['id']}/plan", json=body)

    async def planned_is_out() -> bool:
        return any(b"activity-planned" in one and sent["id"].encode() in one for one in await log(app.state.service))

    await until(planned_is_out, 20, "the plan's event on the log")
    assert not [one for one in await log(app.state.service) if b"Planted" in one]


async def log(service: Service) -> list[bytes]:
    """Every message of this service's topic: type and value."""
    consumer = AIOKafkaConsumer(bootstrap_servers=service.settings.kafka, isolation_level="read_committed")
    await consumer.start()
    partitions = [TopicPartition(service.settings.topic("requests"), number) for number in range(6)]
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    ends, found = await consumer.end_offsets(partitions), []
    while [one for one in partitions if await consumer.position(one) < ends[one]]:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            found += [dict(record.headers)["ce_type"] + b" " + record.value for record in records]
    await consumer.stop()
    return found


async def test_the_page_keeps_what_was_typed_and_a_double_click_counts_once(browser, clients):
    nlo = await browser("ela-nlo-bg")
    page = await nlo.get(f"/requests/new?kind={KIND}")
    typed = {**hidden(page), "description": "Kept as typed", "participants": "many"}
    refused = await nlo.post("/requests/new", data=typed)
    assert refused.status_code == 422
    assert "Kept as typed" in refused.text
    assert "Write a whole number in digits." in refused.text
    before = (await clients["nlo"].get(f"{API}/requests?q=By page")).json()["total"]
    good = {**hidden(refused), "title": "By page", "participants": "60", "target_groups": ["inspectors"]}
    first, second = await asyncio.gather(*(nlo.post("/requests/new", data=good) for _ in range(2)))
    assert first.url == second.url
    assert "By page: waits for a first answer" in first.text
    assert (await clients["nlo"].get(f"{API}/requests?q=By page")).json()["total"] == before + 1
    await decides(await browser("ela-coordinator"), str(first.url.path))
    seen = await nlo.get(first.url.path)
    assert f"planned for Q2 {YEAR}" in seen.text
    assert "Said on the page." in seen.text
    assert "By page" in (await nlo.get("/requests/")).text


async def decides(coordinator: AsyncClient, path: str) -> None:
    board = await coordinator.get("/requests/triage?q=By page")
    assert f'href="{path}/decide"' in board.text
    page = await coordinator.get(f"{path}/decide?as=plan")
    assert f'<option value="{LINE}" selected>' in page.text
    answers = {"line": LINE, "quarter": f"{YEAR}-Q2", "reason": "Said on the page."}
    done = await coordinator.post(f"{path}/plan", data={**hidden(page), **answers})
    assert done.status_code == 200
    assert "The request is planned" in done.text


async def test_an_export_sent_twice_changes_nothing(browser, clients):
    nlo, coordinator = await browser("ela-nlo-bg"), await browser("ela-coordinator")
    exported = sample("ela", "BG", YEAR)
    first, second, third = [await upload(one, exported) for one in (nlo, nlo, coordinator)]
    assert "3 requests accepted" in first.text
    for again in (second, third):
        assert "3 were there already" in again.text
    found = (await clients["nlo"].get(f"{API}/requests?q=Letterbox companies, advanced")).json()
    assert (found["total"], found["items"][0]["via"]) == (1, "eusurvey")


async def test_rows_of_others_and_broken_files_are_refused_with_a_sentence(browser):
    nlo = await browser("ela-nlo-bg")
    others = await upload(nlo, sample("ela", "EL", YEAR))
    assert "3 refused" in others.text
    assert "you can send your own member&#39;s requests alone" in others.text
    broken = await upload(nlo, b"no workbook")
    assert broken.status_code == 422
    assert "This is no XLSX file." in broken.text
    assert (await nlo.get("/requests/intake/eusurvey/sample.xlsx")).content.startswith(b"PK")


async def upload(client: AsyncClient, content: bytes) -> Response:
    page = await client.get("/requests/intake/eusurvey")
    return await client.post("/requests/intake/eusurvey", data=hidden(page), files={"file": ("export.xlsx", content)})


@pytest.mark.parametrize(
    "path",
    [
        "/requests/?q=%00&page=99999999999&sort=-nothing&year=x&fate=%ff&kind=%00",
        "/requests/new?kind=%00",
        "/requests/triage?member=%00&q=%5B(",
        "/requests/plan/0000",
        "/requests/plan/99999",
        "/requests/request-0192f0c4-1bfd-76b5-b4ec-810ec3096036",
        "/requests/request-x/decide",
        f"{API}/requests/%00",
        f"{API}/requests?q=%00&year=99999999999999999999",
    ],
)
async def test_strange_addresses_are_answered(clients, path):
    assert (await clients["coordinator"].get(path)).status_code < 500


async def test_every_network_has_its_pages(browser):
    for network in ("earlall", "fr-it-pt-es", "eures", "etf"):
        coordinator = await browser(f"{network}-coordinator")
        for path in ("/requests/triage", "/requests/new", f"/requests/plan/{YEAR}", f"/requests/plan/{YEAR}/new"):
            assert (await coordinator.get(path)).status_code == 200, (network, path)


async def test_every_route_declares_its_action(app):
    assert [(method, path) for method, path, action in actions_of(app) if action is None] == []


async def test_what_is_stored_is_what_happened(app, clients):
    """Folding every stream's events again gives the state that pages read."""
    await send(clients["nlo"])
    db = app.state.service.db
    async for stream in db.streams.find({"aggregate": {"$in": ["request", "plan"]}}):
        upto = {"stream": stream["_id"], "version": {"$lte": stream["version"]}}
        stored = await db.events.find(upto).sort("version", 1).to_list(None)
        aggregate = REQUEST if stream["aggregate"] == "request" else PLAN
        state = aggregate.folded(parse_event(one["type"], one["data"]) for one in stored)
        assert aggregate.dump(state) == stream["state"]
