"""A member asks by telephone and the coordinator writes it down: both names are kept and told."""

import html
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from services.matching import app as matching
from services.requests import app as requests
from shared.people import Role
from shared.people.accounts import Facts, Giver
from tests.support.events import running_events
from tests.support.tally import settings_for, until

BOTH = "Miroslava Brezinková on behalf of Iva Dragomirova"
YEAR = datetime.now(UTC).year + 1


@dataclass
class House:
    """Two services in this process, and a coordinator at the browser of each."""

    apps: dict[str, Any]
    at: dict[str, AsyncClient]

    async def officer(self, name: str) -> str:
        """The id of the liaison officer of that name, as the form offers it."""
        page = await self.at["requests"].get("/requests/new", params={"kind": "training-in-host-member-state"})
        return re.search(rf'<option value="(\w+)">\w+ {name}<', page.text).group(1)

    async def first(self, service: str, kind: str) -> dict[str, Any]:
        return await self.apps[service].state.service.db.events.find_one({"type": {"$regex": kind}})


@pytest.fixture(scope="module")
async def house(brokers, module_namespace):
    settings = settings_for(brokers.mongo_url, brokers.kafka, module_namespace)
    async with AsyncExitStack() as stack:
        apps, at = {}, {}
        for name, module in (("requests", requests), ("matching", matching)):
            app = apps[name] = module.build(settings)
            await stack.enter_async_context(app.router.lifespan_context(app))

            async def prepared(app: Any = app) -> bool:
                return app.state.service.prepared

            await until(prepared, 20, "the store's preparation")
            client = AsyncClient(transport=ASGITransport(app), base_url="http://test", follow_redirects=True)
            at[name] = await stack.enter_async_context(client)
            await client.post("/sign-in", data={"subject": "ela-coordinator", "next": "/privacy"})
        yield House(apps, at)


async def fill_in(client: AsyncClient, path: str, **fields: Any) -> Response:
    page = await client.get(path)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    return await client.post(path.partition("?")[0], data={**hidden, **fields})


def told_of(page: Response) -> str:
    assert page.status_code == 200, page.text
    return html.unescape(page.text)


async def test_a_request_tells_who_sent_it_and_who_asked(house):
    iva = await house.officer("Iva Dragomirova")
    path = "/requests/new?kind=training-in-host-member-state"
    wish = {"title": "Induction", "language": "bg", "participants": 9, "target_groups": ["inspectors"]}
    wish |= {"quarter_wished": f"{YEAR}-Q1", "_asked_by": iva}
    wrong = await fill_in(house.at["requests"], path, **wish, member="PT")
    assert (wrong.status_code, "somebody of the member" in wrong.text) == (422, True)
    sent = told_of(await fill_in(house.at["requests"], path, **wish, member="BG"))
    assert "On behalf of Iva Dragomirova" in sent
    event = await house.first("requests", "request.submitted")
    assert (event["actor"], event["onbehalfof"]) == ("ela-coordinator", iva)
    audit = told_of(await house.at["requests"].get("/requests/audit", params={"q": "Dragomirova"}))
    assert "sent a request" in audit
    assert "on behalf of Iva Dragomirova" in audit


async def test_who_speaks_for_one_member_asks_for_themselves(house):
    iva = await house.officer("Iva Dragomirova")
    async with AsyncClient(transport=ASGITransport(house.apps["requests"]), base_url="http://test") as nlo:
        await nlo.post("/sign-in", data={"subject": "ela-nlo-pt", "next": "/privacy"})
        path = "/requests/new?kind=training-in-host-member-state"
        assert "_asked_by" not in (await nlo.get(path)).text
        answer = await fill_in(nlo, path, title="Mine", target_groups=["inspectors"], _asked_by=iva)
    assert answer.status_code == 303
    db = house.apps["requests"].state.service.db
    row = await db.events.find_one({"stream": answer.headers["location"].rpartition("/")[2]})
    assert "onbehalfof" not in row


