"""Cookies, their tokens, sessions, and keys."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from pymongo.errors import ServerSelectionTimeoutError

from shared.people import Key, Role
from shared.settings import Settings
from shared.web import session
from shared.web.session import Remembered
from shared.web.signin import identity_for
from tests.support.sample_app import PERSONS, SECRET, sample_app, the_sample_app
from tests.support.sessions import SessionsInMemory

ASK = {"title": "Induction", "participants": 60, "languages": ["bg"]}
TYPED = {"title": "Induction", "participants": "60", "languages": "bg"}
OURS = "http://127.0.0.1:8080"


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OURS)


async def token(http: httpx.AsyncClient) -> str:
    page = (await http.get("/requests/new")).text
    return page.split('name="_csrf" value="')[1].split('"')[0]


@pytest.fixture
async def http():
    """A browser in which the Bulgarian officer is signed in."""
    async with client(the_sample_app()) as http:
        await http.post("/sign-in", data={"subject": "bg"})
        yield http


async def test_the_cookie_is_closed_to_scripts_and_other_sites_and_new_at_each_sign_in(http):
    first = await http.post("/sign-in", data={"subject": "bg", "_csrf": await token(http)})
    second = await http.post("/sign-in", data={"subject": "bg", "_csrf": await token(http)})
    kept = first.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Max-Age=43200", "Path=/"} <= set(kept.split("; "))
    assert "Secure" not in kept
    assert kept.split(";")[0] != second.headers["set-cookie"].split(";")[0]
    assert "Iva" not in kept


async def test_over_https_the_cookie_is_bound_to_the_host():
    settings = Settings(profile="local", secret=SECRET, base_url="https://liaison.example.test")
    async with client(sample_app(settings=settings)) as http:
        answer = await http.post("/sign-in", data={"subject": "bg"})
    assert answer.headers["set-cookie"].startswith("__Host-liaison=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_a_cookie_that_was_changed_is_nobodys(http):
    value = http.cookies["liaison"]
    for other in (value[:-2] + "xx", "", "a.b.c", "\x7f", value * 30):
        answer = await http.get("/requests/", headers={"cookie": f"liaison={other}"})
        assert answer.status_code == 303


async def test_a_session_ends_after_its_hours():
    app = sample_app(settings=Settings(profile="local", secret=SECRET, session_hours=2))
    async with client(app) as http:
        answer = await http.post("/sign-in", data={"subject": "bg"})
        assert "Max-Age=7200" in answer.headers["set-cookie"]
        rows = app.state.sessions.store._rows
        (row,) = rows.values()
        assert row.expires - row.begun == timedelta(hours=2)
        rows[row.id] = replace(row, expires=datetime.now(UTC))
        assert (await http.get("/requests/")).status_code == 303


async def test_a_person_who_left_is_signed_out():
    app, store = sample_app(), SessionsInMemory()
    app.state.sessions.store = store
    async with client(app) as http:
        await http.post("/sign-in", data={"subject": "bg"})
        cookie = {"cookie": f"liaison={http.cookies['liaison']}"}
    other = sample_app(persons=PERSONS[1:])
    other.state.sessions.store = store
    async with client(other) as http:
        assert (await http.get("/requests/", headers=cookie)).status_code == 303


async def test_signing_out_ends_the_session_also_for_who_kept_its_cookie(http):
    stolen = {"cookie": f"liaison={http.cookies['liaison']}"}
    await http.post("/sign-out", data={"_csrf": await token(http)})
    assert (await http.get("/requests/")).status_code == 303
    assert (await http.get("/requests/", headers=stolen)).status_code == 303


async def test_other_services_believe_an_ended_session_for_seconds_at_most(monkeypatch):
    store, apps = SessionsInMemory(), [sample_app(), sample_app()]
    for app in apps:
        app.state.sessions.store = store
    async with client(apps[0]) as here, client(apps[1]) as there:
        await here.post("/sign-in", data={"subject": "bg"})
        stolen = {"cookie": f"liaison={here.cookies['liaison']}"}
        assert (await there.get("/requests/", headers=stolen)).status_code == 200
        await here.post("/sign-out", data={"_csrf": await token(here)})
        now = time.monotonic() + session.SESSION_REMEMBERED_S + 0.1
        assert session.SESSION_REMEMBERED_S <= 10
        monkeypatch.setattr(session.time, "monotonic", lambda: now)
        assert (await there.get("/requests/", headers=stolen)).status_code == 303


async def test_a_session_is_looked_up_once_for_many_requests(http, monkeypatch):
    asked = 0
    find = SessionsInMemory.find

    async def counted(self, session_id):
        nonlocal asked
        asked += 1
        return await find(self, session_id)

    monkeypatch.setattr(SessionsInMemory, "find", counted)
    for _time in range(5):
        assert (await http.get("/requests/")).status_code == 200
    assert asked == 1


async def test_who_is_signed_in_stays_so_while_the_store_is_away(http, monkeypatch):
    assert (await http.get("/requests/")).status_code == 200
    now = time.monotonic() + session.SESSION_REMEMBERED_S + 0.1

    async def away(self, session_id):
        raise ServerSelectionTimeoutError("nobody answers")

    monkeypatch.setattr(session.time, "monotonic", lambda: now)
    monkeypatch.setattr(SessionsInMemory, "find", away)
    assert (await http.get("/requests/")).status_code == 200
    http.cookies.clear()
    http.cookies.set("liaison", the_sample_app().state.sessions._token.dumps("of nobody known here"))
    assert (await http.get("/requests/")).status_code == 503


async def test_signing_out_everywhere_ends_the_sessions_of_every_browser():
    app = sample_app()
    async with client(app) as desk, client(app) as phone, client(app) as other:
        for one, subject in ((desk, "bg"), (phone, "bg"), (other, "coordinator")):
            await one.post("/sign-in", data={"subject": subject})
        assert (await desk.get("/account")).text.count("Elsewhere") == 1
        await desk.post("/account/sign-out-everywhere", data={"_csrf": await token(desk)})
        assert [(await one.get("/requests/")).status_code for one in (desk, phone, other)] == [303, 303, 200]


@pytest.mark.parametrize("path", ["/sign-out", "/account/sign-out-everywhere", "/account/network"])
async def test_no_other_site_signs_anybody_out(http, path):
    assert (await http.post(path)).status_code == 403
    evil = {"origin": "https://evil.example"}
    assert (await http.post(path, data={"_csrf": await token(http)}, headers=evil)).status_code == 403
    assert (await http.get("/requests/")).status_code == 200


async def test_a_session_from_before_signing_in_is_worth_nothing_after(http):
    planted = {"cookie": f"liaison={http.cookies['liaison']}"}
    await http.post("/sign-in", data={"subject": "bg", "_csrf": await token(http)})
    assert (await http.get("/requests/")).status_code == 200
    assert (await http.get("/requests/", headers=planted)).status_code == 303


async def test_the_store_keeps_no_token(http):
    kept = str(the_sample_app().state.sessions.store._rows)
    held = the_sample_app().state.sessions._token.loads(http.cookies["liaison"])
    assert held not in kept
    assert http.cookies["liaison"] not in kept


@pytest.mark.parametrize(
    "next",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\n/evil", "javascript:alert(1)", "/sign-out"],
)
async def test_signing_in_leads_to_pages_of_ours_alone(next):
    async with client(the_sample_app()) as http:
        answer = await http.post("/sign-in", data={"subject": "bg", "next": next})
        assert answer.headers["location"] == "/requests/"


async def test_no_page_may_be_framed(http):
    headers = (await http.get("/requests/")).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("given", [{}, {"_csrf": "guessed"}, {"_csrf": "é"}])
async def test_a_form_without_its_token_does_nothing(http, given):
    answer = await http.post("/requests/new", data={**TYPED, **given})
    assert answer.status_code == 403
    assert "Reload it" in answer.text


async def test_a_form_with_its_token_is_taken(http):
    answer = await http.post("/requests/new", data={**TYPED, "_csrf": await token(http)}, headers={"origin": OURS})
    assert answer.status_code == 303


async def test_scripts_send_the_token_as_a_header(http):
    path, header = "/requests/api/v1/requests", {"x-csrf-token": await token(http)}
    assert (await http.post(path, json=ASK)).status_code == 403
    assert (await http.post(path, json=ASK, headers=header)).status_code == 201


async def test_the_token_of_one_session_is_worth_nothing_in_another(http):
    old = await token(http)
    await http.post("/sign-in", data={"subject": "bg", "_csrf": old})
    assert (await http.post("/requests/new", data={**TYPED, "_csrf": old})).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999"])
async def test_another_sites_form_is_refused_even_to_sign_in(http, origin):
    answer = await http.post("/sign-in", data={"subject": "coordinator"}, headers={"origin": origin})
    assert answer.status_code == 403


class Keys:
    """People with one key, counting how often it is asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self.keys = self

    async def principal(self, bearer: str) -> Key | None:
        self.asked += 1
        return Key("key-1", "Form", (Role.NLO,), "BG", "ela") if bearer == "good" else None


