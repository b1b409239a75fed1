"""An exchange's life after the match, a call's limits, and several who want the same at once, through the JSON API."""

import asyncio
from datetime import date, timedelta

import pytest

from services.matching.handlers import streams
from services.matching.queries.market import market_of
from shared.contracts.events import ActivityHeld
from shared.ids import new_id
from shared.people import Role
from shared.profiles import load
from tests.integration.test_matching_journey import (  # noqa: F401 - fixtures
    coordinator,
    house,
    interest,
    offer,
    portugal,
    proposed,
    spain,
)
from tests.support.tally import until

WEEKS = ["2024-W38", "2024-W39", "2024-W40"]
TERMS = {"year": 2024, "focus_areas": ["information", "undeclared-work"]}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """What is matched by itself is matched without waiting for more."""
    monkeypatch.setattr(streams, "RERUN_AFTER", timedelta(0))


async def call_with(desk, **terms) -> str:
    return (await desk.post("/calls", 201, **{**TERMS, **terms}))["id"]


async def test_from_the_proposal_to_both_reports(house, coordinator, portugal, spain):  # noqa: F811
    call = await call_with(coordinator, budget=10_000, travel=300, accommodation=500)
    await interest(portugal, call, weeks=WEEKS)
    offered = await offer(spain, call, places=dict.fromkeys(WEEKS, 2))
    (exchange,) = await proposed(coordinator, call)
    assert (await coordinator.get(f"/calls/{call}"))["committed"] == 1_600
    here = f"/exchanges/{exchange}"
    moved = await spain.post(f"{here}/week", week="2024-W40", reason="The team is away.")
    assert (moved["week"], moved["accepted"], moved["asked"]) == ("2024-W40", ["ES"], ["ES"])
    assert (await spain.get(f"/offers/{offered['id']}"))["free"] == {"2024-W38": 2, "2024-W39": 2, "2024-W40": 0}
    nowhere = await portugal.post(f"{here}/week", 409, week="2024-W41")
    assert nowhere["code"] == "places-taken"
    assert (await portugal.post(f"{here}/accept"))["status"] == "agreed"
    document = await portugal.client.get(f"/matching{here}/agreement.pdf", headers=portugal.headers)
    assert document.content.startswith(b"%PDF")
    assert b"/StructTreeRoot" in document.content or b"pdfuaid" in document.content
    paid = await coordinator.post(f"{here}/costs", actual=True, travel=700, accommodation=1_000)
    assert paid["paid"]["amount"] == 1_700
    assert (await coordinator.get(f"/calls/{call}"))["committed"] == 1_700
    await portugal.post(f"{here}/report", 409, useful=4, report="Too early.")
    await house.tell(
        ActivityHeld(kind="staff-exchange", held_on=date(2024, 10, 4), exchange=exchange), new_id("activity")
    )

    async def is_held() -> bool:
        return (await portugal.get(here))["status"] == "held"

    await until(is_held, 30, "the exchange's end")
    await portugal.post(f"{here}/report", useful=5, report="Two cases solved.", joint_inspection=True)
    told = await spain.post(f"{here}/report", useful=4, report="Good guests.")
    assert told["reports"]["PT"] == {"useful": 5, "joint_inspection": True}
    await coordinator.post(f"/calls/{call}/close")
    await coordinator.post(f"/calls/{call}/begin")
    assert (await coordinator.post(f"/calls/{call}/report"))["stage"] == "reported"


async def test_a_no_is_matched_anew_by_itself(house, coordinator, portugal, spain):  # noqa: F811
    call = await call_with(coordinator, automatic=True)
    france = await house.desk(Role.NLO, member="FR")
    await interest(portugal, call, weeks=["2024-W38"])
    await offer(spain, call, places={"2024-W38": 2})
    (exchange,) = await proposed(coordinator, call)
    await interest(france, call, languages=["en"], weeks=["2024-W38"])
    await portugal.post(f"/exchanges/{exchange}/decline", reason="No leave.")

    async def again() -> bool:
        found = (await coordinator.get(f"/exchanges?call={call}&status=proposed"))["items"]
        return [one["sender"] for one in found] == ["FR"]

    await until(again, 40, "the run by itself")
    assert len(await coordinator.get(f"/calls/{call}/runs")) == 2


async def test_a_rolling_market_matches_what_arrives(house):  # noqa: F811
    network = {"network": "earlall"}
    secretariat = await house.desk(Role.COORDINATOR, **network)
    profile = load("earlall")
    members = profile.member_codes[:2]
    focus = (profile.focus_areas or profile.topics)[0].id
    call = await secretariat.post("/calls", 201, year=2024, focus_areas=[focus], rolling=True, automatic=True)
    assert call["market"] == "job-shadowing"
    sends, hosts = [await house.desk(Role.NLO, member=one, **network) for one in members]
    await hosts.post("/offers", 201, call=call["id"], focus_areas=[focus], languages=["en"], places={"2024-W20": 3})
    facts = {"focus": focus, "languages": ["en"], "weeks": ["2024-W20"], "officials": 2, "fewer_opportunities": 1}
    await sends.post("/interests", 201, call=call["id"], **facts)
    long = await sends.post("/interests", 422, call=call["id"], **facts | {"duration": 9})
    assert long["code"] == "duration-outside"

    async def found() -> bool:
        return (await secretariat.get(f"/calls/{call['id']}"))["exchanges"] == {"proposed": 1}

    await until(found, 40, "the match of what arrived")


