"""Places by published rules, with the real service: rules, offers, approval, questions; and killed in a burst."""

import asyncio
import gc
import os
import re
import signal
from datetime import UTC, date, datetime, timedelta

import httpx
import psutil
import pytest

from shared.spine.timekeeper import set_clock
from tests.support.events import running_events
from tests.support.pages import PHONE, Watched, chromium, overflow, sign_in, violations
from tests.support.tally import until

FIRST = date.today() + timedelta(days=40)
API = "/events/api/v1/activities"


@pytest.fixture(scope="module")
async def events(brokers, module_namespace, tmp_path_factory):
    log = tmp_path_factory.mktemp("events") / "events.log"
    async with running_events(brokers, module_namespace, log) as service:
        yield service


async def rules(events, activity: str, **said) -> dict:
    async with await events.api("organiser") as organiser:
        answer = await organiser.post(f"/activities/{activity}/rules", json=said)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def status(events, activity: str, registration: str) -> str:
    found = await events.db.streams.find_one({"_id": activity})
    return str(found["state"]["registrations"][registration]["status"])


async def test_register_wait_be_offered_accept(events) -> None:
    """One walk in a browser; the answers of the form stay out of every event."""
    activity = await events.activity(places=1, first=FIRST)
    organiser = await events.visitor("ela-organiser")
    assert "Rules of registration" in await organiser.see(f"/events/{activity}/rules")
    page = f"/events/{activity}/rules"
    said = await organiser.send(page, page, policy="coverage", offer_hours=24)
    assert "The rules are published" in said
    said = await organiser.send(
        f"/events/{activity}/questions", f"/events/{activity}/questions", templates=["diet", "diet-words"],
        title_1="What do you hope to learn?", required_1="1",
    )  # fmt: skip
    assert "The questions are kept." in said
    async with await events.api("organiser") as api, chromium() as browser:
        first = {"name": "Anna", "email": "anna@example.eu", "member": "PT"}
        made = await api.post(f"/activities/{activity}/registrations", json={"persons": [first]})
        holder = made.json()["registrations"][0]["registration"]
        context = await browser.new_context(viewport=PHONE)
        watched = Watched(context)
        page = await context.new_page()
        await sign_in(page, events.address, "Stoyan")
        await page.goto(f"{events.address}/events/{activity}")
        await page.get_by_label("Do you have dietary needs?").select_option("Other")
        await page.get_by_label("What do you hope to learn?").fill("Everything about secrets-of-mine")
        await page.get_by_role("button", name="Keep for later").click()
        await page.goto(f"{events.address}/events/{activity}")
        assert await page.get_by_label("What do you hope to learn?").input_value() == "Everything about secrets-of-mine"
        await page.get_by_role("button", name="Join the waitlist").click()
        assert "Answer this, too." in await page.content()
        assert (await violations(page), await overflow(page)) == ([], 0)
        await page.get_by_label("Which dietary needs?").fill("no nuts-of-mine")
        await page.get_by_role("button", name="Join the waitlist").click()
        await page.get_by_text("You are number 1 in line", exact=True).wait_for()
        await api.post(f"/activities/{activity}/registrations/{holder}/cancel", json={})
        await page.goto(f"{events.address}/events/{activity}")
        await page.get_by_text("Then it passes on to the next in line.").wait_for()
        assert (await violations(page), await overflow(page)) == ([], 0)
        await page.get_by_role("button", name="Accept the place").click()
        await page.get_by_text("A place is yours", exact=True).first.wait_for()
        watched.wrong = [one for one in watched.wrong if "422" not in str(one)]
        assert watched.wrong == []
        await context.close()
    kept = await events.db.registration_answers.find_one({"activity": activity})
    assert kept["answers"]["diet-words"] == "no nuts-of-mine"
    assert await events.db.registration_drafts.count_documents({"activity": activity}) == 0
    for name in ("events", "receipts", "streams", "outbox"):
        for one in await events.db[name].find({}).to_list(None):
            assert "-of-mine" not in str(one), name


async def test_an_offer_that_lapses_passes_on_by_itself(events) -> None:
    activity = await events.activity(places=1, first=FIRST)
    await rules(events, activity, offer_hours=24)
    async with await events.api("organiser") as api:
        persons = [{"name": f"P{n}", "email": f"lapse{n}@example.eu", "member": "BG"} for n in range(3)]
        made = (await api.post(f"/activities/{activity}/registrations", json={"persons": persons})).json()
        has, second, third = [one["registration"] for one in made["registrations"]]
        await api.post(f"/activities/{activity}/registrations/{has}/cancel", json={})
        assert await status(events, activity, second) == "offered"
        await set_clock(events.people.db, datetime.now(UTC) + timedelta(hours=25))

        async def passed_on() -> bool:
            return await status(events, activity, third) == "offered"

        try:
            await until(passed_on, 30, "the next offer")
            late = await api.post(f"/activities/{activity}/registrations/{second}/accept", json={})
            assert late.json()["code"] == "is-cancelled"
            taken = await api.post(f"/activities/{activity}/registrations/{third}/accept", json={})
            assert taken.json()["status"] == "confirmed"
        finally:
            await set_clock(events.people.db, None)


