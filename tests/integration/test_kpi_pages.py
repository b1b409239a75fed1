"""The Board's page in Chromium: it moves while one looks, comes back after a loss, and opens what is behind it."""

from contextlib import asynccontextmanager
from random import Random

import pytest
from playwright.async_api import expect

from deploy.local.layout import ASSETS
from services.kpi import replica
from shared import clock
from shared.contracts.events import ActivityHeld, FeedbackGiven
from tests.integration.test_kpi_flow import owns_all, publish
from tests.support.exported import beside, exported
from tests.support.kpi import ACTIVITY, Log
from tests.support.kpi_year import Year
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, picture, served, sign_in, violations
from tests.support.tally import settings_for, until

YEAR = clock.now().year
WITHIN_MS = 30_000
PATHS = (
    "/kpi/?year=2024",
    "/kpi/figures/participation-rate?year=2024",
    "/kpi/figures/relevance?year=2024",
    "/kpi/figures/registrations/events?year=2024",
)


@pytest.fixture(scope="module")
async def settings(brokers, module_namespace):
    return settings_for(brokers.mongo_url, brokers.kafka, module_namespace).model_copy(update={"assets": ASSETS})


@asynccontextmanager
async def running(settings):
    app = replica.build(settings)
    async with served(app) as base:
        await until(lambda: owns_all(app.state.kpi), 30, "the assignment")
        yield base


@pytest.fixture(scope="module")
async def base(settings):
    await publish(settings, *Year(Random(11)).tell(120))
    async with running(settings) as address:
        yield address


@pytest.fixture
async def person():
    """Opens a page as the Board's member, or with scripts off; nothing on it may go wrong."""
    async with chromium() as browser:

        @asynccontextmanager
        async def opened(base: str, *, expected: str = "nothing at all", **options):
            context = await browser.new_context(locale="en-GB", **options)
            watched = Watched(context)
            page = await context.new_page()
            await sign_in(page, base, "Miroslava")
            yield page
            assert [said for said in watched.wrong if expected not in said] == []
            await context.close()

        yield opened


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
async def test_pages_are_accessible_and_fit_their_window(base, person, size, scheme):
    async with person(base, viewport=size, color_scheme=scheme) as page:
        for path in PATHS:
            await page.goto(base + path)
            if "/kpi/?" in path:
                await expect(page.locator("#plan-by-quarter svg")).to_be_visible(timeout=WITHIN_MS)
                await picture(page, f"dashboard-{scheme}")
            assert await violations(page) == [], path
            assert await overflow(page) == 0, path


async def test_tables_and_the_events_behind_a_figure_are_exported(base, person):
    async with person(base) as page, beside(page) as http:
        board = await exported(http, f"{base}/kpi/?year=2024")
        assert {"figures", "by-line", "by-pillar", "registered-and-present", "funnel"} <= set(board)
        (held,) = [row for row in board["figures"] if row["Id"] == "activities-held"]
        figure = await exported(http, f"{base}/kpi/figures/activities-held?year=2024")
        assert figure["history"][-1]["Figure"] == held["Figure"]
        (behind,) = (await exported(http, f"{base}/kpi/figures/activities-held/events?year=2024")).values()
        assert len(behind) == int(held["Figure"])


async def test_the_operations_page_puts_the_panels_together_and_marks_who_does_not_answer(base, person):
    async with person(base, expected="/operations: ") as page:
        for service in ("requests", "matching"):
            await page.route(f"**/{service}/operations*", all_is_well)
        await page.route("**/events/operations*", lambda route: route.abort())
        await page.goto(base + "/operations")
        for service in ("requests", "matching"):
            await expect(page.locator(f"[data-service={service}]")).to_contain_text("All is well")
        await expect(page.locator("[data-service=kpi]")).to_contain_text("Messages behind")
        await expect(page.locator("[data-service=events]")).to_contain_text("Does not answer")
        assert await violations(page) == []


async def all_is_well(route):
    await route.fulfill(body="<section class='panel'><h2>A service</h2><p>All is well</p></section>")


async def test_a_figure_leads_to_the_events_behind_it_also_without_scripts(base, person):
    for scripts in (True, False):
        async with person(base, java_script_enabled=scripts) as page:
            await page.goto(base + "/kpi/?year=2024")
            shown = await page.locator("#figure-activities-held").inner_text()
            await page.locator("a[href^='/kpi/figures/activities-held']").first.click()
            await expect(page.locator("h1")).to_contain_text(f"Activities held: {shown}")
            await page.get_by_role("link", name="All events").click()
            await expect(page.locator("h1")).to_contain_text(f"{shown} events stand behind")
            await expect(page.locator("table").last.locator("tbody tr")).to_have_count(min(int(shown), 50))


async def test_figures_of_another_day_are_asked_for_by_the_address(base, person):
    async with person(base) as page:
        await page.goto(base + "/kpi/?year=2024")
        await page.get_by_label("As known on").fill("2024-01-02")
        await page.locator("select[name=member]").select_option("BG")
        await page.get_by_role("button", name="Show").click()
        await expect(page.locator("h1")).to_contain_text("As known on 2024-01-02")
        assert "member=BG" in page.url
        await expect(page.locator("[data-live]")).to_have_count(0)


async def test_the_page_moves_by_itself_and_catches_up_after_a_loss(settings, person):
    async with running(settings) as base, person(base) as page:
        await page.goto(base + "/kpi/")
        await expect(page.locator("[data-live]:not(.live--lost)")).to_be_visible()
        await page.evaluate("window.openedOnce = true")
        held = page.locator("#figure-activities-held")
        await expect(held).to_have_text("0")
        log = Log(day=f"{YEAR}-01-02")
        log.say(ActivityHeld(held_on=f"{YEAR}-01-02", **ACTIVITY), "activity-live-1")
        for _ in range(5):
            log.say(FeedbackGiven(activity="a", relevance=4, added_value=5), "survey-live-1")
        await publish(settings, log)
        await expect(held).to_have_text("1", timeout=WITHIN_MS)
        assert await held.get_attribute("data-value") == "1"
        await expect(page.locator("#figure-relevance")).to_have_text("4.0", timeout=WITHIN_MS)
        await expect(page.locator("ol.feed")).to_contain_text("held: POSTING 360 activity", timeout=WITHIN_MS)
        await page.context.set_offline(True)
        later = Log(day=f"{YEAR}-01-03").say(ActivityHeld(held_on=f"{YEAR}-01-03", **ACTIVITY), "activity-live-2")
        await publish(settings, later)
        await page.context.set_offline(False)
        await expect(held).to_have_text("2", timeout=WITHIN_MS)
        assert await page.evaluate("window.openedOnce")
