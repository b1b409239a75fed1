"""The shared pages in Chromium: accessible, narrow and wide, light and dark, with scripts and without."""

import asyncio
import json

import pytest
from pydantic import SecretStr

from deploy.local.layout import ASSETS
from shared.settings import Settings
from shared.web.live import Live
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, served, sign_in, violations
from tests.support.sample_app import SECRET, sample_app

PAGES = ("/requests/?page=4", "/requests/new", "/requests/figures", "/account", "/nothing", "/privacy")


@pytest.fixture(scope="module")
async def app():
    return sample_app(settings=Settings(profile="local", secret=SecretStr(SECRET), assets=ASSETS))


@pytest.fixture(scope="module")
async def base(app):
    async with served(app) as address:
        yield address


@pytest.fixture(scope="module")
async def browser():
    async with chromium() as started:
        yield started


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_are_accessible_and_fit_their_window(browser, base, size, scheme):
    context = await browser.new_context(viewport=size, color_scheme=scheme)
    watched = Watched(context)
    page = await context.new_page()
    for path in ("/", "/sign-in"):
        await page.goto(base + path)
        assert await violations(page) == []
        assert await overflow(page) == 0
    await sign_in(page, base, "Iva")
    for path in PAGES:
        await page.goto(base + path, wait_until="networkidle" if path != "/requests/figures" else "load")
        assert await violations(page) == [], path
        assert await overflow(page) == 0, path
    await context.close()
    assert watched.wrong == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_a_form_keeps_what_was_typed_and_its_summary_takes_the_focus(browser, base, scripts):
    context = await browser.new_context(java_script_enabled=scripts, locale="en-GB")
    page = await context.new_page()
    await sign_in(page, base, "Iva")
    await page.goto(base + "/requests/new")
    await page.get_by_label("Title").fill("In")
    await page.get_by_label("English").check()
    await page.get_by_label("On site").check()
    await page.get_by_role("button", name="Send request").click()
    assert await page.get_by_role("alert").first.inner_text() == (
        "One answer needs a look. Nothing was sent yet.\nTitle: Write at least 3 characters."
    )
    assert await page.get_by_label("Title").input_value() == "In"
    assert await page.get_by_label("English").is_checked()
    assert await page.get_by_label("On site").is_checked()
    await page.keyboard.press("Tab")  # from the summary, which has the focus, to its first link
    await page.keyboard.press("Enter")
    assert page.url.endswith("#f-title")
    await page.get_by_label("Title").fill("Induction")
    await page.get_by_role("button", name="Send request").click()
    assert await page.get_by_role("status").inner_text() == "Your request was sent."
    await context.close()


async def test_charts_are_drawn_and_their_tables_fold_away(browser, base):
    context = await browser.new_context(viewport=DESK)
    watched = Watched(context)
    page = await context.new_page()
    await sign_in(page, base, "Iva")
    await page.goto(base + "/requests/figures")
    for name in ("map", "plan", "line", "funnel"):
        await page.locator(f"#{name} .chart__box svg").wait_for()
        assert await page.locator(f"#{name} details").get_attribute("open") is None
    await context.close()
    assert watched.wrong == []


async def test_without_scripts_the_tables_hold_the_figures(browser, base):
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, base, "Iva")
    await page.goto(base + "/requests/figures")
    assert await page.locator("#funnel td").all_inner_texts() == ["214", "90"]
    assert await page.locator("#map tbody tr").count() == 2
    await context.close()


async def test_figures_move_without_a_reload(browser, app, base):
    context = await browser.new_context()
    watched = Watched(context)
    page = await context.new_page()
    await sign_in(page, base, "Iva")
    await page.goto(base + "/requests/figures")
    await page.locator("#plan .chart__box svg").wait_for()
    async with asyncio.timeout(10):
        while app.state.live.readers == 0:  # noqa: ASYNC110 - the page opens its stream in its own time
            await asyncio.sleep(0.02)
    table = {"columns": ["Quarter", "Held", "Open"], "rows": [["Q1", 25, 0], ["Q2", 36, 0]]}
    app.state.live.publish(Live("feed", "<li>PT registered 3</li>"))
    app.state.live.publish(Live("figures", json.dumps({"texts": {"registrations": "3"}, "charts": {"plan": table}})))
    await page.get_by_text("PT registered 3").wait_for()
    assert await page.locator("#registrations").inner_text() == "3"
    assert await page.locator("#plan td").first.text_content() == "25"
    await context.close()
    assert watched.wrong == []
