"""The pages of `matching`, walked as a coordinator, the sending and the hosting member would, each in a browser."""

from contextlib import asynccontextmanager

import pytest

from services.matching import worker
from services.matching.app import build
from services.matching.web import solving
from shared import clock
from tests.support.exported import beside, exported
from tests.support.pages import PHONE, Watched, chromium, overflow, served, sign_in, violations
from tests.support.tally import settings_for, until

COORDINATOR, PORTUGAL, SPAIN = "Miroslava Brezinková", "Inês Ribalonga", "Rocío Valdeolmos"


@pytest.fixture(scope="module")
async def base(brokers, module_namespace):
    app = build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))
    async with served(app) as address:

        async def ready() -> bool:
            return bool(app.state.service.prepared)

        await until(ready, 30, "the service's readiness")
        yield address


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
async def people(request, base):
    """Opens a browser of their own for each person, and looks at each page they come to."""
    async with chromium() as browser:

        @asynccontextmanager
        async def opened(name: str):
            context = await browser.new_context(java_script_enabled=request.param, locale="en-GB")
            watched = Watched(context)
            page = await context.new_page()
            await sign_in(page, base, name)
            yield page
            assert watched.wrong == []
            await context.close()

        opened.scripts = request.param
        yield opened


async def look(page, title: str) -> None:
    """The page says this, nothing in it is wrong for a screen reader, and it fits on a phone."""
    assert title in await page.locator("h1").inner_text()
    assert await violations(page) == []
    desk = page.viewport_size
    await page.set_viewport_size(PHONE)
    assert await overflow(page) == 0
    await page.set_viewport_size(desk)


async def run_the_match(page) -> None:
    """However long it takes: the page says how far it is, until the run is there."""
    await page.get_by_role("button", name="Run the match").click()
    await page.wait_for_url("**/matching/runs/**")
    await shown(page, "What the run came to")


async def shown(page, words: str) -> None:
    """Until the page says it, looked at again and again as one does without scripts."""

    async def there() -> bool:
        if words in await page.locator("main").inner_text():
            return True
        await page.reload()
        return False

    await until(there, 60, words)


async def test_an_exchange_is_found_and_agreed_by_pages_alone(base, people):
    async with people(COORDINATOR) as coordinator, people(PORTUGAL) as portugal, people(SPAIN) as spain:
        checked = look if people.scripts else _only_title
        await coordinator.goto(f"{base}/matching/")
        await coordinator.get_by_role("link", name="Open a call").first.click()
        await checked(coordinator, "Open a call for exchanges")
        await coordinator.get_by_label("Year").fill("2024")
        await coordinator.get_by_role("button", name="Open the call").click()
        await checked(coordinator, ": 0 of at least 40 exchanges are agreed")
        call = coordinator.url

        await portugal.goto(call)
        await portugal.get_by_role("link", name="File an interest").click()
        await portugal.get_by_role("button", name="File the interest").click()
        await checked(portugal, "Where would your officials like to go?")
        assert "Choose the first week." in await portugal.locator("[role=alert]").inner_text()
        await portugal.get_by_label("Undeclared work").check()
        await portugal.get_by_label("Officials").fill("2")
        await portugal.locator("[name=_from_1]").select_option("2024-W38")
        await portugal.locator("[name=_to_1]").select_option("2024-W40")
        await portugal.locator("[name=_language_1]").select_option("pt")
        await portugal.locator("[name=_language_2]").select_option("en")
        await portugal.locator("[name=_wish_1]").select_option("ES")
        await portugal.get_by_role("button", name="File the interest").click()
        await checked(portugal, "Portugal: this interest waits for a match")

        await spain.goto(f"{call}/offers/new")
        await spain.get_by_label("Undeclared work").check()
        await spain.locator("[name=_from_1]").select_option("2024-W39")
        await spain.locator("[name=_to_1]").select_option("2024-W41")
        await spain.locator("[name=_places_1]").fill("3")
        await spain.locator("[name=_language_1]").select_option("en")
        await spain.get_by_role("button", name="Offer to host").click()
        await checked(spain, "Spain hosts: all places are free")

        await coordinator.goto(call)
        await run_the_match(coordinator)
        await checked(coordinator, "One interest of 1 is matched: no choice matches more")
        await coordinator.locator("details summary").first.click()
        assert "Spain is wish 1 of 1." in await coordinator.locator("details").first.inner_text()
        await coordinator.get_by_role("button", name="Propose the match").click()
        assert "Proposed" in await coordinator.locator("table").first.inner_text()
        await checked(coordinator, "One interest of 1 is matched")

        await spain.goto(f"{base}/matching/")
        await checked(spain, "Spain: one exchange waits for your answer")
        await spain.locator(".todo a").click()
        await checked(spain, "Portugal to Spain: your answer is due")
        await spain.get_by_role("button", name="Accept").click()
        await checked(spain, "Portugal to Spain: waits for Portugal")

        await portugal.goto(f"{base}/matching/")
        await portugal.locator(".todo a").click()
        await portugal.get_by_role("button", name="Accept").click()
        await checked(portugal, "Portugal to Spain: agreed by both sides")
        await coordinator.goto(f"{call}?show=exchanges")
        await checked(coordinator, ": 1 of at least 40 exchanges are agreed")
        await _exports(coordinator, portugal, base, call)
        await _around_the_run(coordinator, checked, call)
        await _afterwards(portugal, checked, spain)


