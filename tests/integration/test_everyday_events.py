"""Everyday care with activities: a schedule edited by two at once, a cancellation and an attendance taken back."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest

from shared.contracts.events import ActivityDescribed, ActivityScheduled, AttendanceTakenBack, RegistrationRestored
from tests.support.events import TODAY, running_events
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, sign_in, violations
from tests.support.tally import until


@pytest.fixture
async def visitor(events):
    """The organiser at a browser without scripts."""
    found = await events.visitor("ela-organiser")
    yield found
    await found.client.aclose()


@pytest.fixture(scope="module")
async def events(brokers, module_namespace, tmp_path_factory):
    log = tmp_path_factory.mktemp("events") / "events.log"
    async with running_events(brokers, module_namespace, log) as service:
        yield service


POSTED = r'<form method="post".*?</form>'


def schedule(**changes) -> dict:
    days = {"starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=1)).isoformat()}
    return {**days, "mode": "on-site", "places": {"on-site": 2}, **changes}


async def test_of_two_edits_at_once_exactly_one_wins(events):
    activity = await events.activity()
    async with await events.api("organiser") as organiser:
        seen = (await organiser.get(f"/activities/{activity}")).headers["etag"]
        answers = await asyncio.gather(
            *(
                organiser.post(
                    f"/activities/{activity}/schedule",
                    json=schedule(title=f"Edit {n}", places={"on-site": 2 + n}),
                    headers={"If-Match": seen},
                )
                for n in range(1, 7)
            )
        )
        assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409, 409]
        won = next(one.json() for one in answers if one.status_code == 200)
        for lost in (one.json() for one in answers if one.status_code == 409):
            assert (lost["code"], lost["changes"][0]["event"]) == ("changed-meanwhile", "scheduled")
            assert lost["changes"][0]["data"]["places"] == {
                "on-site": won["places"] if "places" in won else won["rooms"][0]["places"]
            }
        now = (await organiser.get(f"/activities/{activity}")).json()
        assert now["words"]["title"] == won["title"]


async def test_a_registration_meanwhile_hinders_nobody_and_another_title_does(events):
    activity = await events.activity()
    async with await events.api("organiser") as organiser:
        seen = (await organiser.get(f"/activities/{activity}")).headers["etag"]
        one = {"name": "Ida", "email": "ida@example.eu", "member": "BG"}
        assert (
            await organiser.post(f"/activities/{activity}/registrations", json={"persons": [one]})
        ).status_code == 201
        path, match = f"/activities/{activity}/schedule", {"If-Match": seen}
        first = await organiser.post(path, json=schedule(title="A new title"), headers=match)
        assert first.status_code == 200, first.text
        assert [one["data"]["words"] for one in await events.stored(ActivityDescribed, activity)] == [["title"]]
        second = await organiser.post(path, json=schedule(places={"on-site": 9}), headers=match)
        assert (second.status_code, [one["event"] for one in second.json()["changes"]]) == (409, ["described"])
        assert len(await events.stored(ActivityScheduled, activity)) == 1
        assert (await organiser.post(path, json=schedule(places={"on-site": 9}))).status_code == 200


async def test_on_the_desk_theirs_stands_beside_mine_and_mine_can_be_saved_over_it(events, visitor):
    activity = await events.activity()
    desk = f"/events/{activity}/desk"
    mine = {"title": "My title", "starts_on": TODAY.isoformat(), "ends_on": TODAY.isoformat(), "mode": "on-site"}
    mine |= {"places_on_site": "5", "place": "Riga"}
    html = await visitor.see(desk)
    form = next(body for body in re.findall(POSTED, html, re.S) if f"{activity}/schedule" in body)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    async with await events.api("organiser") as other:
        body = schedule(title="Their title", place="Sofia", places={"on-site": 7})
        assert (await other.post(f"/activities/{activity}/schedule", json=body)).status_code == 200
    stale = await visitor.client.post(f"/events/{activity}/schedule", data={**hidden, **mine})
    assert stale.status_code == 409
    for theirs, typed in (("Their title", "My title"), ("Sofia", "Riga"), ("7", "5")):
        assert f"<td>{theirs}</td><td>{typed}</td>" in stale.text
    assert 'value="My title"' in stale.text
    again = next(body for body in re.findall(POSTED, stale.text, re.S) if f"{activity}/schedule" in body)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', again))
    saved = await visitor.client.post(f"/events/{activity}/schedule", data={**hidden, **mine})
    assert saved.status_code == 200
    assert "My title" in saved.text


async def test_a_cancellation_is_taken_back_while_the_place_is_free(events, visitor):
    activity = await events.activity(places=1)
    async with await events.api("organiser") as organiser:
        persons = [{"name": "Ana", "email": "ana@example.eu", "member": "BG"}]
        path = f"/activities/{activity}/registrations"
        place = (await organiser.post(path, json={"persons": persons})).json()["registrations"][0]["registration"]
        cancel = f"/events/{activity}/registrations/{place}/cancel"
        told = await visitor.send(f"{cancel}?from=desk", cancel)
        undo = re.search(r'<a href="([^"]*restore[^"]*)">Undo</a>', told)
        assert undo is not None
        there = f"/events/{activity}/registrations/{place}/restore"
        back = await visitor.send(undo[1].replace("&amp;", "&"), there, reason="By mistake")
        assert "the place is there again" in back
        assert len(await events.stored(RegistrationRestored, activity)) == 1
        await organiser.post(f"{path}/{place}/cancel", json={})
        other = [{"name": "Bo", "email": "bo@example.eu", "member": "BG"}]
        await organiser.post(path, json={"persons": other})
        gone = await organiser.post(f"{path}/{place}/restore", json={})
        assert (gone.status_code, gone.json()["code"]) == (409, "place-gone")


async def test_attendance_is_taken_back_with_a_reason(events, visitor):
    activity = await events.activity()
    async with await events.api("organiser") as organiser:
        persons = [{"name": "Cleo", "email": "cleo@example.eu", "member": "BG"}]
        answer = await organiser.post(f"/activities/{activity}/registrations", json={"persons": persons})
        place = answer.json()["registrations"][0]["registration"]
        here = f"/events/{activity}/attendance"
        told = await visitor.send(here, here, present=[place])
        undo = re.search(r'<a href="([^"]*)">Undo</a>', told)
        assert undo is not None
        page = await visitor.send(undo[1], f"{here}/undo", 422, registrations=[place])
        assert "Fill this in." in page
        back = await visitor.send(undo[1], f"{here}/undo", registrations=[place], reason="Wrong list")
        assert "not yet" in back
        assert len(await events.stored(AttendanceTakenBack)) == 1
        again = await organiser.post(
            f"/activities/{activity}/attendance/take-back", json={"registrations": [place], "reason": "x"}
        )
        assert (again.status_code, again.json()["code"]) == (409, "not-told")


async def test_activities_are_found_and_every_page_of_this_is_accessible(events):
    activity = await events.activity()
    async with await events.api("organiser") as organiser:
        words = {"title": "Bernsteinzimmer", "description": "Über Nacht"}
        await organiser.post(f"/activities/{activity}/schedule", json=schedule(**words))
        persons = [{"name": "Dea", "email": "dea@example.eu", "member": "BG"}]
        answer = await organiser.post(f"/activities/{activity}/registrations", json={"persons": persons})
        place = answer.json()["registrations"][0]["registration"]
        await organiser.post(f"/activities/{activity}/attendance", json={"present": {place: True}})

        async def found() -> bool:
            answer = await organiser.get("/search", params={"q": "BERNSTEINZIMMER uber"})
            return [one["id"] for one in answer.json()["items"]] == [activity]

        await until(found, 10, "the activity in the index")
    pages = [
        "/search?q=bernsteinzimmer",
        "/events/search?q=bernsteinzimmer",
        f"/events/{activity}/attendance",
        f"/events/{activity}/attendance/undo?registration={place.removeprefix('registration-')}",
        f"/events/{activity}/registrations/{place}/restore",
    ]
    async with chromium() as browser:
        for size in (PHONE, DESK):
            context = await browser.new_context(viewport=size, java_script_enabled=True)
            watched = Watched(context)
            page = await context.new_page()
            await sign_in(page, events.address, "Organiser")
            for path in pages:
                await page.goto(events.address + path)
                assert await violations(page) == [], path
                assert await overflow(page) <= 0, path
            await page.goto(events.address + "/events/")
            await page.get_by_role("searchbox", name="What to search for").fill("bernsteinzimmer")
            await page.keyboard.press("Enter")
            await page.locator("#in-events mark").first.wait_for()
            others = re.compile(r"404 from /(requests|matching|kpi)/search")  # they do not run here
            assert [one for one in watched.wrong if not others.search(one)] == []
            await context.close()


async def test_the_search_asks_nobody_without_the_right(events):
    async with httpx.AsyncClient(base_url=events.address) as nobody:
        assert (await nobody.get("/events/api/v1/search", params={"q": "x"})).status_code == 401
    async with await events.api("participant", network="eures") as foreign:
        assert (await foreign.get("/search", params={"q": "Bernsteinzimmer"})).json()["total"] == 0
