"""What every page is made of: lists, dates and numbers in the reader's words, notifications, small pictures."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from starlette.requests import Request

from shared import clock
from shared.profiles import load
from shared.web import formats, i18n
from shared.web.pages import Listing, PageContext, Paging
from shared.web.pictures import spark_points
from tests.support.sample_app import the_sample_app


@pytest.fixture(autouse=True)
def english():
    i18n.use("en")


@pytest.fixture
async def http():
    transport = httpx.ASGITransport(the_sample_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        await http.post("/sign-in", data={"subject": "bg"})
        yield http


def request(query: str) -> Request:
    return Request({"type": "http", "path": "/requests/", "query_string": query.encode(), "headers": []})


@pytest.mark.parametrize(
    ("query", "page", "per_page", "sort"),
    [
        ("", 1, 25, "-sent"),
        ("page=3&per_page=50&sort=fate", 3, 50, "fate"),
        ("page=0&per_page=0", 1, 25, "-sent"),
        ("page=-1&per_page=9999&sort=$where", 1, 200, "-sent"),
        ("page=x&sort=-fate", 1, 25, "-fate"),
        ("page=%D9%A3", 1, 25, "-sent"),
    ],
)
def test_an_address_never_breaks_a_list(query, page, per_page, sort):
    paging = Paging.of(request(query), sortable=("sent", "fate"), default="-sent")
    assert (paging.page, paging.per_page, paging.sort) == (page, per_page, sort)


def test_a_list_knows_its_pages():
    listing = Listing(range(5), total=1001, page=50, per_page=10)
    assert (listing.first, listing.last, listing.pages) == (491, 500, 101)
    assert listing.numbers == [1, None, 49, 50, 51, None, 101]
    assert Listing([], 0).first == 0


def test_links_of_a_list_keep_what_was_chosen():
    page = PageContext(request("kind=a&kind=b&page=2&lang=fr"), None, "")
    assert page.with_query(page=3) == "/requests/?kind=a&kind=b&page=3"
    assert page.with_query(page=None, kind=None) == "/requests/"


def test_a_moment_is_told_in_the_readers_zone_and_language():
    moment = datetime(2024, 9, 12, 22, 30, tzinfo=UTC)
    assert formats.moment(moment, "ela") == (
        '<time datetime="2024-09-13T00:30:00+02:00" title="13 September 2024, 00:30:00 CEST">13 Sept 2024</time>'
    )
    i18n.use("fr", "Atlantic/Azores")
    assert ">12 sept. 2024, 22:30</time>" in formats.moment(moment, "ela", style="minute")
    assert ">22:30</time>" in formats.moment(moment, style="time")


def test_a_day_of_this_year_needs_no_year():
    clock.set_offset(datetime(2024, 10, 15, tzinfo=UTC) - datetime.now(UTC))
    try:
        assert ">12 Sept<" in formats.moment(date(2024, 9, 12))
        assert ">12 September 2024<" in formats.moment("2024-09-12", style="date")
    finally:
        clock.set_offset(timedelta())


def test_numbers_and_names_follow_the_language():
    assert (formats.number(2114), formats.number(4.26, 1), formats.percent(0.614)) == ("2,114", "4.3", "61\u00a0%")
    assert (formats.member_name("EL", "ela"), formats.member_name("nowhere", "ela")) == ("Greece", "nowhere")
    i18n.use("fr")
    assert formats.number(4.26, 1) == "4,3"
    assert formats.member_name("EL", "ela") == "Grèce"


def test_json_in_a_page_ends_no_script():
    assert "</script" not in formats.json_text({"title": "</script><script>alert(1)&"})


@pytest.mark.parametrize(
    ("accepted", "best"),
    [("fr-BE,fr;q=0.9,en;q=0.8", "fr"), ("bg,en;q=0.5,fr;q=0.4", "en"), ("*", "en"), ("fr;q=x", "en"), ("", "en")],
)
def test_the_browsers_languages_are_heard(accepted, best):
    assert i18n.best_language(accepted) == best


async def test_a_chosen_language_is_kept(http):
    page = await http.get("/account?lang=fr", headers={"accept-language": "en"})
    assert 'lang="fr"' in page.text
    assert "Vous êtes connecté en tant que Iva" in page.text
    assert "Agent de liaison national" in (await http.get("/account")).text
    http.cookies.delete("liaison_lang")
    assert "You are signed in as Iva" in (await http.get("/account?lang=xx")).text


async def test_the_networks_language_is_the_last_choice(http, monkeypatch):
    """After the reader's own, the cookie, and what the browser asks for."""
    french = load("ela").model_copy(update={"language": "fr"})
    monkeypatch.setattr(formats, "in_words", lambda network: french)
    unheard = {"accept-language": "bg, *;q=0.5"}
    assert "Vous êtes connecté" in (await http.get("/account", headers=unheard)).text
    assert "You are signed in" in (await http.get("/account", headers={"accept-language": "en, fr;q=0.5"})).text
    assert "You are signed in" in (await http.get("/account?lang=en", headers=unheard)).text
    assert "You are signed in" in (await http.get("/account", headers=unheard)).text, "the cookie counts first"
    async with httpx.AsyncClient(transport=http._transport, base_url="http://127.0.0.1:8080") as nobody:
        assert 'lang="en"' in (await nobody.get("/privacy", headers=unheard)).text, "whose network is not known"


