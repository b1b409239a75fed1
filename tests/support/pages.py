"""Chromium for tests of pages: start it, sign in, and hear what a page gets wrong."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_core_python.base import AXE_SCRIPT
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.support.ports import free_port

# Without these Chromium talks to its maker, or does not start as root.
_ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


def chromium_path() -> str | None:
    """The Chromium of LIAISON_CHROMIUM, else the one on PATH."""
    names = (os.environ.get("LIAISON_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser; skips the test where there is none."""
    path = chromium_path()
    if path is None:
        pytest.skip("No Chromium here: install it, or set LIAISON_CHROMIUM to its path.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def served(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """The address at which the application answers, in this process; on a free port unless one is given."""
    port = port or free_port()
    config = uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1, lifespan="auto")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())  # its public face would take over the signals of the test run
    async with asyncio.timeout(20):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def sign_in(page: Page, base: str, name: str) -> None:
    """Be the ready-made person of that name, in this page's context."""
    await page.goto(f"{base}/sign-in")
    button = page.get_by_role("button", name=name)
    for summary in await page.locator("details.persons:not([open]) > summary").all():
        if await button.is_visible():
            break
        await summary.click()
    await button.click()
    await page.wait_for_url(lambda url: "/sign-in" not in url)


async def violations(page: Page) -> list[str]:
    """What axe-core finds wrong in the page, in one line each."""
    await page.evaluate(AXE_SCRIPT)
    result: dict[str, Any] = await page.evaluate("axe.run(document)")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]}" for one in result["violations"] for node in one["nodes"]
    ]


class Watched:
    """Hears a context's script errors, blocked content and failed loads; `wrong` must stay empty."""

    def __init__(self, context: BrowserContext) -> None:
        self.wrong: list[str] = []
        context.on("page", self._page)

    def _page(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._said(page, message.type, message.text))

    def _said(self, page: Page, kind: str, text: str) -> None:
        # That a page answers 404 or 422 is for the test to say.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.wrong.append(f"{page.url}: {text}")


async def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(await page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)"))


async def picture(page: Page, name: str) -> None:
    """A picture of the whole page for who wants to look: in the folder LIAISON_PICTURES, else none is taken."""
    if folder := os.environ.get("LIAISON_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name.replace('/', '_') or 'home'}.png", full_page=True)
