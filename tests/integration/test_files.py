"""Files against a real MongoDB: what is taken and what is not, who gets it back, and when its content goes."""

import asyncio
import hashlib
import io
import os
import re
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from httpx import ASGITransport, AsyncClient
from xlsxwriter import Workbook

from services.requests.app import build
from shared.contracts.refused import Refused
from shared.files import DOCUMENTS, Files, disposition
from shared.files.names import clean
from shared.people import Role
from shared.spine.service import Service
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, served, sign_in, violations
from tests.support.tally import settings_for, until

API = "/requests/api/v1/requests"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CLIENTS: dict[str, tuple[list[Role], str | None, str]] = {
    "nlo": ([Role.NLO], "BG", "ela"),
    "greek": ([Role.NLO], "EL", "ela"),
    "coordinator": ([Role.COORDINATOR], None, "ela"),
    "board": ([Role.BOARD], None, "ela"),
    "foreigner": ([Role.COORDINATOR], None, "earlall"),
}


def workbook() -> bytes:
    content = io.BytesIO()
    with Workbook(content) as book:
        book.add_worksheet().write(0, 0, "Agenda")
    return content.getvalue()


def archive(**entries: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, data in entries.items():
            made.writestr(name.replace("__", "/"), data)
    return content.getvalue()


@pytest.fixture(scope="module")
async def app(brokers, module_namespace) -> AsyncIterator[Any]:
    app = build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace).model_copy(update={"file_mib": 2}))
    async with served(app) as base:
        app.state.base = base
        service: Service = app.state.service

        async def prepared() -> bool:
            return service.prepared

        await until(prepared, 20, "the store's preparation")
        yield app


@pytest.fixture(scope="module")
async def clients(app) -> AsyncIterator[dict[str, AsyncClient]]:
    async with AsyncExitStack() as stack:
        found = {
            "nobody": await stack.enter_async_context(AsyncClient(transport=ASGITransport(app), base_url="http://t"))
        }
        for name, (roles, member, network) in CLIENTS.items():
            _id, key = await app.state.people.keys.create(name, roles, member, network)
            client = AsyncClient(transport=ASGITransport(app), base_url="http://t")
            client.headers["Authorization"] = f"Bearer {key}"
            found[name] = await stack.enter_async_context(client)
        yield found


@pytest.fixture(scope="module")
def files(app) -> Files:
    return Files(app.state.service.db)


async def requested(client: AsyncClient, **changes: Any) -> str:
    body = {"kind": "national-event", "title": "With attachments", "language": "bg", **changes}
    answer = await client.post(API, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def attach(
    client: AsyncClient, request: str, name: str = "agenda.pdf", content: bytes = PDF, **headers: str
) -> Any:
    return await client.post(f"{API}/{request}/files", files={"file": (name, content)}, headers=headers)


async def contents(app: Any, content: bytes, network: str = "ela") -> int:
    query = {"filename": hashlib.sha256(content).hexdigest(), "metadata.network": network}
    return int(await app.state.service.db["content.files"].count_documents(query))


async def test_what_goes_up_comes_down_to_the_byte(app, clients):
    request = await requested(clients["nlo"])
    content = PDF + os.urandom(1_500_000)
    sent = await attach(clients["nlo"], request, content=content)
    assert sent.status_code == 201, sent.text
    file = sent.json()
    assert (file["name"], file["media_type"], file["size"]) == ("agenda.pdf", "application/pdf", len(content))
    listed = (await clients["coordinator"].get(f"{API}/{request}/files")).json()["items"]
    assert [one["id"] for one in listed] == [file["id"]]
    for path in (f"{API}/{request}/files/{file['id']}", f"/requests/{request}/files/{file['id']}"):
        got = await clients["board"].get(path)
        assert (got.status_code, got.content) == (200, content)
        assert got.headers["content-disposition"] == 'attachment; filename="agenda.pdf"'
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-type"] == "application/pdf"
    (event,) = await app.state.service.db.events.find({"type": {"$regex": "attachments.added"}}).to_list(None)
    assert event["data"] == {"about": request, "file": file["id"], "member": "BG"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("report.pdf", b"MZ\x90\x00\x03" + b"\x00" * 600, "type-not-taken"),
        ("report.pdf", workbook(), "type-differs"),
        ("report.txt", PDF, "type-differs"),
        ("report.zip", archive(a=b"x"), "type-not-taken"),
        ("report.docx", archive(a=b"x"), "type-not-taken"),
        ("macros.xlsx", archive(xl__vbaProject__bin=b"", **{"xl__vbaProject.bin": b"x"}), "has-macros"),
        ("macros.docx", archive(**{"[Content_Types].xml": b"macroEnabled"}), "has-macros"),
        ("page.html", b"<script>alert(1)</script>", "type-differs"),
        ("cut.docx", workbook()[:-40], "type-not-taken"),
        ("bad.txt", b"\xff\xfe\x00a", "type-not-taken"),
        ("empty.pdf", b"", "empty"),
        ("no-ending", PDF, "type-differs"),
    ],
)
async def test_content_decides_and_not_the_name(clients, name, content, code):
    request = await requested(clients["nlo"])
    answer = await attach(clients["nlo"], request, name, content)
    assert answer.status_code in (415, 422)
    assert answer.json()["code"] == code
    assert (await clients["nlo"].get(f"{API}/{request}/files")).json()["items"] == []


