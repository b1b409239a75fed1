"""The administration's pages over a service: persons, keys, who did what, who read what; of the own network alone."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from deploy.local.layout import ASSETS
from services.requests.app import build
from shared.people import Role
from shared.people.accounts import Facts, Giver
from tests.e2e.browsing import picture
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, served, sign_in, violations
from tests.support.tally import settings_for, until

API = "/requests/api/v1"
WISH = {"kind": "training-in-host-member-state", "title": "Induction", "language": "bg", "participants": 60}
WISH |= {"target_groups": ["inspectors"], "quarter_wished": f"{datetime.now(UTC).year + 1}-Q1"}


@pytest.fixture(scope="module")
async def app(brokers, module_namespace) -> AsyncIterator[Any]:
    settings = settings_for(brokers.mongo_url, brokers.kafka, module_namespace)
    app = build(settings.model_copy(update={"assets": ASSETS}))
    async with app.router.lifespan_context(app):
        service = app.state.service

        async def prepared() -> bool:
            return service.prepared

        await until(prepared, 20, "the store's preparation")
        yield app


@pytest.fixture(scope="module")
async def as_(app) -> AsyncIterator[Any]:
    """A browser without scripts in which that ready-made person is signed in."""
    async with AsyncExitStack() as stack:
        clients: dict[str, AsyncClient] = {}

        async def signed_in(subject: str) -> AsyncClient:
            if subject not in clients:
                client = AsyncClient(transport=ASGITransport(app), base_url="http://test", follow_redirects=True)
                clients[subject] = await stack.enter_async_context(client)
                await client.post("/sign-in", data={"subject": subject, "next": "/privacy"})
            return clients[subject]

        yield signed_in


@pytest.fixture
async def coordinator(as_) -> AsyncClient:
    return await as_("ela-coordinator")


def hidden(page: Response) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))


async def post(client: AsyncClient, path: str, form: str, **fields: Any) -> Response:
    """Fill in the form of the page `form` and send it to `path`."""
    page = await client.get(form)
    return await client.post(path, data={**hidden(page), **fields})


PIA = {"name": "Pia Lindqvist", "email": "pia@se.example.test", "roles": ["nlo"], "member": "SE", "language": "sv"}


async def added(client: AsyncClient, **fields: Any) -> str:
    """The path of the new person's page."""
    answer = await post(client, "/admin/persons/new", "/admin/persons/new", **{**PIA, **fields})
    assert answer.status_code == 200, answer.text
    return answer.url.path


async def test_a_coordinator_lists_searches_and_adds(coordinator):
    page = await added(coordinator)
    listed = await coordinator.get("/admin", params={"q": "lindqv", "role": "nlo", "member": "SE", "sort": "-since"})
    assert "1 in all" in listed.text
    assert page in listed.text
    assert "Pia Lindqvist" not in (await coordinator.get("/admin", params={"member": "BG"})).text
    again = await post(coordinator, "/admin/persons/new", "/admin/persons/new", **PIA)
    assert (again.status_code, "has an account already" in again.text) == (409, True)


async def test_what_cannot_be_is_said_at_its_field(coordinator):
    for fields, status, said in (
        ({"email": "pia"}, 422, "Write the e-mail address in full"),
        ({"roles": ["operator"]}, 403, "ask an operator"),
        ({"roles": ["form"]}, 403, "ask an operator"),
        ({"roles": ["king"]}, 422, "Choose one of the list"),
        ({"roles": []}, 422, "Fill this in"),
        ({"member": ""}, 422, "Choose the member"),
        ({"member": "XX"}, 422, "Choose a member of this network"),
        ({"name": "Pi\u2028a"}, 422, "cannot be printed"),
    ):
        asked = {**PIA, "email": "other@se.example.test", **fields}
        answer = await post(coordinator, "/admin/persons/new", "/admin/persons/new", **asked)
        assert (answer.status_code, said in html.unescape(answer.text)) == (status, True), (fields, answer.text)


async def test_a_stale_edit_is_shown_beside_what_stands(coordinator, as_):
    page = await added(coordinator, email="stale@se.example.test")
    mine, operator = await coordinator.get(page), await as_("ela-operator")
    changed = PIA | {"email": "stale@se.example.test"}
    assert (await post(operator, page, page, **changed | {"name": "Pia Berg"})).status_code == 200
    answer = await coordinator.post(page, data={**hidden(mine), **changed, "name": "Pia Dahl"})
    assert answer.status_code == 409
    said = html.unescape(answer.text)
    assert all(words in said for words in ("Joren Stroomveld", "changed it", "Pia Berg", "Pia Dahl"))
    assert said.split("You wrote")[1].split("</table>")[0].count("<tr>") == 1
    assert (await coordinator.post(page, data={**hidden(answer), **changed, "name": "Pia Dahl"})).status_code == 200
    without = {key: value for key, value in hidden(mine).items() if key != "_version"}
    assert (await coordinator.post(page, data={**without, **changed})).status_code == 409


