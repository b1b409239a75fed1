"""What a newcomer sees: the demonstration loads behind the front door, and the dashboard moves under traffic.

Not among the tests, since the programme alone takes minutes: `make pictures` runs it, and takes the README's picture.
"""

import asyncio
import sys
from pathlib import Path
from time import monotonic

import pytest
from playwright.async_api import expect

from deploy.local.layout import CHECKOUT
from tests.e2e.launcher import liaison_up
from tests.support.pages import DESK, chromium, picture, sign_in, violations
from tests.support.tally import until

LOADED_WITHIN = 180
pytestmark = pytest.mark.timeout(600)


async def test_a_newcomer_sees_a_year_and_then_a_moving_dashboard(tmp_path: Path) -> None:
    data = tmp_path / "data"

    async def loaded() -> bool:
        return (data / "demo.done").exists()

    async with chromium() as browser, liaison_up(data) as base:
        began = monotonic()
        page = await browser.new_page(viewport=DESK, locale="en-GB", color_scheme="light")  # type: ignore[arg-type]
        await sign_in(page, base, "Henriette")
        await until(loaded, LOADED_WITHIN, "the demonstration programme")
        print(f"loaded {monotonic() - began:.0f} s after the front door answered")
        await page.goto(base + "/kpi/?year=2024")
        await expect(page.locator("h1")).to_contain_text("of the 2024 plan is done")
        registrations = page.locator("#figure-registrations")
        await expect(registrations).to_contain_text(",")  # thousands
        before = await registrations.inner_text()
        simulate = await asyncio.create_subprocess_exec(
            *(Path(sys.executable).with_name("liaison"), "simulate", "--rate", "20", "--seconds", "20"),
            *("--data", data),
            cwd=CHECKOUT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await simulate.communicate()
        assert simulate.returncode == 0, said.decode()[-2000:]
        await expect(registrations).not_to_have_text(before)
        await expect(page.locator("#plan-by-quarter svg")).to_be_visible()
        assert await violations(page) == []
        await picture(page, "dashboard")
