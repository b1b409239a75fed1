"""The pages and the API over figures known beforehand: every number as text and as data, and who may see what."""

import json
import re
from random import Random

import httpx
import pytest

from services.kpi import replica
from services.kpi.engine.cells import as_stored
from services.kpi.engine.figures import Scope, Share
from services.kpi.queries.board import weekly
from services.kpi.queries.shown import number_of, text_of
from shared import clock
from shared.contracts.events import ActivityHeld, FeedbackGiven, RegistrationConfirmed
from shared.contracts.requests import ActivityPlanned
from shared.settings import Settings
from shared.web.rights import actions_of
from tests.support.kpi import ACTIVITY, Log, partition_of
from tests.support.kpi_year import Year
from tests.support.signed_in import signed_in

YEAR = clock.now().year


def log_of_this_year() -> Log:
    log = Log(day=f"{YEAR}-01-01")
    for number in range(3):
        quarter = f"{YEAR}-Q1"
        log.say(ActivityPlanned(year=YEAR, activity=f"activity-{number}", quarter=quarter, **ACTIVITY), "plan-1")
    for number in range(2):
        held = ActivityHeld(held_on=f"{YEAR}-01-01", quarter=f"{YEAR}-Q1", planned=True, **ACTIVITY)
        log.say(held, f"activity-{number}")
    log.say(RegistrationConfirmed(registration="1", person="p", member="BG", kind="posting-360"))
    for _ in range(4):
        log.say(FeedbackGiven(activity="a", kind="posting-360", relevance=5, added_value=4), "survey-1")
    return log


@pytest.fixture
async def runtime_and_client():
    app = replica.build(Settings(profile="local", secret="s" * 40, namespace="unit"))
    runtime = app.state.kpi
    runtime.merged.put([as_stored(one) for one in partition_of(log_of_this_year()).documents("test")])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        client.app = app
        await signed_in(app, client, "ela-coordinator")
        yield runtime, client
    runtime.service.client.close()


@pytest.fixture
def client(runtime_and_client):
    return runtime_and_client[1]


def figure(page: str, id: str) -> tuple[str, str]:
    """Value and text of a figure on a page."""
    found = re.search(rf'data-figure="{id}" data-value="([^"]*)"[^>]*>([^<]*)<', page)
    assert found, id
    return found[1], found[2]


def test_every_route_declares_who_may(client):
    assert [(method, path) for method, path, action in actions_of(client.app) if action is None] == []


async def test_the_board_shows_each_figure_as_text_and_as_data(client):
    page = (await client.get("/kpi/")).text
    assert figure(page, "completed-to-planned") == (str(2 / 3), "67\u00a0%")
    assert 'data-part="2" data-whole="3"' in page
    assert figure(page, "registrations") == ("1", "1")
    assert figure(page, "activities-held") == ("2", "2")
    assert f"67\u00a0% of the {YEAR} plan is done" in page


async def test_fewer_than_five_answers_are_not_shown_anywhere(runtime_and_client):
    runtime, client = runtime_and_client
    assert figure((await client.get("/kpi/")).text, "relevance") == ("", "fewer than five")
    answer = (await client.get("/kpi/api/v1/figures")).json()
    (relevance,) = [one for one in answer["figures"] if one["id"] == "relevance"]
    assert (relevance["value"], relevance["answers"], relevance["text"]) == (None, None, "fewer than five")
    page = (await client.get("/kpi/figures/relevance")).text
    assert "fewer than five" in page
    assert "never open" in page
    log = log_of_this_year().say(FeedbackGiven(activity="a", relevance=1, added_value=1), "survey-1")
    runtime.merged.put([as_stored(one) for one in partition_of(log).documents("test")])
    assert figure((await client.get("/kpi/")).text, "relevance") == ("4.2", "4.2")


@pytest.mark.parametrize(("known", "member"), [("", ""), ("2024-06-30", "BG")])
async def test_every_figure_has_its_page(client, runtime_and_client, known, member):
    runtime, _ = runtime_and_client
    for log in Year(Random(1)).tell(30):
        runtime.merged.put([as_stored(one) for one in partition_of(log).documents("test")])
    scope = {"year": 2024, "known": known, "member": member}
    assert (await client.get("/kpi/", params=scope)).status_code == 200
    for one in (await client.get("/kpi/api/v1/figures", params={"year": 2024})).json()["figures"]:
        page = await client.get(f"/kpi/figures/{one['id']}", params=scope)
        assert page.status_code == 200
        assert one["title"] in page.text
        answer = await client.get(f"/kpi/api/v1/figures/{one['id']}?year=2024")
        assert answer.json()["figures"] == [one]


