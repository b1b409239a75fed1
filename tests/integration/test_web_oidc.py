"""Sign-in at a real OpenID Connect provider: there and back, kept while it refreshes, and ended."""

import asyncio
import contextlib
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from deploy.commands.person import add_person
from shared.contracts.refused import Refused
from shared.people import Role
from shared.people.accounts import Facts
from shared.web import oidc
from shared.web.oidc import NotVouched
from tests.support.oidc_place import BASE, good_claims, installation
from tests.support.pages import Watched, chromium, overflow, served, violations


@pytest.fixture(scope="module")
async def place(brokers):
    async with installation(brokers) as found:
        yield found


async def test_there_and_back_as_the_person_that_a_coordinator_made(place):
    async with place.browser() as browser:
        begun = await browser.to_provider("/sign-in?next=/requests/new")
        asked = parse_qs(urlsplit(begun).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == [f"{BASE}/sign-in/back"]
        page = await browser.log_in(begun, "iva")
        assert (page.status_code, page.request.url.path) == (200, "/requests/new")
        account = (await browser.ours.get("/account")).text
        assert "iva@bg.example.test" in account
        held = "".join(cookie.value for cookie in browser.ours.cookies.jar)
        assert "iva" not in held.lower()
        kept = await place.db.sessions.find_one({"login": f"{place.provider.issuer}|iva"})
        assert kept["sealed"]
        assert "refresh" not in str(kept["sealed"])
        # Who is signed in goes straight on.
        assert (await browser.ours.get("/sign-in?next=/requests/")).headers["location"] == "/requests/"


async def test_the_login_is_linked_once_and_holds_though_the_address_changes(place):
    async with place.browser() as browser:
        await browser.sign_in("miro")
    person = await place.db.persons.find_one_and_update(
        {"address": "miro@ela.example.test"}, {"$set": {"address": "m@ela.example.test", "email": "m@ela.example.test"}}
    )
    assert person["subjects"] == [f"{place.provider.issuer}|miro"]
    async with place.browser() as browser:
        await browser.sign_in("miro")
        assert "m@ela.example.test" in (await browser.ours.get("/account")).text


async def test_the_first_coordinator_comes_from_the_command_line(place):
    async with place.browser() as browser:
        assert (await browser.sign_in("first")).status_code == 403
        facts = Facts("Ana", "Ana@etf.example.test", "", None, (Role.COORDINATOR,))
        person = await add_person(place.settings, "etf", facts)
        begun = await browser.to_provider("/sign-in?next=/account")
        page = await browser.follow(await browser.theirs.get(begun))  # the provider knows her still
        assert (page.status_code, page.request.url.path) == (200, "/account")
        assert await place.db.sessions.count_documents({"subject": person}) == 1
        with pytest.raises(Refused, match="account already"):
            await add_person(place.settings, "etf", facts)


@pytest.mark.parametrize(
    ("login", "told"),
    [
        ("stranger", "as stranger@elsewhere.example.test"),
        ("unproven", "no address"),
        ("again", "as iva@bg.example.test"),
    ],
)
async def test_who_is_not_known_is_told_whom_to_ask(place, login, told):
    """Nobody with that address, an address that nobody has verified, or one that is another login's already."""
    async with place.browser() as first:
        await first.sign_in("iva")
    async with place.browser() as browser:
        page = await browser.sign_in(login)
        assert page.status_code == 403
        assert "Ask a coordinator of your network" in page.text
        assert told in page.text.casefold()
        assert (await browser.ours.get("/account")).status_code == 303


async def test_one_login_is_a_person_in_each_of_its_networks(place):
    async with place.browser() as browser:
        await browser.sign_in("iva")
        before = {"cookie": f"liaison={browser.ours.cookies['liaison']}"}
        page = (await browser.ours.get("/account")).text
        person, csrf = (page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("person", "_csrf"))
        await browser.ours.post("/account/network", data={"person": person, "_csrf": csrf})
        page = (await browser.ours.get("/account")).text
        assert "Coordinator" in page.split("<main")[1]
        assert (await browser.ours.get("/account", headers=before)).status_code == 303
        csrf = page.split('name="_csrf" value="')[1].split('"')[0]
        miro = await place.db.persons.find_one({"name": "Miro"})
        refused = await browser.ours.post("/account/network", data={"person": miro["_id"], "_csrf": csrf})
        assert refused.status_code == 404


def form_to(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the page's form that leads there."""
    form = page.split(f'action="{action}"')[1].split("</form>", maxsplit=1)[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


async def test_a_login_is_unlinked_by_a_coordinator_or_by_whose_other_one_it_is(place):
    old = f"{place.provider.issuer}.former|iva-before"
    async with place.browser() as browser, place.browser() as office, place.browser(place.app()) as later:
        await browser.sign_in("iva")
        query = {"address": "iva@bg.example.test", "network": "ela"}
        iva = await place.db.persons.find_one_and_update(query, {"$addToSet": {"subjects": old}})
        page = (await browser.ours.get("/account")).text
        assert "ending in fore" in page
        wrong = await browser.ours.post("/account/unlink", data={**form_to(page, "/account/unlink"), "login": "x"})
        assert wrong.status_code == 409
        await browser.ours.post("/account/unlink", data=form_to(page, "/account/unlink"))
        assert old not in (await place.db.persons.find_one(query))["subjects"]
        assert "Your other logins" not in (await browser.ours.get("/account")).text

        await office.sign_in("miro")
        at = f"/admin/persons/{iva['_id']}"
        page = (await office.ours.get(at)).text
        assert "ending in iva" in page
        sent = form_to(page, f"{at}/unlink")
        assert (await office.ours.post(f"{at}/unlink", data=sent)).headers["location"] == at
        assert "unlinked a login" in (await office.ours.get(at)).text
        later.ours.cookies = browser.ours.cookies  # another process, which does not remember who was signed in
        assert (await later.ours.get("/account")).status_code == 303
        again = await office.follow(await office.ours.post(f"{at}/unlink", data=sent))
        assert "not linked any more" in again.text
        told = await place.db.trail.find({"what": "login-unlinked"}).sort("at", 1).to_list(None)
        assert [one["about"] for one in told] == [iva["_id"]] * 2
        assert "iva" not in str([{**one, "about": "", "by": ""} for one in told])
    await place.db.persons.update_one(query, {"$addToSet": {"subjects": f"{place.provider.issuer}|iva"}})


async def test_roles_that_were_taken_end_the_session(place):
    async with place.browser() as browser:
        await browser.sign_in("iva")
        query = {"address": "iva@bg.example.test"}
        rows = await place.db.persons.find(query).to_list(None)
        await place.db.persons.update_many(query, {"$set": {"roles": []}})
        other = place.browser(place.app())  # another process, which remembers nobody
        other.ours.cookies = browser.ours.cookies
        assert (await other.ours.get("/account")).status_code == 303
        for row in rows:
            await place.db.persons.update_one({"_id": row["_id"]}, {"$set": {"roles": row["roles"]}})
        await other.__aexit__()


async def due_now(place, browser) -> dict:
    """The session's row, made due for the provider to be asked."""
    row = await place.db.sessions.find_one({"login": {"$exists": True}}, sort=[("begun", -1)])
    await place.db.sessions.update_one({"_id": row["_id"]}, {"$set": {"due": datetime.now(UTC) - timedelta(seconds=1)}})
    browser.ours._transport.app.state.sessions._forget()
    return row


async def test_a_session_lives_on_while_the_provider_refreshes_it(place):
    async with place.browser() as browser:
        await browser.sign_in("iva")
        for _time in range(2):  # a refresh token is good once: the second must be the new one
            before = await due_now(place, browser)
            assert (await browser.ours.get("/account")).status_code == 200
            after = await place.db.sessions.find_one({"_id": before["_id"]})
            assert after["due"] > datetime.now(UTC)
            assert after["sealed"] != before["sealed"]
            assert after["vouched"] > before["vouched"]


async def test_many_processes_ask_the_provider_once(place):
    """A refresh token that is used twice would end the session there."""
    apps, refreshed = [place.app() for _time in range(3)], []
    async with place.browser() as browser, contextlib.AsyncExitStack() as stack:
        await browser.sign_in("iva")
        others = [await stack.enter_async_context(place.browser(app)) for app in apps]
        for app, other in zip(apps, others, strict=True):
            other.ours.cookies.update(browser.ours.cookies)
            ask = app.state.identity.provider.refresh
            app.state.identity.provider.refresh = lambda *given, ask=ask: refreshed.append(1) or ask(*given)
        await due_now(place, browser)
        answers = await asyncio.gather(*(other.ours.get("/account") for other in others * 3))
        assert {answer.status_code for answer in answers} == {200}
        assert len(refreshed) == 1


async def test_it_ends_when_the_provider_no_longer_does(place):
    async with place.browser() as browser:
        await browser.sign_in("iva")
        page = await browser.theirs.get(f"{place.provider.issuer}/session/end")
        xsrf = page.text.split('name="xsrf" value="')[1].split('"')[0]
        await browser.theirs.post(f"{place.provider.issuer}/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"})
        row = await due_now(place, browser)
        assert (await browser.ours.get("/account")).status_code == 303
        assert await place.db.sessions.find_one({"_id": row["_id"]}) is None


async def test_a_provider_that_is_away_for_a_moment_signs_nobody_out(place):
    async with place.browser() as browser:
        await browser.sign_in("iva")
        row = await due_now(place, browser)
        away = place.app()
        away.state.identity.provider._json = _away
        elsewhere = place.browser(away)
        elsewhere.ours.cookies = browser.ours.cookies
        assert (await elsewhere.ours.get("/account")).status_code == 200
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        await place.db.sessions.update_one({"_id": row["_id"]}, {"$set": {"due": long_ago, "vouched": long_ago}})
        away.state.sessions._forget()
        assert (await elsewhere.ours.get("/account")).status_code == 303
        page = await elsewhere.ours.get("/sign-in")
        assert (page.status_code, page.headers["retry-after"]) == (503, "10")
        await elsewhere.__aexit__()


async def _away(*_asked, **_sent):
    raise oidc.ProviderAway("nobody answers")


async def test_rotated_keys_are_fetched_and_only_so_often(place):
    app = place.app()
    async with place.browser(app) as browser:
        await browser.sign_in("iva")
        await place.provider.rotate()
    async with place.browser(app) as browser:
        assert (await browser.sign_in("iva")).status_code == 200
    provider, asked = app.state.identity.provider, []
    fetch = provider._key_set

    async def counted(*, anew=False):
        asked.append(anew)
        return await fetch(anew=anew)

    provider._key_set = counted
    forged = jwt.encode({"alg": "RS256", "kid": "unknown"}, good_claims(place), RSAKey.generate_key(2048))
    for _time in range(20):
        with pytest.raises(NotVouched, match="InvalidKeyId"):
            await provider._tokens({"id_token": forged}, nonce="n")
    assert asked.count(True) <= 5


async def test_signing_out_ends_it_here_and_at_the_provider_and_comes_back(place):
    async with place.browser() as browser:
        await browser.sign_in("iva")
        stolen = {"cookie": f"liaison={browser.ours.cookies['liaison']}"}
        csrf = (await browser.ours.get("/account")).text.split('name="_csrf" value="')[1].split('"')[0]
        page = await browser.ours.post("/sign-out", data={"_csrf": csrf})
        onward = page.headers["refresh"].removeprefix("0; url=")
        assert onward.startswith(f"{place.provider.issuer}/session/end?")
        assert (await browser.ours.get("/account", headers=stolen)).status_code == 303
        async with place.browser(place.app()) as thief:  # and in every other process
            assert (await thief.ours.get("/account", headers=stolen)).status_code == 303
        asks = await browser.theirs.get(onward)
        xsrf = asks.text.split('name="xsrf" value="')[1].split('"')[0]
        done = await browser.theirs.post(
            f"{place.provider.issuer}/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"}
        )
        assert done.headers["location"] == f"{BASE}/"
        # The provider, too, asks for a name again.
        page = await browser.follow(await browser.theirs.get(await browser.to_provider()))
        assert 'name="login"' in page.text


async def test_in_a_browser_with_its_content_security_policy(place):
    app = place.app(base_url=f"http://127.0.0.1:{place.port}", oidc_client_id="liaison-in-a-browser")
    async with chromium() as browser, served(app, place.port) as base:
        context = await browser.new_context(viewport={"width": 390, "height": 844})
        watched = Watched(context)
        page = await context.new_page()
        await page.goto(f"{base}/requests/")
        await page.fill('input[name="login"]', "stranger")
        await page.fill('input[name="password"]', "any")
        await page.click('button[type="submit"]')
        await page.wait_for_url(f"{base}/sign-in/back*")
        assert await violations(page) == []
        assert await overflow(page) == 0
        await page.get_by_role("link", name="Sign in as somebody else").click()
        await page.fill('input[name="login"]', "iva")
        await page.fill('input[name="password"]', "any")
        await page.click('button[type="submit"]')
        await page.wait_for_url(f"{base}/requests/")
        await page.goto(f"{base}/account")
        assert await violations(page) == []
        assert await overflow(page) == 0
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await page.get_by_role("button", name="Yes, sign me out").click()
        await page.wait_for_url(f"{base}/")
        assert "You are signed out" in await page.content() or await page.get_by_role("link", name="Sign in").count()
        left = await place.db.sessions.count_documents({"sid": {"$exists": True}})
        assert left == 0
        assert [one for one in watched.wrong if base in one] == []
        await context.close()