async def test_office_documents_pictures_and_texts_are_taken(clients):
    request = await requested(clients["nlo"])
    taken = {
        "a.xlsx": workbook(),
        "a.odt": archive(mimetype=b"application/vnd.oasis.opendocument.text"),
        "a.png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 20,
        "a.JPG": b"\xff\xd8\xff\xe0" + b"\x00" * 20,
        "a.csv": "Ort;Größe\n".encode(),
        "a.txt": "\ufeffŽluťoučký".encode(),
    }
    for name, content in taken.items():
        answer = await attach(clients["nlo"], request, name, content)
        assert answer.status_code == 201, f"{name}: {answer.text}"


async def test_what_is_too_large_is_refused_before_it_is_read(clients):
    request = await requested(clients["nlo"])
    announced = await attach(clients["nlo"], request, content=PDF + bytes(3 * 1024 * 1024))
    assert (announced.status_code, announced.json()["code"]) == (413, "too-large")
    just_above = await attach(clients["nlo"], request, content=PDF + bytes(2 * 1024 * 1024))
    assert (just_above.status_code, just_above.json()["code"]) == (413, "too-large")


async def test_what_is_of_others_is_not_there(clients):
    request = await requested(clients["nlo"])
    file = (await attach(clients["nlo"], request)).json()["id"]
    other = await requested(clients["greek"], language="el")
    for name in ("greek", "foreigner"):
        for path in (f"{API}/{request}/files/{file}", f"{API}/{request}/files", f"/requests/{request}/files/{file}"):
            assert (await clients[name].get(path)).status_code == 404
        assert (await attach(clients[name], request)).status_code == 404
        assert (await clients[name].delete(f"{API}/{request}/files/{file}")).status_code == 404
    # Under a thing of one's own the id of another's file leads nowhere.
    assert (await clients["greek"].get(f"{API}/{other}/files/{file}")).status_code == 404
    assert (await attach(clients["board"], request)).status_code == 403
    assert (await clients["nobody"].get(f"{API}/{request}/files/{file}")).status_code == 401


async def test_a_name_can_neither_split_a_header_nor_lead_elsewhere(clients):
    request = await requested(clients["nlo"])
    file = (await attach(clients["nlo"], request, '../../a"b\r\nSet-Cookie: x=1\u202e;é.pdf')).json()
    assert "\r" not in file["name"]
    assert "/" not in file["name"]
    header = (await clients["nlo"].get(f"{API}/{request}/files/{file['id']}")).headers
    assert "set-cookie" not in header
    assert header["content-disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        (" .. ", "file"),
        ("a\x00\x1f\u202eb.pdf", "a b.pdf"),
        ("é" * 300 + ".pdf", "é" * 116 + ".pdf"),
    ],
)
def test_names_are_kept_as_they_can_be_shown(given, kept):
    assert clean(given) == kept


