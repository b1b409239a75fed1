"""A person at a browser of their own: what they open, press and fill in; and what is looked at beside it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from playwright.async_api import Browser, Download, Locator, Page, expect

from tests.support.pages import DESK, PHONE, Watched, overflow, picture, sign_in, violations

WITHIN = 30.0
"""Seconds until what happened in one service is seen in another's pages."""
_ID = re.compile(r"[a-z]+-[0-9a-f]{8}-[0-9a-f-]{27}")
expect.set_options(timeout=WITHIN * 1000)


@dataclass
class Inspector:
    """Looks at each kind of page once: is it accessible, does it fit a phone. `wrong` must stay empty."""

    scripts: bool
    wrong: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    async def look(self, page: Page) -> None:
        """Without scripts nothing can be asked of the page; then this does nothing."""
        kind = _ID.sub("<id>", page.url.partition("?")[0].partition("#")[0].split("/", 3)[3])
        kind = re.sub(r"/[\w-]{32,}$", "/<token>", kind)
        if not self.scripts or kind in self.seen:
            return
        self.seen.add(kind)
        self.wrong += [f"{kind}: {one}" for one in await violations(page)]
        await picture(page, f"{kind} 1440")
        await page.set_viewport_size(PHONE)
        if wider := await overflow(page):
            self.wrong.append(f"{kind}: {wider} px wider than a phone")
        await picture(page, f"{kind} 390")
        await page.set_viewport_size(DESK)


@dataclass
class House:
    """The front door, and the browser in which each person gets a context of their own."""

    base: str
    browser: Browser
    scripts: bool
    inspector: Inspector
    watched: list[Watched] = field(default_factory=list)

    async def page(self) -> Page:
        """A fresh browser, nobody signed in."""
        context = await self.browser.new_context(
            java_script_enabled=self.scripts, viewport=DESK, locale="en-GB", timezone_id="Europe/Brussels"
        )
        context.set_default_timeout(WITHIN * 1000)
        self.watched.append(Watched(context))
        return await context.new_page()

    @property
    def wrong(self) -> list[str]:
        """What any page got wrong: scripts that failed, content that was blocked, what the inspector saw."""
        return [*self.inspector.wrong, *(one for watched in self.watched for one in watched.wrong)]


class Visitor:
    """Somebody with a browser; whoever signs in is a `Person`."""

    def __init__(self, house: House, page: Page) -> None:
        self.house, self.page = house, page

    @classmethod
    async def enter(cls, house: House) -> Self:
        return cls(house, await house.page())

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.house.base}{path}")
        await self._arrived()

    async def follow(self, name: str | re.Pattern[str], within: Locator | None = None, exact: bool = False) -> None:
        """Follow the first link of that name."""
        link = (within or self.page).get_by_role("link", name=name, exact=exact).first
        await self._leads_on(link.click)

    async def press(self, name: str, within: Locator | None = None) -> None:
        button = (within or self.page).get_by_role("button", name=name, exact=True).first
        await self._leads_on(button.click)

    async def download(self, name: str) -> Download:
        async with self.page.expect_download() as started:
            await self.page.get_by_role("link", name=name).click()
        return await started.value

    async def _leads_on(self, click: Callable[[], Awaitable[Any]]) -> None:
        async with self.page.expect_navigation():
            await click()
        await self._arrived()

    async def _arrived(self) -> None:
        await self.house.inspector.look(self.page)

    async def fill(self, **fields: str) -> None:
        """Fields by their label, `_` for a blank: what is typed, or what a select offers by its text."""
        for label, text in fields.items():
            await self.set(label.replace("_", " "), text)

    async def set(self, label: str, text: str) -> None:
        box = self.box(label)
        if await box.evaluate("(one) => one.tagName") == "SELECT":
            await box.select_option(label=text)
        else:
            await box.fill(text)

    def box(self, label: str) -> Locator:
        """The field whose label begins with these words."""
        boxes = self.page.locator("input, select, textarea")
        return boxes.and_(self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\b"))).first

    async def tick(self, group: str, *names: str) -> None:
        """Radio buttons or check boxes of the group whose label is, or begins with, the name."""
        fieldset = self.page.get_by_role("group", name=group).first
        for name in names:
            await fieldset.get_by_label(re.compile(rf"^\s*{re.escape(name)}")).first.check()

    async def reads(self, text: str | re.Pattern[str]) -> None:
        """The title says it."""
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(text)

    async def told(self, text: str) -> None:
        """The page tells what came of the last step."""
        await expect(self.page.locator(".note")).to_contain_text(text)

    async def sees(self, *texts: str, within: str = "main") -> None:
        for text in texts:
            await expect(self.page.locator(within).first).to_contain_text(text)

    async def hears(self, path: str, what: Callable[[Page], Locator]) -> None:
        """Open the page again and again until what other services tell of has come."""
        await self.open(path)
        found = what(self.page).first
        try:
            async with asyncio.timeout(WITHIN):
                while not await found.is_visible():
                    await self.page.reload()
        except TimeoutError:
            raise AssertionError(f"{path} does not show {found} after {WITHIN:.0f} s") from None


class Person(Visitor):
    """One of the ready-made persons, signed in."""

    name = ""

    @classmethod
    async def enter(cls, house: House, name: str = "") -> Self:
        one = cls(house, await house.page())
        one.name = name or cls.name
        await sign_in(one.page, house.base, one.name)
        await one._arrived()
        return one
