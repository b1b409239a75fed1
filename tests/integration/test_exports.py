"""Exports of the lists of a running service: equal to the list as filtered, for who may see it."""

import csv
import io
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from python_calamine import CalamineWorkbook

from services.requests.app import build
from services.requests.domain.request import Request, Status
from services.requests.streams import REQUEST, WORDS
from shared.ids import new_id
from shared.people import Role
from shared.spine.search import Entry
from shared.spine.service import Service
from shared.spine.store import stream_document
from tests.support.events import Events, running_events
from tests.support.tally import settings_for, until

MANY = 1_205


@pytest.fixture(scope="module")
async def app(brokers, module_namespace) -> AsyncIterator[Any]:
    """With so many requests that a list has dozens of pages; a third are Greece's."""
    app = build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))
    async with app.router.lifespan_context(app):
        service: Service = app.state.service

        async def prepared() -> bool:
            return service.prepared

        await until(prepared, 20, "the store's preparation")
        streams, words = [], []
        for number in range(MANY):
            member, kind = ("EL", "national-event") if number % 3 == 0 else ("BG", "website-review")
            on = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}"
            state = Request(Status.SUBMITTED, kind=kind, member=member, year=2024, submitted_on=on, participants=number)
            id = new_id("request")
            streams.append(stream_document(id, 1, REQUEST, state, "ela"))
            title = '=HYPERLINK("https://evil.example")' if number == 7 else f"Number {number}"
            words.append({"_id": id, "network": "ela", "member": member, "title": title})
        await service.db.streams.insert_many(streams)
        await service.db[WORDS].insert_many(words)
        yield app


@pytest.fixture(scope="module")
async def clients(app) -> AsyncIterator[dict[str, AsyncClient]]:
    people = {
        "coordinator": ([Role.COORDINATOR], None, "ela"),
        "greek": ([Role.NLO], "EL", "ela"),
        "foreigner": ([Role.COORDINATOR], None, "earlall"),
        "participant": ([Role.PARTICIPANT], "BG", "ela"),
    }
    async with AsyncExitStack() as stack:
        found = {}
        for name, (roles, member, network) in people.items():
            _id, key = await app.state.people.keys.create(name, roles, member, network)
            headers = {"Authorization": f"Bearer {key}"}
            client = AsyncClient(transport=ASGITransport(app), base_url="http://t", headers=headers)
            found[name] = await stack.enter_async_context(client)
        yield found


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_an_export_is_the_whole_list_as_filtered_and_sorted(clients):
    rows = rows_of(await clients["coordinator"].get("/requests/?kind=website-review&sort=sent&export=csv&page=2"))
    page = (await clients["coordinator"].get("/requests/api/v1/requests?kind=website-review")).json()
    assert len(rows) == page["total"] > 800
    assert {row["Member"] for row in rows} == {"BG"}
    sent = [row["Sent"] for row in rows]
    assert sent == sorted(sent)
    assert len({row["Id"] for row in rows}) == len(rows)


