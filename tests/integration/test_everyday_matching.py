"""Everyday care with exchanges: what changed meanwhile is told, a proposal and a closed call are taken back."""

import pytest

from services.matching.app import build
from shared.messages.letter import document
from shared.people import Role
from tests.integration.test_matching_journey import (  # noqa: F401 - fixtures
    coordinator,
    house,
    interest,
    offer,
    open_call,
    portugal,
    proposed,
    spain,
)
from tests.support.tally import until

__all__ = ["build", "pytest"]


async def put(desk, path: str, version: int, expect: int = 200, **body):
    headers = {**desk.headers, "If-Match": f'"{version}"'}
    answer = await desk.client.put(f"/matching/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == expect, answer.text
    return answer.json()


async def test_terms_change_and_a_stale_change_is_told(coordinator, portugal, spain):  # noqa: F811
    call = await open_call(coordinator)
    wish, host = await interest(portugal, call), await offer(spain, call)
    seen = (await coordinator.get(f"/calls/{call}"))["version"]
    terms = {"focus_areas": ["information", "undeclared-work"], "minimum": 12}
    assert (await put(coordinator, f"/calls/{call}", seen, **terms))["minimum"] == 12
    lost = await put(coordinator, f"/calls/{call}", seen, 409, **{**terms, "minimum": 13})
    assert [one["event"] for one in lost["changes"]] == ["changed"]
    told = {"focus": "information", "languages": ["en"], "weeks": ["2024-W39"]}
    assert (await put(portugal, f"/interests/{wish['id']}", wish["version"], **told))["weeks"] == ["2024-W39"]
    await put(portugal, f"/interests/{wish['id']}", wish["version"], 409, **told | {"weeks": ["2024-W40"]})
    facts = {"focus_areas": ["information"], "languages": ["en"], "places": {"2024-W39": 5}}
    assert (await put(spain, f"/offers/{host['id']}", host["version"], **facts))["places"] == {"2024-W39": 5}
    await put(spain, f"/offers/{host['id']}", host["version"], 409, **facts | {"places": {"2024-W38": 1}})


async def test_a_proposal_taken_back_frees_both_sides(coordinator, portugal, spain):  # noqa: F811
    call = await open_call(coordinator)
    wish, host = await interest(portugal, call), await offer(spain, call)
    (exchange,) = await proposed(coordinator, call)
    await portugal.post(f"/exchanges/{exchange}/accept")
    ended = await coordinator.post(f"/exchanges/{exchange}/take-back", reason="The wrong week.")
    assert ended["status"] == "cancelled"
    assert (await portugal.get(f"/interests/{wish['id']}"))["status"] == "filed"
    assert (await spain.get(f"/offers/{host['id']}"))["free"] == {"2024-W38": 2, "2024-W39": 2}
    (again,) = await proposed(coordinator, call)
    for side in (portugal, spain):
        await side.post(f"/exchanges/{again}/accept")
    refused = await coordinator.post(f"/exchanges/{again}/take-back", 409, reason="Too late.")
    assert refused["code"] == "exchange-closed"


async def test_a_letter_about_an_exchange_that_did_not_arrive_is_seen_on_its_page(
    house,  # noqa: F811
    coordinator,  # noqa: F811
    portugal,  # noqa: F811
    spain,  # noqa: F811
):
    call = await open_call(coordinator)
    await interest(portugal, call)
    await offer(spain, call)
    (exchange,) = await proposed(coordinator, call)
    letter = document("exchange-proposed", "nlo@PT", "ela", {"exchange": exchange})
    lost = {"_id": f"letter-{exchange}", **letter, "state": "nobody", "reason": "no-holder"}
    await house.service.db.outbox.insert_one(lost)

    async def page(desk) -> str:
        return (await desk.client.get(f"/matching/exchanges/{exchange}", headers=desk.headers)).text

    assert "Nobody holds this office" in await page(coordinator)
    assert "did not arrive" not in await page(portugal)


async def test_a_call_closed_too_early_opens_again(coordinator, portugal):  # noqa: F811
    call = await open_call(coordinator)
    await coordinator.post(f"/calls/{call}/close")
    assert (await coordinator.post(f"/calls/{call}/reopen", reason="Two members asked."))["status"] == "open"
    await interest(portugal, call)
    assert (await coordinator.post(f"/calls/{call}/reopen", 409, reason="x"))["code"] == "call-open"


async def test_each_finds_what_is_theirs(house, coordinator, portugal, spain):  # noqa: F811
    call = await open_call(coordinator)
    wish, host = await interest(portugal, call), await offer(spain, call)
    stranger = await house.desk(Role.COORDINATOR, network="earlall")

    async def ids(desk, words: str) -> set[str]:
        return {one["id"] for one in (await desk.get(f"/search?q={words}&per_page=100"))["items"]}

    async def there() -> bool:
        return {wish["id"], host["id"], call} <= await ids(coordinator, "information")

    await until(there, 10, "the index")
    assert wish["id"] in await ids(portugal, "information")
    assert host["id"] not in await ids(portugal, "information")
    assert call in await ids(spain, "information")
    assert await ids(stranger, "information") == set()
