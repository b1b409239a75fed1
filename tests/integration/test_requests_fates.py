"""One request through each fate, in a browser: planned, merged, deferred, declined, withdrawn, reopened - and asked
about, drafted, asked for again, decided with others at once."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from httpx import AsyncClient
from playwright.async_api import Browser, Page

from services.requests.app import build
from shared.contracts.base import Event
from shared.contracts.envelope import headers_of, iso
from shared.contracts.matching import CallClosed, CallOpened
from shared.contracts.vocabulary import Quarter
from shared.ids import new_id
from shared.people import Role
from tests.support.pages import PHONE, Watched, chromium, overflow, picture, served, sign_in, violations
from tests.support.tally import settings_for, until

COORDINATOR, BULGARIA, PORTUGAL = "Miroslava Brezinková", "Iva Dragomirova", "Inês Ribalonga"
KIND = "training-in-host-member-state"
YEAR = datetime.now(UTC).year + 1
API = "/requests/api/v1/requests"


@dataclass
class House:
    app: Any
    base: str
    browser: Browser
    at: dict[str, AsyncClient]
    wrong: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    watched: list[Watched] = field(default_factory=list)

    async def enter(self, name: str) -> Page:
        context = await self.browser.new_context(locale="en-GB")
        context.set_default_timeout(30_000)
        self.watched.append(Watched(context))
        page = await context.new_page()
        await sign_in(page, self.base, name)
        return page

    async def send(self, who: str = "BG", **changes: Any) -> str:
        body = {"kind": KIND, "title": "Induction of inspectors", "topic": "posting", "quarter_wished": f"{YEAR}-Q1"}
        answer = await self.at[who].post(API, json=body | changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def does(self, request: str, action: str, who: str = "coordinator", **body: Any) -> dict[str, Any]:
        answer = await self.at[who].post(f"{API}/{request}/{action}", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def reads(self, request: str, who: str = "BG") -> dict[str, Any]:
        found: dict[str, Any] = (await self.at[who].get(f"{API}/{request}")).json()
        return found

    async def look(self, page: Page, title: str) -> None:
        """The page says this; each kind of page is looked at once for a screen reader and a phone."""
        assert title in await page.locator("h1").inner_text()
        kind = re.sub(r"[a-z]+-[0-9a-f-]{36}", "id", page.url.partition("?")[0].removeprefix(self.base))
        if kind in self.seen:
            return
        self.seen.add(kind)
        self.wrong += [f"{kind}: {one}" for one in await violations(page)]
        await picture(page, f"{kind} 1280")
        desk = page.viewport_size
        await page.set_viewport_size(PHONE)
        if wider := await overflow(page):
            self.wrong.append(f"{kind}: {wider} px wider than a phone")
        await picture(page, f"{kind} 390")
        await page.set_viewport_size(desk)

    async def letters(self) -> set[tuple[str, str]]:
        """Kind and receivers of what was written."""
        rows = await self.app.state.service.db.outbox.find({}).to_list(None)
        return {(row["kind"], row["to"]) for row in rows}


@pytest.fixture(scope="module")
async def house(brokers, module_namespace) -> AsyncIterator[House]:
    app = build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))
    async with served(app) as base, chromium() as browser:

        async def ready() -> bool:
            return bool(app.state.service.prepared)

        await until(ready, 30, "the service's readiness")
        at = {}
        keys = {"BG": Role.NLO, "PT": Role.NLO, "coordinator": Role.COORDINATOR}
        for name, role in keys.items():
            member = None if role is Role.COORDINATOR else name
            _id, key = await app.state.people.keys.create(name, [role], member, "ela", rights=("history.write",))
            at[name] = AsyncClient(base_url=base, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        yield House(app, base, browser, at)
        for client in at.values():
            await client.aclose()


async def tell(service: Any, call: str, event: Event, version: int = 1) -> None:
    """As `matching` would say it."""
    now = iso(datetime.now(UTC))
    stored = {"_id": f"{call}@{version}", "stream": call, "type": event.type, "source": "/matching", "network": "ela"}
    headers = headers_of({**stored, "time": now, "recordedtime": now, "actor": "somebody"})
    async with AIOKafkaProducer(bootstrap_servers=service.settings.kafka) as producer:
        value = event.model_dump_json().encode()
        await producer.send_and_wait(service.settings.topic("matching"), value, call.encode(), headers=headers)


async def press(page: Page, name: str) -> None:
    async with page.expect_navigation():
        await page.get_by_role("button", name=name, exact=True).first.click()


async def follow(page: Page, name: str | re.Pattern[str]) -> None:
    async with page.expect_navigation():
        await page.get_by_role("link", name=name).first.click()


async def test_a_request_walks_through_each_fate(house):
    bulgaria, coordinator = await house.enter(BULGARIA), await house.enter(COORDINATOR)
    other = await house.send("PT", title="Induction in the posting of workers")
    # a draft, kept as it is typed, then sent
    await bulgaria.goto(f"{house.base}/requests/new?kind={KIND}")
    await bulgaria.get_by_label("Title").fill("Induction of new inspectors")
    await bulgaria.get_by_label("Topic").select_option("posting")
    await press(bulgaria, "Save as a draft")
    await house.look(bulgaria, "Ask for")
    await bulgaria.goto(f"{house.base}/requests/")
    await house.look(bulgaria, "Bulgaria")
    await follow(bulgaria, "Induction of new inspectors")
    assert await bulgaria.get_by_label("Topic").input_value() == "posting"
    await bulgaria.get_by_label("Quarter wished").select_option(f"{YEAR}-Q1")
    await press(bulgaria, "Send request")
    await house.look(bulgaria, "Induction of new inspectors: waits for a first answer")
    assert "A first answer is due on" in await bulgaria.locator("main").inner_text()
    await bulgaria.goto(f"{house.base}/requests/")
    assert not await bulgaria.locator("#drafts").count()
    await follow(bulgaria, "Induction of new inspectors")
    mine = bulgaria.url.rpartition("/")[2]

    # a question, and its answer
    await coordinator.goto(bulgaria.url)
    await follow(coordinator, "Ask the sender")
    await house.look(coordinator, "What do you want to know")
    await press(coordinator, "Send the question")
    await coordinator.get_by_role("textbox", name="Question").fill("How many of them speak English?")
    await press(coordinator, "Send the question")
    await bulgaria.reload()
    await follow(bulgaria, "Answer the question")
    await house.look(bulgaria, "A question about")
    await bulgaria.get_by_role("textbox", name="Answer").fill("Nobody does.")
    await press(bulgaria, "Send the answer")
    assert "Nobody does." in await bulgaria.locator("main").inner_text()

    # merged with one like it, told to both, taken back, merged again
    await coordinator.goto(bulgaria.url)
    await follow(coordinator, re.compile("Merge with it"))
    await house.look(coordinator, "together with which request?")
    await coordinator.get_by_role("textbox", name="Reason").fill("Both ask for the same.")
    await press(coordinator, "Merge them")
    await house.look(coordinator, "answered together with another request")
    await follow(coordinator, "Take the decision back")
    await house.look(coordinator, "back?")
    await coordinator.get_by_label("Why is it taken back?").fill("Not the same after all.")
    await press(coordinator, "Take it back")
    await house.look(coordinator, "to be decided anew")
    await house.does(mine, "merge", into=other, reason="The same indeed.")
    planned = await house.does(
        other, "plan", line="trainings-in-host-member-state", quarter=f"{YEAR}-Q2", reason="Yes."
    )
    assert planned["status"] == "planned"
    await bulgaria.reload()
    said = await bulgaria.locator("main").inner_text()
    assert f"Q2 {YEAR}" in said
    assert "Induction in the posting of workers" not in said  # of another member
    assert ((await house.reads(mine))["status"], (await house.reads(mine))["fate"]) == ("planned", "merged")
    assert await house.letters() >= {
        ("request-question", "nlo@BG"), ("request-answer", "coordinator@"), ("request-merged", "nlo@BG"),
        ("request-reopened", "nlo@BG"), ("request-planned", "nlo@BG"),
        ("request-joined", "nlo@PT"), ("request-planned", "nlo@PT"),
    }  # fmt: skip

    # withdrawn by its sender; last year's is asked for again
    again = await house.send(title="Of last year")
    await bulgaria.goto(f"{house.base}/requests/{again}")
    await follow(bulgaria, "Ask for it again")
    assert await bulgaria.get_by_label("Title").input_value() == "Of last year"
    assert await bulgaria.get_by_label("Quarter wished").input_value() == f"{YEAR + 1}-Q1"
    await bulgaria.goto(f"{house.base}/requests/{again}/withdraw")
    await press(bulgaria, "Withdraw it")
    await house.look(bulgaria, "Of last year: withdrawn")

    assert house.wrong + [one for watched in house.watched for one in watched.wrong] == []


async def test_several_are_decided_at_once_and_what_fails_is_told_row_by_row(house):
    coordinator = await house.enter(COORDINATOR)
    first, second, late = [await house.send(title=f"Together {n}", topic=None, kind="national-event") for n in "abc"]
    await coordinator.goto(f"{house.base}/requests/?q=Together")
    for title in ("Together a", "Together b", "Together c"):
        await coordinator.get_by_role("checkbox", name=title).check()
    await press(coordinator, "Decide on those chosen")
    await house.look(coordinator, "What becomes of these 3 requests?")
    await house.does(late, "decline", reason="By another coordinator.")
    await press(coordinator, "Decide on all of them")
    assert "Choose a quarter." in await coordinator.locator("[role=alert]").inner_text()
    await coordinator.get_by_label("Defer them").check()
    await coordinator.get_by_label("Quarter").select_option(f"{YEAR}-Q3")
    await coordinator.get_by_role("textbox", name="Reason").fill("No trainers before the summer.")
    await press(coordinator, "Decide on all of them")
    await house.look(coordinator, "2 requests are decided, one is not")
    assert "It was decided meanwhile" in await coordinator.locator("main").inner_text()
    found = [await house.reads(one) for one in (first, second, late)]
    assert [one["status"] for one in found] == ["deferred", "deferred", "declined"]
    assert found[0]["reason"] == "No trainers before the summer."
    assert house.wrong + [one for watched in house.watched for one in watched.wrong] == []


async def test_the_first_answer_is_due_and_overdue_ones_are_listed(house):
    sent = (datetime.now(UTC) - timedelta(days=60)).isoformat()
    old = await house.send("PT", title="Forgotten", happened_at=sent)
    page = await house.at["coordinator"].get("/requests/?fate=overdue")
    assert f'href="/requests/{old}"' in page.text
    await house.does(old, "decline", reason="Too late.")
    assert old not in (await house.at["coordinator"].get("/requests/?fate=overdue")).text
    long_ago = datetime.now(UTC) - timedelta(days=400)
    put_off = await house.send("PT", title="Put off", quarter_wished=None, happened_at=long_ago.isoformat())
    quarter = str(Quarter.of((long_ago + timedelta(days=100)).date()))
    await house.does(put_off, "defer", quarter=quarter, reason="Later.", happened_at=long_ago.isoformat())
    assert put_off in (await house.at["coordinator"].get("/requests/?fate=overdue")).text
    assert "It is to be weighed again by" in (await house.at["PT"].get(f"/requests/{put_off}")).text


async def test_a_draft_is_its_writers_alone_and_kept_as_it_is_typed(house):
    page = await house.enter(BULGARIA)
    await page.goto(f"{house.base}/requests/new?kind=national-event")
    async with page.expect_response("**/requests/drafts"):
        await page.get_by_label("Title").fill("Typed and left")
        await page.get_by_label("Place").fill("Plovdiv")
    await page.goto(f"{house.base}/requests/")
    draft = await page.get_by_role("link", name="Typed and left").get_attribute("href")
    other = await house.enter(PORTUGAL)
    await other.goto(house.base + draft)
    assert await other.get_by_label("Title").input_value() == ""
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_text("The draft is deleted.").wait_for()
    assert house.watched[-1].wrong == []


async def test_a_training_is_part_of_an_event_that_is_known_and_held_in_the_national_language(house):
    page = await house.enter(BULGARIA)
    whole = await house.send(title="Days of fair work", topic=None, kind="national-event")
    foreign = await house.send("PT", title="A round table in Porto", topic=None, kind="national-event")
    await page.goto(f"{house.base}/requests/new?kind=mediation-training")
    await house.look(page, "Ask for")
    assert await page.get_by_label("Language").input_value() == "bg"
    offered = await page.locator("#f-inside").inner_text()
    assert "Days of fair work" in offered
    assert "Porto" not in offered
    await page.get_by_label("Title").fill("Mediation, half a day")
    await page.get_by_label("Language").select_option("en")
    await page.locator("#f-inside").select_option(whole)
    await page.get_by_label("Part of another event").fill("on its second day")
    await press(page, "Send request")
    await house.look(page, "Mediation, half a day: waits for a first answer")
    part = page.url.rpartition("/")[2]
    assert "(on its second day)" in await page.locator("main").inner_text()
    await follow(page, "Days of fair work")
    await house.look(page, "Days of fair work: waits for a first answer")
    assert await page.get_by_role("link", name="Mediation, half a day").count()
    planned = await house.does(whole, "plan", line="national-events", quarter=f"{YEAR}-Q3")
    lineage = f"/requests/plan/{YEAR}/activities/{planned['activity']}/lineage"
    assert f'href="/requests/{part}"' in (await house.at["coordinator"].get(lineage)).text
    assert f'href="/requests/{part}"' not in (await house.at["PT"].get(lineage)).text
    asked = {"kind": "mediation-training", "title": "Another", "quarter_wished": f"{YEAR}-Q3"}
    api = "/requests/api/v1/requests"
    inside = await house.at["PT"].post(api, json={**asked, "inside": planned["activity"]})
    assert (inside.status_code, inside.json()["inside"]) == (201, planned["activity"])
    assert lineage in (await house.at["PT"].get(f"/requests/{inside.json()['id']}")).text
    refused = await house.at["BG"].post(api, json={**asked, "inside": foreign})
    assert (refused.status_code, refused.json()["code"]) == (422, "inside-unknown")
    assert house.wrong + [one for watched in house.watched for one in watched.wrong] == []


async def test_an_exchange_without_an_open_call_is_accepted_for_the_next(house):
    exchange = {"kind": "staff-exchange", "focus_area": "undeclared-work", "officials": 2, "host_member": "ES"}
    asked = await house.send(title="See inspections", topic=None, **exchange)
    call = new_id("call")
    service = house.app.state.service
    await tell(service, call, CallOpened(year=YEAR, focus_areas=("undeclared-work",)))

    async def known() -> bool:
        return bool(await service.db.calls.find_one({"_id": f"{call}/terms"}))

    await until(known, 30, "the call")
    refused = await house.at["BG"].post(API, json={"kind": "staff-exchange", "title": "Another"})
    assert refused.json()["code"] == "ask-in-the-call"
    page = await house.enter(COORDINATOR)
    await page.goto(f"{house.base}/requests/{asked}")
    await follow(page, "Take it into the call")
    await house.look(page, "into a call?")
    await press(page, "Take it into the call")
    await house.look(page, "See inspections: in the open call")
    accepted = await house.reads(asked)
    assert (accepted["fate"], accepted["status"], accepted["call"]) == ("accepted", "planned", call)
    event = await service.db.events.find_one({"type": {"$regex": "accepted-for-call"}})
    assert event["data"]["focus_area"] == "undeclared-work"
    assert (event["data"]["officials"], event["data"]["wishes"]) == (2, ["ES"])
    await tell(service, call, CallClosed(year=YEAR), 2)

    async def closed() -> bool:
        return bool(await service.db.calls.find_one({"_id": call, "open": False}))

    await until(closed, 30, "the call's end")
    assert house.wrong + [one for watched in house.watched for one in watched.wrong] == []