async def test_csv_and_xlsx_say_the_same(clients):
    rows = rows_of(await clients["coordinator"].get("/requests/?export=csv"))
    answer = await clients["coordinator"].get("/requests/?export=xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == len(sheet) - 1 == MANY
    place = sheet[0].index("Participants")
    assert sorted(row[place] for row in sheet[1:]) == list(range(MANY))
    titles = {row["Request"] for row in rows}
    assert '\'=HYPERLINK("https://evil.example")' in titles


async def test_a_member_exports_its_own_and_another_network_nothing(clients):
    own = rows_of(await clients["greek"].get("/requests/?export=csv&member=BG"))
    assert {row["Member"] for row in own} == {"EL"}
    assert rows_of(await clients["foreigner"].get("/requests/?export=csv")) == []
    assert (await clients["participant"].get("/requests/?export=csv")).status_code == 403
    assert (await clients["greek"].get("/requests/triage?export=csv")).status_code == 403
    assert len(rows_of(await clients["coordinator"].get("/requests/triage?member=EL&export=csv"))) == len(own)


async def test_a_page_links_to_its_exports_with_what_it_is_filtered_to(clients):
    page = (await clients["coordinator"].get("/requests/?member=EL&sort=fate&page=2")).text
    assert 'href="/requests/?member=EL&amp;sort=fate&amp;export=csv"' in page
    assert 'href="/requests/?member=EL&amp;sort=fate&amp;export=xlsx"' in page


async def test_the_plan_is_exported(clients):
    coordinator = clients["coordinator"]
    body = {"kind": "posting-360", "line": "posting-360", "quarter": "2024-Q4", "title": "A meeting"}
    assert (await coordinator.post("/requests/api/v1/plan/2024/activities", json=body)).status_code == 201
    (row,) = rows_of(await coordinator.get("/requests/plan/2024?export=csv"))
    assert (row["Activity"], row["Quarter"], row["Requested"]) == ("A meeting", "Q4 2024", "no")


@pytest.fixture(scope="module")
async def events(brokers, module_namespace, tmp_path_factory) -> AsyncIterator[Events]:
    async with running_events(brokers, module_namespace, tmp_path_factory.mktemp("events") / "events.log") as service:
        yield service


async def test_registrations_are_exported_with_names_and_noted_as_read(events):
    activity = await events.activity(places=2)
    async with await events.api("organiser") as organiser, await events.api("nlo", member="BG") as nlo:
        persons = [{"name": f"Person {n}", "email": f"{n}@example.eu", "member": "BG"} for n in range(3)]
        await organiser.post(f"/activities/{activity}/registrations", json={"persons": persons})
        at = f"{events.address}/events/{activity}"
        rows = rows_of(await organiser.get(f"{at}/desk?export=csv&list=registrations"))
        assert {row["Name"] for row in rows} == {"Person 0", "Person 1", "Person 2"}
        waiting = rows_of(await organiser.get(f"{at}/desk?export=csv&list=registrations&status=waitlisted"))
        assert [(row["State"], row["In line"]) for row in waiting] == [("In line", "1")]
        assert len(rows_of(await nlo.get(f"{at}?export=csv&list=delegation"))) == 3
        assert (await nlo.get(f"{at}/desk?export=csv&list=registrations")).status_code == 403
        (member,) = [
            row for row in rows_of(await organiser.get(f"{at}/desk?export=csv&list=members")) if row["Member"] == "BG"
        ]
        assert (member["Places"], member["In line"]) == ("2", "1")
        (catalogued,) = rows_of(await nlo.get(f"{events.address}/events/?export=csv&state=open"))
        assert (catalogued["Id"], catalogued["Places"]) == (activity, "2")
        assert rows_of(await organiser.get(f"{at}/attendance?export=csv"))[0]["Attendance"] == ""

    async def noted() -> bool:
        reads = events.db.client[f"{events.namespace}_people"].reads
        return await reads.count_documents({"purpose": "export", "n": 3}) >= 2

    await until(noted, 10, "the note of the reads")


async def test_documents_are_the_organisers_to_add_and_everybodys_to_read(events):
    activity = await events.activity(places=2)
    content = b"%PDF-1.7\nagenda\n%%EOF\n"
    async with await events.api("organiser") as organiser, await events.api("participant", member="BG") as reader:
        path = f"/activities/{activity}/documents"
        sent = await organiser.post(path, files={"file": ("agenda.pdf", content)}, data={"sort": "agenda"})
        assert sent.status_code == 201, sent.text
        document = sent.json()
        assert document["sort"] == "agenda"
        assert (await reader.get(f"{path}/{document['id']}")).content == content
        assert (await reader.post(path, files={"file": ("a.pdf", content)})).status_code == 403
        page = await reader.get(f"{events.address}/events/{activity}")
        link = r"<b>Agenda</b> <a href=\"/events/[^\"]+/documents/file-[^\"]+\" download[^>]*>agenda.pdf</a>"
        assert re.search(link, page.text)
        async with await events.api("coordinator", network="earlall") as foreign:
            assert (await foreign.get(f"{path}/{document['id']}")).status_code == 404
        assert (await organiser.delete(f"{path}/{document['id']}")).status_code == 204
        assert (await reader.get(path)).json()["items"] == []


async def test_what_was_done_found_and_failed_is_exported(app, clients):
    coordinator, service = clients["coordinator"], app.state.service
    audit = rows_of(await coordinator.get("/requests/audit?export=csv&q=coordinator"))
    assert {row["Who"] for row in audit} == {"coordinator"}
    assert rows_of(await clients["foreigner"].get("/requests/audit?export=csv")) == []
    now = datetime.now(UTC)
    letters = [
        {"_id": f"letter-{n}", "network": "ela", "to": "nlo@BG", "kind": "request-planned", "state": "nobody",
         "reason": "no-holder", "made": now, "due": now, "attempts": 1, "data": {}, "about": f"/requests/{n}"}
        for n in range(30)
    ]  # fmt: skip
    await service.db.outbox.insert_many(letters)
    page = (await coordinator.get("/requests/letters")).text
    assert 'href="/requests/letters?export=csv"' in page
    undelivered = rows_of(await coordinator.get("/requests/letters?export=csv"))
    assert len(undelivered) == 30
    assert "Nobody holds this office" in undelivered[0]["Why not"]
    assert rows_of(await clients["foreigner"].get("/requests/letters?export=csv")) == []
    stopped = {"status": "dead", "network": "ela", "type": "liaison.events.x.y.v1", "reason": "refused", "at": now}
    await service.db.dead.insert_many([{"_id": f"t/0/{n}", "key": "k", "order": n, **stopped} for n in range(51)])
    rows = rows_of(await coordinator.get("/requests/operations/dead?export=csv"))
    assert [row["Place on the log"] for row in rows] == [f"t/0/{n}" for n in range(51)]
    assert rows_of(await clients["foreigner"].get("/requests/operations/dead?export=csv")) == []
    await service.db.dead.delete_many({})
    await service.db.search.insert_many(
        Entry(f"e{n}", "ela", "requests.read", "request", f"Salmon {n}", "", f"/requests/e{n}", "2024-03-01").document
        for n in range(12)
    )
    found = rows_of(await coordinator.get("/requests/search?q=salmon&export=csv"))
    assert {row["Title"] for row in found} == {f"Salmon {n}" for n in range(12)}
    assert rows_of(await clients["foreigner"].get("/requests/search?q=salmon&export=csv")) == []


async def test_the_administration_exports_what_it_shows_and_notes_it(clients):
    coordinator = clients["coordinator"]
    persons = rows_of(await coordinator.get("/admin?export=csv&sort=-name"))
    shown = (await coordinator.get("/admin?sort=-name")).text
    assert len(persons) > 5
    assert all(row["Name"] in shown for row in persons[:25])
    keys = rows_of(await coordinator.get("/admin/keys?export=csv"))
    assert {row["Name"] for row in keys} >= {"coordinator", "greek", "participant"}
    assert (await clients["greek"].get("/admin?export=csv")).status_code == 403
    assert rows_of(await coordinator.get("/admin/reads?export=csv&q=nobody+of+this+name")) == []
    assert rows_of(await coordinator.get("/admin/changes?export=csv&q=nobody+of+this+name")) == []

    async def noted() -> bool:
        reads = rows_of(await coordinator.get("/admin/reads?export=csv"))
        return any(row["What for"] == "Export of a list" and int(row["Persons"]) == len(persons) for row in reads)

    await until(noted, 10, "the note of the read")
