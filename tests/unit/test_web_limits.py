"""How often somebody may ask: per person, key and link; by address only where somebody signs in."""

import httpx
import pytest

from shared.people import Key, Role
from shared.settings import Settings
from shared.web import limits
from shared.web.limits import BackOff, Buckets
from tests.support.sample_app import PERSONS, SECRET, sample_app

OURS = "http://127.0.0.1:8080"
JSON = {"accept": "application/json"}


@pytest.fixture
def clock(monkeypatch):
    """The clock of the limits; it stands still unless it is moved."""
    now = [1000.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    return now


class Keys:
    """A vault with two right keys."""

    def __init__(self) -> None:
        self.keys, self.asked = self, 0

    async def principal(self, bearer: str) -> Key | None:
        self.asked += 1
        return Key(f"key-{bearer}", "Form", (Role.NLO,), "BG", "ela") if bearer in ("good", "other") else None


def app_with(people=None, **settings):
    return sample_app(settings=Settings(profile="local", secret=SECRET, **settings), people=people)


def browser(app, address="192.0.2.1"):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 5000)), base_url=OURS)


def with_key(key):
    return {"authorization": f"Bearer {key}", **JSON}


def test_a_bucket_fills_again_at_its_rate(clock):
    bucket = Buckets(rate=2, burst=3)
    assert [bucket.take("a") for _time in range(4)] == [0, 0, 0, 0.5]
    clock[0] += 0.5
    assert [bucket.take("a"), bucket.take("b")] == [0, 0]
    clock[0] += 3600
    assert [bucket.take("a") for _time in range(4)] == [0, 0, 0, 0.5]


def test_buckets_are_bounded(clock, monkeypatch):
    monkeypatch.setattr(limits, "_KEPT", 10)
    bucket, wrong = Buckets(1), BackOff()
    for number in range(50):
        bucket.take(str(number))
        wrong.failed(str(number))
    assert len(bucket._left) == len(wrong._failed) == 10


def test_each_further_failure_doubles_the_wait_up_to_five_minutes(clock):
    back_off, waits = BackOff(free=3), []
    for _time in range(14):
        back_off.failed("a")
        waits.append(back_off.wait("a"))
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert back_off.wait("b") == 0
    clock[0] += 901
    back_off.failed("a")
    assert back_off.wait("a") == 0


async def test_a_person_is_slowed_down_in_every_browser_and_nobody_else_is(clock):
    app = app_with(limit_person=1)
    async with browser(app) as one, browser(app) as two, browser(app) as other:
        for http, subject in ((one, "bg"), (two, "bg"), (other, "organiser")):
            await http.post("/sign-in", data={"subject": subject})
        for _time in range(5):
            assert [(await http.get("/requests/")).status_code for http in (one, two)] == [200, 200]
        page = await one.get("/requests/")
        assert (page.status_code, page.headers["retry-after"]) == (429, "1")
        assert "Please wait a moment" in page.text
        told = await two.get("/requests/api/v1/may/requests.read", headers=JSON)
        assert (told.status_code, told.headers["content-type"]) == (429, "application/problem+json")
        assert told.json()["code"] == "too-many-requests"
        assert (await other.get("/requests/")).status_code == 200
        clock[0] += 1
        assert (await one.get("/requests/")).status_code == 200


async def test_a_key_has_its_own_limit_wherever_it_is_used_from(clock):
    app, path = app_with(Keys(), limit_key=0.5), "/requests/api/v1/may/requests.read"
    async with browser(app) as one, browser(app, "192.0.2.2") as two:
        answers = [(await http.get(path, headers=with_key("good"))).status_code for http in (one, two) * 3]
        assert answers == [200] * 5 + [429]
        assert (await one.get(path, headers=with_key("other"))).status_code == 200


async def test_a_link_has_its_own_limit_whoever_follows_it(clock):
    app = app_with(limit_link=0.3)
    async with browser(app) as one, browser(app, "192.0.2.2") as two:
        answers = [(await http.get("/requests/links/of-ana")).status_code for http in (one, two) * 2]
        assert answers == [200, 200, 200, 429]
        assert (await one.get("/requests/links/of-duarte")).status_code == 200


async def test_signing_in_is_limited_by_address_and_nothing_else_is(clock):
    app = app_with(limit_sign_in=10)
    async with browser(app) as one, browser(app, "192.0.2.2") as two:
        answers = [(await one.post("/sign-in", data={"subject": "nobody"})).status_code for _time in range(6)]
        assert answers == [422] * 5 + [429]
        assert (await one.get("/")).status_code == 200
        assert (await two.post("/sign-in", data={"subject": PERSONS[0].subject})).status_code == 303


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
async def test_an_address_of_ipv6_counts_with_its_network(clock, first, second, same):
    app = app_with(limit_sign_in=10)
    async with browser(app, first) as one, browser(app, second) as two:
        for _time in range(5):
            await one.post("/sign-in", data={"subject": "nobody"})
        assert ((await two.post("/sign-in", data={"subject": "nobody"})).status_code == 429) is same


async def test_guessing_keys_is_slowed_down_without_asking_the_vault_and_right_ones_go_on(clock):
    keys, path = Keys(), "/requests/api/v1/may/requests.read"
    app = app_with(keys)
    async with browser(app) as neighbour, browser(app) as guessing, browser(app, "192.0.2.2") as elsewhere:
        assert (await neighbour.get(path, headers=with_key("good"))).status_code == 200
        answers = [await guessing.get(path, headers=with_key(f"guess {number}")) for number in range(30)]
        assert [one.status_code for one in answers] == [401] * 10 + [429] * 20
        assert int(answers[-1].headers["retry-after"]) == 1
        assert keys.asked == 11
        clock[0] += 61  # forgotten by the memory, but known to have been right
        for _time in range(3):
            await guessing.get(path, headers=with_key("guess"))
        assert (await guessing.get(path, headers=with_key("other"))).status_code == 429
        assert (await neighbour.get(path, headers=with_key("good"))).status_code == 200
        assert (await elsewhere.get(path, headers=with_key("other"))).status_code == 200


def test_on_a_machine_of_one_s_own_the_simulator_is_not_kept_out():
    assert Settings(profile="local", secret=SECRET).limit_key >= 1000
    assert Settings(profile="local", secret=SECRET, limit_key=3).limit_key == 3
    assert Settings(profile="production", secret=SECRET).limit_key == 200
