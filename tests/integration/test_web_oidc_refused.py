"""Every way of forging a sign-in at a provider, each refused: requests, answers, tokens, sign-outs."""

import time

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from shared.web.oidc import NotVouched, Provider
from tests.support.identity_provider import CLIENT, SECRET
from tests.support.oidc_place import BASE, good_claims, installation


@pytest.fixture(scope="module")
async def place(brokers):
    async with installation(brokers) as found:
        yield found


async def refused(place, answer) -> None:
    assert answer.status_code == 400, answer.text
    assert "You could not be signed in" in answer.text


@pytest.mark.parametrize("changed", ["nonce", "state", "code_challenge"])
async def test_a_request_that_was_changed_on_its_way_is_refused(place, changed):
    async with place.browser() as browser:
        begun = httpx.URL(await browser.to_provider())
        begun = begun.copy_set_param(changed, "x" * 43)
        await refused(place, await browser.log_in(str(begun), "iva"))
        assert (await browser.ours.get("/account")).status_code == 303


async def test_an_answer_is_worth_nothing_in_another_browser_or_twice_or_from_another_sender(place):
    async with place.browser() as victim, place.browser() as attacker:
        begun = await attacker.to_provider()
        stopped = await attacker.log_in(begun, "iva", stop="/sign-in/back")
        answer = stopped.headers["location"]
        await refused(place, await victim.ours.get(answer))  # login CSRF: signed in as somebody else
        mixed = str(httpx.URL(answer).copy_set_param("iss", "https://evil.example"))
        cookies = dict(attacker.ours.cookies)
        await refused(place, await attacker.ours.get(mixed))
        attacker.ours.cookies.update(cookies)
        assert (await attacker.ours.get(answer)).status_code == 303
        attacker.ours.cookies.update(cookies)
        await refused(place, await attacker.ours.get(answer))


async def test_wrong_answers_from_one_address_are_slowed_down_and_no_other_s(place):
    app = place.app()
    async with place.browser(app, address="192.0.2.66") as guessing, place.browser(app, address="192.0.2.7") as other:
        seen = [(await guessing.ours.get("/sign-in/back?code=x&state=guessed")) for _time in range(12)]
        assert [answer.status_code for answer in seen[:10]] == [400] * 10
        assert (seen[-1].status_code, int(seen[-1].headers["retry-after"])) == (429, 1)
        assert (await other.sign_in("iva")).status_code == 200


async def test_signing_in_leads_to_pages_of_ours_alone(place):
    for next in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        async with place.browser() as browser:
            begun = str(httpx.URL(f"{BASE}/sign-in", params={"next": next}))
            page = await browser.sign_in("iva", begun)
            assert page.request.url.host == "127.0.0.1"
            assert page.request.url.path == "/requests/"


async def test_the_ready_made_persons_are_gone(place):
    async with place.browser() as browser:
        assert (await browser.ours.post("/sign-in", data={"subject": "coordinator"})).status_code == 422
        assert "There are no passwords" not in (await browser.ours.get("/")).text


LONG_AGO = int(time.time()) - 3600
WRONG = {
    "issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "audience": {"aud": "another client"},
    "no audience": {"aud": None},
    "for several, issued to nobody": {"aud": [CLIENT, "other"]},
    "issued to another": {"aud": [CLIENT, "other"], "azp": "other"},
    "expired": {"iat": LONG_AGO, "exp": LONG_AGO + 60},
    "never expires": {"exp": None},
    "written in the future": {"iat": LONG_AGO + 7200, "exp": LONG_AGO + 9000},
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": None},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_token_that_says_something_wrong_is_refused_though_the_provider_signed_it(place, wrong):
    key = RSAKey.import_key(await place.provider.private_key())
    provider = Provider(place.settings)
    token = jwt.encode({"alg": "RS256", "kid": key.kid}, good_claims(place), key)
    assert (await provider._tokens({"id_token": token}, nonce="n")).subject == "iva"
    token = jwt.encode({"alg": "RS256", "kid": key.kid}, good_claims(place, **WRONG[wrong]), key)
    with pytest.raises(NotVouched):
        await provider._tokens({"id_token": token}, nonce="n")


async def test_a_token_signed_otherwise_is_refused(place):
    key = RSAKey.import_key(await place.provider.private_key())
    claims, provider = good_claims(place), Provider(place.settings)
    none = "eyJhbGciOiJub25lIn0." + jwt.encode({"alg": "RS256"}, claims, key).split(".")[1] + "."
    shared = OctKey.import_key(SECRET)
    stranger = RSAKey.generate_key(2048)
    for token in (
        none,
        jwt.encode({"alg": "HS256", "kid": key.kid}, claims, shared),
        jwt.encode({"alg": "RS256", "kid": key.kid}, claims, stranger),
        jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)[:-8] + "AAAAAAAA",
        "not a token",
    ):
        with pytest.raises(NotVouched):
            await provider._tokens({"id_token": token}, nonce="n")


async def test_the_provider_ends_sessions_by_the_back_channel_and_nobody_else_does(place):
    key = RSAKey.import_key(await place.provider.private_key())
    event = {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}, "jti": "1"}
    async with place.browser() as browser:
        await browser.sign_in("iva")
        forged = jwt.encode({"alg": "RS256", "kid": key.kid}, good_claims(place, **event), RSAKey.generate_key(2048))
        id_token = jwt.encode({"alg": "RS256", "kid": key.kid}, good_claims(place), key)
        with_nonce = jwt.encode({"alg": "RS256", "kid": key.kid}, good_claims(place, **event), key)
        for token in (forged, id_token, with_nonce, ""):
            told = await browser.ours.post("/sign-in/back-channel", data={"logout_token": token})
            assert told.status_code in (400, 403), told.text
        assert (await browser.ours.get("/account")).status_code == 200
        good = jwt.encode({"alg": "RS256", "kid": key.kid}, good_claims(place, nonce=None, **event), key)
        async with place.browser() as server:  # a program, with no cookie of anybody's
            told = await server.ours.post("/sign-in/back-channel", data={"logout_token": good})
            assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
        browser.ours._transport.app.state.sessions._forget()
        assert (await browser.ours.get("/account")).status_code == 303
