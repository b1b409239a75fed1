"""Needs, figures from outside, projects and a member's year: through the API, over the bus and at a browser."""

import csv
import io
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from httpx import AsyncClient

from services.requests.app import build
from services.requests.hearing import HEARD
from shared import clock
from shared.contracts.base import Event
from shared.contracts.envelope import headers_of, iso
from shared.contracts.events import ActivityAnnounced, ActivityHeld, ActivityScheduled, FeedbackGiven
from shared.contracts.matching import ExchangeAgreed
from shared.ids import new_id
from shared.messages.letter import OUTBOX
from shared.people import Role
from shared.profiles import load
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, picture, served, sign_in, violations
from tests.support.tally import settings_for, until

API = "/requests/api/v1"
YEAR = clock.now().year
CLIENTS: dict[str, tuple[list[Role], str | None, str]] = {
    "nlo": ([Role.NLO], "BG", "ela"),
    "greek": ([Role.NLO], "EL", "ela"),
    "coordinator": ([Role.COORDINATOR], None, "ela"),
    "secretariat": ([Role.COORDINATOR], None, "earlall"),
    "quartet": ([Role.COORDINATOR], None, "fr-it-pt-es"),
    "portugal": ([Role.NLO], "PT", "fr-it-pt-es"),
    "tuscany": ([Role.NLO], "tuscany", "earlall"),
}


@pytest.fixture(scope="module")
async def app(brokers, module_namespace) -> Any:
    return build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))


@pytest.fixture(scope="module")
async def base(app) -> AsyncIterator[str]:
    async with served(app) as address:

        async def ready() -> bool:
            return bool(app.state.service.prepared)

        await until(ready, 60, "the service's readiness")
        yield address


@pytest.fixture(scope="module")
async def clients(app, base) -> AsyncIterator[dict[str, AsyncClient]]:
    async with AsyncExitStack() as stack:
        found: dict[str, AsyncClient] = {}
        for name, (roles, member, network) in CLIENTS.items():
            _id, key = await app.state.people.keys.create(name, roles, member, network)
            client = AsyncClient(base_url=base, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=60)
            found[name] = await stack.enter_async_context(client)
        yield found


async def tell(app, service: str, said: list[tuple[str, Event]]) -> None:
    """As another service would say it."""
    settings = app.state.service.settings
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        for version, (stream, event) in enumerate(said, 1):
            now = iso(clock.now())
            stored = {
                "_id": f"{stream}@{version}", "stream": stream, "type": event.type, "source": f"/{service}",
                "time": now, "recordedtime": now, "network": "ela", "actor": None,
            }  # fmt: skip
            value = event.model_dump_json().encode()
            await producer.send_and_wait(settings.topic(service), value, stream.encode(), headers=headers_of(stored))


def analysis(on: date, **changes: Any) -> dict[str, Any]:
    findings = [{"target_group": "inspectors", "topic": "posting", "weight": 4}]
    facts = {"source": "survey", "on": on.isoformat(), "title": "Survey of inspectors", "findings": findings}
    return {**facts, "summary": "Asked in spring.", **changes}


def cell(matrix: dict[str, Any], group: str = "inspectors", topic: str = "posting") -> dict[str, Any]:
    found = [one for one in matrix["cells"] if (one["target_group"], one["topic"]) == (group, topic)]
    return found[0] if found else {"weight": 0, "findings": 0, "evaluations": 0, "requests": 0}


