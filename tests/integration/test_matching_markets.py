"""Experts by pages alone, each person in a browser of their own; partners and promoters by API and forms."""

import re
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from services.matching.handlers import market_streams
from services.matching.week import week_of
from shared import clock
from shared.contracts.events import ActivityHeld
from shared.ids import new_id
from shared.people import Role
from shared.profiles import load
from tests.integration.test_matching_journey import house  # noqa: F401 - fixture
from tests.integration.test_matching_pages import look
from tests.support.mailbox import Mailbox, text
from tests.support.pages import Watched, chromium, picture, sign_in
from tests.support.tally import until

COORDINATOR = "Miroslava Brezinková"
DUARTE, STOYAN = "Duarte Pinhalves", "Stoyan Kamenarov"
YEAR = clock.now().year


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """What is matched by itself is matched without waiting for more."""
    monkeypatch.setattr(market_streams, "RERUN_AFTER", timedelta(0))


@pytest.fixture
async def people(house):  # noqa: F811
    """Opens a browser of their own for each person."""
    async with chromium() as browser:

        @asynccontextmanager
        async def opened(name: str):
            context = await browser.new_context(locale="en-GB")
            watched = Watched(context)
            page = await context.new_page()
            await sign_in(page, str(house.client.base_url).rstrip("/"), name)
            yield page
            assert watched.wrong == []
            await context.close()

        yield opened


