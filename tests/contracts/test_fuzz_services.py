"""Whatever is sent to the four running services, no answer is 500 or above. `make fuzz` sends ten times as much."""

import asyncio
import base64
import hashlib
import hmac
import json
import time

import httpx
import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from shared.contracts.publish.writing import _app
from shared.web.rights import actions_of
from tests.support.four import four_services
from tests.support.fuzz import JUNK, NASTY, PLAUSIBLE, Broken, FoundForm, aims, bounded, crawl

pytestmark = pytest.mark.timeout(600)

PARTS = ("params", "headers", "json", "data", "files")
QUERIES = st.dictionaries(st.sampled_from(["page", "year", "member", "known", "q", "status", "call", "next"]), NASTY)
SERVICES = ("requests", "matching", "events", "kpi")
KINDS = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "", "/"]
)


@pytest.fixture(scope="module")
async def four(brokers, tmp_path_factory):
    async with four_services(brokers, tmp_path_factory.mktemp("fuzzed")) as services:
        yield services


@pytest.fixture(scope="module")
async def there(four):
    return await aims(four)


@pytest.fixture
def client(four):
    """Signed in with the key; a hanging answer is a failure like a broken one."""
    with httpx.Client(headers={"Authorization": f"Bearer {four.key}"}, timeout=20, trust_env=False) as http:
        yield http


@pytest.mark.parametrize("service", SERVICES)
async def test_the_api_takes_whatever_its_description_allows_or_forbids(four, there, client, service):
    """By schemathesis: data of the schema and data against it, at things that are there and at others."""
    description = (await four.http.get(four.url(service, f"/{service}/api/v1/openapi.json"))).json()
    await asyncio.to_thread(_try_api, description, four.url(service), there, client)
    await assert_alive(four)