async def test_an_old_analysis_reminds_the_coordinators_and_a_new_one_ends_it(app, clients):
    old = clock.now().date() - timedelta(days=800)
    answer = await clients["coordinator"].post(f"{API}/needs", json=analysis(old))
    assert answer.status_code == 201, answer.text
    db = app.state.service.db

    async def reminded() -> bool:
        return bool(await db[OUTBOX].count_documents({"kind": "needs-outdated", "to": "coordinator@"}))

    await until(reminded, 60, "the letter to the coordinators")
    page = await clients["coordinator"].get("/requests/needs")
    assert "A new analysis of needs is due" in page.text
    made = await clients["nlo"].post(f"{API}/needs", json=analysis(clock.now().date(), title="Our own", source="visit"))
    assert made.json()["member"] == "BG"
    matrix = (await clients["coordinator"].get(f"{API}/needs/matrix")).json()
    assert matrix["newest_on"] == clock.now().date().isoformat()
    assert "A new analysis of needs is due" not in (await clients["coordinator"].get("/requests/needs")).text


async def test_who_sees_and_changes_whose_analysis(clients):
    known = (await clients["coordinator"].get(f"{API}/needs")).json()["items"]
    own, whole = (next(one for one in known if one["member"] == member) for member in ("BG", None))
    greek = clients["greek"]
    assert {one["id"] for one in (await greek.get(f"{API}/needs")).json()["items"]} == {whole["id"]}
    assert (await greek.get(f"{API}/needs/{own['id']}")).status_code == 404
    assert (await greek.put(f"{API}/needs/{whole['id']}", json=analysis(date(2024, 1, 1)))).status_code == 404
    assert (await clients["secretariat"].get(f"{API}/needs/{own['id']}")).status_code == 404
    stale = await clients["nlo"].put(
        f"{API}/needs/{own['id']}", json=analysis(date(2024, 1, 1)), headers={"If-Match": '"9"'}
    )
    assert stale.status_code == 409
    changed = await clients["nlo"].put(f"{API}/needs/{own['id']}", json=analysis(clock.now().date(), title="Again"))
    assert (changed.json()["title"], changed.json()["source"], changed.json()["version"]) == ("Again", "survey", 2)


async def test_analyses_and_projects_are_found_by_whom_they_concern(app, clients):
    own = analysis(date(YEAR, 1, 2), member="BG", title="Quarries of Burgas")
    everybodys = analysis(date(YEAR, 1, 2), title="Quarries everywhere")
    needs = [(await clients["coordinator"].post(f"{API}/needs", json=one)).json()["id"] for one in (own, everybodys)]
    project = {"title": "Quarry safety", "stage": "current", "programme": "Quarries 2030"}
    made = (await clients["coordinator"].post(f"{API}/projects", json=project)).json()["id"]

    async def seen(name: str) -> set[str]:
        answer = await clients[name].get(f"{API}/search", params={"q": "quarries"})
        return {one["title"] for one in answer.json()["items"]}

    async def indexed() -> bool:
        return await seen("coordinator") == {"Quarries of Burgas", "Quarries everywhere", "Quarry safety"}

    await until(indexed, 30, "the index")
    assert await seen("nlo") == await seen("coordinator")
    assert await seen("greek") == {"Quarries everywhere", "Quarry safety"}
    assert await seen("tuscany") == set()
    for path in (f"projects/{made}/remove", *(f"needs/{one}/withdraw" for one in needs)):
        (await clients["coordinator"].post(f"{API}/{path}", json={"reason": "Twice"})).raise_for_status()

    async def gone() -> bool:
        return await seen("coordinator") == set()

    await until(gone, 30, "them to leave the index")


