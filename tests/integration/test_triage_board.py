"""The triage board against resources, by API and in a browser: what fits, why the rest does not, and what if."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from playwright.async_api import expect

from services.requests.app import build
from shared.people import Role
from tests.support.pages import PHONE, Watched, chromium, overflow, picture, served, sign_in, violations
from tests.support.tally import settings_for, until

API = "/requests/api/v1"
KIND = "training-in-host-member-state"
YEAR = datetime.now(UTC).year + 1
MEMBERS = ("BG", "EL", "FR", "IT", "MT")
COORDINATOR = "Miroslava Brezinková"


@pytest.fixture(scope="module")
async def app(brokers, module_namespace) -> Any:
    return build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))


@pytest.fixture(scope="module")
async def base(app) -> AsyncIterator[str]:
    async with served(app) as address:

        async def ready() -> bool:
            return bool(app.state.service.prepared)

        await until(ready, 30, "the service's readiness")
        yield address


@pytest.fixture(scope="module")
async def coordinator(app, base) -> AsyncIterator[AsyncClient]:
    _id, key = await app.state.people.keys.create(
        "coordinator", [Role.COORDINATOR], None, "ela", rights=("history.write",)
    )
    async with AsyncClient(base_url=base, timeout=60, headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


@pytest.fixture(scope="module")
async def year(coordinator) -> int:
    """Five trainings are asked for in one quarter that has trainers and slots for three of them."""
    for member in MEMBERS:
        wish = {"kind": KIND, "member": member, "title": f"Letterbox companies {member}", "participants": 25}
        sent = await coordinator.post(f"{API}/requests", json={**wish, "quarter_wished": f"{YEAR}-Q4"})
        assert sent.status_code == 201, sent.text
    quarters = [{"quarter": f"{YEAR}-Q4", "budget": 100_000, "trainer_days": 12, "event_slots": 9}]
    put = await coordinator.put(f"{API}/resources/{YEAR}", json={"quarters": quarters})
    assert put.status_code == 200, put.text
    await coordinator.get(f"{API}/triage/{YEAR}")  # the pages find the first answer worked out
    return YEAR


async def test_the_proposal_fits_and_says_what_the_others_lack(coordinator, year):
    found = (await coordinator.get(f"{API}/triage/{year}")).json()
    assert (len(found["proposed"]), len(found["left_out"])) == (3, 2)
    assert (found["proven"], found["gap"], found["undecided"]) == (True, 0.0, 5)
    assert sum(one["cost"]["trainer_days"] for one in found["proposed"]) == 12
    for one in found["left_out"]:
        (short,) = one["short"]
        assert short == {"resource": "trainer_days", "needs": 4, "left": 0, "by": 4}
        assert one["verified"]
        assert one["instead_of"]
    again = (await coordinator.get(f"{API}/triage/{year}")).json()
    assert again == found


async def test_board_and_plan_count_the_same_undecided(coordinator, year):
    board = (await coordinator.get(f"{API}/triage/{year}")).json()
    plan = (await coordinator.get(f"{API}/plan/{year}")).json()
    assert board["undecided"] == plan["undecided"] == len(MEMBERS)
    listed = (await coordinator.get(f"{API}/requests?year={year}&status=submitted&per_page=50")).json()
    weighed = {one["request"] for one in [*board["proposed"], *board["left_out"]]}
    assert weighed == {one["id"] for one in listed["items"]}


COLUMN = re.compile(r'id="column-(\w+)">.*?</section>', re.DOTALL)


async def test_the_board_keeps_who_was_asked_in_a_column_of_its_own_and_its_filters_in_the_address(coordinator, year):
    async def columns(**query: str) -> dict[str, set[str]]:
        page = (await coordinator.get("/requests/triage", params={"q": "Sauna", **query})).text
        return {one[1]: set(re.findall(r'data-title="Sauna (\w+)"', one[0])) for one in COLUMN.finditer(page)}

    sent = {}
    for name, kind, days in (("FI", KIND, 90), ("SE", KIND, 1), ("EE", "national-event", 1)):
        at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        wish = {"kind": kind, "member": name, "title": f"Sauna {name}", "quarter_wished": f"{YEAR + 4}-Q1"}
        answer = await coordinator.post(f"{API}/requests", json=wish | {"happened_at": at})
        assert answer.status_code == 201, answer.text
        sent[name] = answer.json()["id"]
    none: set[str] = set()
    assert await columns() == {"new": set(sent), "question": none, "planned": none, "decided": none}
    await coordinator.post(f"{API}/requests/{sent['FI']}/ask", json={"question": "How hot?"})
    await coordinator.post(f"{API}/requests/{sent['SE']}/decline", json={"reason": "Warm enough."})
    assert await columns() == {"new": {"EE"}, "question": {"FI"}, "planned": none, "decided": {"SE"}}
    assert await columns(overdue="1") == {"new": none, "question": {"FI"}, "planned": none, "decided": none}
    on_events = {"new": {"EE"}, "question": none, "planned": none, "decided": none}
    assert await columns(line="national-events") == await columns(kind="national-event") == on_events
    assert await columns(member="EE") == on_events
    capacity = {"new": none, "question": {"FI"}, "planned": none, "decided": {"SE"}}
    assert await columns(pillar="capacity-building", kind=KIND) == capacity
    assert await columns(pillar="no-such-pillar") == dict.fromkeys(on_events, none)


@pytest.mark.parametrize(
    ("quarters", "code"),
    [
        ([{"quarter": f"{YEAR + 1}-Q1"}], "quarter-of-another-year"),
        ([{"quarter": f"{YEAR}-Q1"}, {"quarter": f"{YEAR}-Q1"}], "quarter-twice"),
        ([{"quarter": f"{YEAR}-Q1", "trainer_days": 1.3}], None),
        ([{"quarter": f"{YEAR}-Q1", "budget": -1}], None),
    ],
)
async def test_resources_that_cannot_be_are_refused(coordinator, quarters, code):
    answer = await coordinator.put(f"{API}/resources/{YEAR}", json={"quarters": quarters})
    assert answer.status_code == 422
    assert code is None or answer.json()["code"] == code


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
async def opened(request, base):
    async with chromium() as browser:

        @asynccontextmanager
        async def as_coordinator():
            context = await browser.new_context(java_script_enabled=request.param, locale="en-GB")
            watched = Watched(context)
            page = await context.new_page()
            await sign_in(page, base, COORDINATOR)
            yield page
            assert watched.wrong == []
            await context.close()

        as_coordinator.scripts = request.param
        yield as_coordinator


async def look(page, name: str) -> None:
    assert await violations(page) == []
    await page.set_viewport_size({"width": 1440, "height": 900})
    await picture(page, f"{name} 1440")
    await page.set_viewport_size(PHONE)
    assert await overflow(page) == 0
    await picture(page, f"{name} 390")
    await page.set_viewport_size({"width": 1440, "height": 900})


async def test_a_coordinator_weighs_and_decides(base, year, opened):
    async with opened() as page:
        page.set_default_timeout(30_000)
        await page.goto(f"{base}/requests/triage")
        if opened.scripts:
            await look(page, "triage")
            await page.locator("#column-new [data-card]").nth(1).focus()
            await page.keyboard.press("ArrowUp")
            assert await page.evaluate("document.activeElement === document.querySelector('#column-new [data-card]')")
            await page.locator("#column-new [data-request]").first.drag_to(page.locator("#column-question"))
            await page.wait_for_url(re.compile("/ask$"))
            await page.go_back()
        await page.get_by_role("link", name="Weigh against the resources").click()
        await expect(page.locator("h1")).to_have_text(re.compile(r"^3 of \d open requests"))
        left = page.locator("#left-out")
        await expect(left).to_contain_text(f"In Q4 {year} 4 trainer days are missing: it needs 4, 0 are left.")
        await expect(left).to_contain_text("With that it fits beside everything that is proposed.")
        await expect(page.locator("#proof")).to_have_text("Proven: no other set is worth more.")
        result = page.locator("#what-if-result")
        await page.locator("[name=quarter]").select_option(f"{year}-Q4")
        if opened.scripts:
            await look(page, "board")
            slider = page.locator("input[type=range]").nth(1)
            await slider.fill("4")
            await expect(page.locator("#if-trainer_days")).to_have_value("4")
            await expect(result).to_contain_text("With this, one request comes in, 0 go out")
            await look(page, "board what-if")
            await page.locator("#proposed [data-card]").first.focus()
            await page.keyboard.press("ArrowDown")
            await page.keyboard.press("ArrowRight")
            assert await page.evaluate("document.activeElement.closest('section').id") == "left-out"
            card = page.locator("#left-out [data-request]").first
            title = await card.get_attribute("data-title")
            await card.drag_to(page.locator("[data-drop='decide?as=defer']"))
            await page.wait_for_url(re.compile("decide"))
        else:
            await page.locator("#if-trainer_days").fill("4")
            await page.get_by_role("button", name="Show what changes").click()
            await expect(result).to_contain_text("With this, one request comes in, 0 go out")
            card = page.locator("#left-out [data-request]").first
            title = await card.get_attribute("data-title")
            await card.get_by_role("link", name="Defer it").click()
        await expect(page.locator("h1")).to_contain_text(title)
        await page.get_by_label("Quarter").select_option(f"{year + 1}-Q1")
        await page.get_by_label("Reason").fill("No trainer is left.")
        await page.get_by_role("button", name="Defer it").click()
        await expect(page.locator(".note")).to_contain_text("deferred")
        await page.goto(f"{base}/requests/triage/{year}")
        await expect(page.locator("#left-out")).not_to_contain_text(title)


async def test_resources_are_set_on_their_page(base, opened):
    async with opened() as page:
        page.set_default_timeout(30_000)
        of_year = YEAR + (2 if opened.scripts else 3)
        await page.goto(f"{base}/requests/triage/{of_year}")
        await expect(page.locator("main")).to_contain_text(f"Nobody has said what {of_year} can spend")
        await page.get_by_role("link", name="Set the resources").first.click()
        trainers = page.get_by_label("Trainer days").first
        await trainers.fill("2.3")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("[role=alert]")).to_be_visible()
        if opened.scripts:
            await look(page, "resources")
        await trainers.fill("2.5")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".note")).to_contain_text("are set")
        await expect(page.locator("main")).to_contain_text("0 planned, 0 proposed, of 2.5")
