"""Who may do what, on every route; what the networks see of each other; five networks in one installation."""

import asyncio
import html

import pytest

from shared import clock
from shared.people import Role
from shared.profiles import NETWORKS, load
from shared.profiles.persons import local_persons
from shared.web.nav import desk_of
from shared.web.session import principal_of
from tests.support.four import four_services
from tests.support.rights.askers import client, persons, sign_in
from tests.support.rights.planted import maker_of, persons_of, plant
from tests.support.rights.unseen import Readers, listening, secrets_of_others
from tests.support.rights.walk import Walk, settled
from tests.support.tally import until

pytestmark = pytest.mark.timeout(420)


@pytest.fixture(scope="module")
async def four(brokers, tmp_path_factory):
    async with four_services(brokers, tmp_path_factory.mktemp("rights")) as services:
        yield services


@pytest.fixture(scope="module")
async def planted(four):
    """Every network's things, by network."""
    found = await asyncio.gather(*(plant(four, network) for network in NETWORKS))
    return {one.network: one for one in found}


@pytest.fixture
async def http():
    async with client() as one:
        yield one


async def test_nothing_of_a_network_is_seen_in_another(four, planted):
    """Pages, lists, exports, dead letters, streams; and what is looked for is there to be seen by its own."""
    reading = await Readers(four, list(planted.values())).read_everything()
    assert reading.found == []
    assert reading.answers > 500
    assert reading.own == set(NETWORKS)
    streams = [(reader, route) for reader, route in reading.streams if Role.COORDINATOR in reader.roles]
    assert {reader.network for reader, _ in streams} == set(NETWORKS)
    async with listening(four, streams) as told:
        new = dict(zip(planted, await asyncio.gather(*(_set_up(four, one) for one in planted.values())), strict=True))

        async def all_heard() -> bool:
            return all(new[network] in told[network] for network in planted)

        await until(all_heard, 20, "each network's own news on its stream")
    for network, text in told.items():
        foreign = secrets_of_others(planted.values(), network) | {id for of, id in new.items() if of != network}
        assert [secret for secret in foreign if secret in text] == []


async def _set_up(four, planted):
    kind = next(iter(load(planted.network).activity_kinds))
    async with maker_of(four, planted) as maker:
        return (await maker.post("events", "/activities", kind=kind, title=f"News of {planted.word}"))["id"]


async def test_what_is_named_in_a_body_is_of_the_own_network_too(four, planted):
    """Who may do everything in a network, with another's things: refused, and nothing comes of it."""
    theirs, mine = planted["ela"].ids, planted["eures"]
    profile, year = load("eures"), clock.now().year + 1
    focus = (profile.focus_areas or profile.topics)[0].id
    common = {"call": theirs["call_id"], "languages": ["en"], "member": mine.own}
    host = {"focus_areas": [focus], "places": {f"{year}-W10": 1}}
    run = f"/matching/api/v1/runs/{mine.ids['run_id']}/propose"
    seats = f"/events/api/v1/activities/{mine.ids['activity']}"
    asked = [
        ("matching", "/matching/api/v1/interests", {"json": {**common, "focus": focus, "weeks": [f"{year}-W10"]}}),
        ("matching", "/matching/api/v1/offers", {"json": {**common, **host}}),
        ("matching", run, {"json": {"interests": [theirs["interest_id"]]}}),
        ("requests", f"/requests/plan/{year}/unplan", {"data": {"activity": theirs["planned"]}}),
        ("events", f"{seats}/attendance", {"json": {"present": {theirs["registration"]: True}}}),
        ("events", f"{seats}/registrations/{theirs['registration']}/cancel", {"json": {}}),
        ("requests", f"/requests/{mine.ids['request_id']}/files/{theirs['file']}/remove", {"data": {}}),
        ("events", f"/events/{mine.ids['activity']}/documents/{theirs['document']}/remove", {"data": {}}),
    ]  # fmt: skip
    before = await settled(four)
    async with maker_of(four, mine) as maker:
        for service, path, content in asked:
            answer = await maker.http.post(four.url(service, path), **content)
            # A page may lead back to where one was, and say there that it is gone.
            assert not answer.is_success, f"{path} {answer.status_code} {answer.text[:300]}"
            assert answer.status_code < 500, f"{path} {answer.status_code}"
    assert await settled(four) == before