async def _around_the_run(coordinator, checked, call: str) -> None:
    """The map with the reasons of an arc, the comparison, and what more places would bring."""
    await coordinator.goto(call)
    await coordinator.locator("a[href*='/matching/runs/']").first.click()
    await coordinator.get_by_role("link", name="Map", exact=True).click()
    await coordinator.locator("svg.arcs a").first.dispatch_event("click")
    await coordinator.wait_for_url("**pair=PT-ES**")
    assert "Spain is wish 1 of 1." in await coordinator.locator("main").inner_text()
    await checked(coordinator, "One interest of 1 is matched")
    await coordinator.get_by_role("link", name="Compare with another run").click()
    await checked(coordinator, "There is no other run of this call to compare with")
    await coordinator.goto(f"{call}/what-if")
    await coordinator.get_by_label("More places at").select_option(index=1)
    await coordinator.get_by_role("button", name="Work it out").click()
    await checked(coordinator, "That would bring no more exchanges")


async def _afterwards(portugal, checked, spain) -> None:
    """Once agreed there is an agreement to print, and either side can call it off."""
    async with beside(portugal) as http:
        printed = await http.get(f"{portugal.url}/agreement.pdf")
        assert printed.content.startswith(b"%PDF")
    await spain.goto(portugal.url)
    await spain.locator("details summary", has_text="Call it off").click()
    await spain.get_by_label("Why is it called off?").fill("A strike.")
    await spain.get_by_role("button", name="Call the exchange off").click()
    await checked(spain, "Portugal to Spain: cancelled")
    assert "A strike." in await spain.locator("main").inner_text()


async def _exports(coordinator, portugal, base: str, call: str) -> None:
    """Every list of the pages comes as a file with the same rows."""
    async with beside(coordinator) as http:
        desk = await exported(http, f"{call}?show=exchanges")
        (exchange,) = desk["exchanges"]
        assert (exchange["From"], exchange["To"], exchange["State"]) == ("PT", "ES", "Agreed")
        (run,) = desk["runs"]
        assert (run["Matched"], run["Proven"]) == ("1", "yes")
        assert len((await exported(http, f"{call}?show=interests"))["interests"]) == 1
        assert (await exported(http, f"{call}?show=offers"))["offers"][0]["Places"] == "9"
        (match,) = (await exported(http, f"{base}/matching/runs/{run['Id']}"))["matches"]
        assert "Spain is wish 1 of 1." in match["Why"]
        assert "2024" in {row["Year"] for row in (await exported(http, f"{base}/matching/"))["calls"]}
    async with beside(portugal) as http:
        own = await exported(http, f"{base}/matching/")
        assert {row["Member"] for row in own["interests"]} == {"PT"}
        assert set(own) == {"exchanges", "interests"}


async def _only_title(page, title: str) -> None:
    assert title in await page.locator("h1").inner_text()


