"""Participants without an account: what they are written, and what the link in each letter opens."""

import re
from datetime import timedelta

import httpx
import pytest

from services.events.passes import COLLECTION, Passes
from shared.contracts.refused import Refused
from shared.settings import Settings
from tests.support.events import TODAY, Visitor, running_events
from tests.support.mailbox import Mailbox, calendar, link, text
from tests.support.pages import PHONE, Watched, chromium, overflow, violations
from tests.support.tally import until

SECRET = "a secret for tests that is long enough"


@pytest.fixture(scope="module")
async def events(brokers, module_namespace, tmp_path_factory):
    log = tmp_path_factory.mktemp("events") / "events.log"
    async with running_events(brokers, module_namespace, log) as service:
        service.log = log
        yield service


@pytest.fixture
def mailbox(events):
    return Mailbox(events.db.client[f"{events.namespace}_people"])


@pytest.fixture
async def participant(events):
    """Nobody who is signed in: a browser with nothing but links."""
    async with httpx.AsyncClient(base_url=events.address, follow_redirects=True, timeout=30) as client:
        yield Visitor(client)


async def register(events, activity, *names, member="BG") -> list[str]:
    persons = [{"name": name.title(), "email": f"{name}@example.eu", "member": member} for name in names]
    async with await events.api("organiser") as organiser:
        answer = await organiser.post(f"/activities/{activity}/registrations", json={"persons": persons})
        assert answer.status_code == 201, answer.text
    return [one["registration"] for one in answer.json()["registrations"]]


async def organise(events, activity, what, **body) -> None:
    async with await events.api("organiser") as organiser:
        answer = await organiser.post(f"/activities/{activity}/{what}", json=body)
        assert answer.status_code == 200, answer.text


async def test_a_place_the_line_and_the_move_up_are_told_with_a_calendar_entry(events, mailbox):
    activity = await events.activity(places=1)
    first, _second = await register(events, activity, "ana", "bob")
    confirmed = await mailbox.letter("ana@", "registration-confirmed")
    assert "Dear Ana," in text(confirmed)
    assert "METHOD:REQUEST" in calendar(confirmed)
    assert "ATTENDEE;CN=Ana" in calendar(confirmed)
    (file,) = confirmed.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("invite.ics", "application/ics")
    assert file.get_payload(decode=True).startswith(b"BEGIN:VCALENDAR")
    waiting = await mailbox.letter("bob@", "registration-waitlisted")
    assert "number 1 in line" in text(waiting)
    assert not calendar(waiting)
    assert not list(waiting.iter_attachments())
    async with await events.api("organiser") as organiser:
        await organiser.post(f"/activities/{activity}/registrations/{first}/cancel", json={})
    moved = await mailbox.letter("bob@", "registration-confirmed")
    assert moved["Subject"].startswith("A place is yours now")
    cancelled = await mailbox.letter("ana@", "registration-cancelled")
    assert "METHOD:CANCEL" in calendar(cancelled)

    def of(name, letter):
        return re.search(f"^{name}:(.*)$", calendar(letter), re.M)[1]

    assert of("UID", confirmed) == of("UID", cancelled)
    assert int(of("SEQUENCE", confirmed)) < int(of("SEQUENCE", cancelled))


