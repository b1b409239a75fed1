"""The plan in a browser: adoption refused, then done, amended and compared; consultations; actions; the cycle."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from playwright.async_api import Page

from services.requests.app import build
from shared.people import Role
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, picture, served, violations
from tests.support.tally import settings_for, until

API = "/requests/api/v1"
YEAR = datetime.now(UTC).year + 1
SOON = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()


@pytest.fixture(scope="module")
async def app(brokers, module_namespace) -> AsyncIterator[Any]:
    app = build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))
    async with served(app) as base:
        app.state.base = base

        async def prepared() -> bool:
            return app.state.service.prepared

        await until(prepared, 30, "the store's preparation")
        yield app


@asynccontextmanager
async def client(app: Any, *roles: Role, member: str | None = None, network: str = "ela") -> AsyncIterator[AsyncClient]:
    _id, key = await app.state.people.keys.create("Program", list(roles), member, network)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as http:
        http.headers["Authorization"] = f"Bearer {key}"
        yield http


class Walk:
    """A browser in which every page that is looked at must be sound, wide and narrow."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    async def see(self, path: str = "", name: str = "") -> Page:
        if path:
            await self.page.goto(f"{self.base}{path}")
        for size in (DESK, PHONE):
            await self.page.set_viewport_size(size)
            assert await overflow(self.page) == 0, f"{self.page.url} is wider than {size['width']}"
            if name:
                await picture(self.page, f"{name}-{size['width']}")
        await self.page.set_viewport_size(DESK)
        assert not await violations(self.page)
        return self.page

    async def press(self, name: str, kind: Any = "button") -> Page:
        await self.page.get_by_role(kind, name=name, exact=True).first.click()
        return self.page

    async def title(self) -> str:
        return (await self.page.locator("h1").inner_text()).strip()


@pytest.fixture(scope="module")
async def browser(app) -> AsyncIterator[Any]:
    async with chromium() as browser:
        app.state.browser = browser
        yield browser


@asynccontextmanager
async def walking(app: Any, who: str) -> AsyncIterator[Walk]:
    """As this ready-made person."""
    context = await app.state.browser.new_context(viewport=DESK)
    watched = Watched(context)
    page = await context.new_page()
    await context.request.post(f"{app.state.base}/sign-in", form={"subject": who, "next": "/privacy"})
    yield Walk(page, app.state.base)
    assert not watched.wrong
    await context.close()


@pytest.mark.usefixtures("browser")
async def test_an_adoption_is_refused_goes_through_and_is_amended_side_by_side(app):
    own = {"kind": "modular-training", "line": "modular-trainings", "quarter": f"{YEAR}-Q2", "title": "Toolkit"}
    wish = {"kind": "national-event", "title": "Seasonal work", "quarter_wished": f"{YEAR}-Q1", "member": "BG"}
    async with client(app, Role.COORDINATOR) as http:
        made = (await http.post(f"{API}/plan/{YEAR}/activities", json=own)).json()["activity"]
        sent = (await http.post(f"{API}/requests", json=wish)).json()["id"]
        planned = (await http.post(f"{API}/requests", json={**wish, "title": "Posting"})).json()["id"]
        body = {"line": "national-events", "quarter": f"{YEAR}-Q3", "reason": "The host is ready."}
        await http.post(f"{API}/requests/{planned}/plan", json=body)
    async with walking(app, "ela-coordinator") as walk:
        page = await walk.see(f"/requests/plan/{YEAR}", "plan-draft")
        await walk.press("Adopt the plan", "link")
        assert await walk.title() == "One request must be decided before the plan is adopted"
        await walk.see(name="adopt-refused")
        assert await page.get_by_role("link", name="Seasonal work", exact=True).count() == 1
        async with client(app, Role.COORDINATOR) as http:
            refused = await http.post(f"{API}/plan/{YEAR}/adopt")
            assert (refused.status_code, refused.json()["code"]) == (409, "requests-undecided")
            await http.post(f"{API}/requests/{sent}/decline", json={"reason": "No trainers are left."})
        await page.reload()
        await walk.see(name="adopt")
        await walk.press("Adopt it")
        assert "adopted" in await walk.title()

        # An amendment needs a reason, and stands beside the baseline.
        await page.goto(f"{walk.base}/requests/plan/{YEAR}/activities/{made}")
        await page.get_by_label("Quarter").select_option(f"{YEAR}-Q4")
        await page.get_by_label("Why the adopted plan is changed").fill("The trainer is away in spring.")
        await walk.see(name="amend")
        await walk.press("Save")
        assert "amended once since" in await walk.title()
        await walk.see(name="plan-amended")
        await walk.press("Baseline and plan side by side", "link")
        assert await walk.title() == f"The plan of {YEAR}: one activity differs from baseline 1"
        await walk.see(name="compare")
        assert await page.get_by_text("The trainer is away in spring.").count() == 1
        row = page.locator("tr", has_text="Toolkit").last
        assert re.search(r"Q2 \d{4}.*Q4 \d{4}.*moved", " ".join((await row.inner_text()).split()))

        # From the activity up to the objective and down to the request, and who stands for it.
        await page.goto(f"{walk.base}/requests/plan/{YEAR}")
        await page.get_by_role("link", name="Posting", exact=True).click()
        await walk.see(name="lineage")
        assert (
            await page.get_by_role("link", name="Posting", exact=True).get_attribute("href") == f"/requests/{planned}"
        )
        assert await page.get_by_text("The offer promoted with all key stakeholders").count()
        await walk.press("Say who stands for it", "link")
        await page.get_by_label("Owner").select_option("enforcement")
        await page.get_by_label("Contact person").fill("Ada Lovelace")
        await page.get_by_label("Europol: Design of programmes and trainings").check()
        await walk.see(name="assign")
        await walk.press("Save")
        assert await page.get_by_text("Ada Lovelace").count() == 1
        await walk.see(f"/requests/plan/{YEAR}/objectives", "objectives")
        await page.goto(f"{walk.base}/requests/plan/{YEAR}/activities/{made}/unplan")
        await walk.see(name="unplan")

        # The document, and the next year from this one.
        document = await page.request.get(f"{walk.base}/requests/plan/{YEAR}/document")
        assert (document.headers["content-type"], (await document.body())[:5]) == ("application/pdf", b"%PDF-")
        await walk.see(f"/requests/plan/{YEAR + 1}/cut-off", "cut-off")
        await walk.see(f"/requests/plan/{YEAR + 1}/begin", "begin")
        await walk.press("Begin the plan")
        assert f"The plan of {YEAR + 1}: one activity" in await walk.title()
    async with client(app, Role.BOARD) as http:
        told = (await http.get(f"{API}/plan/{YEAR}/baseline")).json()
        assert {one["change"] for one in told["differences"]} == {"same", "moved"}
        assert [one["reason"] for one in told["amendments"]] == ["The trainer is away in spring."]
        again = (await http.get(f"{API}/plan/{YEAR + 1}")).json()["activities"]
        assert [(one["line"], one["quarter"], one["title"]) for one in again] == [
            ("modular-trainings", f"{YEAR + 1}-Q4", "Toolkit")
        ]
        lineage = (await http.get(f"{API}/plan/{YEAR + 1}/activities/{again[0]['activity']}/lineage")).json()
        assert (lineage["recurs_from"], lineage["objectives"]) == (made, ["knowledge", "innovation"])


