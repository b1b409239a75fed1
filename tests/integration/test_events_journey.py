"""The service `events` over real brokers: from the plan's news to feedback without a name."""

import asyncio
import base64
import json
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from services.events.answers import Answers
from shared.contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityHeld,
    AttendanceRecorded,
    FeedbackGiven,
    RegistrationConfirmed,
    RegistrationWaitlisted,
)
from shared.contracts.feedback import SurveyAnswered
from shared.contracts.matching import ExchangeAgreed, ExchangeCancelled
from shared.contracts.requests import ActivityPlanned, ActivityUnplanned
from shared.ids import new_id
from tests.support.events import TODAY, new_activity, running_events
from tests.support.tally import until


@pytest.fixture(scope="module")
async def events(brokers, module_namespace, tmp_path_factory):
    log = tmp_path_factory.mktemp("events") / "events.log"
    async with running_events(brokers, module_namespace, log) as service:
        service.log = log
        yield service


def people(count: int, member: str = "BG", prefix: str = "p") -> list[dict[str, str]]:
    return [
        {"name": f"Person {n}", "email": f"{prefix}{n}-{new_id('x')}@example.eu", "member": member}
        for n in range(count)
    ]


async def test_what_is_planned_can_be_scheduled_and_what_is_unplanned_is_cancelled(events) -> None:
    activity, plan = new_activity(), new_id("plan")
    dimensions = {
        "year": 2024, "activity": activity, "line": "mediation-trainings", "pillar": "capacity-building",
        "kind": "mediation-training", "quarter": "2024-Q2", "member": "LV",
    }  # fmt: skip
    await events.publish("requests", plan, ActivityPlanned(**dimensions, request="request-1", participants=12))
    async with await events.api("organiser") as organiser:
        await until(lambda: _status(organiser, activity, "planned"), 20, "the announcement")
        [announced] = await events.stored(ActivityAnnounced, activity)
        assert announced["data"]["request"] == "request-1"
        assert announced["data"]["planned"] is True
        await events.publish("requests", plan, ActivityUnplanned(**dimensions, planned_on="2024-01-10"))
        await until(lambda: _status(organiser, activity, "cancelled"), 20, "the cancellation")


async def _status(client, activity: str, status: str) -> bool:
    answer = await client.get(f"/activities/{activity}")
    return answer.status_code == 200 and answer.json()["activity"]["status"] == status


async def test_an_agreed_exchange_is_scheduled_at_once_and_its_holding_names_it(events) -> None:
    monday = TODAY - timedelta(days=TODAY.weekday())
    year, number, _ = monday.isocalendar()
    exchange = new_id("exchange")
    agreed = {"call": "call-1", "sender": "BG", "host": "ES", "focus": "information", "week": f"{year}-W{number:02}"}
    await events.publish("matching", exchange, ExchangeAgreed(**agreed, officials=2, language="en"))
    async with await events.api("organiser") as organiser:
        await until(lambda: _exchange(organiser, exchange), 20, "the exchange")
        one = await _exchange(organiser, exchange)
        assert (one["status"], one["members"], one["member"]) == ("scheduled", ["BG", "ES"], "ES")
        assert one["starts_on"] == monday.isoformat()
        assert one["rooms"] == [{"mode": "on-site", "places": 2, "taken": 0, "waiting": 0, "offered": 0}]
        held = await organiser.post(f"/activities/{one['id']}/hold", json={})
        assert held.json()["status"] == "held"
        [event] = await events.stored(ActivityHeld, one["id"])
        assert event["data"]["exchange"] == exchange
        assert event["data"]["members"] == ["BG", "ES"]
        assert event["data"]["kind"] == "staff-exchange"
    called_off = new_id("exchange")
    await events.publish(
        "matching", called_off, ExchangeAgreed(**agreed), ExchangeCancelled(**agreed, agreed_on="2024-01-01")
    )
    await until(lambda: _cancelled(events, called_off), 20, "the exchange that is called off")