async def test_evaluations_and_requests_count_in_the_matrix(app, clients):
    before = cell((await clients["coordinator"].get(f"{API}/needs/matrix")).json())
    activity = new_id("activity")
    about = ActivityAnnounced(
        activity=activity,
        kind="thematic-workshop",
        topic="posting",
        target_groups=("inspectors",),
        quarter=f"{YEAR}-Q1",
    )
    given = FeedbackGiven(activity=activity, kind="thematic-workshop", relevance=5, added_value=3)
    said: list[tuple[str, Event]] = [(activity, about)]
    await tell(app, "events", [*said, *((new_id("survey"), given) for _ in range(5))])
    asked = {"kind": "training-in-host-member-state", "title": "Posting, basics", "topic": "posting"}
    sent = await clients["nlo"].post(f"{API}/requests", json={**asked, "target_groups": ["inspectors"]})
    assert sent.status_code == 201, sent.text

    async def counted() -> bool:
        now = cell((await clients["coordinator"].get(f"{API}/needs/matrix")).json())
        return now["weight"] == before["weight"] + 5 + 3 and now["evaluations"] == 1

    await until(counted, 60, "the evaluation in the matrix")
    mine = cell((await clients["greek"].get(f"{API}/needs/matrix")).json())
    assert mine["requests"] == 0
    of_bulgaria = cell((await clients["coordinator"].get(f"{API}/needs/matrix?member=BG")).json())
    assert (of_bulgaria["findings"], of_bulgaria["requests"]) == (1, 1)
    opened = await clients["coordinator"].get("/requests/needs/cell?group=inspectors&topic=posting")
    for text in ("Survey of inspectors", "Posting, basics", "5 answers", activity):
        assert text in opened.text


async def test_figures_from_outside_are_entered_corrected_and_sent_as_a_file(clients):
    secretariat = clients["secretariat"]
    first = {"figure": "x-followers", "on": "2024-07-10", "value": 2_082, "source": "X, profile page"}
    taken = (await secretariat.post(f"{API}/readings", json=first)).json()
    assert (await secretariat.post(f"{API}/readings", json=first)).json()["version"] == 1
    refused = await secretariat.post(f"{API}/readings", json={**first, "value": 9})
    assert (refused.status_code, refused.json()["code"]) == (409, "reading-there")
    path = f"{API}/readings/{taken['id']}"
    corrected = await secretariat.post(f"{path}/correct", json={"value": 2_083, "reason": "Misread."})
    assert (corrected.json()["value"], corrected.json()["corrections"]) == (2_083, 1)
    page = await secretariat.get(f"/requests/readings/{taken['id']}")
    assert "2,083 instead of 2,082" in page.text
    assert "Misread." in page.text
    assert (await clients["tuscany"].post(f"{path}/correct", json={"value": 1, "reason": "No."})).status_code == 404
    own = {"figure": "vet-learners-mobility", "on": "2024-09-01", "value": 44, "of": 200, "source": "Own register"}
    assert (await clients["tuscany"].post(f"{API}/readings", json=own)).json()["member"] == "tuscany"
    lines = (
        "Figure,Day,Value,Source",
        "x-followers,2024-07-10,2083,X",
        "Followers on X,2024-10-01,2150,X",
        "Moon,,1,X",
    )
    file = ("figures.csv", "\n".join(lines).encode(), "text/csv")
    sent = await secretariat.post("/requests/readings/file", files={"file": file})
    assert sent.status_code == 200, sent.text
    assert "One figure entered, one was there already, one refused" in sent.text
    listed = await secretariat.get("/requests/readings?export=csv")
    found = list(csv.DictReader(io.StringIO(listed.content.decode("utf-8-sig"), newline="")))
    assert [(one["Day"], one["Value"], one["Of"]) for one in found] == [
        ("2024-10-01", "2150", ""), ("2024-09-01", "44", "200"), ("2024-07-10", "2083", ""),
    ]  # fmt: skip


async def test_the_projects_of_the_work_plan_add_up(clients):
    secretariat = clients["secretariat"]
    for one in load("earlall").projects:
        body = {
            "title": one.title, "stage": one.status, "programme": one.programme, "coordinator": one.coordinator,
            "lead": one.lead, "themes": one.themes, "period": one.period_as_quoted, "eu_grant": one.eu_grant,
            "own_grant": one.own_grant,
        }  # fmt: skip
        answer = await secretariat.post(f"{API}/projects", json=body)
        assert answer.status_code == 201, answer.text
    listed = (await secretariat.get(f"{API}/projects?stage=current")).json()
    assert (listed["total"], sum(one["own_grant"] for one in listed["items"])) == (6, 918_885)
    assert (await clients["tuscany"].get(f"{API}/projects")).json()["total"] == 14
    one = listed["items"][0]
    body = {**{name: one[name] for name in ("title", "programme", "period", "own_grant")}, "members": ["tuscany"]}
    changed = await secretariat.put(f"{API}/projects/{one['id']}", json={**body, "stage": "ended"})
    assert (changed.json()["stage"], changed.json()["members"]) == ("ended", ["tuscany"])
    assert (await clients["tuscany"].put(f"{API}/projects/{one['id']}", json=body)).status_code == 403
    rows = (await secretariat.get("/requests/projects?export=csv&stage=current")).text
    assert rows.count("\r\n") == 6


