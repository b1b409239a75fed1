"""The Board reads a figure of last month again, asks where the year will end, and sees what is missing."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from services.kpi.queries.outlook import quarter_ends
from shared import clock
from shared.contracts.events import ActivityHeld, AttendanceRecorded, RegistrationOpened
from shared.contracts.requests import ActivityPlanned
from tests.integration.test_kpi_flow import publish
from tests.integration.test_kpi_pages import person, running  # noqa: F401 - `person` is a fixture
from tests.support.kpi import ACTIVITY, MEMBER_CODES, Log
from tests.support.pages import DESK, PHONE, overflow, picture, violations
from tests.support.tally import settings_for

TODAY = clock.now().date()
WITHIN_MS = 30_000


def two_years() -> Log:
    """Six activities a quarter, last year and this; five of six are held, each half way through its quarter."""
    log, lives = Log(), []
    for year in (TODAY.year - 1, TODAY.year):
        plan = Log(day=f"{year - 1}-12-01")
        for number in range(24):
            facts = {**ACTIVITY, "quarter": f"{year}-Q{number // 6 + 1}"}
            lives.append((year, number, f"activity-{year}-{number}", facts))
        for _, _, id, facts in lives[-24:]:
            plan.say(ActivityPlanned(year=year, activity=id, **facts), "plan-1")
        log.said += plan.said
        log.messages += plan.messages
        for of, number, id, facts in lives[-24:]:
            on = quarter_ends(of, TODAY.replace(year=of, month=12, day=31))[number // 6] - timedelta(days=40 - number)
            if number % 6 == 0 or on >= TODAY:
                continue
            day = on.isoformat()
            log.say(RegistrationOpened(invited=MEMBER_CODES, **facts), id, day=day)
            for member in MEMBER_CODES[:3]:
                told = {"activity": id, "registration": f"{id}-{member}", "person": f"p-{number}-{member}"}
                log.say(AttendanceRecorded(member=member, present=True, **told), f"attendance-{id}", day=day)
            log.say(ActivityHeld(held_on=day, planned=True, **facts), id, day=day)
    return log


@pytest.fixture(scope="module")
async def base(brokers, module_namespace):
    from deploy.local.layout import ASSETS

    settings = settings_for(brokers.mongo_url, brokers.kafka, module_namespace).model_copy(update={"assets": ASSETS})
    log = two_years()
    await publish(settings, log)
    async with running(settings) as address:
        yield address


async def test_a_figure_over_time_its_forecast_and_what_is_missing(base, person):  # noqa: F811
    path = f"/kpi/figures/completed-to-planned?year={TODAY.year}"
    async with person(base, viewport=DESK) as page:
        await page.goto(base + "/kpi/")
        card = page.locator("[data-card=completed-to-planned]")
        await expect(card).to_contain_text("by December")
        await picture(page, "board-with-forecast")
        await card.click()
        forecast = page.locator("#forecast")
        await expect(forecast).to_contain_text("Of a hundred ways it may go")
        await expect(forecast).to_contain_text("outcomes lay within the interval")
        await expect(forecast.get_by_role("link").first).to_contain_text("is over")
        await page.locator("select[name=step]").select_option("quarter")
        await page.locator("select[name=days]").select_option("known")
        await page.locator("#over-time").get_by_role("button", name="Show").click()
        assert "step=quarter" in page.url
        await expect(page.locator("#over-time-chart svg")).to_be_visible(timeout=WITHIN_MS)
        rows = page.locator("#over-time-chart tbody tr")
        ended = quarter_ends(TODAY.year, TODAY)
        assert await rows.count() in (len(ended) + 1, len(ended) + 2)
        if ended:
            shown = await rows.first.locator("td").first.text_content()
            await page.goto(f"{base}{path}&known={ended[0].isoformat()}")
            then = float(await page.locator("#figure-completed-to-planned").get_attribute("data-value"))
            assert shown == f"{100 * then:.1f}".removesuffix(".0"), "to the digit"
    for size, scheme in ((PHONE, "dark"), (DESK, "light")):
        async with person(base, viewport=size, color_scheme=scheme) as page:
            for id in ("completed-to-planned", "no-shows"):
                await page.goto(f"{base}/kpi/figures/{id}?year={TODAY.year}&step=week")
                assert await violations(page) == [], id
                assert await overflow(page) == 0, id
                await picture(page, f"figure-{id}-{size['width']}")


async def test_the_board_reads_members_per_annual_training_back_to_the_first_year(base, person):  # noqa: F811
    async with person(base, java_script_enabled=False) as page:
        await page.goto(f"{base}/kpi/figures/members-per-annual-training?year={TODAY.year}&step=year")
        rows = page.locator("#over-time-chart tbody tr")
        assert [await rows.nth(at).inner_text() for at in (0, 1)] == ["2022-12-31\t27", "2023-12-31\t26"]
        await expect(page.locator("#over-time")).to_contain_text("2022: 27")