async def test_only_what_the_officer_endorsed_is_matched(house, coordinator, portugal, spain):  # noqa: F811
    call = await call_with(coordinator, endorsed_only=True)
    form = await house.desk(Role.FORM)
    filed = await interest(form, call, member="PT")
    await offer(spain, call)
    assert not filed["endorsed"]
    assert (await coordinator.post(f"/calls/{call}/runs", 201))["interests"] == 0
    await spain.post(f"/interests/{filed['id']}/endorse", 404)
    assert (await portugal.post(f"/interests/{filed['id']}/endorse"))["endorsed"]
    assert (await coordinator.post(f"/calls/{call}/runs", 201))["matched"] == 1


async def test_a_no_show_counts_in_the_next_call(house, coordinator, portugal, spain):  # noqa: F811
    call = await call_with(coordinator)
    await interest(portugal, call)
    await offer(spain, call)
    (exchange,) = await proposed(coordinator, call)
    for side in (portugal, spain):
        await side.post(f"/exchanges/{exchange}/accept")
    missed = await coordinator.post(f"/exchanges/{exchange}/no-show", absent="PT", reason="Nobody came.")
    assert (missed["status"], missed["stage"], missed["absent"]) == ("cancelled", "missed", "PT")
    later = await call_with(coordinator, year=2025)
    assert "PT" in (await market_of(house.service.db, "ela", later)).served
    assert "PT" not in (await market_of(house.service.db, "ela", await call_with(coordinator, year=2027))).served


async def test_what_changed_between_run_and_proposal_is_not_proposed(coordinator, portugal, spain):  # noqa: F811
    call = await call_with(coordinator, budget=1_000, travel=100)
    filed = await interest(portugal, call)
    await offer(spain, call)
    run = await coordinator.post(f"/calls/{call}/runs", 201)
    terms = {"focus": "information", "languages": ["pt", "en"], "weeks": ["2024-W38", "2024-W39"], "officials": 1}
    url = f"/matching/api/v1/interests/{filed['id']}"
    assert (await portugal.client.put(url, json=terms, headers=portugal.headers)).status_code == 200
    (refused,) = (await coordinator.post(f"/runs/{run['id']}/propose"))["refused"]
    assert refused["code"] == "interest-changed"
    run = await coordinator.post(f"/calls/{call}/runs", 201)
    poorer = {"focus_areas": TERMS["focus_areas"], "budget": 50, "travel": 100}
    url = f"/matching/api/v1/calls/{call}"
    assert (await coordinator.client.put(url, json=poorer, headers=coordinator.headers)).status_code == 200
    (refused,) = (await coordinator.post(f"/runs/{run['id']}/propose"))["refused"]
    assert refused["code"] == "budget-spent"


async def test_no_place_is_given_twice_whoever_comes_first(house, coordinator, portugal, spain):  # noqa: F811
    """Two coordinators match and propose at once; two exchanges then ask for the same last place, and all accept."""
    call = await call_with(coordinator, budget=400, travel=100)
    other = await house.desk(Role.COORDINATOR)
    france = await house.desk(Role.NLO, member="FR")
    places = {"2024-W38": 2, "2024-W39": 2, "2024-W40": 2}
    offered = await offer(spain, call, places=places)
    await interest(portugal, call, weeks=["2024-W38"])
    await interest(france, call, languages=["en"], weeks=["2024-W39"])
    runs = await asyncio.gather(*(desk.post(f"/calls/{call}/runs", 201) for desk in (coordinator, other)))
    answers = await asyncio.gather(
        *(desk.post(f"/runs/{run['id']}/propose") for desk in (coordinator, other) for run in runs)
    )
    refusals = {one["code"] for answer in answers for one in answer["refused"]}
    assert refusals <= {"places-taken", "interest-matched", "budget-spent"}
    exchanges = (await coordinator.get(f"/exchanges?call={call}&status=proposed"))["items"]
    assert {one["sender"] for one in exchanges} == {"PT", "FR"}
    assert (await coordinator.get(f"/calls/{call}"))["committed"] == 400
    sides = {"PT": portugal, "FR": france}

    async def move(one) -> int:
        url = f"/matching/api/v1/exchanges/{one['id']}/week"
        desk = sides[one["sender"]]
        return (await desk.client.post(url, json={"week": "2024-W40"}, headers=desk.headers)).status_code

    assert sorted(await asyncio.gather(*(move(one) for one in exchanges))) == [200, 409]
    desks = [(one["id"], desk) for one in exchanges for desk in (sides[one["sender"]], spain)]
    await asyncio.gather(*(desk.post(f"/exchanges/{name}/accept") for name, desk in desks))
    free = (await spain.get(f"/offers/{offered['id']}"))["free"]
    assert min(free.values()) == 0
    assert sum(free.values()) == 2


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"first_week": "2024-W30", "last_week": "2024-W10"}, "window-impossible"),
        ({"closes_on": "2001-01-01"}, "closing-past"), ({"market": "auction"}, "market-unknown"),
        ({"market": "secondment"}, "market-not-offered"), ({"eligible": ["XX"]}, "member-unknown"),
    ],
)  # fmt: skip
async def test_an_impossible_call_is_refused_with_a_sentence(coordinator, terms, code):  # noqa: F811
    problem = await coordinator.post("/calls", 422, **{**TERMS, **terms})
    assert problem["code"] == code
    assert problem["detail"].endswith(".")


async def test_a_draft_is_seen_by_coordinators_alone(coordinator, portugal):  # noqa: F811
    draft = await coordinator.post("/calls/drafts", 201, **TERMS)
    await portugal.get(f"/calls/{draft['id']}", 404)
    assert draft["id"] not in {one["id"] for one in (await portugal.get("/calls?per_page=200"))["items"]}
    assert (await coordinator.post(f"/calls/{draft['id']}/open"))["status"] == "open"
    assert (await portugal.get(f"/calls/{draft['id']}"))["number"] > 1