async def test_members_are_consulted_by_api_and_the_summary_says_who_said_what(clients):
    coordinator, nlo, greek = (clients[name] for name in ("coordinator", "nlo", "greek"))
    asked = {"about": load("ela").consulted_on[0].id, "title": "Draft of the plan", "due_on": f"{YEAR + 1}-02-01"}
    key = {"Idempotency-Key": "consult-once"}
    first, again = [
        await coordinator.post(f"{API}/consultations", json={**asked, "members": ["BG"]}, headers=key) for _ in range(2)
    ]
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    path = first.headers["Location"]
    assert (await greek.get(path)).status_code == 404
    assert (await greek.post(f"{path}/answer", json={"position": "agree"})).status_code == 404
    assert (await nlo.post(f"{API}/consultations", json=asked)).status_code == 403
    waits = (await nlo.get(f"{API}/consultations", params={"waiting": True})).json()
    assert (waits["total"], waits["items"][0]["id"]) == (1, first.json()["id"])
    assert (await greek.get(f"{API}/consultations")).json()["total"] == 0
    refused = await nlo.post(f"{path}/answer", json={"position": "object"})
    assert (refused.status_code, refused.json()["code"]) == (422, "comment-missing")
    foreign = await nlo.post(f"{path}/answer", json={"position": "agree", "member": "EL"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "member-foreign")
    said = await nlo.post(f"{path}/answer", json={"position": "object", "comment": "Field 3 is too much."})
    assert said.json()["summary"] == {"agree": 0, "object": 1, "comment": 0, "silent": 0}
    assert (await coordinator.post(f"{path}/extend", json={"due_on": f"{YEAR + 1}-03-01"})).status_code == 200
    closed = (await coordinator.post(f"{path}/close")).json()
    (party,) = closed["parties"]
    assert (closed["status"], party["member"], party["position"]) == ("closed", "BG", "object")
    assert [one["text"] for one in party["comments"]] == ["Field 3 is too much."]
    late = await nlo.post(f"{path}/answer", json={"position": "agree"})
    assert (late.status_code, late.json()["code"]) == (409, "consultation-closed")


async def test_actions_are_agreed_joined_reviewed_and_go_on_by_api(clients):
    quartet, portugal = clients["quartet"], clients["portugal"]
    line = load("fr-it-pt-es").lines(2024)[0].id
    action = {"year": 2024, "line": line, "title": "Joint visit", "lead": "ES", "members": ["ES", "FR"]}
    agreed = await quartet.post(f"{API}/actions", json=action)
    assert (agreed.status_code, agreed.json()["multilateral"]) == (201, False)
    path = agreed.headers["Location"]
    assert (await portugal.post(f"{API}/actions", json=action)).status_code == 403
    outside = await portugal.post(f"{path}/progress", json={"status": "initiated"})
    assert (outside.status_code, outside.json()["code"]) == (409, "not-in-it")
    joined = (await portugal.post(f"{path}/join", json={})).json()
    assert (joined["multilateral"], [one["member"] for one in joined["joined"]]) == (True, ["PT"])
    assert (await portugal.post(f"{path}/progress", json={"status": "initiated"})).json()["status"] == "initiated"
    reviewed = (await quartet.post(f"{path}/review", json={"outcome": "continues", "said": "Once more."})).json()
    assert (reviewed["outcome"], reviewed["review"]) == ("continues", "Once more.")
    found = (await portugal.get(f"{API}/actions", params={"year": 2024, "member": "PT"})).json()
    assert (found["total"], found["stated"], found["itemised"]) == (1, 42, 1)
    for _ in range(2):
        (added,) = (await quartet.post(f"{API}/actions/go-on", json={"year": 2025})).json()["items"]
        assert (added["title"], added["year"], added["status"]) == ("Joint visit", 2025, "agreed")
    assert (await clients["nlo"].get(path)).status_code == 404


async def test_a_members_year_is_one_page_and_a_document(app, base, clients):
    activity, invited, exchange = new_id("activity"), new_id("activity"), new_id("exchange")
    day = date(YEAR, 6, 3)
    national: dict[str, Any] = {"kind": "national-event", "member": "BG", "quarter": f"{YEAR}-Q2"}
    dated = ActivityScheduled(kind="webinar", quarter=f"{YEAR}-Q3", starts_on=day, ends_on=day, mode="online",
                              invited=("BG", "EL"))  # fmt: skip
    agreed = ExchangeAgreed(call="call-1", sender="BG", host="PT", focus="enforcement", week=f"{YEAR}-W20")
    held = ActivityHeld(**national, held_on=day)
    await tell(app, "events", [(activity, ActivityAnnounced(activity=activity, **national)), (activity, held),
                               (invited, dated)])  # fmt: skip
    await tell(app, "matching", [(exchange, agreed)])
    db = app.state.service.db

    async def heard() -> bool:
        return await db[HEARD].count_documents({"about": {"$in": [activity, invited, exchange]}}) == 4

    await until(heard, 60, "what the other services said")
    page = (await clients["nlo"].get(f"/requests/year/{YEAR}")).text
    assert f"Bulgaria in {YEAR}: one request, one exchange, 2 activities" in page
    assert "Sends to Portugal" in page
    greek = (await clients["greek"].get(f"/requests/year/{YEAR}")).text
    assert f"Greece in {YEAR}: 0 requests, 0 exchanges, one activity" in greek
    document = await clients["nlo"].get(f"/requests/year/{YEAR}/pdf")
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in document.content
    assert "Greece in" in (await clients["coordinator"].get(f"/requests/year/{YEAR}?member=EL")).text


async def test_what_waits_for_a_member_stands_on_its_desk_and_its_year(clients):
    coordinator, bulgaria = clients["coordinator"], clients["nlo"]
    wish = {"kind": "national-event", "member": "BG", "title": "Winter school", "quarter_wished": f"{YEAR}-Q4"}
    sent = (await coordinator.post(f"{API}/requests", json=wish)).json()["id"]
    await coordinator.post(f"{API}/requests/{sent}/ask", json={"question": "For whom?"})
    draft = {"about": "annual-plan", "title": "The draft of winter", "year": YEAR, "due_on": f"{YEAR}-12-30"}
    about = draft | {"members": ["BG", "EL"], "text": "Please read it."}
    asked = (await coordinator.post(f"{API}/consultations", json=about)).json()["id"]

    async def todo(who: str, path: str) -> str:
        page = (await clients[who].get(path)).text
        found = re.search(r'<section class="todo".*?</section>', page, re.DOTALL)
        return found[0] if found else ""

    for path in ("/requests/", f"/requests/year/{YEAR}"):
        told = await todo("nlo", path)
        assert f"By 30 December {YEAR}" in told
        assert f'href="/requests/consultations/{asked}"' in told
        assert "A coordinator asks about your request" in told
        assert "Winter school" in told
    greek = await todo("greek", "/requests/")
    assert "The draft of winter" in greek
    assert "Winter school" not in greek
    assert "The draft of winter" in await todo("coordinator", f"/requests/year/{YEAR}?member=EL")
    await bulgaria.post(f"{API}/consultations/{asked}/answer", json={"position": "agree"})
    await coordinator.post(f"{API}/requests/{sent}/decline", json={"reason": "Too cold."})
    left = await todo("nlo", "/requests/")
    assert "The draft of winter" not in left
    assert "Winter school" not in left


async def look(page, title: str) -> None:
    """The page says this, nothing in it is wrong for a screen reader, and it fits on a phone."""
    assert title in await page.locator("h1").inner_text()
    assert await violations(page) == [], page.url
    name = page.url.split("/", 3)[3].split("?")[0]
    await picture(page, f"{name} 1440")
    await page.set_viewport_size(PHONE)
    assert await overflow(page) == 0, page.url
    await picture(page, f"{name} 390")
    await page.set_viewport_size(DESK)


async def test_the_pages_at_a_browser(base, clients):
    async with chromium() as browser:

        async def person(name: str) -> tuple[Any, Watched]:
            context = await browser.new_context(viewport=DESK, locale="en-GB")
            watched, page = Watched(context), await context.new_page()
            page.set_default_timeout(30_000)
            await sign_in(page, base, name)
            return page, watched

        page, watched = await person("Miroslava Brezinková")
        await page.goto(f"{base}/requests/needs")
        await look(page, "Needed most: Posting of workers")
        await page.get_by_role("link", name="Record an analysis").click()
        await page.get_by_label("Title").fill("Focus group of training centres")
        await page.get_by_label("Source").select_option(label="Focus group or consultation")
        await page.get_by_label("Target group 1").select_option("inspectors")
        await page.get_by_role("button", name="Save the analysis").click()
        await look(page, "Record an analysis of needs")
        assert "Choose both, or leave both open." in await page.locator("[role=alert]").inner_text()
        await page.get_by_label("Topic 1").select_option("imi")
        await page.get_by_label("Weight 1").select_option("5")
        await page.get_by_role("button", name="Save the analysis").click()
        await look(page, "Focus group of training centres")
        await page.get_by_role("link", name="Analyses").first.click()
        await look(page, "3 analyses of needs")
        await page.goto(f"{base}/requests/needs")
        await page.locator("a[href*='topic=imi']").click()
        await look(page, "Internal Market Information System (IMI), needed by")
        await page.goto(f"{base}/requests/year/{YEAR}?member=BG")
        await look(page, f"Bulgaria in {YEAR}")
        assert watched.wrong == []

        page, watched = await person("Odile Marchebois")
        await page.goto(f"{base}/requests/readings")
        await look(page, "2 of 11 figures from outside are known")
        await page.get_by_role("link", name="Enter a figure").click()
        await look(page, "Enter a figure from outside")
        await page.get_by_label("Figure").select_option(label="Followers on LinkedIn")
        await page.get_by_label("Value").fill("1500")
        await page.get_by_label("Source").fill("LinkedIn, page statistics")
        await page.get_by_role("button", name="Save the figure").click()
        await look(page, "3 of 11 figures from outside are known")
        await page.get_by_role("link", name="Followers on LinkedIn").last.click()
        await look(page, "Followers on LinkedIn: 1,500")
        await page.get_by_label("Value").fill("1501")
        await page.get_by_label("Reason").fill("Typed wrongly.")
        await page.get_by_role("button", name="Correct the figure").click()
        await look(page, "Followers on LinkedIn: 1,501")
        await page.goto(f"{base}/requests/readings/file")
        await look(page, "Send a file of figures from outside")
        await page.goto(f"{base}/requests/projects")
        await look(page, "14 projects, 5 of them current")
        await page.get_by_role("link", name="QUEEN").click()
        await look(page, "QUEEN")
        await page.get_by_role("link", name="Change the project").click()
        await page.get_by_label("Current", exact=True).check()
        await look(page, "Change the project")
        await page.get_by_role("button", name="Save the project").click()
        await look(page, "QUEEN")
        assert watched.wrong == []
