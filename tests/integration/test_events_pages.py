"""The pages of `events` in Chromium: accessible, and within their window on a phone and on a desk."""

import pytest

from tests.support.events import running_events
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, sign_in, violations


@pytest.fixture(scope="module")
async def events(brokers, module_namespace, tmp_path_factory):
    log = tmp_path_factory.mktemp("events") / "events.log"
    async with running_events(brokers, module_namespace, log) as service:
        yield service


@pytest.fixture(scope="module")
async def browser():
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
async def activities(events) -> tuple[str, str, str]:
    """One that is open with a waitlist, one without a date, one that was held, with a link to its survey."""
    opened, held = await events.activity(places=2), await events.activity(places=2)
    async with await events.api("organiser") as organiser:
        new = await organiser.post("/activities", json={"kind": "national-event", "title": "Without a date"})
        for activity in (opened, held):
            persons = [{"name": f"Person {n}", "email": f"{n}@example.eu", "member": "BG"} for n in range(3)]
            answer = await organiser.post(f"/activities/{activity}/registrations", json={"persons": persons})
        present = {answer.json()["registrations"][0]["registration"]: True}
        await organiser.post(f"/activities/{held}/attendance", json={"present": present})
        await organiser.post(f"/activities/{held}/close", json={})
        await organiser.post(f"/activities/{held}/hold", json={})
        links = (await organiser.get(f"/activities/{held}/feedback-links")).json()["links"]
    return opened, new.json()["id"], links[0]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_pages_are_accessible_and_fit_their_window(browser, events, activities, size) -> None:
    opened, planned, link = activities
    ways = {
        "Tomasz": (
            "/events/", "/events/desk", "/events/new", f"/events/{opened}/desk", f"/events/{planned}/desk",
            f"/events/{opened}/attendance", f"/events/{opened}/hold", f"/events/{opened}/cancel",
            f"/events/{opened}/nominate",
        ),
        "Iva Dragomirova": (f"/events/{opened}", f"/events/{opened}/nominate"),
        "Stoyan": (f"/events/{opened}", "/events/?whose=mine"),
        "": (link.removeprefix(events.address), "/events/feedback/thanks"),
    }  # fmt: skip
    for name, paths in ways.items():
        context = await browser.new_context(viewport=size)
        watched = Watched(context)
        page = await context.new_page()
        if name:
            await sign_in(page, events.address, name)
        for path in paths:
            answer = await page.goto(events.address + path)
            assert answer.status == 200, path
            assert await violations(page) == [], path
            assert await overflow(page) == 0, path
        await context.close()
        assert watched.wrong == []


async def test_a_connections_secret_is_shown_once(browser, events, activities) -> None:
    context = await browser.new_context(viewport=PHONE)
    page = await context.new_page()
    await sign_in(page, events.address, "Tomasz")
    await page.goto(f"{events.address}/events/{activities[0]}/desk")
    await page.get_by_label("What the form is called").fill("Our EUSurvey form")
    await page.get_by_role("button", name="Connect a form").click()
    assert (await page.locator("#webhook-secret").inner_text()).startswith("whsec_")
    assert await violations(page) == []
    assert await overflow(page) == 0
    await page.goto(f"{events.address}/events/{activities[0]}/desk")
    assert "Our EUSurvey form" in await page.locator("#connections").inner_text()
    assert "whsec_" not in await page.content()
    await context.close()