@pytest.mark.parametrize("network", NETWORKS)
async def test_every_person_of_a_network_signs_in_and_has_a_desk(four, http, network):
    people = [one for one in local_persons() if one.network == network]
    assert {role for one in people for role in one.roles} == set(Role) - {Role.FORM}

    async def one(person):
        headers = await sign_in(four, http, person.subject)
        desk = desk_of(principal_of(person))
        service = desk.split("/")[1] if desk.split("/")[1] != "operations" else "kpi"
        answer = await http.get(four.url(service, desk), headers=headers, follow_redirects=True)
        return person.subject, desk, answer.status_code

    found = await asyncio.gather(*(one(person) for person in people))
    assert [row for row in found if row[2] != 200] == []


@pytest.mark.parametrize("network", NETWORKS)
async def test_a_network_has_its_own_kinds_lines_areas_members_and_targets(four, planted, http, network):
    """On the pages where they are chosen or shown; and nothing that only another network has."""
    profile, year = load(network), clock.now().year + 1
    coordinator, officer = (persons_of(network, role)[0].subject for role in (Role.COORDINATOR, Role.NLO))
    asks, files = [(await persons(four, http, [subject]))[0].headers for subject in (coordinator, officer)]

    async def page(service, path, headers):
        answer = await http.get(four.url(service, path), headers=headers)
        assert answer.status_code == 200, (path, answer.status_code)
        return html.unescape(answer.text)

    def lacks(text, titles):
        return [title for title in titles if title not in text]

    kinds = [one.title for one in profile.request_kinds.values()]
    choosing = await page("requests", "/requests/new", files)
    assert lacks(choosing, [one.title for one in profile.request_kinds.values() if "member" in one.requesters]) == []
    assert lacks(await page("requests", "/requests/new", asks), kinds) == []
    others = {one.title for other in NETWORKS if other != network for one in load(other).request_kinds.values()}
    foreign = {title for title in others if not any(title in kind for kind in kinds)}
    assert [title for title in foreign if f">{title}<" in choosing] == []
    plan = await page("requests", f"/requests/plan/{year}", asks)
    assert lacks(plan, [line.title for line in profile.lines(year)]) == []
    activity = await page("requests", f"/requests/plan/{year}/new", asks)
    assert lacks(activity, [one.title for one in (*profile.topics, *profile.activity_kinds.values())]) == []
    assert lacks(activity, [f'value="{code}"' for code in profile.member_codes]) == []
    call = await page("matching", "/matching/calls/new", asks)
    assert lacks(call, [one.title for one in profile.focus_areas or profile.topics]) == []


@pytest.mark.parametrize("network", NETWORKS)
async def test_the_indicators_of_each_network_compute_with_its_own_targets(four, planted, http, network):
    profile, year = load(network), clock.now().year
    (reader,) = await persons(four, http, [persons_of(network, Role.BOARD)[0].subject])
    url = four.url("kpi", f"/kpi/api/v1/figures?year={year}")

    async def figures():
        answer = (await http.get(url, headers=reader.headers)).json()
        assert (answer["network"], answer["reading"]) == (network, profile.reading)
        return {one["id"]: one for one in answer["figures"]}

    async def counted():
        found = await figures()
        return (found["requests"]["value"], found["activities-held"]["value"], found["persons"]["value"]) == (2, 1, 2)

    await until(counted, 20, f"the figures of {network}")
    found = await figures()
    built = {one.id for one in profile.indicators} & found.keys()
    assert {"completed-to-planned", "participation-rate"} <= built
    assert {id: found[id]["target"] for id in built} == {id: profile.targets.get(id) for id in built}
    assert found["participation-rate"]["value"] == pytest.approx(_rate(profile))


def _rate(profile):
    """Two members came to the one activity, to which all were invited."""
    return 2 / len(profile.members)


async def test_every_route_answers_as_the_table_and_the_ownership_say(four, planted):
    """Last: what is allowed is done. `make prove-rights` is the same walk."""
    outcome = await Walk(four, planted["ela"], planted["eures"]).run()
    assert outcome.wrong == []
    assert outcome.roles == {str(role) for role in Role}
    assert outcome.checks > 10 * outcome.routes