@pytest.mark.parametrize("people", [False], indirect=True, ids=["no-scripts"])
async def test_whoever_finds_no_host_reads_why_and_who_declines_says_why(base, people):
    async with people(COORDINATOR) as coordinator, people(PORTUGAL) as portugal, people(SPAIN) as spain:
        await coordinator.goto(f"{base}/matching/calls/new")
        await coordinator.get_by_role("button", name="Open the call").click()
        call = coordinator.url
        year = clock.now().year
        await _offer(spain, call, "Undeclared work", f"{year}-W20")
        await _interest(portugal, call, "Undeclared work", f"{year}-W20")
        await _interest(portugal, call, "Social security coordination", f"{year}-W20")
        await coordinator.goto(call)
        await run_the_match(coordinator)
        await portugal.reload()
        reasons = await portugal.locator("main").inner_text()
        assert "no host was found in the last run" in reasons
        assert "One of 1 offers does not work on “Social security coordination”." in reasons
        await shown(portugal, "If “Undeclared work” would do as well, it would be matched.")
        assert "Spain" not in await portugal.locator("main").inner_text()
        await shown(coordinator, "If “Undeclared work” would do as well, it would be matched: Spain, Week 20.")
        await shown(coordinator, "39 exchanges are missing to the minimum of 40.")
        await coordinator.locator("input[name=interest]").check()
        await coordinator.get_by_role("button", name="Propose the chosen").click()
        await spain.goto(f"{base}/matching/")
        await spain.locator(".todo a").last.click()
        await spain.locator("details summary", has_text="Decline").click()
        await spain.get_by_label("Why").fill("The team moves that week.")
        await spain.get_by_role("button", name="Decline the exchange").click()
        await (look if people.scripts else _only_title)(spain, "Portugal to Spain: declined by Spain")
        await portugal.goto(spain.url)
        assert "The team moves that week." in await portugal.locator("main").inner_text()
        await portugal.goto(f"{call}/close")  # no page: closing is asked for on the desk
        await coordinator.goto(call)
        await coordinator.get_by_role("link", name="Close the call").click()
        await coordinator.get_by_role("button", name="Close the call").click()
        assert "The call is closed." in await coordinator.locator("[role=status]").first.inner_text()


async def test_a_run_that_takes_long_says_how_far_it_is_and_is_stopped(base, people, monkeypatch):
    async with people(COORDINATOR) as coordinator:
        checked = look if people.scripts else _only_title
        await coordinator.goto(f"{base}/matching/calls/new")
        await coordinator.get_by_role("button", name="Open the call").click()
        call = coordinator.url
        monkeypatch.setattr(worker, "SOLVER", "tests.support.slow_solver:solve")
        monkeypatch.setattr(solving, "PATIENCE_S", 0.2)
        await coordinator.get_by_role("button", name="Run the match").click()
        await shown(coordinator, "The best choice so far has 7 exchanges.")
        await checked(coordinator, "the match is being worked out")
        waiting = coordinator.url
        await coordinator.goto(call)
        await coordinator.get_by_role("link", name="See how far the run is").click()
        await coordinator.wait_for_url(waiting)
        await coordinator.get_by_role("button", name="Stop the run").click()
        await checked(coordinator, "the run was stopped")
        monkeypatch.undo()
        await run_the_match(coordinator)
        await checked(coordinator, "No interest waits for a match")


async def _offer(page, call: str, focus: str, week: str) -> None:
    await page.goto(f"{call}/offers/new")
    await page.get_by_label(focus).check()
    await page.locator("[name=_from_1]").select_option(week)
    await page.locator("[name=_places_1]").fill("2")
    await page.locator("[name=_language_1]").select_option("en")
    await page.get_by_role("button", name="Offer to host").click()


async def _interest(page, call: str, focus: str, week: str) -> None:
    await page.goto(f"{call}/interests/new")
    await page.get_by_label(focus).check()
    await page.locator("[name=_from_1]").select_option(week)
    await page.locator("[name=_language_1]").select_option("en")
    await page.get_by_role("button", name="File the interest").click()
    await page.wait_for_url("**/matching/interests/**")