async def test_a_key_needs_no_token_and_is_looked_up_once():
    keys = Keys()
    async with client(sample_app(people=keys)) as http:
        for _time in range(3):
            good = await http.post("/requests/api/v1/requests", json=ASK, headers={"authorization": "Bearer good"})
            assert good.status_code == 201
        bad = await http.post("/requests/api/v1/requests", json=ASK, headers={"authorization": "Bearer bad"})
    assert (bad.status_code, keys.asked) == (401, 2)


async def test_an_authorization_header_never_falls_back_to_the_cookie(http):
    answer = await http.post("/requests/api/v1/requests", json=ASK, headers={"authorization": "Basic x"})
    assert answer.status_code == 401


def test_what_is_remembered_is_bounded_and_ends(monkeypatch):
    now = 100.0
    monkeypatch.setattr(session.time, "monotonic", lambda: now)
    kept = Remembered[int](2, seconds=60)
    for number, key in enumerate("abc"):
        kept.put(key, number)
    assert (kept.get("a"), kept.get("c")) == (None, 2)
    now += 61
    assert kept.get("c") is None


def test_production_does_not_start_with_ready_made_persons():
    with pytest.raises(RuntimeError, match="OpenID Connect"):
        identity_for(Settings(profile="production", secret=SECRET))


def test_production_starts_with_a_provider():
    settings = Settings(
        profile="production", secret=SECRET, oidc_issuer="https://identity.example.test", oidc_client_id="liaison"
    )
    assert identity_for(settings, people=object()).ready_made() == ()
    with pytest.raises(RuntimeError, match="vault"):
        identity_for(settings)


@pytest.mark.parametrize(
    ("issuer", "client_id", "told"),
    [
        ("http://identity.example.test", "liaison", "https://"),
        ("https:identity", "liaison", "https://"),
        ("https://identity.example.test", "", "LIAISON_OIDC_CLIENT_ID"),
    ],
)
def test_a_provider_that_cannot_be_trusted_or_is_not_told_who_asks_is_refused(issuer, client_id, told):
    with pytest.raises(ValueError, match=told):
        Settings(profile="production", secret=SECRET, oidc_issuer=issuer, oidc_client_id=client_id)


def test_production_needs_a_secret():
    with pytest.raises(ValueError, match="LIAISON_SECRET"):
        Settings(profile="production", secret="short")
