"""What goes wrong is told to programs as problem details, to people as a page, and never with its insides."""

import httpx
import pytest
from starlette.datastructures import Headers

from shared.web.security import CONTENT_SECURITY_POLICY, MIB
from tests.support.sample_app import the_sample_app

HTML = {"accept": "text/html,application/xhtml+xml"}
JSON = {"accept": "application/json"}


@pytest.fixture
async def http():
    transport = httpx.ASGITransport(the_sample_app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        yield http


@pytest.fixture
async def officer(http):
    """Signed in, sending the token of the session."""
    await http.post("/sign-in", data={"subject": "bg"})
    page = (await http.get("/requests/new")).text
    http.headers["x-csrf-token"] = page.split('name="_csrf" value="')[1].split('"')[0]
    return http


def is_problem(answer: httpx.Response, status: int, code: str) -> dict:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert (problem["status"], problem["code"]) == (status, code)
    return problem


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/requests/api/v1/nothing", 404, "not-found"),
        ("DELETE", "/requests/api/v1/requests", 405, "method-not-allowed"),
        ("GET", "/requests/api/v1/may/%00%ff", 404, "not-found"),
    ],
)
async def test_the_api_answers_with_problems(http, method, path, status, code):
    is_problem(await http.request(method, path), status, code)


async def test_a_page_answers_people_in_words_and_programs_in_json(http):
    page = await http.get("/nothing", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "This page is not here" in page.text
    is_problem(await http.get("/nothing", headers=JSON), 404, "not-found")


async def test_a_refusal_keeps_its_code_and_sentence(http):
    problem = is_problem(await http.get("/requests/refused", headers=JSON), 409, "plan-adopted")
    assert problem["detail"] == "The plan is adopted; ask for the next one."
    page = await http.get("/requests/refused", headers=HTML)
    assert (page.status_code, problem["detail"] in page.text) == (409, True)


async def test_what_is_invalid_is_pointed_at_without_repeating_it(officer):
    body = {"title": "no", "participants": "many", "languages": ["bg", 5], "why": "a personal word"}
    problem = is_problem(await officer.post("/requests/api/v1/requests", json=body), 422, "invalid")
    assert {one["pointer"] for one in problem["errors"]} == {"#/title", "#/participants", "#/languages/1"}
    assert "many" not in str(problem)
    assert "personal" not in str(problem)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"null", b'"\\ud800"', b'{"title": "\\ud800abc"}', b"\xff\xfe", b"NaN"]
)
async def test_a_broken_body_is_the_senders_fault(officer, body):
    answer = await officer.post("/requests/api/v1/requests", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain", ""])
async def test_a_broken_form_is_the_senders_fault(officer, kind):
    answer = await officer.post("/requests/new", content=b"--y\r\nbroken", headers={"content-type": kind})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "["},
        {"host": "a/b"},
        {"origin": "http://["},
        {"referer": "http://["},
        {"cookie": "liaison=\\xff; liaison_lang=\\; =;;"},
        {"cookie": "liaison_flash=e30; liaison_zone=%ff"},
        {"accept": ";;q=,json"},
        {"accept-language": ";q=,,-"},
        {"authorization": "Bearer \xff"},
        {"authorization": "Bearer"},
        {"content-type": "multipart/form-data; boundary="},
        {"content-length": "-1"},
    ],
    ids=str,
)
async def test_strange_headers_are_no_mistake_of_ours(http, headers):
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    for method, path in (("GET", "/requests/?a=%ff&lang=%00"), ("POST", "/requests/new"), ("POST", "/sign-in")):
        answer = await http.request(method, path, headers=raw)
        assert answer.status_code < 500


async def test_a_mistake_of_ours_shows_a_number_and_nothing_else(http):
    for headers in (HTML, JSON):
        answer = await http.get("/requests/broken", headers=headers)
        assert answer.status_code == 500
        assert "secret detail" not in answer.text
        assert "ValueError" not in answer.text
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert len(is_problem(answer, 500, "internal-error")["trace_id"]) == 32


async def test_a_database_out_of_reach_is_worth_another_try(http):
    answer = await http.get("/requests/away", headers=JSON)
    is_problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_an_announced_flood_is_refused_at_once(http):
    is_problem(await http.post("/requests/echo", content=b"x" * (2 * MIB + 1), headers=JSON), 413, "too-large")
    page = await http.post("/requests/echo", content=b"x" * (2 * MIB + 1), headers=HTML)
    assert "This is too large" in page.text


async def test_a_flood_without_a_length_is_cut_off(http):
    async def endless():
        while True:
            yield b"x" * MIB

    answer = await http.post("/requests/echo", content=endless(), headers=JSON)
    is_problem(answer, 413, "too-large")


async def test_what_fits_is_read_and_uploads_may_be_larger(http):
    assert (await http.post("/requests/echo", content=b"x" * (2 * MIB))).text == str(2 * MIB)
    upload = await http.post("/requests/echo", files={"file": b"x" * (5 * MIB)})
    assert int(upload.text) > 5 * MIB
    answer = await http.post("/requests/echo", files={"file": b"x" * (26 * MIB)}, headers=JSON)
    is_problem(answer, 413, "too-large")


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/requests/api/v1/openapi.json", "/static/liaison.css", "/requests/"]
)
async def test_every_answer_is_guarded(http, path):
    headers: Headers = (await http.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


async def test_the_health_of_a_service_and_its_figures(http):
    live = await http.get("/health/live")
    assert (live.status_code, live.json()["status"]) == (200, "up")
    assert (await http.get("/health/ready")).json() == {"status": "ready", "reasons": []}
    assert 'route="/health/live"' in (await http.get("/metrics")).text


async def test_the_description_tells_of_the_api_alone(http):
    document = (await http.get("/requests/api/v1/openapi.json")).json()
    assert all("/api/" in path for path in document["paths"])
    answers = document["paths"]["/requests/api/v1/requests"]["post"]["responses"]
    assert answers.keys() == {"201", "4XX", "5XX"}
    assert "HTTPValidationError" not in document["components"]["schemas"]