async def test_the_link_opens_the_own_registration_and_makes_no_session(events, mailbox, participant):
    activity = await events.activity(places=2)
    await register(events, activity, "cleo")
    path = link(await mailbox.letter("cleo@", "registration-confirmed"))
    answer = await participant.client.get(path)
    assert "a place is yours" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert not [name for name in participant.client.cookies if name.endswith("liaison")]
    assert "/sign-in" in str((await participant.client.get(f"/events/{activity}")).url)
    file = await participant.client.get(f"{path}/activity.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    assert "METHOD:PUBLISH" in file.text
    await participant.send(f"{path}/cancel", f"{path}/cancel")
    after = await participant.see(path)
    assert "is cancelled" in after
    assert f'href="{path}/cancel"' not in after, "there is nothing left to do"
    again = await participant.client.post(f"{path}/cancel", data={"_command": "again"})
    assert again.status_code == 409
    stored = await events.db.events.find_one({"stream": activity, "type": {"$regex": "registration.cancelled"}})
    assert stored["actor"] == stored["data"]["person"]


async def test_the_page_behind_the_link_works_in_a_browser_of_any_size(events, mailbox):
    activity = await events.activity(places=1)
    await register(events, activity, "vera")
    path = link(await mailbox.letter("vera@", "registration-confirmed"))
    async with chromium() as browser:
        context = await browser.new_context(locale="en-GB", java_script_enabled=True)
        watched, page = Watched(context), await context.new_page()
        await page.goto(events.address + path)
        assert "a place is yours" in await page.locator("h1").inner_text()
        assert await violations(page) == []
        await page.set_viewport_size(PHONE)
        assert await overflow(page) == 0
        await page.get_by_role("link", name="Cancel my registration").click()
        assert await violations(page) == []
        assert await overflow(page) == 0
        await page.get_by_role("button", name="Cancel the registration").click()
        assert "is cancelled" in await page.locator("h1").inner_text()
        assert watched.wrong == []


async def test_another_way_to_attend_takes_a_free_place_and_gives_the_own_to_the_line(events, mailbox, participant):
    activity = await events.activity(places=1)
    modes = {"mode": "hybrid", "places": {"on-site": 1, "online": 1}}
    days = {"starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=1)).isoformat()}
    await organise(events, activity, "schedule", **days, **modes)
    own, _waits = await register(events, activity, "dora", "emil")
    path = link(await mailbox.letter("dora@", "registration-confirmed"))
    await participant.send(path, f"{path}/mode", mode="online")
    assert (await mailbox.letter("emil@", "registration-confirmed"))["Subject"].startswith("A place is yours now")
    state = (await events.db.streams.find_one({"_id": activity}))["state"]
    assert state["registrations"][own]["mode"] == "online"
    assert state["taken"] == {"on-site": 1, "online": 1}
    assert not await mailbox.letters("dora@", "registration-cancelled"), "nothing was lost"
    full = await participant.client.post(f"{path}/mode", data={"mode": "on-site", "_command": "x"})
    assert full.status_code == 409


async def test_forged_and_foreign_links_open_nothing(events, mailbox, participant):
    activity = await events.activity(places=2)
    await register(events, activity, "finn", "gita")
    mine, hers = [link(await mailbox.letter(f"{who}@", "registration-confirmed")) for who in ("finn", "gita")]
    assert "Finn" in await participant.see(mine)
    head, _, signature = mine.rpartition(".")
    foreign = hers.rpartition(".")[0] + "." + signature
    for forged in (
        head,
        f"{head}.{signature[::-1]}",
        foreign,
        "/events/mine/x",
        mine[:20] + chr(ord(mine[20]) ^ 1) + mine[21:],
    ):
        answer = await participant.client.get(forged)
        assert answer.status_code == 404, forged
        assert "Gita" not in answer.text
    strange = Passes(events.db, Settings(profile="local", secret="another secret that is long enough too"))
    assert (await participant.client.get(await strange.path(activity, "registration-x"))).status_code == 404


async def test_a_replaced_link_opens_nothing_and_the_new_one_comes_by_mail(events, mailbox, participant):
    activity = await events.activity(places=2)
    own, other = await register(events, activity, "hugo", "ines")
    old = link(await mailbox.letter("hugo@", "registration-confirmed"))
    hers = link(await mailbox.letter("ines@", "registration-confirmed"))
    await participant.send(old, f"{old}/link")
    for path in (old, f"{old}/activity.ics"):
        assert (await participant.client.get(path)).status_code == 410
    assert (await participant.client.post(f"{old}/cancel", data={"_command": "x"})).status_code == 410
    new = link(await mailbox.letter("hugo@", "registration-link"))
    assert "Hugo" in await participant.see(new)
    assert "Ines" in await participant.see(hers)
    organiser = await events.visitor("ela-organiser")
    await organiser.send(f"/events/{activity}/desk", f"/events/{activity}/registrations/{own}/link")
    assert (await participant.client.get(new)).status_code == 410
    newest = link(await mailbox.letter("hugo@", "registration-link", 2))
    assert "Hugo" in await participant.see(newest)
    assert await events.db[COLLECTION].count_documents({"_id": other}) == 0
    await organiser.client.aclose()


async def test_links_expire_with_the_activity_and_by_the_calendar(events, mailbox, monkeypatch):
    activity = await events.activity(places=2)
    (own,) = await register(events, activity, "jana")
    passes = Passes(events.db, Settings(profile="local", secret=SECRET))
    path = await passes.path(activity, own)
    token = path.rpartition("/")[2]
    assert (await passes.read(token)).registration == own
    ends = TODAY + timedelta(days=1)
    passes.demand_recent(ends, ends + timedelta(days=60))
    with pytest.raises(Refused) as late:
        passes.demand_recent(ends, ends + timedelta(days=61))
    assert (late.value.code, late.value.status) == ("link-expired", 410)
    monkeypatch.setattr("services.events.passes.LONGEST_DAYS", -1)
    with pytest.raises(Refused) as old:
        await passes.read(token)
    assert old.value.code == "link-expired"


async def test_changes_and_a_cancelled_activity_reach_all_who_are_registered(events, mailbox, participant):
    activity = await events.activity(places=1)
    await register(events, activity, "kim", "lea")
    await mailbox.letter("lea@", "registration-waitlisted")
    days = {"starts_on": (TODAY + timedelta(days=7)).isoformat(), "ends_on": (TODAY + timedelta(days=8)).isoformat()}
    await organise(events, activity, "schedule", **days, mode="on-site", places={"on-site": 1})
    assert "METHOD:REQUEST" in calendar(await mailbox.letter("kim@", "activity-changed"))
    assert not calendar(await mailbox.letter("lea@", "activity-changed"))
    same = {**days, "mode": "on-site", "places": {"on-site": 1}}
    await organise(events, activity, "schedule", **same, place="Plovdiv")
    assert "Where: Plovdiv" in text(await mailbox.letter("kim@", "activity-changed", 2))
    await organise(events, activity, "cancel", reason="The trainer is ill.")
    told = await mailbox.letter("kim@", "activity-cancelled")
    assert "The trainer is ill." in text(told)
    assert "METHOD:CANCEL" in calendar(told)
    assert "was cancelled" in await participant.see(link(told))
    await mailbox.letter("lea@", "activity-cancelled")


async def test_the_present_are_asked_once_and_no_letter_holds_their_token(events, mailbox, participant):
    activity = await events.activity(places=3)
    here, away, late = await register(events, activity, "mia", "noa", "oto")
    await organise(events, activity, "attendance", present={here: True, away: False})
    await organise(events, activity, "close")
    await organise(events, activity, "hold")
    asked = await mailbox.letter("mia@", "feedback-invited")
    await organise(events, activity, "attendance", present={late: True})
    assert link(await mailbox.letter("oto@", "feedback-invited"), "/feedback/") != link(asked, "/feedback/")
    path = link(asked, "/feedback/")
    token = path.rpartition("/")[2]
    kept = await events.db.outbox.find({}).to_list(None)
    assert token not in str(kept)
    assert "List-Unsubscribe" in asked
    await participant.send(path, path, relevance="5", added_value="4")
    assert not await events.db.survey_links.count_documents({"registration": here})
    assert len(await mailbox.letters("mia@", "feedback-invited")) == 1
    assert not await mailbox.letters("noa@", "feedback-invited")


async def test_invited_members_officers_are_told(events, mailbox):
    await events.activity(places=2, invited=("PL",))

    async def told():
        return bool(await mailbox.letters("", "activity-opened"))

    await until(told, 20, "the letter to the liaison officers of Poland")


async def test_history_that_is_imported_writes_to_nobody(events):
    activity = await events.activity(places=2)
    async with await events.api("organiser", "history") as organiser:
        person = {"name": "Past", "email": "past@example.eu", "member": "BG"}
        at = f"{TODAY - timedelta(days=30)}T10:00:00Z"
        body = {"persons": [person], "happened_at": at}
        assert (await organiser.post(f"/activities/{activity}/registrations", json=body)).status_code == 201
    person_id = (await events.db.client[f"{events.namespace}_people"].persons.find_one({"address": person["email"]}))[
        "_id"
    ]
    assert not await events.db.outbox.count_documents({"to": person_id})


async def test_links_and_addresses_stay_out_of_logs_and_outboxes(events, mailbox):
    said = events.log.read_text()
    assert "/events/mine/" not in said
    assert "/events/feedback/survey-" not in said
    assert "@example.eu" not in said
    kept = str(await events.db.outbox.find({}).to_list(None))
    assert "@example.eu" not in kept
    assert "Finn" not in kept