async def test_approval_in_two_stages_and_somebody_else_is_sent(events) -> None:
    activity = await events.activity(places=5, first=FIRST)
    await rules(events, activity, approval="two", quotas=[{"member": "PT", "places": 2}])
    async with await events.api("participant", member="BG") as nobody:
        assert (await nobody.post(f"/activities/{activity}/rules", json={})).status_code == 403
    participant = await events.visitor("ela-participant-bg-1")
    said = await participant.send(f"/events/{activity}", f"/events/{activity}/register")
    assert "Your registration is noted" in said
    (registration,) = (await events.db.streams.find_one({"_id": activity}))["state"]["registrations"]
    one = f"/activities/{activity}/registrations/{registration}"
    async with await events.api("organiser") as organiser, await events.api("nlo", member="BG") as officer:
        assert (await organiser.post(f"{one}/approve", json={})).json()["code"] == "not-endorsed"
        assert (await officer.post(f"{one}/endorse", json={})).json()["status"] == "endorsed"
        assert (await organiser.post(f"{one}/approve", json={})).json()["status"] == "confirmed"
        body = {"name": "Instead", "email": "instead@example.eu"}
        assert (await officer.post(f"{one}/substitute", json=body)).json()["status"] == "confirmed"
    assert await status(events, activity, registration) == "cancelled"


async def test_a_delegation_comes_from_a_spreadsheet_with_its_faults_at_their_rows(events) -> None:
    activity = await events.activity(places=5, first=FIRST)
    officer = await events.visitor("ela-nlo-bg")
    page = f"/events/{activity}/nominate"
    await officer.see(page)
    command = re.search(r'name="_command" value="([^"]+)"', await officer.see(page))
    csrf = re.search(r'name="_csrf" value="([^"]+)"', await officer.see(page))
    data = {"_command": command[1], "_csrf": csrf[1]}
    file = "Name;E-mail;Mode\nGood One;good@example.eu;in person\n;no-name@example.eu;\nBad One;not an address;online\n"
    answer = await officer.client.post(f"{page}/file", data=data, files={"file": ("people.csv", file)})
    assert answer.status_code == 422
    assert "Row 3: the name is missing." in answer.text
    assert "Row 4: this is no address." in answer.text
    assert 'value="good@example.eu"' in answer.text
    assert not (await events.db.streams.find_one({"_id": activity}))["state"]["registrations"]
    said = await officer.send(
        page, page, name_1="Good One", email_1="good@example.eu", name_2="Two", email_2="two@example.eu", together="1"
    )
    assert "2 places are yours." in said


# Connections that the killed service left half open are collected whenever the collector comes by.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning")
async def test_killed_in_the_middle_of_a_burst_nothing_is_overbooked_and_nobody_is_lost(
    brokers, namespace, tmp_path
) -> None:
    """Everybody sends again with the same id until there is an answer, as the pages and forms do."""
    burst, places = 200, 20
    name = namespace
    answers: dict[str, tuple[int, dict]] = {}
    async with running_events(brokers, name, tmp_path / "first.log") as first:
        activity = await first.activity(places=places, first=FIRST)
        key = next(iter(first.keys.values()))
        pid = await _pid(first.address)

        limits = httpx.Limits(max_connections=burst)
        client = httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=60, limits=limits)

        async def register(number: int, address: str) -> None:
            person = {"name": f"P{number}", "email": f"burst{number}@example.eu", "member": "BG"}
            place, once = f"{address}{API}/{activity}/registrations", {"Idempotency-Key": f"burst-{number}"}
            try:
                answer = await client.post(place, json={"persons": [person]}, headers=once)
            except httpx.HTTPError:
                return
            if answer.status_code < 500:
                answers[str(number)] = (answer.status_code, answer.json())

        sending = [asyncio.create_task(register(number, first.address)) for number in range(burst)]

        async def some() -> bool:
            return len(answers) >= burst // 10

        await until(some, 60, "some answers")
        os.kill(pid, signal.SIGKILL)
        await asyncio.gather(*sending)
    before = dict(answers)
    async with running_events(brokers, name, tmp_path / "second.log") as second:

        async def everybody() -> bool:
            missing = [number for number in range(burst) if str(number) not in answers]
            await asyncio.gather(*(register(number, second.address) for number in missing[:50]))
            return len(answers) == burst

        await until(everybody, 90, "an answer for everybody")
        for number in list(before)[:20]:
            answers.pop(number)
            await register(int(number), second.address)
            assert answers[number] == before[number]
        await client.aclose()
        state = (await second.db.streams.find_one({"_id": activity}))["state"]
    gc.collect()  # here, where their warnings are expected
    assert all(code == 201 for code, _ in answers.values())
    told = {one["registration"]: one["status"] for _, body in answers.values() for one in body["registrations"]}
    assert len(told) == burst
    assert {id: one["status"] for id, one in state["registrations"].items()} == told
    assert sum(one == "confirmed" for one in told.values()) == places
    assert state["taken"] == {"on-site": places}


async def _pid(address: str) -> int:
    port = int(address.rpartition(":")[2])
    listening = [one for one in psutil.net_connections("inet") if one.laddr and one.laddr.port == port]
    return next(one.pid for one in listening if one.status == psutil.CONN_LISTEN and one.pid)
