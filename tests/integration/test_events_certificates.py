"""From the list of who was there to a certificate that others can check, and that nobody's name is on once erased."""

import io
import json
import re
import zipfile

import httpx
import pytest
from openbadgeslib.ob3 import OB3LdpVerifier, OB3VerificationError

from services.events.holdings import Holdings
from shared.settings import Settings
from tests.support.events import TODAY, running_events
from tests.support.tally import until

ANNA, BORIS, CARLA = ({"name": name, "email": f"{name[:4].lower()}@example.eu", "member": "BG"} for name in (
    "Anna Petrova", "Boris Ivanov", "Carla Dimova"
))  # fmt: skip


@pytest.fixture(scope="module")
async def events(brokers, module_namespace, tmp_path_factory):
    log = tmp_path_factory.mktemp("events") / "events.log"
    async with running_events(brokers, module_namespace, log) as service:
        yield service


async def held(
    events, *, kind: str = "modular-training", present=(True, True, False), rule: dict[str, str] | None = None
) -> tuple[str, list[str]]:
    """A training of one day with three who had a place; `rule` is the form of one of its own."""
    day = {"starts_on": TODAY.isoformat(), "ends_on": TODAY.isoformat(), "mode": "on-site", "places": {"on-site": 9}}
    async with await events.api("organiser") as api:
        activity = (await api.post("/activities", json={"kind": kind, "title": "Toolkit “Inspect”"})).json()["id"]
        await api.post(f"/activities/{activity}/schedule", json=day)
        await api.post(f"/activities/{activity}/open", json={"invited": ["BG"]})
        answer = await api.post(f"/activities/{activity}/registrations", json={"persons": [ANNA, BORIS, CARLA]})
        ids = [one["registration"] for one in answer.json()["registrations"]]
        if rule:
            desk, here = await events.visitor("ela-organiser"), f"/events/{activity}/certificates"
            await desk.send(here, f"{here}/rule", **rule)
            await desk.client.aclose()
        told = dict(zip(ids, present, strict=True))
        assert (await api.post(f"/activities/{activity}/attendance", json={"present": told})).status_code == 200
        await api.post(f"/activities/{activity}/close", json={})
        assert (await api.post(f"/activities/{activity}/hold", json={})).status_code == 200
    return activity, ids


async def issued(events, activity: str, count: int) -> list[str]:
    query = {"aggregate": "certificate", "state.activity": activity}

    async def there() -> bool:
        return await events.db.streams.count_documents(query) == count

    await until(there)
    return [one["_id"] async for one in events.db.streams.find(query).sort("state.index", 1)]


async def link_of(events, certificate: str) -> str:
    """The address in the holder's letter."""

    async def written():
        return await events.db.outbox.find_one({"kind": "certificate-issued", "data.certificate": certificate})

    await until(written)
    return Holdings(Settings(profile="local", secret="a secret for tests that is long enough")).path(certificate)


async def test_modules_make_a_path(events) -> None:
    first, _ids = await held(events)
    second, _ids = await held(events, present=(True, False, False))
    desk = await events.visitor("ela-organiser")
    fields = {"title": "Inspector's path", "module_1": [first], "module_2": [second]}
    await issued(events, first, 2)
    await desk.send("/events/paths/new", "/events/paths/new", **fields)

    async def complete():
        return await events.db.streams.find_one({"aggregate": "certificate", "state.path": {"$ne": None}})

    await until(complete)
    whole = await complete()
    assert len(whole["state"]["modules"]) == 2
    nobody = await events.visitor(None)
    assert "Inspector&#39;s path" in await nobody.see(f"/certificates/{whole['_id']}")
    assert "One person completed it." in await desk.see("/events/paths")
    for one in (nobody, desk):
        await one.client.aclose()