async def test_an_interest_and_an_offer_tell_both_names(house):
    iva, client = await house.officer("Iva Dragomirova"), house.at["matching"]
    _, key = await house.apps["matching"].state.people.keys.create("t", [Role.COORDINATOR], None, "ela")
    body = {"year": YEAR, "focus_areas": [], "minimum": 1}
    areas = re.findall(r'name="focus_areas" value="([^"]+)"', (await client.get("/matching/calls/new")).text)
    body["focus_areas"] = areas[:1]
    headers = {"Authorization": f"Bearer {key}"}
    async with AsyncClient(transport=ASGITransport(house.apps["matching"]), base_url="http://test") as program:
        call = (await program.post("/matching/api/v1/calls", json=body, headers=headers)).json()["id"]
    weeks = {"_from_1": f"{YEAR}-W20", "_to_1": f"{YEAR}-W22", "_language_1": "en", "member": "BG", "_asked_by": iva}
    interest = {"focus": areas[0], "officials": 1, "duration": 1}
    assert BOTH in told_of(await fill_in(client, f"/matching/calls/{call}/interests/new", **weeks, **interest))
    offer = {"focus_areas": areas[:1], "_places_1": 2}
    assert BOTH in told_of(await fill_in(client, f"/matching/calls/{call}/offers/new", **weeks, **offer))
    wrong = await fill_in(client, f"/matching/calls/{call}/offers/new", **weeks | {"member": "PT"}, **offer)
    assert wrong.status_code == 422


async def test_a_nomination_tells_both_names_and_the_list_is_noted_as_read(house, brokers, module_namespace, tmp_path):
    async with running_events(brokers, module_namespace, tmp_path / "events.log") as events:
        activity, coordinator = await events.activity(), await events.visitor("ela-coordinator")
        nominate, iva = f"/events/{activity}/nominate", await house.officer("Iva Dragomirova")
        row = {"name_1": "Stoyan", "email_1": "stoyan@bg.example.test", "member_1": "BG", "_asked_by": iva}
        await coordinator.send(nominate, nominate, 422, **row | {"member_1": "PT"})
        await coordinator.send(nominate, nominate, **row)
        assert BOTH in html.unescape(await coordinator.see(f"/events/{activity}/desk"))
        stoyan = await events.people.remember("Stoyan", "stoyan@bg.example.test", "BG", "ela")

        async def noted() -> bool:
            return any(one.purpose == "registrations" for one in await events.people.reads.of(stoyan))

        await until(noted, 10, "the log of reads")
        persons = {"persons": [{"name": "Vera", "email": "vera@bg.example.test", "member": "BG"}]}
        async with await events.api("organiser") as desk:
            path = f"/activities/{activity}/registrations"
            sent = await desk.post(path, json=persons, headers={"On-Behalf-Of": iva})
            assert sent.status_code == 201, sent.text
        seats = await events.db.events.find({"stream": activity, "onbehalfof": iva}).to_list(None)
        assert [one["actor"].startswith("key-") for one in seats] == [False, True]
        await coordinator.client.aclose()


async def program(house, service: str, role: Role, member: str | None = None) -> AsyncClient:
    _, key = await house.apps[service].state.people.keys.create("Phone desk", [role], member, "ela")
    headers = {"Authorization": f"Bearer {key}"}
    return AsyncClient(transport=ASGITransport(house.apps[service]), base_url="http://test", headers=headers)


