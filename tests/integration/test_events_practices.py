"""A good practice from draft to library with its reuse on the map, and an alert that only those named can read."""

import json
import re
from datetime import timedelta

import pytest

from shared.profiles.persons import local_persons
from tests.support.events import TODAY, running_events
from tests.support.pages import DESK, PHONE, Watched, chromium, overflow, violations
from tests.support.tally import until

NETWORK = "fr-it-pt-es"


@pytest.fixture(scope="module")
async def events(brokers, module_namespace, tmp_path_factory):
    log = tmp_path_factory.mktemp("events") / "events.log"
    async with running_events(brokers, module_namespace, log) as service:
        service.log = log
        yield service


@pytest.fixture
async def visit(events):
    """Browsers without JavaScript, of persons by subject; closed in the end."""
    opened = []

    async def visitor(subject):
        opened.append(await events.visitor(subject))
        return opened[-1]

    yield visitor
    for one in opened:
        await one.client.aclose()


async def signed_in(page, visitor) -> None:
    """The browser goes on as this person."""
    await page.context.clear_cookies()
    url = str(visitor.client.base_url)
    cookies = [{"name": one.name, "value": one.value or "", "url": url} for one in visitor.client.cookies.jar]
    await page.context.add_cookies(cookies)


async def looked_at(page, address: str, paths: list[str], shots) -> None:
    for size in (PHONE, DESK):
        await page.set_viewport_size(size)
        for number, path in enumerate(paths):
            answer = await page.goto(address + path)
            assert answer.status == 200, path
            assert await violations(page) == [], path
            assert await overflow(page) == 0, path
            await page.screenshot(path=shots / f"{number}-{size['width']}.png", full_page=True)


async def test_a_practice_goes_from_draft_to_the_library_and_its_reuse_onto_the_map(events, visit, tmp_path) -> None:
    coordinator = await visit(f"{NETWORK}-coordinator")
    call, last = "/events/practices/call", (TODAY + timedelta(days=30)).isoformat()
    assert "The call is open" in await coordinator.send(
        call, call, year=str(TODAY.year), themes="Seasonal work\nPosting", closes_on=last
    )
    async with chromium() as browser:
        context = await browser.new_context(viewport=DESK)
        watched = Watched(context)
        page = await context.new_page()
        await signed_in(page, await visit(f"{NETWORK}-nlo-pt"))
        await page.goto(f"{events.address}/events/practices/new")
        await page.get_by_label("Title of the good practice").fill("Joint teams before the harvest")
        await page.get_by_role("button", name="Submit it").click()
        assert "Choose a theme of a call that is open" in await page.content()
        await page.get_by_label("Theme").select_option(index=1)
        for field in await page.locator("input[name^='fields.'], textarea[name^='fields.']").all():
            if not await field.input_value():
                await field.fill("Inspectors of both sides plan together.")
        await page.get_by_role("button", name="Submit it").click()
        await page.wait_for_url("**/events/practices/practice-*")
        story = page.url.removeprefix(events.address)

        officers = await coordinator.see(story)
        named = dict(re.findall(r'<option value="([0-9a-f]{32})"[^>]*>(ES|FR|PT) ', officers))
        es, fr, pt = (next(id for id, code in named.items() if code == member) for member in ("ES", "FR", "PT"))
        said = await coordinator.send(story, f"{story}/reviewers", status=422, first=es, second=pt)
        assert "Nobody reviews a practice of their own member" in said
        await coordinator.send(story, f"{story}/reviewers", first=es, second=fr)
        criteria = re.findall(r'name="scores\.([a-z-]+)"', await (await visit(f"{NETWORK}-nlo-es")).see(story))
        assert len(set(criteria)) == 7
        for member, score in (("es", "5"), ("fr", "4")):
            reviewer = await visit(f"{NETWORK}-nlo-{member}")
            scores = {f"scores.{one}": score for one in criteria} | {f"remarks.{criteria[0]}": f"Good, says {member}"}
            assert f"Good, says {member}" in await reviewer.send(story, f"{story}/review", **scores)
            assert f"\nGood, says {member}</textarea>" in await reviewer.see(story), "a score alone is changed"
            scores[f"remarks.{criteria[0]}"] = f"Better, says {member}"
            await reviewer.send(story, f"{story}/review", **scores)
        assert await events.db.practice_reviews.count_documents({}) == 2, "what was replaced is gone"
        await (await visit(f"{NETWORK}-nlo-it")).see(story, status=404)
        await coordinator.send(story, f"{story}/publish")
        day = TODAY.isoformat()
        assert "exemplary" in await coordinator.send(story, f"{story}/recognise", presented_on=day)
        recognition = await (await visit(f"{NETWORK}-nlo-it")).client.get(f"{story}/certificate.pdf")
        assert recognition.content.startswith(b"%PDF")

        await signed_in(page, await visit(f"{NETWORK}-nlo-es"))
        await page.goto(events.address + story)
        await page.get_by_text("We apply it too").first.click()
        await page.get_by_label("Since").fill("2023-09")
        await page.get_by_role("button", name="Note the reuse").click()
        await page.goto(f"{events.address}/events/practices/map")
        assert "One member applies what another found" in await page.locator("h1").inner_text()
        assert await page.locator("svg.arcs a").count() == 1
        assert "Joint teams before the harvest" in await page.locator("table").inner_text()
        paths = ["/events/practices", story, "/events/practices/map", "/events/practices/new", "/events/alerts"]
        await looked_at(page, events.address, paths, tmp_path)
        await signed_in(page, await visit(f"{NETWORK}-coordinator"))
        await looked_at(
            page, events.address, [call, story, "/events/practices?criterion=recognition&exemplary=yes"], tmp_path
        )
        assert watched.wrong == []

    async def found() -> bool:
        answer = await coordinator.client.get("/events/api/v1/practices", params={"q": "harvest", "member": "PT"})
        return bool(answer.json()["total"] == 1)

    await until(found, 30, "the practice in the search")
    facets = (await coordinator.client.get("/events/api/v1/practices")).json()["facets"]
    assert (facets["member"], facets["exemplary"]) == ({"PT": 1}, {"yes": 1})
    told = {one["kind"] async for one in events.db.outbox.find({"network": NETWORK})}
    assert {
        f"practice-{kind}" for kind in ("call", "submitted", "to-review", "published", "recognised", "reused")
    } <= told


