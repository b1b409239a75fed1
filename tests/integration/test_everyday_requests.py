"""Everyday care with requests and the plan: found by their words, stale edits told, wrong decisions taken back."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from httpx import ASGITransport, AsyncClient

from services.requests.app import build
from services.requests.search import INDEX
from shared.contracts.base import Event
from shared.contracts.envelope import headers_of, iso
from shared.contracts.events import ActivityCancelled, ActivityScheduled
from shared.people import Role
from shared.spine.search import COLLECTION, CURSOR
from tests.support.tally import settings_for, until

API = "/requests/api/v1"
KIND, LINE, OWN = "training-in-host-member-state", "trainings-in-host-member-state", "national-event"
YEAR = datetime.now(UTC).year + 1
CLIENTS: dict[str, tuple[list[Role], str | None, str]] = {
    "nlo": ([Role.NLO], "BG", "ela"),
    "greek": ([Role.NLO], "EL", "ela"),
    "coordinator": ([Role.COORDINATOR], None, "ela"),
    "participant": ([Role.PARTICIPANT], "BG", "ela"),
    "foreigner": ([Role.COORDINATOR], None, "earlall"),
}


@pytest.fixture(scope="module")
async def app(brokers, module_namespace) -> AsyncIterator[Any]:
    app = build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))
    async with app.router.lifespan_context(app):

        async def prepared() -> bool:
            return app.state.service.prepared

        await until(prepared, 20, "the store's preparation")
        yield app


@pytest.fixture(scope="module")
async def clients(app) -> AsyncIterator[dict[str, AsyncClient]]:
    async with AsyncExitStack() as stack:
        found: dict[str, AsyncClient] = {}
        for name, (roles, member, network) in CLIENTS.items():
            _id, key = await app.state.people.keys.create(name, roles, member, network)
            client = AsyncClient(transport=ASGITransport(app), base_url="http://test")
            client.headers["Authorization"] = f"Bearer {key}"
            found[name] = await stack.enter_async_context(client)
        yield found


@pytest.fixture
async def page(app) -> AsyncIterator[AsyncClient]:
    """The coordinator at a browser without scripts."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test", follow_redirects=True) as client:
        await client.post("/sign-in", data={"subject": "ela-coordinator", "next": "/privacy"})
        yield client


