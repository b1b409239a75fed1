"""Whatever is typed into a form or sent to the API, the answer is a sentence, never a fault."""

from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching.app import build
from shared.people import Role
from tests.support.pages import served
from tests.support.tally import settings_for, until

API = "/matching/api/v1"
ODD = st.one_of(
    st.text(max_size=20), st.sampled_from(["2024-W38", "2024-W54", "PT", "en", "information", "0", "-1", "1e9"])
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
    max_leaves=5,
)
GOOD_INTEREST = {"member": "PT", "focus": "information", "languages": ["en"], "weeks": ["2024-W38"]}
GOOD_OFFER = {"member": "ES", "focus_areas": ["information"], "languages": ["en"], "places": {"2024-W38": 2}}
FORM = ("focus", "focus_areas", "officials", "duration", "member", "_from_1", "_to_1", "_places_1", "_from_2",
        "_places_2", "_language_1", "_wish_1", "_command", "_all", "interest", "reason", "year", "minimum")  # fmt: skip
EXAMPLES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
async def key(brokers, module_namespace):
    """The service's address, its application, and a key that may do everything."""
    app = build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))
    async with served(app) as base:
        service = app.state.service

        async def ready() -> bool:
            return bool(service.prepared)

        await until(ready, 30, "the service's readiness")
        _, bearer = await service.people.keys.create("test", [Role.COORDINATOR, Role.NLO], None, "ela")
        yield base, bearer


@pytest.fixture(scope="module")
async def client(key):
    base, bearer = key
    async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {bearer}"}, timeout=60) as found:
        yield found


@pytest.fixture(scope="module")
async def living(client) -> dict[str, str]:
    """One of everything: call, interest, offer, run, exchange."""

    async def make(path: str, **body) -> dict:
        answer = await client.post(f"{API}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    call = (await make("/calls", year=2024, focus_areas=["information"]))["id"]
    interest = (await make("/interests", call=call, **GOOD_INTEREST))["id"]
    offer = (await make("/offers", call=call, **GOOD_OFFER))["id"]
    run = (await make(f"/calls/{call}/runs"))["id"]
    exchange = (await make(f"/runs/{run}/propose"))["proposed"][0]["exchange"]
    return {"call": call, "interest": interest, "offer": offer, "run": run, "exchange": exchange}


def held_back(answer: httpx.Response) -> bool:
    return answer.status_code < 500


@EXAMPLES
@given(data=st.data())
async def test_the_api_refuses_what_it_cannot_use(client, living, data):
    path, good = data.draw(st.sampled_from([("/interests", GOOD_INTEREST), ("/offers", GOOD_OFFER)]))
    names = st.sampled_from([*good, "call", "wishes", "officials", "duration", "happened_at"])
    wrong = data.draw(st.dictionaries(names, JSON, min_size=1, max_size=3))
    assert held_back(await client.post(f"{API}{path}", json={"call": living["call"], **good, **wrong}))


@EXAMPLES
@given(data=st.data())
async def test_what_stands_takes_no_strange_command(client, living, data):
    kind, verb = data.draw(
        st.sampled_from(
            [("exchange", "accept"), ("exchange", "decline"), ("run", "propose"), ("interest", "withdraw"),
             ("offer", "withdraw")]
        )
    )  # fmt: skip
    body = data.draw(st.dictionaries(st.sampled_from(["member", "reason", "interests", "happened_at", "x"]), JSON))
    if verb == "withdraw":
        body["x"] = 1  # never in truth: the others here go on with it
    assert held_back(await client.post(f"{API}/{kind}s/{living[kind]}/{verb}", json=body))


@EXAMPLES
@given(data=st.data())
async def test_forms_answer_whatever_is_typed(client, living, data):
    call = living["call"]
    paths = ["/matching/calls/new", f"/matching/calls/{call}/interests/new", f"/matching/calls/{call}/offers/new",
             f"/matching/runs/{living['run']}/propose", f"/matching/exchanges/{living['exchange']}/accept"]  # fmt: skip
    fields = data.draw(st.dictionaries(st.sampled_from(FORM), st.lists(ODD, min_size=1, max_size=2), max_size=10))
    assert held_back(await client.post(data.draw(st.sampled_from(paths)), data=fields))


@EXAMPLES
@given(path=st.text(max_size=30), query=st.dictionaries(st.sampled_from(["page", "per_page", "show", "sort"]), ODD))
async def test_no_address_is_a_fault(client, living, path, query):
    for kind in ("calls", "interests", "offers", "runs", "exchanges"):
        assert held_back(await client.get(f"/matching/{kind}/{quote(path, safe='')}"))
    assert held_back(await client.get(f"/matching/calls/{living['call']}", params=query))
    assert held_back(await client.get(f"{API}/exchanges", params=query))