async def test_an_account_is_closed_and_opened_again(app, coordinator):
    page = await added(coordinator, email="closing@se.example.test")
    person = page.rpartition("/")[2]
    answer = await post(coordinator, f"{page}/close", f"{page}/close")
    assert "is closed" in answer.text
    assert await app.state.people.person(person) is None
    assert "Pia Lindqvist" in (await coordinator.get("/admin", params={"state": "closed"})).text
    opened = await post(coordinator, f"{page}/open", page)
    assert "with the roles it had" in opened.text
    assert (await app.state.people.person(person)).roles == (Role.NLO,)


async def test_a_deputy_is_named_shown_and_ended(app, coordinator):
    officer = await added(coordinator, name="Siri Holm", email="siri@se.example.test")
    deputy = await added(coordinator, name="Olle Ek", email="olle@se.example.test", roles=["participant"])
    today = datetime.now(UTC).date()
    days = {"first": str(today), "last": str(today + timedelta(days=3))}
    person = deputy.rpartition("/")[2]
    wrong = await post(coordinator, f"{officer}/deputies", officer, deputy=person, **days | {"last": "2020-01-01"})
    assert (wrong.status_code, "before the first" in wrong.text) == (422, True)
    answer = await post(coordinator, f"{officer}/deputies", officer, deputy=person, **days)
    assert "Olle Ek" in answer.text
    assert set((await app.state.people.person(person)).roles) == {Role.PARTICIPANT, Role.NLO}
    assert "for Siri Holm" in html.unescape((await coordinator.get("/admin", params={"q": "Olle"})).text)
    ended = await post(coordinator, f"{deputy}/end-deputy", deputy)
    assert "is over" in ended.text
    assert (await app.state.people.person(person)).roles == (Role.PARTICIPANT,)


async def test_a_foreign_network_and_others_roles_see_nothing(app, coordinator, as_):
    foreign = await as_("earlall-coordinator")
    page = await added(coordinator, email="far@se.example.test")
    for path in (page, f"{page}/close", f"/admin/reads?of={page.rpartition('/')[2]}"):
        answer = await foreign.get(path)
        assert "Pia" not in answer.text
    assert (await foreign.get(page)).status_code == 404
    assert "Lindqvist" not in (await foreign.get("/admin")).text
    operator = Giver("x", frozenset({Role.OPERATOR}), "ela")
    boss = await app.state.people.directory.add(
        operator, Facts("O", "o@ela.example.test", "en", None, (Role.OPERATOR,))
    )
    answer = await coordinator.get(f"/admin/persons/{boss}")
    assert "Only an operator" in answer.text
    taken = await post(coordinator, f"/admin/persons/{boss}", page, **PIA | {"email": "mine@ela.example.test"})
    assert taken.status_code == 403
    for subject in ("ela-nlo-bg", "ela-board", "ela-organiser"):
        client = await as_(subject)
        for path in ("/admin", "/admin/persons/new", "/admin/keys", "/admin/audit", "/admin/reads", "/requests/audit"):
            assert (await client.get(path)).status_code == 403, (subject, path)


KEY = {"name": "Import", "roles": ["nlo"], "member": "BG", "until": str(datetime.now(UTC).date())}


async def made(client: AsyncClient, **fields: Any) -> str:
    answer = await post(client, "/admin/keys/new", "/admin/keys/new", **{**KEY, **fields})
    assert answer.status_code == 201, answer.text
    return re.search(r'id="key"[^>]*>([^<]+)<', answer.text).group(1)


async def test_a_key_is_shown_once_limited_and_taken_back(app, coordinator):
    bearer = await made(coordinator, scopes=["requests.read"])
    listed = await coordinator.get("/admin/keys")
    assert bearer not in listed.text
    assert "See requests" in listed.text
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as program:
        program.headers["Authorization"] = f"Bearer {bearer}"
        assert (await program.get(f"{API}/requests")).status_code == 200
        refused = await program.post(f"{API}/requests", json=WISH)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        [key] = [one for one in await app.state.people.keys.of_network("ela") if one.name == "Import"]
        assert key.last_used is not None
        back = await post(coordinator, f"/admin/keys/{key.id}/revoke", "/admin/keys")
        assert "taken back" in back.text


async def test_an_expired_key_is_none(app, coordinator):
    bearer = await made(coordinator, name="Old")
    past = {"$set": {"expires": datetime.now(UTC) - timedelta(seconds=1)}}
    await app.state.people.db["keys"].update_one({"name": "Old"}, past)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as program:
        answer = await program.get(f"{API}/requests", headers={"Authorization": f"Bearer {bearer}"})
    assert answer.status_code == 401
    assert "Expired" in (await coordinator.get("/admin/keys")).text