async def test_what_an_answer_earned_is_issued_before_the_survey_is_closed_by_hand(events) -> None:
    activity, _ids = await held(events, rule={"offered": "1", "share": "100", "feedback": "1"})
    async with await events.api("organiser") as api:
        told = (await api.get(f"/activities/{activity}/feedback-links")).json()
        survey, token = told["survey"], told["links"][0].rsplit("/", 1)[1]
        given = {"relevance": 5, "added_value": 4}
        assert (await api.post(f"/feedback/{survey}/{token}", json=given)).status_code == 204
        found = {"aggregate": "certificate", "state.activity": activity}
        assert await events.db.streams.count_documents(found) == 0
        assert (await api.post(f"/activities/{activity}/survey/close", json={})).json()["closed"]
        assert await events.db.streams.count_documents(found) == 1
    again = await events.db.deadlines.find_one({"_id": f"close/{survey}"})
    assert again["command"] == "CloseSurvey", "it is looked once more whether anything is left"


async def test_who_was_there_gets_one_and_others_can_check_it(events) -> None:
    activity, _ids = await held(events)
    first, second = await issued(events, activity, 2)
    nobody = await events.visitor(None)

    def fetch(address: str) -> bytes:
        address = re.sub(r"^https://127\.0\.0\.1:\d+", events.address, address)
        return httpx.get(address).raise_for_status().content

    badge = await nobody.see(f"/certificates/{first}.json")
    verified = OB3LdpVerifier().verify(badge, check_status=True, download=fetch)
    assert verified.achievement.name == "Toolkit “Inspect”"
    page = await nobody.see(f"/certificates/{first}")
    assert "This certificate counts" in page
    assert "Anna" not in page + badge
    link = await link_of(events, first)
    assert "Anna Petrova" in await nobody.see(link)
    own = await nobody.see(f"{link}/badge.json")
    assert "Anna Petrova" in own
    OB3LdpVerifier().verify(own, check_status=True, download=fetch)
    assert (await nobody.client.get(f"{link}/certificate.pdf")).content.startswith(b"%PDF-1.7")
    await nobody.send(link, f"{link}/name", named="1")
    assert "Anna Petrova" in await nobody.see(f"/certificates/{first}")
    await nobody.see("/certificates/mine/x.y", 404)

    desk = await events.visitor("ela-organiser")
    here = f"/events/{activity}/certificates"
    assert "2 certificates are issued" in await desk.see(here)
    archive = zipfile.ZipFile(io.BytesIO((await desk.client.get(f"{here}.zip")).content))
    assert [one.filename[5:] for one in archive.infolist()] == [
        "Anna-Petrova.pdf", "Anna-Petrova.json", "Boris-Ivanov.pdf", "Boris-Ivanov.json",
    ]  # fmt: skip
    await desk.send(f"{here}/{second}/revoke", f"{here}/{second}/revoke", reason="Issued by mistake")
    page = await nobody.see(f"/certificates/{second}")
    assert "This certificate was revoked" in page
    assert "Issued by mistake" in page
    with pytest.raises(OB3VerificationError, match="revocation"):
        OB3LdpVerifier().verify(await nobody.see(f"/certificates/{second}.json"), check_status=True, download=fetch)

    before = own
    office = await events.visitor("ela-coordinator")
    await office.send("/events/certificates/key", "/events/certificates/key")
    fields = {"name": "Anna-Maria Petrova", "reason": "The name was not complete"}
    await desk.send(f"{here}/{first}/reissue", f"{here}/{first}/reissue", **fields)
    again = await nobody.see(f"{link}/badge.json")
    assert "Anna-Maria Petrova" in again
    assert json.loads(again)["proof"]["verificationMethod"].endswith("#key-2")
    OB3LdpVerifier().verify(again, check_status=True, download=fetch)
    OB3LdpVerifier().verify(before, download=fetch)
    with pytest.raises(OB3VerificationError, match="revocation"):
        OB3LdpVerifier().verify(before, check_status=True, download=fetch)

    person = (await events.db.streams.find_one({"_id": first}))["state"]["person"]
    await events.people.erase(person, asked_by="tester", network="ela")

    async def gone() -> bool:
        return (await nobody.client.get(f"/certificates/{first}")).status_code == 404

    await until(gone)
    await nobody.see(f"/certificates/{first}.json", 404)
    await nobody.see(link, 404)

    async def unnamed() -> bool:
        return await events.db.certificate_names.count_documents({"_id": first}) == 0

    await until(unnamed)
    for one in (nobody, desk, office):
        await one.client.aclose()