async def send(clients, **changes: Any) -> dict[str, Any]:
    asked = {"kind": KIND, "title": "Induction", "target_groups": ["inspectors"], "language": "bg"}
    body = {**asked, "participants": 60, "quarter_wished": f"{YEAR}-Q1", **changes}
    answer = await clients["nlo"].post(f"{API}/requests", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def decide(clients, request: str, action: str, **body: Any) -> dict[str, Any]:
    answer = await clients["coordinator"].post(f"{API}/requests/{request}/{action}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


async def tell(app, activity: str, *said: Event) -> None:
    """As `events` would say it."""
    settings = app.state.service.settings
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        for version, event in enumerate(said, 1):
            now = iso(datetime.now(UTC))
            stored = {
                "_id": f"{activity}@{version}", "stream": activity, "type": event.type, "source": "/events",
                "time": now, "recordedtime": now, "network": "ela", "actor": "somebody",
            }  # fmt: skip
            value = event.model_dump_json().encode()
            await producer.send_and_wait(settings.topic("events"), value, activity.encode(), headers=headers_of(stored))


async def found(client: AsyncClient, words: str, **query: Any) -> dict[str, Any]:
    answer = await client.get(f"{API}/search", params={"q": words, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def until_found(client: AsyncClient, words: str, ids: set[str]) -> dict[str, Any]:
    async def there() -> bool:
        return {one["id"] for one in (await found(client, words))["items"]} == ids

    await until(there, 10, f"{words!r} in the index")
    return await found(client, words)


async def test_a_request_is_found_by_its_words_by_who_may_see_it(clients):
    sent = await send(clients, title="Schwarzarbeit erkennen", description="Für Prüfer auf Baustellen <b>im Süden</b>")
    hits = await until_found(clients["nlo"], "prufer BAUSTELLEN", {sent["id"]})
    (hit,) = hits["items"]
    assert (hit["title"], hit["link"], hit["kind"]) == ("Schwarzarbeit erkennen", f"/requests/{sent['id']}", "request")
    assert hits["kinds"] == {"request": 1}
    assert (await found(clients["coordinator"], "prüfer"))["total"] == 1
    for other in ("greek", "participant", "foreigner"):
        assert (await found(clients[other], "prüfer"))["total"] == 0
    assert (await found(clients["nlo"], '"-$ ('))["total"] == 0


async def test_what_is_found_is_escaped_and_paged(clients, page):
    sent = [await send(clients, title=f"Quarzsand <script>{n}</script>") for n in range(12)]
    hits = clients["nlo"]

    async def all_there() -> bool:
        return (await found(hits, "quarzsand"))["total"] == len(sent)

    await until(all_there, 10, "all in the index")
    first = await page.get("/requests/search", params={"q": "quarzsand"})
    assert "<mark>Quarzsand</mark> &lt;script&gt;" in first.text
    assert "<script>1" not in first.text
    assert first.text.count("<mark>Quarzsand</mark>") == 10
    second = await page.get("/requests/search", params={"q": "quarzsand", "page": 2})
    assert second.text.count("<mark>Quarzsand</mark>") == 2
    part = await page.get("/requests/search", params={"q": "quarzsand", "part": 1})
    assert "<html" not in part.text
    assert part.text.count("<mark>") == 5
    together = await page.get("/search", params={"q": "quarzsand"})
    assert [one for one in ("requests", "matching", "events", "kpi") if f"/{one}/search?q=quarzsand" in together.text]
    nothing = await page.get("/requests/search", params={"q": "unauffindbar"})
    assert "Nothing fits" in nothing.text


async def test_what_is_erased_is_out_of_the_index_and_it_can_be_built_anew(app, clients):
    db = app.state.service.db
    sent = await send(clients, title="Zettel", description="Geheimwort Tannenzapfen")
    await until_found(clients["nlo"], "tannenzapfen", {sent["id"]})
    await db.words.update_one({"_id": sent["id"]}, {"$set": {"description": ""}})
    await INDEX.forget(db, [sent["id"]])
    assert not await db[COLLECTION].find_one({"words": {"$regex": "Tannenzapfen"}})
    assert (await found(clients["nlo"], "zettel"))["total"] == 1
    await db[COLLECTION].delete_many({})
    await db[COLLECTION].insert_one({"_id": "request-gone", "network": "ela", "title": "Zettel", "words": ""})
    await INDEX.rebuild(db)
    assert [one["id"] for one in (await found(clients["nlo"], "zettel"))["items"]] == [sent["id"]]
    assert (await db[CURSOR].find_one({"_id": COLLECTION}))["version"] == INDEX.version


async def test_of_two_decisions_at_once_exactly_one_counts_and_the_other_reads_whose(clients):
    sent = await send(clients)
    seen = (await clients["coordinator"].get(f"{API}/requests/{sent['id']}")).headers["etag"]
    ways = {"decline": {"reason": "Out of scope."}, "defer": {"quarter": f"{YEAR}-Q3", "reason": "Later."}}
    answers = await asyncio.gather(
        *(
            clients["coordinator"].post(f"{API}/requests/{sent['id']}/{way}", json=body, headers={"If-Match": seen})
            for way, body in ways.items()
        )
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    (lost,) = [one.json() for one in answers if one.status_code == 409]
    (won,) = [one.json() for one in answers if one.status_code == 200]
    assert (lost["code"], lost["version"]) == ("changed-meanwhile", won["version"])
    assert [one["event"] for one in lost["changes"]] == [won["status"]]
    assert lost["changes"][0]["by"] == "Another program"
    wrong = await clients["coordinator"].post(
        f"{API}/requests/{sent['id']}/reopen", json={"reason": "x"}, headers={"If-Match": "soon"}
    )
    assert wrong.status_code == 422


async def test_a_stale_decision_is_kept_and_shown_beside_theirs(clients, page):
    sent = await send(clients)
    here = f"/requests/{sent['id']}"
    form = hidden((await page.get(f"{here}/decide", params={"as": "plan"})).text)
    await decide(clients, sent["id"], "defer", quarter=f"{YEAR}-Q4", reason="No rooms.")
    mine = {**form, "line": LINE, "quarter": f"{YEAR}-Q2", "reason": "My own words"}
    stale = await page.post(f"{here}/plan", data=mine)
    assert stale.status_code == 409
    assert "Another program" in stale.text
    assert "deferred it" in stale.text
    assert "My own words" in stale.text
    again = await page.post(f"{here}/plan", data={**mine, **hidden(stale.text)})
    assert again.status_code == 200
    assert f'<a href="{here}/reopen">Undo</a>' in again.text
    assert (await clients["nlo"].get(f"{API}/requests/{sent['id']}")).json()["status"] == "planned"


async def test_a_decision_is_taken_back_with_a_reason_and_its_activity_leaves_the_plan(app, clients, page):
    sent = await send(clients)
    planned = await decide(clients, sent["id"], "plan", line=LINE, quarter=f"{YEAR}-Q2")
    here = f"/requests/{sent['id']}/reopen"
    nothing = await page.post(here, data=hidden((await page.get(here)).text))
    assert nothing.status_code == 422
    done = await page.post(here, data={**hidden((await page.get(here)).text), "reason": "It was the wrong line."})
    assert done.status_code == 200, done.text
    seen = (await clients["nlo"].get(f"{API}/requests/{sent['id']}")).json()
    assert (seen["status"], seen["activity"], seen["reason"]) == ("submitted", None, "It was the wrong line.")
    plan = (await clients["coordinator"].get(f"{API}/plan/{YEAR}")).json()
    assert planned["activity"] not in [one["activity"] for one in plan["activities"]]
    again = await decide(clients, sent["id"], "plan", line=LINE, quarter=f"{YEAR}-Q2")
    assert again["activity"] != planned["activity"]


async def test_what_has_a_date_is_cancelled_first_and_then_waits_on_the_board_again(app, clients, page):
    sent = await send(clients, title="Kaltwasser")
    planned = await decide(clients, sent["id"], "plan", line=LINE, quarter=f"{YEAR}-Q2")
    facts = {"kind": "host-member-state-training", "line": LINE, "quarter": f"{YEAR}-Q2", "planned": True}
    day = f"{YEAR}-05-04"
    scheduled = ActivityScheduled(**facts, starts_on=day, ends_on=day, mode="online", places={"online": 3})
    await tell(app, planned["activity"], scheduled)

    async def noted() -> bool:
        found = await app.state.service.db.activities.find_one({"_id": planned["activity"]})
        return bool(found and found["status"] == "scheduled")

    await until(noted, 15, "the date")
    body = {"reason": "Wrong."}
    refused = await clients["coordinator"].post(f"{API}/requests/{sent['id']}/reopen", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "activity-scheduled")
    await tell(app, planned["activity"], scheduled, ActivityCancelled(**facts, request=sent["id"]))

    async def back() -> bool:
        return (await clients["nlo"].get(f"{API}/requests/{sent['id']}")).json()["status"] == "submitted"

    await until(back, 15, "the request's return")
    board = (await page.get("/requests/triage", params={"q": "Kaltwasser"})).text
    assert "its activity was cancelled" in board
    plan = (await clients["coordinator"].get(f"{API}/plan/{YEAR}")).json()
    assert planned["activity"] in [one["activity"] for one in plan["activities"]]  # cancelled, and counted as that
    await decide(clients, sent["id"], "decline", reason="Nobody can give it.")
    plan = (await clients["coordinator"].get(f"{API}/plan/{YEAR}")).json()
    assert planned["activity"] in [one["activity"] for one in plan["activities"]]


async def test_an_activity_of_the_plan_is_changed_and_a_stale_change_shows_both(clients, page):
    kind = {"kind": OWN, "line": "national-events", "quarter": f"{YEAR}-Q1", "title": "Winter school"}
    lines = (await page.get(f"/requests/plan/{YEAR}/new")).text
    kind["line"] = re.findall(r'<select id="f-line".*?<option value="([a-z][^"]*)"', lines, re.S)[0]
    made = (await clients["coordinator"].post(f"{API}/plan/{YEAR}/activities", json=kind)).json()
    here = f"/requests/plan/{YEAR}/activities/{made['activity']}"
    form = hidden((await page.get(here)).text)
    await send(clients)  # the plan moves on, the activity does not
    mine = {**form, "title": "Summer school", "line": kind["line"], "quarter": f"{YEAR}-Q3", "member": ""}
    assert (await page.post(here, data=mine)).status_code == 200
    stale = await page.post(here, data={**mine, "_command": "another", "title": "Autumn school"})
    assert stale.status_code == 409
    assert re.search(r"<td>Summer school</td><td>Autumn school</td>", stale.text)
    await until_found(clients["coordinator"], "summer school", {made["activity"]})
    gone = await clients["coordinator"].delete(f"{API}/plan/{YEAR}/activities/{made['activity']}")
    assert gone.status_code == 204
    assert (await found(clients["coordinator"], "summer school"))["total"] == 0