async def test_a_program_names_who_asked_in_a_header(house):
    wish = {"kind": "training-in-host-member-state", "title": "By telephone", "target_groups": ["inspectors"]}
    path = "/requests/api/v1/requests"
    async with await program(house, "requests", Role.COORDINATOR) as desk:
        officers = (await desk.get("/requests/api/v1/officers")).json()
        iva = next(one for one in officers if one["name"] == "Iva Dragomirova")
        other = next(one for one in officers if one["member"] != "BG")
        named = {"On-Behalf-Of": iva["id"], "Idempotency-Key": "call-1"}
        sent = await desk.post(path, json={**wish, "member": "BG"}, headers=named)
        assert sent.status_code == 201, sent.text
        again = await desk.post(path, json={**wish, "member": "BG"}, headers=named)
        assert again.json()["id"] == sent.json()["id"]
        anew = await desk.post(path, json={**wish, "member": "BG"}, headers=named | {"On-Behalf-Of": other["id"]})
        assert (anew.status_code, anew.json()["code"]) == (422, "officer-of-another")
        unknown = await desk.post(path, json={**wish, "member": "BG"}, headers={"On-Behalf-Of": "nobody"})
        assert (unknown.status_code, unknown.json()["code"]) == (422, "officer-unknown")
        back = await desk.post(f"{path}/{sent.json()['id']}/withdraw", headers={"On-Behalf-Of": iva["id"]})
        assert back.json()["status"] == "withdrawn"
    events = house.apps["requests"].state.service.db.events
    told = await events.find({"stream": sent.json()["id"]}).to_list(None)
    assert [one["onbehalfof"] for one in told] == [iva["id"], iva["id"]]
    audit = told_of(await house.at["requests"].get("/requests/audit", params={"q": "Phone desk"}))
    assert "on behalf of Iva Dragomirova" in audit
    async with await program(house, "requests", Role.NLO, "BG") as own:
        assert (await own.get("/requests/api/v1/officers")).status_code == 403
        refused = await own.post(path, json=wish, headers={"On-Behalf-Of": iva["id"]})
        assert (refused.status_code, refused.json()["code"]) == (403, "not-on-behalf")


async def test_programs_file_interests_and_offers_and_register_for_who_asked(
    house, brokers, module_namespace, tmp_path
):
    iva = await house.officer("Iva Dragomirova")
    named = {"On-Behalf-Of": iva}
    async with await program(house, "matching", Role.COORDINATOR) as desk:
        areas = re.findall(
            r'name="focus_areas" value="([^"]+)"', (await house.at["matching"].get("/matching/calls/new")).text
        )[:1]
        body = {"year": YEAR + 1, "focus_areas": areas, "minimum": 1}
        call = (await desk.post("/matching/api/v1/calls", json=body)).json()["id"]
        common = {"call": call, "languages": ["en"], "member": "BG"}
        interest = {**common, "focus": areas[0], "weeks": [f"{YEAR + 1}-W20"]}
        filed = await desk.post("/matching/api/v1/interests", json=interest, headers=named)
        offer = {**common, "focus_areas": areas, "places": {f"{YEAR + 1}-W20": 1}}
        offered = await desk.post("/matching/api/v1/offers", json=offer, headers=named)
        wrong = await desk.post("/matching/api/v1/offers", json={**offer, "member": "PT"}, headers=named)
        assert (filed.status_code, offered.status_code, wrong.status_code) == (201, 201, 422), filed.text + offered.text
        for kind, made in (("interests", filed), ("offers", offered)):
            assert BOTH.partition(" on ")[2] in await shown(house, f"/matching/{kind}/{made.json()['id']}")


async def shown(house, path: str) -> str:
    return told_of(await house.at["matching"].get(path))


async def test_a_deputy_may_have_asked(house):
    people, today = house.apps["requests"].state.people, datetime.now(UTC).date()
    iva = await house.officer("Iva Dragomirova")
    giver = Giver("ela-coordinator", frozenset({Role.COORDINATOR}), "ela")
    facts = Facts("Rada Ilieva", "rada@bg.example.test", "bg", None, (Role.PARTICIPANT,))
    rada = await people.directory.add(giver, facts)
    await people.directory.name_deputy(giver, iva, rada, today, today)
    assert await house.officer("Rada Ilieva") == rada
