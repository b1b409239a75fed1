"""The dashboard in somebody's browser: read to the digit, and watched while others work."""

import asyncio
import re
from collections import Counter

from playwright.async_api import Locator, expect

from tests.e2e.browsing import WITHIN, Person

Table = dict[str, list[str]]


class Watcher(Person):
    """A member of the Management Board with the dashboard open."""

    name = "Henriette Aldenhoven"

    async def begins(self) -> None:
        await self.open("/kpi/")
        if self.house.scripts:
            await expect(self.page.locator("[data-live]:not(.live--lost)")).to_be_visible()
            await self.page.evaluate("window.openedOnce = true")

    async def watches(self, **figures: str) -> None:
        """The figures (`_` for `-`) come to read so: by themselves where scripts run, else after a reload."""
        for name, text in figures.items():
            figure = self.page.locator(f"#figure-{name.replace('_', '-')}")
            if self.house.scripts:
                await expect(figure).to_have_text(text)
            else:
                await self._reload_until(figure, text)

    async def _reload_until(self, figure: Locator, text: str) -> None:
        try:
            async with asyncio.timeout(WITHIN):
                while await text_of(figure) != text:
                    await self.page.reload()
        except TimeoutError:
            raise AssertionError(f"{figure} is {await text_of(figure)}, not {text}") from None

    async def was_never_reloaded(self) -> bool:
        return bool(await self.page.evaluate("window.openedOnce === true"))

    async def reloads(self) -> None:
        await self.page.reload()

    async def headline(self) -> str:
        return await text_of(self.page.locator("h1"))

    async def figures(self) -> dict[str, str]:
        """Every figure on the page with the words beside it, by its id."""
        found = self.page.locator("[id^=figure-]")
        names = [await one.get_attribute("id") or "" for one in await found.all()]
        texts = await found.all_text_contents()
        return {name.removeprefix("figure-"): squeezed(text) for name, text in zip(names, texts, strict=True)}

    async def table(self, name: str) -> Table:
        """The rows of a chart's table, or of the table of that caption, by their first cell; rows of zeros left out."""
        chart = self.page.locator(f"figure#{name}") if re.fullmatch(r"[a-z-]+", name) else None
        rows = (chart or self.page.locator("table", has=self.page.locator("caption", has_text=name))).locator(
            "tbody tr"
        )
        found: Table = {}
        for row in await rows.all():
            first, *rest = [squeezed(cell) for cell in await row.locator("th, td").all_text_contents()]
            if set(rest) != {"0"}:
                found[first] = rest
        return found

    async def feed(self) -> list[str]:
        """What the page tells of now, the newest first, without the time."""
        lines = await self.page.locator("ol.feed li").all_text_contents()
        return [squeezed(line).partition(" ")[2] for line in lines]

    async def looks_behind(self, figure: str) -> None:
        """Open a figure from the dashboard."""
        await self.open("/kpi/")
        await self._leads_on(self.page.locator(f"a[href^='/kpi/figures/{figure}']").first.click)

    async def events_behind(self, figure: str) -> dict[str, int]:
        """How many events of each kind, with the members named, the figure's page opens."""
        await self.looks_behind(figure)
        await self.follow(re.compile("^All events"))
        cells = await self.page.locator("main tbody tr td:nth-child(2)").all()
        return Counter([squeezed(await cell.inner_text()) for cell in cells])


async def text_of(one: Locator) -> str:
    return squeezed(await one.text_content() or "")


def squeezed(text: str) -> str:
    """With single blanks, as it is read."""
    return re.sub(r"\s+", " ", text).strip()