async def _exchange(client, exchange: str):
    items = (await client.get("/activities", params={"kind": "staff-exchange", "per_page": 200})).json()["items"]
    return next((one for one in items if one["exchange"] == exchange), None)


async def _cancelled(events, exchange: str) -> bool:
    return any(one["data"]["exchange"] == exchange for one in await events.stored(ActivityCancelled))


async def test_a_full_activity_makes_a_waitlist_and_a_cancellation_moves_it_on(events) -> None:
    activity = await events.activity(places=2)
    async with await events.api("nlo", member="BG") as nlo, await events.api("organiser") as organiser:
        answer = await nlo.post(f"/activities/{activity}/registrations", json={"persons": people(4)})
        assert answer.status_code == 201, answer.text
        registered = answer.json()["registrations"]
        assert [one["status"] for one in registered] == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
        assert [one["position"] for one in registered] == [None, None, 1, 2]
        path = f"/activities/{activity}/registrations/{registered[0]['registration']}/cancel"
        cancelled = await nlo.post(path, json={})
        assert [one["registration"] for one in cancelled.json()["confirmed"]] == [registered[2]["registration"]]
        assert (await nlo.post(path, json={})).json()["code"] == "is-cancelled"
        listed = (await organiser.get(f"/activities/{activity}/registrations", params={"per_page": 2})).json()
        assert (listed["total"], len(listed["items"])) == (4, 2)
        assert listed["items"][0]["name"].startswith("Person ")
        stored = await events.stored(RegistrationConfirmed, activity)
        assert stored[-1]["data"]["from_waitlist"] is True
        assert stored[-1]["data"]["waitlisted_on"] == TODAY.isoformat()


async def test_many_at_once_never_get_a_place_too_many(events) -> None:
    activity = await events.activity(places=20)
    async with await events.api("nlo", member="BG") as nlo:
        asking = [
            nlo.post(f"/activities/{activity}/registrations", json={"persons": [one]}) for one in people(60, prefix="q")
        ]
        answers = await asyncio.gather(*asking)
    places = [answer.json()["registrations"][0] for answer in answers]
    assert sum(one["status"] == "confirmed" for one in places) == 20
    assert sorted(one["position"] for one in places if one["position"]) == list(range(1, 41))
    assert len(await events.stored(RegistrationWaitlisted, activity)) == 40


async def test_nobody_reaches_beyond_their_member_and_network(events) -> None:
    activity = await events.activity()
    async with await events.api("nlo", member="PT") as nlo, await events.api("organiser", network="eures") as foreign:
        body = {"persons": people(1, member="BG")}
        assert (await nlo.post(f"/activities/{activity}/registrations", json=body)).status_code == 403
        assert (await nlo.post(f"/activities/{activity}/hold", json={})).status_code == 403
        assert (await foreign.get(f"/activities/{activity}")).status_code == 404
        assert (await foreign.post(f"/activities/{activity}/close", json={})).status_code == 404
        assert (await foreign.get("/activities")).json()["total"] == 0
    async with await events.api("nlo", member="RO") as uninvited:
        answer = await uninvited.post(f"/activities/{activity}/registrations", json={"persons": people(1, "RO")})
        assert (answer.status_code, answer.json()["code"]) == (403, "not-invited")


async def test_a_command_given_again_gets_the_same_answer(events) -> None:
    activity = await events.activity()
    async with await events.api("nlo", member="BG") as nlo:
        path, headers = f"/activities/{activity}/registrations", {"Idempotency-Key": new_id("key")}
        body = {"persons": people(1)}
        first = await nlo.post(path, json=body, headers=headers)
        again = await nlo.post(path, json=body, headers=headers)
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        other = await nlo.post(path, json={"persons": people(1)}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "command-id-reused")
    async with await events.api("organiser") as organiser:
        headers = {"Idempotency-Key": new_id("key")}
        made = [
            await organiser.post("/activities", json={"kind": "national-event", "title": "T"}, headers=headers)
            for _ in range(2)
        ]
        assert made[0].json()["id"] == made[1].json()["id"]