def _try_api(description, base, there, client):
    broken = Broken()
    for found in schemathesis.openapi.from_dict(description).get_all_operations():
        operation = found.ok()
        known = there.known([one.name for one in operation.path_parameters])
        for mode, examples in ((GenerationMode.POSITIVE, 8), (GenerationMode.NEGATIVE, 4)):
            aimed = [{"path_parameters": known}, {}] if known else [{}]
            for fixed in aimed:
                try:
                    cases = operation.as_strategy(mode, **fixed)
                    _send(cases, broken, description, base, there, client, bounded(examples // len(aimed)))
                except schemathesis.errors.SchemathesisError:
                    continue  # nothing can be generated: an operation without anything to get wrong
    broken.assert_none(least=30)


def _send(cases, broken, description, base, there, client, limits):
    @limits
    @given(case=cases, plausible=st.just(set(PLAUSIBLE)) | st.sets(st.sampled_from(sorted(PLAUSIBLE))))
    def send(case, plausible):
        if isinstance(case.body, dict):
            takes = description["components"]["schemas"].get(body_of(case.operation), {}).get("properties", {})
            case.body |= {name: PLAUSIBLE[name] for name in plausible if name in takes}
            case.body |= there.known([name for name in ("call", "interest", "offer", "activity") if name in case.body])
        made = case.as_transport_kwargs(base_url=base)
        parts = {name: made[name] for name in PARTS if made.get(name) is not None}
        kept = {name: value for name, value in parts.get("headers", {}).items() if name.lower() != "authorization"}
        parts["headers"] = kept  # drawn ones would never get past the door
        if isinstance(parts.get("data"), bytes | str):
            parts["content"] = parts.pop("data")
        try:
            request = client.build_request(case.method, made["url"], **parts)
            broken.ask(client, request, case.path, (case.path_parameters, case.query, case.headers, case.body))
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError, ValueError, TypeError, AttributeError):
            return  # no client could send this

    send()


def body_of(operation) -> str:
    """The name of the schema of what the operation takes."""
    content = operation.definition.raw.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    named = [one["$ref"] for one in (schema, *schema.get("anyOf", ())) if "$ref" in one]
    return named[0].rsplit("/", 1)[1] if named else ""


@pytest.mark.parametrize("service", SERVICES)
async def test_no_route_breaks_on_junk(four, there, client, service):
    """Every route, pages and API alike: any bytes under any content type, any query."""
    routes = [
        (method, path)
        for method, path, _ in actions_of(_app(service))
        if method not in ("HEAD", "OPTIONS") and not path.endswith("/live") and path != "/metrics"
    ]
    await asyncio.to_thread(_try_routes, routes, four.url(service), there, client)
    await assert_alive(four)


def _try_routes(routes, base, there, client):
    broken = Broken()
    for method, pattern in routes:
        _junk(method, pattern, base, there, client, broken)
    broken.assert_none(least=4 * len(routes))


def _junk(method, pattern, base, there, client, broken):
    @bounded(6)
    @given(JUNK, KINDS, QUERIES, st.booleans(), NASTY)
    def send(body, kind, query, aimed, name):
        path = there.path(pattern) if aimed else pattern.replace("{", "").replace("}", "").replace(":", "-")
        headers = {"content-type": kind, "accept": "text/html", "accept-language": name.encode()[:20].hex()}
        if method == "POST":
            headers["idempotency-key"] = name.encode("ascii", "ignore").hex()[:300]
        request = client.build_request(method, base + path, params=query, content=body, headers=headers)
        broken.ask(client, request, pattern, (path, query, body, kind))

    send()


@pytest.mark.parametrize("service", SERVICES)
async def test_no_form_breaks_on_what_is_typed(four, there, client, service):
    """The forms as found on the pages, each field as it stands, left out, doubled or with something odd in it."""
    starts = [
        there.path(path) for method, path, _ in actions_of(_app(service)) if method == "GET" and "/api/" not in path
    ]
    starts = [path for path in starts if not path.endswith("/live")]
    await asyncio.to_thread(_try_forms, starts, four.url(service), service, client)
    await assert_alive(four)


def _try_forms(starts, base, service, client):
    broken = Broken()
    pages, forms = crawl(client, base, service, starts)
    assert len(pages) > 3
    for form in forms:
        _type(form, base, client, broken)
    broken.assert_none(least=len(forms))


def _type(form: FoundForm, base, client, broken):
    fields = {
        name: st.one_of(
            st.sampled_from(values).map(lambda one: [one]),
            st.sampled_from([str(PLAUSIBLE.get(name, values[-1]))]).map(lambda one: [one]),
            st.just(values),
            st.lists(NASTY, max_size=3),
        )
        for name, values in form.values.items()
    }
    files = st.fixed_dictionaries({name: st.tuples(st.just("a.xlsx"), st.binary(max_size=300)) for name in form.files})

    @bounded(20)
    @given(st.fixed_dictionaries({}, optional=fields), files)
    def send(typed, attached):
        if form.method == "get":
            request = client.build_request("GET", base + form.action, params=typed)
        else:
            request = client.build_request("POST", base + form.action, data=typed, files=attached or None)
        broken.ask(client, request, form.action, typed)

    send()


async def test_no_signed_message_breaks_the_webhook(four, there, client):
    """Signed as the form tool would, with anything in it."""
    broken = Broken()
    await asyncio.to_thread(_try_webhook, four.url("events", there.webhook), there.secret, client, broken)
    broken.assert_none(least=30)
    await assert_alive(four)


ANSWERS = st.dictionaries(
    st.sampled_from(["name", "email", "member", "mode", "type", "timestamp", "data", "answers", "fields"]),
    st.recursive(NASTY | st.none() | st.integers() | st.floats(allow_nan=False), st.lists, max_leaves=3)
    | st.sampled_from(["online", "on-site", "PT", "Portugal", "ana@example.eu", "x@y"]),
) | st.fixed_dictionaries({"name": NASTY, "email": NASTY | st.just("b@example.eu"), "member": NASTY | st.just("PT")})


def as_json(answers) -> bytes:
    return json.dumps(answers).encode()


def _try_webhook(url, secret, client, broken):
    key = base64.b64decode(secret.removeprefix("whsec_"))

    @bounded(100)
    @given(
        JUNK
        | ANSWERS.map(as_json)
        | st.fixed_dictionaries({"type": NASTY | st.just("registration.submitted"), "data": ANSWERS}).map(as_json),
        st.text("abc-_.1", max_size=12),
    )
    def send(body, name):
        moment = str(int(time.time()))
        signed = hmac.new(key, b".".join((name.encode(), moment.encode(), body)), hashlib.sha256).digest()
        headers = {
            "webhook-id": name,
            "webhook-timestamp": moment,
            "webhook-signature": "v1," + base64.b64encode(signed).decode(),
            "content-type": "application/json",
        }
        broken.ask(client, client.build_request("POST", url, content=body, headers=headers), "webhook", body)

    send()


async def assert_alive(four):
    for name in SERVICES:
        assert (await four.http.get(four.url(name, "/health/live"))).status_code == 200
        assert four.stack.processes[name].starts == 1, four.log(name)