def test_a_name_beyond_ascii_is_sent_both_ways():
    plain, _semicolon, exact = disposition('Jour "été".pdf').partition("; filename*=")
    assert plain == 'attachment; filename="Jour _ete_.pdf"'
    assert exact == "UTF-8''Jour%20%22%C3%A9t%C3%A9%22.pdf"
    assert disposition("план.pdf").startswith('attachment; filename="file.pdf"; filename*=UTF-8')


async def test_sent_again_with_its_key_it_is_there_once(clients):
    request = await requested(clients["nlo"])
    key = {"Idempotency-Key": f"once-{request}"}
    first, second = [(await attach(clients["nlo"], request, **key)).json()["id"] for _ in range(2)]
    assert first == second
    assert len((await clients["nlo"].get(f"{API}/{request}/files")).json()["items"]) == 1


async def test_the_same_content_is_stored_once_a_network_and_goes_with_its_last_place(app, clients):
    content = PDF + b"once a network"
    mine, theirs = await requested(clients["nlo"]), await requested(clients["greek"], language="el")
    first = (await attach(clients["nlo"], mine, content=content)).json()["id"]
    both = await asyncio.gather(*(attach(clients["greek"], theirs, f"{n}.pdf", content) for n in range(4)))
    assert {one.status_code for one in both} == {201}
    assert await contents(app, content) == 1
    assert (await clients["nlo"].delete(f"{API}/{mine}/files/{first}")).status_code == 204
    assert (await clients["nlo"].get(f"{API}/{mine}/files/{first}")).status_code == 404
    assert await contents(app, content) == 1
    for one in both:
        await clients["greek"].delete(f"{API}/{theirs}/files/{one.json()['id']}")
    assert await contents(app, content) == 0
    chunks = await app.state.service.db["content.chunks"].distinct("files_id")
    known = await app.state.service.db["content.files"].distinct("_id")
    assert set(chunks) <= set(known)


async def test_networks_share_no_content(app, files):
    content = PDF + b"of two networks"
    for network in ("ela", "earlall"):
        facts = {"about": "request-x", "network": network, "by": "p", "allowed": DOCUMENTS}
        await files.take(io.BytesIO(content), "a.pdf", **facts)
        assert await contents(app, content, network) == 1


async def test_added_and_let_go_at_the_same_moment_nothing_is_lost(app, clients):
    content = PDF + b"races"
    request = await requested(clients["nlo"])
    for _ in range(6):
        first = (await attach(clients["nlo"], request, content=content)).json()["id"]
        gone, again = await asyncio.gather(
            clients["nlo"].delete(f"{API}/{request}/files/{first}"), attach(clients["nlo"], request, content=content)
        )
        assert (gone.status_code, again.status_code) == (204, 201)
        path = f"{API}/{request}/files/{again.json()['id']}"
        assert (await clients["nlo"].get(path)).content == content
        await clients["nlo"].delete(path)
    assert await contents(app, content) == 0