async def connection_of(events, activity: str) -> tuple[str, str]:
    organiser = await events.visitor("ela-organiser")
    html = await organiser.send(f"/events/{activity}/desk", f"/events/{activity}/connections", name="Our form")
    address = re.search(r'id="webhook-address">([^<]*)<', html)
    secret = re.search(r'id="webhook-secret">([^<]*)<', html)
    assert address
    assert secret
    await organiser.client.aclose()
    return address[1], secret[1]


def signed(secret: str, payload: dict[str, object], id: str = "msg-1", moment: datetime | None = None):
    body, moment = json.dumps(payload), moment or datetime.now(UTC)
    return body, {
        "webhook-id": id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(id, moment, body),
        "content-type": "application/json",
    }


async def test_a_form_tool_registers_by_signed_webhook_once(events) -> None:
    activity = await events.activity(places=1)
    address, secret = await connection_of(events, activity)
    stored = await events.db.connections.find_one({"activity": activity})
    assert secret not in json.dumps(stored, default=str)
    data = {"name": "Elena Petrova", "email": "elena@example.eu", "member": "Bulgaria", "mode": "In person"}
    body, headers = signed(secret, {"type": "registration.submitted", "data": data})
    visitor = await events.visitor(None)
    first = await visitor.client.post(address, content=body, headers=headers)
    again = await visitor.client.post(address, content=body, headers=headers)
    assert first.status_code == 200, first.text
    assert first.json()["status"] == "confirmed"
    assert first.json() == again.json()
    assert len(await events.stored(RegistrationConfirmed, activity)) == 1

    forged, headers = signed("whsec_" + base64.b64encode(b"x" * 32).decode(), {"type": "registration.submitted"})
    answer = await visitor.client.post(address, content=forged, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature-invalid")
    assert answer.headers["content-type"] == "application/problem+json"
    late = datetime.fromtimestamp(time.time() - 3600, UTC)
    old, headers = signed(secret, {"type": "registration.submitted", "data": data}, "msg-2", late)
    assert (await visitor.client.post(address, content=old, headers=headers)).status_code == 401
    other, headers = signed(secret, {"type": "form.opened"}, "msg-3")
    assert (await visitor.client.post(address, content=other, headers=headers)).status_code == 202
    broken, headers = signed(secret, {"type": "registration.submitted", "data": {"name": "x"}}, "msg-4")
    assert (await visitor.client.post(address, content=broken, headers=headers)).status_code == 422
    await visitor.client.aclose()


async def test_attendance_is_corrected_by_saying_it_again(events) -> None:
    activity = await events.activity()
    async with await events.api("organiser") as organiser:
        answer = await organiser.post(f"/activities/{activity}/registrations", json={"persons": people(2)})
        first, second = (one["registration"] for one in answer.json()["registrations"])
        path = f"/activities/{activity}/attendance"
        assert (await organiser.post(path, json={"present": {first: True, second: False}})).json()["changed"] == 2
        assert (await organiser.post(path, json={"present": {first: True, second: True}})).json()["changed"] == 1
        told = await events.stored(AttendanceRecorded)
        last = next(one["data"] for one in reversed(told) if one["data"]["registration"] == second)
        assert (last["present"], last["previously_present"], last["previously_on"]) == (True, False, TODAY.isoformat())


async def test_the_whole_way_by_pages_without_javascript(events) -> None:
    organiser = await events.visitor("ela-organiser")
    anna, nlo = await events.visitor("ela-participant-bg-1"), await events.visitor("ela-nlo-bg")
    html = await organiser.send("/events/new", "/events/new", kind="national-event", title="Seasonal work", member="BG")
    found = re.search(r"/events/(activity-[0-9a-f-]{36})/schedule", html)
    assert found
    activity = found[1]
    page, desk = f"/events/{activity}", f"/events/{activity}/desk"
    days = {"starts_on": TODAY.isoformat(), "ends_on": TODAY.isoformat()}
    await organiser.send(desk, f"{page}/schedule", status=422, **days, mode="on-site")
    html = await organiser.send(desk, f"{page}/schedule", **days, mode="on-site", places_on_site="1", place="Varna")
    assert "Varna" in html
    await organiser.send(desk, f"{page}/open", invited=["BG"])

    assert "A place is yours." in await anna.send(page, f"{page}/register")
    both = {"name_1": "Petar One", "email_1": "petar1@example.eu"}
    both |= {"name_2": "Petar Two", "email_2": "petar2@example.eu"}
    assert "wait in line" in await nlo.send(f"{page}/nominate", f"{page}/nominate", **both)
    html = await nlo.send(f"{page}/nominate", f"{page}/nominate", status=409, **both)
    assert "petar1@example.eu" in html, "what was typed is kept"
    assert "Petar One" in await organiser.see(desk)

    [cancel] = re.findall(rf'href="({page}/registrations/[^"]*/cancel)"', await anna.see(page))
    assert "went to the first in line" in await anna.send(cancel, cancel)
    assert "you are number 2 in line" in await anna.send(page, f"{page}/register")

    listed = re.findall(r'name="listed" value="([^"]*)"', await organiser.see(f"{page}/attendance"))
    assert len(listed) == 1
    await organiser.send(f"{page}/attendance", f"{page}/attendance", present=listed)
    assert "It is closed with this" in await organiser.see(f"{page}/hold")
    assert "was held on" in await organiser.send(f"{page}/hold", f"{page}/hold")
    assert "Give feedback" not in await anna.see(page), "who was not there is not asked"
    for one in (organiser, anna, nlo):
        await one.client.aclose()


async def test_feedback_leads_to_nobody(events) -> None:
    """By order, time, offset, trace, receipt or log: nothing ties an answer to who gave it."""
    activity = await events.activity(places=9)
    page = f"/events/{activity}"
    anna, raya = await events.visitor("ela-participant-bg-1"), await events.visitor("ela-participant-bg-2")
    for one in (anna, raya):
        await one.send(page, f"{page}/register")
    async with await events.api("nlo", member="BG") as nlo:
        await nlo.post(f"/activities/{activity}/registrations", json={"persons": people(4)})
    organiser = await events.api("organiser")
    listed = (await organiser.get(f"/activities/{activity}/registrations")).json()["items"]
    registrations = [one["registration"]["id"] for one in listed]
    await organiser.post(f"/activities/{activity}/attendance", json={"present": dict.fromkeys(registrations, True)})
    assert (await organiser.post(f"/activities/{activity}/hold", json={})).json()["code"] == "still-open"
    await organiser.post(f"/activities/{activity}/close", json={})
    assert (await organiser.post(f"/activities/{activity}/hold", json={})).status_code == 200
    links = (await organiser.get(f"/activities/{activity}/feedback-links")).json()["links"]
    assert len(links) == 6
    [link] = set(re.findall(r'href="(/events/feedback/[^"]*)"', await anna.see(page)))
    assert any(one.endswith(link) for one in links)
    nobody = await events.visitor(None)
    assert "Fill this in" in await nobody.send(link, link, status=422, words="no figures")
    asked = await nobody.send(link, link, **{"relevance": "2", "added_value": "4", "_asked": "-"})
    assert "more relevant?" in asked, "the answer brings up a further question"
    missing = {"answers.missing": "Missing sentence", "answers.use": "no"}
    missing |= {"_asked": ["-", "use", "hindrance", "missing"]}
    given = {"relevance": "2", "added_value": "4", "words": "Planted sentence 2", **missing}
    assert "Thank you" in await nobody.send(link, link, **given)
    assert (await nobody.client.get(link)).status_code == 410
    assert "Give feedback" not in await anna.see(page)

    others = [one for one in links if not one.endswith(link)]
    for mark, other in zip((1, 3, 4), others, strict=False):
        body = {"relevance": mark, "added_value": 4, "words": f"Planted sentence {mark}"}
        assert (await nobody.client.post(_api(other), json=body)).status_code == 204
    survey = link.split("/")[3]
    assert await events.stored(FeedbackGiven, survey) == []
    results = await organiser.get(f"/activities/{activity}/survey")
    assert results.json()["survey"] == {"received": 4, "closed": False, "marks": {}}
    held = [one async for one in events.db.feedback_held.find({"survey": survey})]
    assert [one["_id"] for one in held] == sorted(one["_id"] for one in held), "kept by its random id, not as it came"
    firsts = {(await Answers(events.db).draw(survey, everything=True))[0].id for _ in range(40)}
    assert len(firsts) > 1, "drawn by lot"

    fifth = {"relevance": 5, "added_value": 4, "words": "Planted sentence 5"}
    assert (await nobody.client.post(_api(others[3]), json=fifth)).status_code == 204
    released = await events.stored(FeedbackGiven, survey)
    assert sorted(one["data"]["relevance"] for one in released) == [1, 2, 3, 4, 5]
    assert len({(one["time"], one["recordedtime"]) for one in released}) == 1
    for one in [*released, *await events.stored(SurveyAnswered, survey)]:
        assert not {"actor", "causationid", "correlationid", "traceparent"} & set(one)
        assert one["time"].endswith("T00:00:00.000Z")
        assert one["recordedtime"].endswith("T00:00:00.000Z")
    assert not any(one["data"]["voucher"] for one in released)
    assert await events.db.feedback_held.count_documents({"survey": survey}) == 0
    assert await events.db.survey_links.count_documents({"survey": survey}) == 1, "the one that is left"
    words = [one async for one in events.db.feedback_words.find({"activity": activity})]
    assert {one["words"] for one in words} == {f"Planted sentence {n}" for n in range(1, 6)} | {"Missing sentence"}
    assert all(set(one) == {"_id", "activity", "network", "words", "question", "follow_up"} for one in words)
    vouchers = {one["data"]["voucher"] for one in await events.stored(SurveyAnswered, survey)}
    tokens = [one.rsplit("/", 1)[1] for one in links]
    for name in await events.db.list_collection_names():
        for document in await events.db[name].find({}).to_list(None):
            text = json.dumps(document, default=str)
            assert not any(token in text for token in tokens), name
            if "Planted sentence" in text:
                assert name == "feedback_words", name
                assert not any(one in text for one in (*vouchers, *registrations, survey)), name
            if any(voucher in text for voucher in vouchers):
                assert not any(one in text for one in registrations), name
                assert '"relevance"' not in text, name

    async def published() -> list:
        return [one for one in await events.published() if one.key == survey.encode() and b'"relevance"' in one.value]

    async def five() -> bool:
        return len(await published()) == 5

    await until(five, 30, "the answers on the bus")
    for record in await published():
        assert not {"ce_actor", "ce_causationid", "traceparent"} & {name for name, _ in record.headers}
        assert record.timestamp % 86_400_000 == 0
    shown = (await organiser.get(f"/activities/{activity}/survey")).json()["survey"]["marks"]["relevance"]
    assert shown == {str(n): 1 for n in range(1, 6)}

    last = {"relevance": 5, "added_value": 5}
    assert (await nobody.client.post(_api(others[4]), json=last)).status_code == 204
    closed = (await organiser.post(f"/activities/{activity}/survey/close", json={})).json()
    assert (closed["closed"], closed["received"], closed["marks"]["relevance"]["5"]) == (True, 6, 2)
    desk = await events.visitor("ela-organiser")
    assert "Relevance: 3.3 of 5" in await desk.see(f"{page}/answers")
    said = events.log.read_text()
    assert "Planted sentence" not in said
    assert not any(token in said for token in tokens)
    for one in (anna, raya, nobody, desk):
        await one.client.aclose()
    await organiser.aclose()


def _api(link: str) -> str:
    """Where a program sends what the form behind the link would."""
    return "/events/api/v1/feedback/" + link.split("/feedback/")[1]