class Session:
    """The pages as one person uses them without a browser; what a form hides is sent along."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def get(self, path: str) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def post(self, path: str, **fields: str) -> str:
        token = re.search(r'name="_csrf" value="([^"]+)"', await self.get("/matching/promoters/mine"))[1]
        answer = await self.http.post(path, data={"_csrf": token, **fields})
        assert answer.status_code == 200, answer.text
        return answer.text


@asynccontextmanager
async def signed_in(house, subject: str):  # noqa: F811
    async with httpx.AsyncClient(base_url=house.client.base_url, follow_redirects=True) as http:
        await http.post("/sign-in", data={"subject": subject})
        yield Session(http)


async def apply(page, base, level: str) -> None:
    await page.goto(f"{base}/matching/experts")
    await page.get_by_role("link", name="Apply as an expert").click()
    await page.get_by_role("button", name="Send the application").click()
    assert "Choose the first week." in await page.locator("[role=alert]").inner_text()
    await look(page, "What do you know, and when are you available?")
    await page.locator("[name=roster]").select_option(index=1)
    await page.get_by_label("Undeclared work").check()
    await page.locator("[name=_language_1]").select_option("en")
    await page.locator("[name=_level_1]").select_option(level)
    await page.locator("[name=_from_1]").select_option(index=1)
    await page.locator("[name=_to_1]").select_option(index=60)
    await page.get_by_label("Assignments a year at most").fill("2")
    await page.get_by_label("What makes you an expert").fill("Ten years of inspections.")
    await page.locator("[name=documents]").set_input_files(
        {"name": "cv.txt", "mimeType": "text/plain", "buffer": b"A curriculum"}
    )
    await page.get_by_role("button", name="Send the application").click()
    await look(page, "You as an expert: Waits for an assessment")


async def assess(page, base, name: str, score: str, state: str = "On the list") -> None:
    await page.goto(f"{base}/matching/experts?status=applied")
    await page.get_by_role("link", name=name).click()
    assert "Ten years of inspections." in await page.locator("main").inner_text()
    for criterion in ("knowledge", "experience", "teaching"):
        await page.locator(f"[name=_score_{criterion}]").select_option(score)
    await page.get_by_label("Put them on the list").check()
    await page.get_by_label("Why").fill("Good.")
    await page.get_by_role("button", name="Keep the assessment").click()
    await look(page, f"{name}: {state}")


async def test_an_expert_is_called_assessed_found_and_says_no(house, people):  # noqa: F811
    base = str(house.client.base_url).rstrip("/")
    async with people(COORDINATOR) as coordinator, people(DUARTE) as duarte, people(STOYAN) as stoyan:
        await coordinator.goto(f"{base}/matching/experts")
        await look(coordinator, "0 experts are on the list")
        await coordinator.get_by_role("link", name="Open a call for experts").click()
        await look(coordinator, "Whom do you call for?")
        await coordinator.get_by_role("button", name="Open the call for experts").click()
        await apply(duarte, base, "C1")
        await apply(stoyan, base, "B1")
        await coordinator.goto(f"{base}/matching/experts")
        await look(coordinator, "0 experts are on the list, 2 applications wait for an assessment")
        await picture(coordinator, "experts")
        await assess(coordinator, base, DUARTE, "5")
        await assess(coordinator, base, STOYAN, "2", "Waits for an assessment")
        assert "below 3" in await coordinator.locator("[role=alert]").inner_text()
        await coordinator.locator("[name=_score_teaching]").select_option("5")
        await coordinator.locator("[name=_score_experience]").select_option("4")
        await coordinator.get_by_role("button", name="Keep the assessment").click()
        await look(coordinator, f"{STOYAN}: On the list")

        first = (clock.now() + timedelta(weeks=5)).date().isoformat()
        await coordinator.goto(f"{base}/matching/demands/new")
        await coordinator.get_by_role("button", name="Seek experts").click()
        await look(coordinator, "Which experts does the activity need?")
        await coordinator.get_by_label("What the activity is called").fill("Inspecting platforms")
        await coordinator.locator("[name=area]").select_option("undeclared-work")
        await coordinator.locator("[name=_language_1]").select_option("en")
        await coordinator.locator("[name=_level_1]").select_option("B2")
        await coordinator.get_by_label("First day").fill("2020-01-01")
        await coordinator.get_by_label("Last day").fill("2020-01-01")
        await coordinator.get_by_role("button", name="Seek experts").click()
        assert "These days are over" in await coordinator.locator("[role=alert]").inner_text()
        await coordinator.get_by_label("First day").fill(first)
        await coordinator.get_by_label("Last day").fill(first)
        await coordinator.get_by_role("button", name="Seek experts").click()
        await look(coordinator, "Inspecting platforms: 0 of 1 experts said yes")
        demand = coordinator.url

        async def is_asked() -> bool:
            await duarte.goto(f"{base}/matching/experts/mine")
            return "One activity asks for you" in await duarte.locator("h1").inner_text()

        await until(is_asked, 40, "the question")
        await look(duarte, "One activity asks for you")
        await coordinator.goto(f"{base}/matching/experts")
        await coordinator.locator("a[href*='/matching/experts/runs/']").first.click()
        await look(coordinator, "One expert of 1 is found: no choice finds more")
        said = await coordinator.locator("main").inner_text()
        assert f"{STOYAN}\nOne asked for another language or level." in said
        await picture(coordinator, "experts-run")

        await duarte.locator("details summary", has_text="Decline").click()
        await duarte.get_by_label("Why").fill("On leave.")
        await duarte.get_by_role("button", name="Decline this activity").click()
        await look(duarte, "You as an expert: On the list")
        await coordinator.goto(f"{base}/matching/experts")
        await coordinator.get_by_role("button", name="Look for experts").click()
        await look(coordinator, "0 experts of 1 are found: no choice finds more")
        await coordinator.goto(demand)
        said = await coordinator.locator("main").inner_text()
        assert "On leave." in said
        assert "One does not speak the language well enough." in said
        assert "One was asked before." in said
        await look(coordinator, "Inspecting platforms: 0 of 1 experts said yes")
        letters = Mailbox(house.service.people.db)
        assert "Ten years" not in text(await letters.letter("duarte", "expert-assessed"))
        assert "Inspecting platforms" in text(await letters.letter("duarte", "expert-asked"))


async def test_an_accepted_expert_is_used_once_the_activity_is_held(house):  # noqa: F811
    """By the API: an expert is asked by hand, accepts, and counts when `events` says that the activity was held."""
    desk = await house.desk(Role.COORDINATOR)
    roster = await desk.post("/rosters", 201, year=YEAR, areas=["information"])
    weeks = [week_of((clock.now() + timedelta(weeks=by)).date()) for by in range(2, 8)]
    facts = {"areas": ["information"], "languages": ["en"], "weeks": weeks, "statement": "I know it."}
    who = {"name": "Eva Sorrel", "email": "eva.sorrel@example.test", "member": "PT"}
    applies = {"roster": roster["id"], **facts, **who}
    unknown = await desk.post("/experts", 422, **{**applies, "languages": ["tlh"[:2]]})
    assert unknown["code"] == "language-unknown"
    assert (await desk.post("/experts", 422, **{**applies, "most": 0}))["status"] == 422
    assert (await desk.post("/experts", 422, **{**applies, "most": 20}))["code"] == "load-too-high"
    expert = await desk.post("/experts", 201, **applies)
    assert (await desk.post("/experts", 409, **applies))["code"] == "applied-already"
    scores = {"knowledge": 5, "experience": 4, "teaching": 4}
    few = await desk.post(f"/experts/{expert['id']}/assess", 422, listed=True, scores={"teaching": 4}, reason="x")
    assert few["code"] == "scores-missing"
    listed = await desk.post(f"/experts/{expert['id']}/assess", listed=True, scores=scores, reason="Good")
    assert (listed["status"], listed["score"]) == ("listed", 18)
    assert (await desk.post(f"/experts/{expert['id']}/renew", 409))["code"] == "too-early"
    activity, day = new_id("activity"), (clock.now() + timedelta(weeks=3)).date()
    asked = {"title": "A workshop", "area": "information", "languages": ["en"], "activity": activity, "experts": 1}
    none = await desk.post("/demands", 422, **asked | {"experts": 0}, begins=str(day), ends=str(day))
    assert none["status"] == 422
    demand = await desk.post("/demands", 201, **asked, begins=str(day), ends=str(day))
    here = f"/demands/{demand['id']}"

    async def is_asked() -> bool:
        return bool((await desk.get(here))["seats"])

    await until(is_asked, 40, "the run by itself")
    (seat,) = (await desk.get(here))["seats"]
    assert (seat["expert"], seat["answer"]) == (expert["id"], "proposed")
    other = await house.desk(Role.NLO, member="ES")
    await other.post(f"{here}/seats/{seat['id']}/accept", 404)
    assert (await desk.post(f"{here}/seats/{seat['id']}/accept"))["seats"][0]["answer"] == "accepted"
    again = await desk.post("/experts-runs", 201)
    assert again["proven"]
    assert demand["id"] not in [one["sought"] for one in again["open"]]
    await house.tell(ActivityHeld(kind="workshop", held_on=day), activity)

    async def is_used() -> bool:
        return (await desk.get(here))["status"] == "held"

    await until(is_used, 40, "the use of the expert")
    used = await house.service.db.events.find_one(
        {"type": "liaison.matching.demand.expert-used.v1", "stream": demand["id"]}
    )
    assert {name: used["data"][name] for name in ("area", "member", "activity")} == {
        "area": "information", "member": "PT", "activity": activity,
    }  # fmt: skip
    assert "Eva" not in str(await house.service.db.events.find({"stream": expert["id"]}).to_list(None))


async def test_partners_are_found_for_an_idea_and_it_becomes_a_project(house):  # noqa: F811
    network = {"network": "earlall"}
    desk = await house.desk(Role.COORDINATOR, **network)
    profile = load("earlall")
    theme = (profile.focus_areas or profile.topics)[0].id
    lead, first, second = profile.member_codes[:3]
    sides = {one: await house.desk(Role.NLO, member=one, **network) for one in (lead, first, second)}
    roles = {"public-authority": 1, "university": 1}
    facts = {"title": "Skills for care", "summary": "Together.", "theme": theme, "languages": ["en"]}
    assert (await sides[lead].post("/ideas", 422, **facts, roles={"wizard": 1}))["code"] == "role-unknown"
    assert (await sides[lead].post("/ideas", 422, **facts, roles={"university": 0}))["status"] == 422
    own = await sides[lead].post("/ideas", 422, **facts, roles=roles, wishes=[lead])
    assert own["code"] == "own-partner"
    idea = await sides[lead].post("/ideas", 201, **facts, roles=roles)
    joins = {"themes": [theme], "languages": ["en"], "roles": list(roles)}
    await sides[first].post("/partners", 201, **joins)
    alone = await desk.post("/ideas-runs", 201)
    assert (alone["matches"], alone["proven"]) == ([], True)
    assert all(one["why"] for one in alone["open"])
    await sides[second].post("/partners", 201, **joins, likes=[idea["id"]])
    assert (await sides[second].post("/partners", 409, **joins))["code"] == "offered-already"
    run = await desk.post("/ideas-runs", 201)
    assert len(run["matches"]) == 2
    proposed = await desk.post(f"/ideas-runs/{run['id']}/propose")
    assert len(proposed["proposed"]) == 2
    seats = (await sides[lead].get(f"/ideas/{idea['id']}"))["seats"]
    assert len((await sides[first].get(f"/ideas/{idea['id']}"))["seats"]) == 1
    for seat in seats:
        here = f"/ideas/{idea['id']}/seats/{seat['id']}/accept"
        await sides[lead].post(here)
        await sides[seat["member"]].post(here)
    other = second if seats[0]["member"] == first else first
    await sides[other].post(f"/ideas/{idea['id']}/seats/{seats[0]['id']}/accept", 404)
    made = await sides[lead].post(f"/ideas/{idea['id']}/project", name="SkillCare")
    assert (made["status"], made["name"]) == ("project", "SkillCare")


async def test_promoters_show_themselves_and_meet(house):  # noqa: F811
    """By the pages' forms: a page, a question with times, other times, an answer."""
    async with signed_in(house, "earlall-nlo-boras") as sigrid, signed_in(house, "earlall-nlo-tuscany") as lapo:
        profile = load("earlall")
        theme = (profile.focus_areas or profile.topics)[0].id
        facts = {"themes": theme, "_language_1": "en", "about": "Ask me about Borås.", "hosts": "yes"}
        await sigrid.post("/matching/promoters/mine", **facts)
        page = await lapo.get(f"/matching/promoters?theme={theme}&offers=hosts")
        assert "Sigrid Älvkvist" in page
        assert "Sigrid Älvkvist" not in await lapo.get("/matching/promoters?offers=sends")
        promoter = re.search(r"/matching/promoters/(promoter-[0-9a-f-]{36})", page)[1]
        first = (clock.now() + timedelta(days=7)).strftime("%Y-%m-%dT10:00")
        asked = await lapo.post(f"/matching/promoters/{promoter}/meet", _time_1=first, message="May I come?")
        assert "waits for an answer" in asked
        meeting = re.search(r"/matching/meetings/(meeting-[0-9a-f-]{36})", asked)[1]
        here = f"/matching/meetings/{meeting}"
        letters = Mailbox(house.service.people.db)
        assert "May I come?" in text(await letters.letter("sigrid", "meeting-asked"))
        second = (clock.now() + timedelta(days=8)).strftime("%Y-%m-%dT11:00")
        assert "May I come?" in await sigrid.get(here)
        await sigrid.post(f"{here}/move", _time_1=second)
        page = await lapo.get(here)
        time = re.search(r'name="time" value="([^"]+)"', page)[1]
        assert "You meet Sigrid" in await lapo.post(f"{here}/agree", time=time)
        async with signed_in(house, "earlall-nlo-trento") as stranger:
            assert (await stranger.http.get(here)).status_code == 404
        assert "meets you on" in (await letters.letter("sigrid", "meeting-answered"))["subject"]