async def test_a_persons_own_language_is_the_first_choice_at_sign_in():
    transport = httpx.ASGITransport(the_sample_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        await http.post("/sign-in", data={"subject": "coordinator"})
        assert "Vous êtes connecté" in (await http.get("/account")).text


async def test_the_browsers_zone_is_used_where_it_exists(http):
    http.cookies.set("liaison_zone", "Europe%2FLisbon")
    assert ">12 Sept 2024, 23:30</time>" in (await http.get("/requests/")).text
    http.cookies.set("liaison_zone", "../../etc/passwd")
    assert ">13 Sept 2024, 00:30</time>" in (await http.get("/requests/")).text


async def test_a_notification_is_shown_once(http):
    page = (await http.get("/requests/new")).text
    token = page.split('name="_csrf" value="')[1].split('"')[0]
    await http.post("/requests/new", data={"title": "One", "participants": "1", "languages": "bg", "_csrf": token})
    assert "Your request was sent." in (await http.get("/requests/")).text
    assert "Your request was sent." not in (await http.get("/requests/")).text
    http.cookies.set("liaison_flash", "forged")
    assert (await http.get("/requests/")).status_code == 200


async def test_the_header_shows_the_ways_of_the_role(http):
    page = (await http.get("/requests/")).text
    assert '<a href="/requests/" aria-current="page">My member</a>' in page
    assert "/requests/triage" not in page
    assert "NLO, Bulgaria" in page


async def test_nothing_of_a_page_is_kept_by_shared_machines(http):
    assert (await http.get("/requests/")).headers["cache-control"] == "no-store"
    page = (await http.get("/")).headers
    assert "location" in page


async def test_files_are_kept_while_their_address_names_the_version(http):
    assert "immutable" in (await http.get("/static/liaison.css?v=1")).headers["cache-control"]
    assert (await http.get("/static/liaison.css")).headers["cache-control"] == "no-cache"
    assert (await http.get("/static/../app.py")).status_code == 404


def test_a_small_line_fits_its_box():
    spark = spark_points([0, 50, 100], target=100, forecast=[120])
    assert spark.values.startswith("0,42 ")
    assert spark.forecast.count(",") == 2
    points = [tuple(map(float, point.split(","))) for point in (spark.values + " " + spark.forecast).split()]
    assert all(0 <= x <= 200 and 0 <= y <= 44 for x, y in points)
    assert spark_points([]).values == ""
    assert spark_points([0, 0]).values == "0,42 200,42"