async def test_a_draft_that_another_saved_meanwhile_is_shown_beside_what_was_typed(events, visit) -> None:
    portugal, new = await visit(f"{NETWORK}-nlo-pt"), "/events/practices/new"
    html = await portugal.send(new, new, **{"fields.title": "First words", "_then": "save"})
    [edit] = set(re.findall(r'"(/events/practices/practice-[0-9a-f-]{36}/edit)"', html))
    await portugal.send(edit, edit, **{"fields.title": "Second words"})
    html = await portugal.send(edit, edit, status=409, **{"fields.title": "Third words", "_version": "1"})
    assert "Nothing of yours is saved" in html
    assert "Second words" in html, "what stands now"
    assert 'value="Third words"' in html, "what was typed"
    await (await visit(f"{NETWORK}-organiser")).see(edit.removesuffix("/edit"), status=404)


def name_of(subject: str) -> str:
    return next(one.name for one in local_persons() if one.subject == subject)


async def test_an_alert_is_read_by_those_named_alone_and_stands_nowhere_in_clear(events, visit) -> None:
    spain, portugal, italy = [await visit(f"{NETWORK}-nlo-{member}") for member in ("es", "pt", "it")]
    said = {"topic": "fraudulent-company", "subject": "Obras Cometa", "text": "Obras Cometa forged A1 forms."}
    expires = (TODAY + timedelta(days=20)).isoformat()
    html = await spain.send("/events/alerts", "/events/alerts", to=["PT", "FR"], expires_on=expires, **said)
    assert "Obras Cometa forged A1 forms." in html
    [alert] = {one["_id"] async for one in events.db.streams.find({"aggregate": "warning"})}
    page = f"/events/alerts/{alert}"
    await italy.see(page, status=404)
    assert (await italy.client.get(f"/events/api/v1/alerts/{alert}")).status_code == 404
    for subject in (f"{NETWORK}-coordinator", "ela-nlo-pt"):
        other = await visit(subject)
        assert (await other.client.get(page)).status_code in (403, 404), subject
    assert (await (await visit(None)).client.get(page)).url.path == "/sign-in"
    for path in (page, "/events/alerts"):
        assert "Cometa" not in await portugal.see(path), "not before it was opened"
    assert "Obras Cometa forged A1 forms." in await portugal.send(page, f"{page}/open")
    assert "Cometa too" in await portugal.send(page, f"{page}/discuss", text="We know Cometa too.")
    seen = await spain.see(page)
    assert name_of(f"{NETWORK}-nlo-pt") in seen
    assert "We know Cometa too." in seen
    assert "Obras Cometa" in await spain.see("/events/alerts")
    long = "We know. " * 600
    again = await spain.send(page, f"{page}/discuss", status=422, text=long)
    assert again.count(long.strip()) == 1, "what was typed is kept where it was typed"
    await spain.send(page, f"{page}/correct", **(said | {"text": "Obras Cometa, corrected."}))
    assert "Cometa" not in await portugal.see(page), "corrected, it is to be opened again"
    assert "Obras Cometa, corrected." in await portugal.send(page, f"{page}/open")

    assert await events.db.sealed_words.count_documents({}) == 2
    for name in await events.db.list_collection_names():
        async for document in events.db[name].find({}):
            assert "Cometa" not in json.dumps(document, default=str), name
    for record in await events.published():
        assert b"Cometa" not in record.value
    assert "Cometa" not in events.log.read_text()
    letters = [one async for one in events.db.outbox.find({"kind": "alert-there"})]
    assert letters
    assert all(set(one.get("data", {})) <= {"warning"} for one in letters)

    assert "stands no more" in await spain.send(page, f"{page}/withdraw")
    assert await events.db.sealed_words.count_documents({}) == 0
    assert "Cometa" not in await portugal.see(page)