@pytest.mark.usefixtures("browser")
async def test_members_are_consulted_and_the_summary_says_who_did_what(app):
    async with walking(app, "eures-coordinator") as walk:
        page = await walk.see("/requests/consultations", "consultations-none")
        await walk.press("Open a consultation", "link")
        await page.get_by_label("What it is on").select_option("templates")
        await page.get_by_label("Title").fill("Template of the activity report")
        await page.get_by_label("Draft, or what is asked").fill(
            "Ten fields instead of thirty.\nWhich of them do you need?"
        )
        await page.get_by_label("Answers until").fill(SOON)
        await page.locator("#f-draft").set_input_files(
            [{"name": "draft.txt", "mimeType": "text/plain", "buffer": b"Field 1: title"}]
        )
        await walk.see(name="consultation-new")
        await walk.press("Open it")
        await page.wait_for_url("**/consultations/consultation-*")
        address = page.url.removeprefix(walk.base)
        await page.get_by_label("Whose answer").select_option("nco-nl")
        await page.get_by_text("We agree").click()
        await walk.press("Send the answer")
        await walk.see(name="consultation")
    async with walking(app, "eures-nlo-nco-be") as walk:
        page = await walk.see("/requests/consultations", "consultations")
        assert "one waits for your answer" in await walk.title()
        await page.get_by_role("link", name="Template of the activity report").click()
        await page.get_by_text("We object").click()
        await walk.press("Send the answer")
        assert await page.get_by_text("Write what you comment on or object to.").count()
        await page.get_by_role("textbox", name="Comment").fill("Field 3 asks what we may not tell.")
        await walk.press("Send the answer")
        await walk.see(name="consultation-officer")
    async with walking(app, "eures-coordinator") as walk:
        page = await walk.see(address)
        await walk.press("Close it now")
        assert await walk.title() == "Template of the activity report: closed, one objects"
        assert await page.get_by_text("Field 3 asks what we may not tell.").count() == 1
        await walk.see(name="consultation-closed")
        await walk.see(f"/requests/cycle/{YEAR}/new", "cycle-new")
        await page.get_by_label("Title").fill("Work programme")
        await page.get_by_label("Due on").fill(SOON)
        await walk.press("Ask for it")
        await walk.see(name="cycle-document")
    async with walking(app, "eures-nlo-nco-be") as walk:
        page = await walk.see(f"/requests/cycle/{YEAR}", "cycle")
        await page.get_by_role("link", name="Work programme").click()
        await walk.press("Mark as delivered")
        assert await walk.title() == "Work programme: 1 of 3 have come"


@pytest.mark.usefixtures("browser")
async def test_actions_are_agreed_joined_implemented_and_reviewed(app):
    async with walking(app, "fr-it-pt-es-coordinator") as walk:
        page = await walk.see("/requests/actions/2024", "actions-listed")
        assert (await walk.title()).startswith("2024: 42 actions are stated, 0 actions are itemised")
        await page.get_by_role("link", name=re.compile("^Put it on the list.*Mérida")).click()
        await walk.see(name="action-new")
        await walk.press("Put it on the list")
        assert (await walk.title()).endswith(": agreed")
        address = page.url
        await page.get_by_role("combobox", name="Member").select_option("FR")
        await walk.press("Join")
        assert await page.get_by_text("multilateral").count()
        await page.get_by_label("Outcome").select_option("continues")
        await walk.press("Write the review down")
        await walk.see(name="action")
    async with walking(app, "fr-it-pt-es-nlo-pt") as walk:
        await walk.page.goto(address)
        await walk.page.get_by_role("combobox", name="State").select_option("implemented")
        await walk.press("Save")
        assert (await walk.title()).endswith(": implemented")
    async with walking(app, "fr-it-pt-es-coordinator") as walk:
        page = await walk.see("/requests/actions/2025", "actions-next")
        await walk.press("Agree on them for 2025")
        assert "one action is itemised" in await walk.title()
        await walk.see("/requests/actions/2024", "actions")
