"""At the door with a phone: scans wait for a network, count once, and end in a certificate that others can check."""

import re

import pytest

from services.events.door import Door
from shared.settings import Settings
from tests.support.events import TODAY, running_events
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, sign_in, violations
from tests.support.tally import until

SECRET = Settings(profile="local", secret="a secret for tests that is long enough")
STOYAN = "Stoyan"


@pytest.fixture(scope="module")
async def events(brokers, module_namespace, tmp_path_factory):
    log = tmp_path_factory.mktemp("events") / "events.log"
    async with running_events(brokers, module_namespace, log) as service:
        yield service


@pytest.fixture(scope="module")
async def training(events) -> tuple[str, list[str]]:
    day = {"starts_on": TODAY.isoformat(), "ends_on": TODAY.isoformat(), "mode": "on-site", "places": {"on-site": 9}}
    async with await events.api("organiser") as api:
        made = await api.post("/activities", json={"kind": "modular-training", "title": "Inspectors' toolkit"})
        activity = made.json()["id"]
        await api.post(f"/activities/{activity}/schedule", json=day)
        await api.post(f"/activities/{activity}/open", json={"invited": ["BG"]})
        persons = [{"name": name, "email": f"{name[0]}@example.eu".lower(), "member": "BG"} for name in (
            "Anna Petrova", "Boris Ivanov"
        )]  # fmt: skip
        answer = await api.post(f"/activities/{activity}/registrations", json={"persons": persons})
        return activity, [one["registration"] for one in answer.json()["registrations"]]


async def test_from_the_door_to_a_certificate_that_others_check(events, training) -> None:
    activity, (anna, boris) = training
    codes = [Door(SECRET).code(one) for one in (anna, boris)]
    here = f"{events.address}/events/{activity}"
    async with chromium() as browser:
        phone = await browser.new_context(viewport=PHONE)
        watched = Watched(phone)
        page = await phone.new_page()
        await sign_in(page, events.address, "Tomasz")
        await page.goto(f"{here}/check-in")
        await page.locator("#check-in[data-kept]").wait_for(state="attached", timeout=30_000)
        await phone.set_offline(True)
        await page.reload()  # from the phone itself
        for code in codes:
            await page.get_by_label("Code").fill(code)
            await page.get_by_role("button", name="Record").click()
        await page.get_by_text("Boris Ivanov is here").wait_for(timeout=30_000)
        await page.get_by_text("No network").wait_for(timeout=30_000)
        assert await events.db.events.count_documents({"type": "liaison.events.attendance.checked-in.v1"}) == 0
        await page.get_by_label("Code").fill(codes[0].lower())  # once more by mistake
        await page.get_by_role("button", name="Record").click()
        watched.wrong.clear()
        await phone.set_offline(False)
        await page.get_by_text("Everything is sent.").wait_for(timeout=60_000)
        assert await page.evaluate(f"localStorage.getItem('check-in:{activity}')") == "[]"
        came = [one["data"]["registration"] async for one in events.db.events.find(
            {"type": "liaison.events.attendance.checked-in.v1"}
        )]  # fmt: skip
        assert sorted(came) == sorted([anna, boris])
        await page.reload()
        assert "2 of 2 are here" in await page.title()

        for path in ("check-in", "wall", "attendance", "report", "sessions", "certificates"):
            await page.goto(f"{here}/{path}")
            assert await violations(page) == [], path
            assert await overflow(page) == 0, path
        await page.goto(f"{here}/desk")
        async with await events.api("organiser") as api:
            await api.post(f"/activities/{activity}/close", json={})
            assert (await api.post(f"/activities/{activity}/hold", json={})).status_code == 200
        query = {"aggregate": "certificate", "state.activity": activity}

        async def issued() -> bool:
            return await events.db.streams.count_documents(query) == 2

        await until(issued)
        await page.goto(f"{here}/certificates")
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="Download all").click()
        assert (await downloading.value).suggested_filename == "certificates.zip"
        address = await page.get_by_role("link", name="Valid").first.get_attribute("href")
        other = await browser.new_context(viewport=DESK)
        public = await other.new_page()
        await public.goto(f"{events.address}/certificates")
        await public.get_by_label("Number of the certificate").fill(re.sub(r".*certificate-", "", address))
        await public.get_by_role("button", name="Check").click()
        await public.get_by_role("heading", name="This certificate counts").wait_for(timeout=30_000)
        assert "Anna" not in await public.content()
        assert await violations(public) == []
        assert watched.wrong == []
        await phone.close()
        await other.close()


async def test_who_has_the_code_on_the_wall_checks_in_alone(events) -> None:
    activity = await events.activity(places=2)
    stoyan = await events.visitor("ela-participant-bg-1")
    page = await stoyan.see(f"/events/{activity}")
    assert "Register" in page
    await stoyan.send(f"/events/{activity}", f"/events/{activity}/register", mode="on-site")
    here = f"/events/{activity}/here"
    wrong = await stoyan.send(here, here, 422, code="000000" if Door(SECRET).on_the_wall(activity) != "000000" else "1")
    assert "This is not the code on the wall now" in wrong
    assert "You are here; welcome." in await stoyan.send(here, here, code=Door(SECRET).on_the_wall(activity))
    for _again in range(21):
        last = await stoyan.client.post(here, data={"code": "1"})
    assert last.status_code in (403, 429)
    organiser = await events.visitor("ela-organiser")
    typed = f"/events/{activity}/check-in"
    assert "look at it again" in await organiser.send(typed, typed, 422, code="ABCDE-FGHIJ", out="0")
    registration = (await events.db.streams.find_one({"_id": activity}))["state"]["registrations"]
    code = Door(SECRET).code(next(iter(registration)))
    assert "left." in await organiser.send(typed, typed, code=code, out="1")
    for one in (stoyan, organiser):
        await one.client.aclose()
