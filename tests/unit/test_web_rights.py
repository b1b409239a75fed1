"""Deny first: who may do what, and what everybody else is told."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from starlette.responses import Response

from shared.people import Role
from shared.web.addresses import safe_next
from shared.web.nav import WAYS, current_way, desk_of, ways_for
from shared.web.rights import ACTIONS, Principal, actions_of, only_own, require
from tests.support.sample_app import PERSONS, the_sample_app


def client(app: FastAPI | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app or the_sample_app(), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080")


async def signed_in(http: httpx.AsyncClient, subject: str) -> None:
    answer = await http.post("/sign-in", data={"subject": subject})
    assert answer.status_code == 303


def principal(*roles: Role, member: str | None = None) -> Principal:
    return Principal("x", "X", frozenset(roles), member, "ela")


def test_every_route_declares_an_action():
    undeclared = [(method, path) for method, path, action in actions_of(the_sample_app()) if action is None]
    assert undeclared == []


def test_a_route_without_an_action_is_found():
    router = APIRouter()

    @router.get("/forgotten")
    async def forgotten() -> Response:
        return Response()

    app = FastAPI(openapi_url=None)
    app.include_router(router)
    assert ("GET", "/forgotten", None) in list(actions_of(app))


def test_a_misspelt_action_fails_at_import():
    with pytest.raises(KeyError):
        require("requests.sumbit")


@pytest.mark.parametrize("person", PERSONS, ids=lambda person: person.subject)
async def test_the_table_decides_on_every_route(person):
    async with client() as http:
        await signed_in(http, person.subject)
        for action, roles in ACTIONS.items():
            answer = await http.get(f"/requests/api/v1/may/{action}")
            assert answer.status_code == (200 if set(person.roles) & roles else 403), action


async def test_signed_out_the_api_says_401_and_how():
    async with client() as http:
        answer = await http.get("/requests/api/v1/may/requests.read")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthorized"


async def test_signed_out_a_page_leads_to_sign_in_and_back():
    async with client() as http:
        answer = await http.get("/requests/?kind=a")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/requests/%3Fkind%3Da")
        page = await http.get(answer.headers["location"])
        assert 'name="next" value="/requests/?kind=a"' in page.text
        back = await http.post("/sign-in", data={"subject": "bg", "next": "/requests/?kind=a"})
    assert back.headers["location"] == "/requests/?kind=a"


async def test_a_post_whose_session_ended_leads_back_to_its_form():
    async with client() as http:
        answer = await http.post("/requests/new", headers={"referer": "http://127.0.0.1:8080/requests/new"})
    assert answer.headers["location"] == "/sign-in?next=/requests/new"


async def test_a_part_of_a_page_leads_the_whole_page_to_sign_in():
    async with client() as http:
        answer = await http.get("/requests/", headers={"hx-request": "true"})
    assert answer.headers["hx-redirect"].startswith("/sign-in?next=")


async def test_a_page_without_the_right_says_so_kindly():
    async with client() as http:
        await signed_in(http, "board")
        answer = await http.get("/requests/new")
    assert answer.status_code == 403
    assert "This is not open to you" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\/evil",
        "javascript:alert(1)",
        "",
        "/a\nb",
        "/sign-in",
    ],
)
def test_sign_in_leads_to_our_pages_alone(path):
    assert safe_next(path) == ""


def test_what_is_of_another_network_or_member_is_not_there():
    nlo = principal(Role.NLO, member="BG")
    only_own(nlo, network="ela", member="BG")
    only_own(principal(Role.COORDINATOR), network="ela", member="PT")
    only_own(principal(Role.FORM), network="ela", member="PT")
    for network, member in (("eures", "BG"), ("ela", "PT")):
        with pytest.raises(HTTPException) as refused:
            only_own(nlo, network=network, member=member)
        assert refused.value.status_code == 404


def test_an_officer_without_a_member_sees_no_members_things():
    with pytest.raises(HTTPException):
        only_own(principal(Role.NLO), network="ela", member="BG")


def test_a_key_may_also_do_what_it_was_given():
    key = Principal("key", "Simulator", frozenset({Role.NLO}), None, "ela", rights=frozenset({"history.write"}))
    assert key.may("history.write")
    assert not principal(*Role).may("history.write")


@pytest.mark.parametrize("person", PERSONS, ids=lambda person: person.subject)
async def test_home_leads_each_role_to_a_desk_of_its_own(person):
    async with client() as http:
        await signed_in(http, person.subject)
        answer = await http.get("/")
    assert answer.headers["location"] == desk_of(principal(*person.roles))
    assert any(answer.headers["location"].startswith(way.prefix) for way in WAYS)


@pytest.mark.parametrize(
    ("path", "officer", "coordinator", "board", "organiser"),
    [
        ("/requests/", "My member", "Requests", "Plan", "Plan"),
        ("/requests/year/2026", "My member", "Requests", "Plan", "Plan"),
        ("/requests/triage/2026", "My member", "Requests", "Plan", "Plan"),
        ("/requests/plan/2026", "Plan", "Plan", "Plan", "Plan"),
        ("/requests/consultations", "Plan", "Plan", "Plan", "Plan"),
        ("/requests/actions/2026", "Plan", "Plan", "Plan", "Plan"),
        ("/requests/cycle/2026", "Plan", "Plan", "Plan", "Plan"),
        ("/requests/needs/analyses", "Needs", "Requests", "Needs", "Plan"),
        ("/requests/readings", "Needs", "Requests", "Needs", "Plan"),
        ("/requests/projects", "Needs", "Requests", "Needs", "Plan"),
        ("/account", None, None, None, None),
    ],
)
def test_the_header_shows_where_a_page_belongs(path, officer, coordinator, board, organiser):
    roles = {Role.NLO: officer, Role.COORDINATOR: coordinator, Role.BOARD: board, Role.ORGANISER: organiser}
    found = {role: current_way(ways_for(principal(role)), path) for role in roles}
    assert {role: way and way.label for role, way in found.items()} == roles
