"""What people see of their letters: their choice, the way out in each letter, the mailbox, and what did not arrive."""

from datetime import UTC, datetime

import pytest

from services.requests.app import build
from shared.messages.unsubscribing import unsubscribe_path
from tests.support.mailbox import Mailbox, link, text
from tests.support.pages import PHONE, Watched, chromium, overflow, served, sign_in, violations
from tests.support.tally import settings_for, until

COORDINATOR, BULGARIA = "Miroslava Brezinková", "Iva Dragomirova"


@pytest.fixture(scope="module")
async def app(brokers, module_namespace):
    return build(settings_for(brokers.mongo_url, brokers.kafka, module_namespace))


@pytest.fixture(scope="module")
async def base(app):
    async with served(app) as address:

        async def ready() -> bool:
            return bool(app.state.service.prepared)

        await until(ready, 30, "the service's readiness")
        yield address


@pytest.fixture
async def browser():
    async with chromium() as found:
        yield found


async def opened(browser, base, name=None):
    context = await browser.new_context(locale="en-GB")
    watched = Watched(context)
    page = await context.new_page()
    if name:
        await sign_in(page, base, name)
    return page, watched


async def look(page, title: str) -> None:
    assert title in await page.locator("h1").inner_text()
    assert await violations(page) == []
    desk = page.viewport_size
    await page.set_viewport_size(PHONE)
    assert await overflow(page) == 0
    await page.set_viewport_size(desk)


async def asked(app, base, page) -> str:
    """A request of Bulgaria, declined; its address."""
    from services.requests.commands import DeclineRequest, SubmitRequest
    from services.requests.handlers import decline_request, submit_request
    from shared.spine.origin import Origin

    store = app.state.service.grouping.on_behalf_of(Origin("ela", actor="ela-coordinator"))
    request = SubmitRequest(
        kind="network-training", member="BG", title="Induction of inspectors", topic="posting", description="Why",
        quarter_wished=None,
    )  # fmt: skip
    receipt = await submit_request(request, store)
    stream = receipt.events[0].stream
    await decline_request(DeclineRequest(request=stream, reason="No room this year."), store)
    return stream


def people_of(app):
    return app.state.service.people.db.persons


async def test_a_decline_reaches_the_mailbox_with_its_reason_and_one_link(app, base, browser):
    page, watched = await opened(browser, base, BULGARIA)
    stream = await asked(app, base, page)
    mailbox = Mailbox(app.state.service.people.db)
    letter = await mailbox.letter("", "request-declined")
    assert "No room this year." in text(letter)
    assert link(letter) == f"/requests/{stream}"
    await page.goto(f"{base}/mailbox")
    await look(page, "1 letter was sent")
    await page.get_by_label("Whose").select_option("all")
    await page.get_by_role("button", name="Show").click()
    await page.get_by_role("link", name="Declined: Induction of inspectors").click()
    await look(page, "Declined: Induction of inspectors")
    assert await page.locator(f'a[href$="/requests/{stream}"]').count() == 1
    assert watched.wrong == []


async def test_news_are_chosen_and_ended_from_a_letter(app, base, browser):
    page, watched = await opened(browser, base, BULGARIA)
    await page.goto(f"{base}/account")
    await page.get_by_role("link", name="Mail: what you are told, and how").click()
    await look(page, "Letters go to")
    await page.get_by_label("News of your requests").select_option("daily")
    await page.get_by_role("button", name="Keep this choice").click()
    people = app.state.service.people
    person = await people.db.persons.find_one({"name": BULGARIA})
    assert person["mail"]["requests"] == "daily"
    stranger, unseen = await opened(browser, base)
    path = unsubscribe_path(app.state.settings, person["_id"], "feedback")
    await stranger.goto(base + path)
    await look(stranger, "Do you want no more letters of this kind?")
    looked = await people.db.persons.find_one({"name": BULGARIA})
    assert looked["mail"]["feedback"] == "at-once", "to look changes nothing"
    await stranger.get_by_role("button", name="No more letters of this kind").click()
    await look(stranger, "You get no more letters of this kind")
    assert (await people.db.persons.find_one({"name": BULGARIA}))["mail"]["feedback"] == "never"
    one_click = await stranger.request.post(
        base + unsubscribe_path(app.state.settings, person["_id"], "exchanges"),
        form={"List-Unsubscribe": "One-Click"},
    )
    assert one_click.status == 200
    assert (await people.db.persons.find_one({"name": BULGARIA}))["mail"]["exchanges"] == "never"
    assert (await stranger.request.get(f"{base}{path}x")).status == 404
    assert watched.wrong == []
    assert unseen.wrong == []


async def test_what_did_not_arrive_is_seen_and_sent_again(app, base, browser):
    page, watched = await opened(browser, base, COORDINATOR)
    outbox = app.state.service.db.outbox
    await page.goto(f"{base}/requests/letters")
    await look(page, "Every letter was taken by its mail server")
    stream = await asked(app, base, page)

    async def sent() -> bool:
        return await outbox.count_documents({"about": f"/requests/{stream}", "state": "sent"}) > 0

    await until(sent, 20, "the letter")
    people = app.state.service.people.db
    before = await people.mailbox.count_documents({})
    change = {"$set": {"state": "bounced", "reason": "5.1.1"}}
    await outbox.update_one({"about": f"/requests/{stream}"}, change)
    await page.goto(f"{base}/requests/{stream}")
    about = page.locator("#undelivered")
    assert BULGARIA in await about.inner_text()
    assert "The address does not work (5.1.1)" in await about.inner_text()
    await look(page, "declined")
    person = await people_of(app).find_one({"name": BULGARIA, "network": "ela"})
    mark = {"address": person["email"], "status": "5.1.1", "since": datetime.now(UTC)}
    await people_of(app).update_one({"_id": person["_id"]}, {"$set": {"bouncing": mark}})
    await page.goto(f"{base}/admin/persons/{person['_id']}")
    assert "the mail server says 5.1.1" in await page.locator("[role=status]").first.inner_text()
    await look(page, "What may")
    await page.goto(f"{base}/requests/letters")
    await look(page, "1 letter did not arrive")
    assert "The address does not work (5.1.1)" in await page.locator("table").inner_text()
    await page.get_by_role("button", name="Send again").click()
    await until(sent, 20, "the letter once more")
    assert (await outbox.find_one({"about": f"/requests/{stream}"}))["again"] == 1
    assert await people.mailbox.count_documents({}) == before + 1, "a new message, which its receiver does not drop"
    assert watched.wrong == []