async def test_no_key_is_given_more_than_its_maker_may_give(app, coordinator):
    for fields, status in (
        ({"roles": ["operator"]}, 403),
        ({"member": ""}, 422),
        ({"member": "XX"}, 422),
        ({"rights": ["operations.work"]}, 422),
        ({"scopes": ["everything"]}, 422),
        ({"until": "2020-01-01"}, 422),
        ({"until": "2199-01-01"}, 422),
    ):
        answer = await post(coordinator, "/admin/keys/new", "/admin/keys/new", **{**KEY, **fields})
        assert answer.status_code == status, fields
    bearer = await made(coordinator, roles=["coordinator"], member="", name="Sync")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as program:
        program.headers["Authorization"] = f"Bearer {bearer}"
        # A key that made keys, or persons, would outlive its own end.
        assert (await program.post("/admin/keys/new", data=KEY)).status_code == 403
        assert (await program.post("/admin/persons/new", data=PIA)).status_code == 403


async def test_who_did_what_is_told_in_words_and_found_by_person_and_day(app, coordinator, as_):
    nlo = await as_("ela-nlo-bg")
    bearer = await made(coordinator, name="Robot")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as program:
        sent = await program.post(f"{API}/requests", json=WISH, headers={"Authorization": f"Bearer {bearer}"})
    assert sent.status_code == 201
    asked = await nlo.get("/requests/new", params={"kind": WISH["kind"]})
    assert (await nlo.post("/requests/new", data={**hidden(asked), **WISH})).status_code == 200
    today = datetime.now(UTC).date()
    for q, there in (("Robot", True), ("Dragomirova", True), ("nobody", False)):
        answer = await coordinator.get("/requests/audit", params={"q": q, "kind": "request"})
        assert ("sent a request" in answer.text) is there, q
    of_iva = await coordinator.get("/requests/audit", params={"q": "drago", "from": str(today - timedelta(days=1))})
    assert "Iva Dragomirova" in of_iva.text
    assert "Robot" not in of_iva.text
    assert "/requests/request-" in of_iva.text
    before = await coordinator.get("/requests/audit", params={"to": str(today - timedelta(days=2))})
    assert "sent a request" not in before.text
    foreign = await as_("earlall-coordinator")
    assert "sent a request" not in (await foreign.get("/requests/audit")).text
    together = await coordinator.get("/admin/audit", params={"q": "drago"})
    assert 'hx-get="/events/audit?part=1&amp;q=drago"' in together.text
    assert "made an API key" in (await coordinator.get("/admin/changes")).text
    assert "made an API key" not in (await foreign.get("/admin/changes")).text
    plan = await app.state.service.db.events.find({"network": "ela"}).sort([("recordedtime", -1)]).explain()
    assert "recordedtime" in str(plan["queryPlanner"]["winningPlan"])


async def test_what_the_administration_shows_is_noted_itself(app, coordinator):
    page = await added(coordinator, name="Read Me", email="read@se.example.test")
    await app.state.people.reads.flush()
    reads = await app.state.people.reads.of(page.rpartition("/")[2])
    assert {(one.by, one.purpose) for one in reads} == {("ela-coordinator", "person")}
    seen = await coordinator.get("/admin/reads", params={"of": page.rpartition("/")[2], "q": "Brezin"})
    assert "Page of a person" in seen.text
    assert "Miroslava" in seen.text


async def test_the_pages_are_accessible_and_fit_a_phone(app, coordinator):
    person = await added(coordinator, name="Wide Ning", email="wide@se.example.test")
    paths = ("/admin", person, f"{person}/close", "/admin/persons/new", "/admin/keys", "/admin/keys/new",
             "/admin/audit", "/admin/changes", "/requests/audit", "/admin/reads")  # fmt: skip
    async with served_again(app) as base, chromium() as browser:
        context = await browser.new_context(viewport=DESK)
        watched, page = Watched(context), await context.new_page()
        await sign_in(page, base, "Miroslava")
        for path in paths:
            await page.goto(base + path)
            assert await violations(page) == [], path
            await picture(page, f"{path.replace(person, 'person').strip('/')} 1440")
            await page.set_viewport_size(PHONE)
            assert await overflow(page) == 0, path
            await picture(page, f"{path.replace(person, 'person').strip('/')} 390")
            await page.set_viewport_size(DESK)
        await context.close()
    # The other services do not run here.
    assert [one for one in watched.wrong if "404 from" not in one] == []


def served_again(app: Any) -> Any:
    """Without its lifespan: the service runs already."""

    async def running(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise RuntimeError("not asked for")
        await app(scope, receive, send)

    return served(running)  # type: ignore[arg-type]