async def test_the_readings_stand_beside_each_other_with_the_one_in_force(client):
    readings = (await client.get("/kpi/api/v1/figures/participation-rate")).json()["readings"]
    assert [(one["id"], one["in_force"]) for one in readings] == [
        ("members-invited", True), ("members-network", False), ("stakeholder-groups", False),
    ]  # fmt: skip
    assert "in force" in (await client.get("/kpi/figures/participation-rate")).text
    assert "members invited to the activity" in (await client.get("/kpi/")).text


@pytest.mark.parametrize(
    "query", ["year=abc", "year=99999999999", "member=XX", "known=soon", "known=9999-01-01", "year="]
)
async def test_a_wrong_address_falls_back(client, query):
    assert (await client.get(f"/kpi/?{query}")).status_code == 200
    assert (await client.get(f"/kpi/figures/persons?{query}")).status_code == 200


@pytest.mark.parametrize("query", ["year=abc", "year=99999999999", "member=XX", "known=soon"])
async def test_the_api_says_what_is_wrong(client, query):
    answer = await client.get(f"/kpi/api/v1/figures?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_an_indicator_that_a_network_does_not_have_is_not_there(client):
    assert (await client.get("/kpi/figures/national-events")).status_code == 200
    assert (await client.get("/kpi/figures/nothing")).status_code == 404
    await signed_in(client.app, client, "earlall-coordinator")
    assert (await client.get("/kpi/figures/national-events")).status_code == 404
    assert (await client.get("/kpi/")).status_code == 200


async def test_a_participant_sees_no_indicators(client):
    await signed_in(client.app, client, "ela-participant-bg-1")
    assert (await client.get("/kpi/")).status_code == 403
    assert (await client.get("/kpi/live")).status_code == 403
    assert (await client.get("/operations")).status_code == 403


async def test_the_operations_page_leads_to_each_service_s_panel(client):
    page = (await client.get("/operations")).text
    for service in ("requests", "matching", "events", "kpi"):
        assert f'href="/{service}/operations"' in page
        assert f'hx-get="/{service}/operations?part=1"' in page


async def test_a_board_in_french_has_french_marks(client):
    assert (await client.get("/kpi/?lang=fr")).status_code == 200


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 3, "0 %"),
        (1, 3, "33 %"),
        (2, 3, "67 %"),
        (1, 200, "1 %"),
        (61, 100, "61 %"),
        (121, 200, "61 %"),
        (0, 0, "–"),
    ],
)
def test_shares_are_rounded_half_up_from_whole_numbers(part, whole, text):
    assert text_of(Share(part, whole)).replace("\u00a0", " ") == text


def test_weeks_end_on_sundays_and_today():
    from datetime import date

    points = [("2024-01-03", 1.0), ("2024-01-09", 2.0)]
    assert weekly(points, 2024, date(2024, 1, 10)) == [("2024-01-07", 1.0), ("2024-01-10", 2.0)]
    assert weekly(points, 2024, date(2024, 1, 7)) == [("2024-01-07", 1.0)]
    assert len(weekly(points, 2024, date(2025, 3, 1))) == 53
    assert weekly(points[1:], 2024, date(2024, 1, 10), before=None) == [("2024-01-10", 2.0)]
    assert weekly(points, 2025, date(2024, 1, 10)) == []


def test_what_is_remembered_is_asked_again_once_it_moved(runtime_and_client):
    runtime, _ = runtime_and_client
    scope = Scope("ela", YEAR)
    assert runtime.boards.figure(scope, "registrations").value == 1
    log = log_of_this_year().say(RegistrationConfirmed(registration="2", person="q", member="PT", kind="posting-360"))
    runtime.merged.put([as_stored(one) for one in partition_of(log).documents("test")])
    assert runtime.boards.figure(scope, "registrations").value == 2
    assert number_of(Share(0, 0)) is None


async def test_the_charts_tables_hold_what_the_cards_say(client):
    page = (await client.get("/kpi/")).text
    data = re.search(r'id="plan-by-quarter-data">(.*?)</script>', page)
    assert json.loads(data[1])["table"]["rows"][0][:2] == ["Q1", 2]