async def test_orphans_are_swept_once_they_are_a_day_old(app, files, clients):
    db = app.state.service.db
    request = await requested(clients["nlo"])
    kept = (await attach(clients["nlo"], request, content=PDF + b"kept")).json()["id"]
    facts = {"network": "ela", "by": "p", "allowed": DOCUMENTS}
    left = await files.take(io.BytesIO(PDF + b"left"), "a.pdf", about=request, **facts)
    lost = await files.take(io.BytesIO(PDF + b"lost"), "a.pdf", about="request-gone", **facts)
    await db.files.update_one({"_id": lost.id}, {"$unset": {"pending": 1}})
    broken = ObjectId()
    await db["content.chunks"].insert_one({"files_id": broken, "n": 0, "data": b"x"})
    assert await files.of("ela", request) == [await files.one("ela", request, kept)]
    await files.sweep()
    assert await db.files.count_documents({"_id": {"$in": [left.id, lost.id]}}) == 2
    await files.sweep(datetime.now(UTC) + timedelta(hours=25))
    assert await db.files.count_documents({"_id": {"$in": [left.id, lost.id]}}) == 0
    assert [await contents(app, PDF + word) for word in (b"left", b"lost", b"kept")] == [0, 0, 1]
    assert await db["content.chunks"].count_documents({"files_id": broken}) == 0
    assert (await clients["nlo"].get(f"{API}/{request}/files/{kept}")).status_code == 200


async def test_what_somebody_uploaded_is_erased_with_them(app, files, clients):
    request = await requested(clients["nlo"])
    await attach(clients["nlo"], request, "Ivan Petrov.pdf", PDF + b"mine alone")
    await attach(clients["coordinator"], request, "others.pdf", PDF + b"of others")
    by = (await app.state.service.db.files.find_one({"name": "Ivan Petrov.pdf"}))["by"]
    erased = await files.erase_by([by])
    assert erased.files >= 1
    assert await contents(app, PDF + b"mine alone") == 0
    assert [one.name for one in await files.of("ela", request)] == ["others.pdf"]
    page = await clients["coordinator"].get(f"/requests/{request}")
    assert "Ivan Petrov" not in page.text


async def test_too_many_and_too_late_are_refused(app, clients):
    request = await requested(clients["nlo"])
    for number in range(20):
        assert (await attach(clients["nlo"], request, f"{number}.pdf")).status_code == 201
    assert (await attach(clients["nlo"], request)).json()["code"] == "too-many-files"
    await clients["nlo"].post(f"{API}/{request}/withdraw", json={})
    assert (await attach(clients["nlo"], request)).json()["code"] == "wrong-status"


async def test_a_directory_of_millions_of_entries_is_not_read(files):
    bomb = bytearray(workbook())
    at = bomb.rfind(b"PK\x05\x06")
    bomb[at + 10 : at + 16] = b"\xff\xff\xff\xff\xff\xff"
    with pytest.raises(Refused):
        await files.look(io.BytesIO(bytes(bomb)), "a.xlsx", DOCUMENTS)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_in_a_browser_a_request_is_sent_with_its_attachments(app, size):
    base = app.state.base
    async with chromium() as browser:
        context = await browser.new_context(viewport=size)
        watched = Watched(context)
        page = await context.new_page()
        await sign_in(page, base, "Iva Dragomirova")
        await page.goto(f"{base}/requests/new?kind=national-event")
        await page.get_by_label("Title").fill("With two files")
        wrong = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"MZ" + bytes(20)}
        await page.locator("#f-attachments").set_input_files([wrong])
        await page.get_by_role("button", name="Send request").click()
        assert await page.get_by_text("This kind of file is not taken here").count()
        assert not await violations(page)
        good = [{**wrong, "name": f"{name}.pdf", "buffer": PDF} for name in ("agenda", "list")]
        await page.locator("#f-attachments").set_input_files(good)
        await page.get_by_role("button", name="Send request").click()
        await page.wait_for_url("**/requests/request-*")
        await page.locator("#f-attachments").set_input_files([{**good[0], "name": "later.pdf"}])
        await page.get_by_role("button", name="Attach").click()
        assert await page.locator("#attachments li").count() == 3
        async with page.expect_download() as coming:
            await page.get_by_role("link", name="agenda.pdf").click()
        assert (await coming.value).suggested_filename == "agenda.pdf"
        await page.get_by_role("button", name=re.compile("Remove.*list.pdf")).click()
        assert await page.locator("#attachments li").count() == 2
        assert not await violations(page)
        assert await overflow(page) == 0
        assert not watched.wrong
        await context.close()
