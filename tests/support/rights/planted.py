"""One of everything in a network, made through the API and the pages, with a word of its own in every free text."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from aiokafka import ConsumerRecord

from benchmarks.stage import settings_of
from services.events.certifying import certificate_of
from services.events.holdings import Holdings
from services.events.passes import Passes
from services.requests.domain.readings import Reading
from services.requests.taking import READING
from shared import clock
from shared.ids import fixed_id, new_id
from shared.messages.kinds import TOPICS
from shared.messages.letter import OUTBOX, State, document
from shared.messages.transport import MAILBOX
from shared.messages.unsubscribing import unsubscribe_path
from shared.people import People, Person, Role
from shared.profiles import Profile, load
from shared.profiles.persons import local_persons
from shared.spine.dead import dead_letter
from shared.spine.store import stream_document
from tests.support.four import Four
from tests.support.tally import until

WORDS = {
    "ela": "zebrafinch",
    "earlall": "quokkapaw",
    "fr-it-pt-es": "axolotlgill",
    "eures": "kingfisherwing",
    "etf": "pangolinscale",
}
"""Words that no page says by itself."""


@dataclass
class Planted:
    """What lies in a network. `own` is the member whose things they are, `host` the other side of its exchange."""

    network: str
    word: str
    own: str
    other: str
    host: str
    participant: Person
    key: str
    """May do everything in the network."""
    ids: dict[str, str] = field(default_factory=dict)
    """By name of the path parameter."""
    beside: dict[str, str] = field(default_factory=dict)
    """Other ids that nobody of another network may read."""

    @property
    def secrets(self) -> set[str]:
        """What must not be seen from another network; years and names of indicators are everybody's."""
        mine = {**self.ids, **self.beside}
        return {self.word, *(value for name, value in mine.items() if name not in ("year", "id", "issuer"))}


def persons_of(network: str, role: Role) -> list[Person]:
    return [one for one in local_persons() if one.network == network and role in one.roles]


def members_of(network: str) -> tuple[str, str, str]:
    """The member of a participant, another one and a host: each has an officer who may sign in."""
    own = persons_of(network, Role.PARTICIPANT)[0].member or ""
    others = [one.member or "" for one in persons_of(network, Role.NLO) if one.member != own]
    if network == "ela":
        others = ["PT", "DE"]
    return own, others[0], others[1]


class Maker:
    """Asks on behalf of a key that may do everything in its network."""

    def __init__(self, four: Four, http: httpx.AsyncClient) -> None:
        self.four, self.http = four, http

    async def post(self, service: str, path: str, **body: Any) -> dict[str, Any]:
        return self._told(await self.http.post(self.four.url(service, f"/{service}/api/v1{path}"), json=body))

    async def get(self, service: str, path: str) -> dict[str, Any]:
        return self._told(await self.http.get(self.four.url(service, f"/{service}/api/v1{path}")))

    async def upload(self, service: str, path: str, word: str) -> str:
        """A small text file, in whose name and content the word stands; its id."""
        file = {"file": (f"{word}.txt", f"About {word}".encode(), "text/plain")}
        found = self._told(await self.http.post(self.four.url(service, f"/{service}/api/v1{path}"), files=file))
        return str(found["id"])

    async def page(self, service: str, path: str) -> str:
        return (await self.http.get(self.four.url(service, path))).text

    async def form(self, service: str, path: str, *, files: Any = None, **fields: Any) -> str:
        answer = await self.http.post(self.four.url(service, path), data=fields, files=files)
        assert answer.status_code < 400, f"{path} {answer.status_code}: {answer.text[:500]}"
        return answer.text

    def _told(self, answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, f"{answer.request.url} {answer.status_code}: {answer.text}"
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


@asynccontextmanager
async def maker_of(four: Four, planted: Planted) -> AsyncIterator[Maker]:
    headers = {"Authorization": f"Bearer {planted.key}"}
    async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
        yield Maker(four, http)


async def plant(four: Four, network: str) -> Planted:
    own, other, host = members_of(network)
    participant = persons_of(network, Role.PARTICIPANT)[0]
    people = People(four.client[f"{four.stack.namespace}_people"])
    _, key = await people.keys.create(f"Maker {WORDS[network]}", list(Role), None, network)
    planted = Planted(network, WORDS[network], own, other, host, participant, key)
    async with maker_of(four, planted) as maker:
        profile = load(network)
        await _requests(maker, profile, planted)
        await _around_the_plan(maker, profile, planted)
        await _needs(maker, profile, planted)
        await _matching(maker, profile, planted)
        await _events(maker, profile, planted)
    await _persons(people, planted)
    await _dead_letters(four, planted)
    await _mail(four, planted)
    planted.ids["id"] = "completed-to-planned"
    return planted


async def _persons(people: People, planted: Planted) -> None:
    """One with an account, one who asked to be forgotten, and a program's key; nobody of them asks in the walk."""
    word, network = planted.word, planted.network
    spare = Person(f"spare-{word}", f"Spare {word}", f"spare@{word}.example.test", (Role.NLO,), planted.own, network)
    planted.ids["person"] = await people.know(spare)
    planted.ids["key"], _ = await people.keys.create(f"Program {word}", [Role.FORM], None, network)
    gone = await people.remember(f"Gone {word}", f"gone@{word}.example.test", planted.own, network)
    planted.ids["erasure"] = await people.erase(gone, asked_by="self")


async def _requests(maker: Maker, profile: Profile, planted: Planted) -> None:
    word, year = planted.word, clock.now().year + 1
    kind = next(one for one in profile.request_kinds.values() if one.offered and not one.to_call)
    asked = {"kind": kind.id, "member": planted.own, "quarter_wished": f"{year}-Q2"}
    texts = {"title": f"A request of {word}", "description": f"Described: {word}", "audience": f"For {word}"}
    first = await maker.post("requests", "/requests", **asked, **texts)
    file = await maker.upload("requests", f"/requests/{first['id']}/files", word)
    second = await maker.post("requests", "/requests", **asked, title=f"Another of {word}")
    await maker.post("requests", f"/requests/{second['id']}/decline", reason=f"No, because of {word}")
    line = profile.lines(year)[0].id
    activity = {"kind": next(iter(profile.activity_kinds)), "line": line, "quarter": f"{year}-Q3"}
    planned = await maker.post("requests", f"/plan/{year}/activities", **activity, title=f"Planned: {word}")
    planted.ids |= {"request_id": first["id"], "year": str(year), "planned": planned["activity"], "file": file}
    planted.beside |= {"declined": second["id"]}


async def _needs(maker: Maker, profile: Profile, planted: Planted) -> None:
    """An analysis, a project, and a figure from outside where the network reads any."""
    word, own = planted.word, planted.own
    finding = {"target_group": profile.target_groups[0].id, "topic": profile.topics[0].id, "weight": 4}
    assert profile.needs
    source = profile.needs.sources[0].id
    facts = {"source": source, "on": "2024-02-29", "member": own, "findings": [finding], "summary": f"Told: {word}"}
    needs = await maker.post("requests", "/needs", **facts, title=f"Analysis of {word}")
    project = await maker.post("requests", "/projects", title=f"Project {word}", stage="current", coordinator=word)
    planted.ids |= {"needs_id": needs["id"], "project_id": project["id"]}
    if profile.outside:
        read = {"figure": profile.outside[0].id, "on": "2024-02-28", "value": 1, "of": 4, "member": own}
        reading = await maker.post("requests", "/readings", **read, source=f"Page of {word}")
        planted.ids["reading_id"] = reading["id"]
    else:  # such a network takes none: it has one all the same, from before its profile was changed
        planted.ids["reading_id"] = fixed_id("reading", planted.network)
        state = Reading("left-out", "2024-02-28", own, 1)
        stored = stream_document(planted.ids["reading_id"], 1, READING, state, planted.network)
        await maker.four.db("requests").streams.insert_one(stored)


async def _around_the_plan(maker: Maker, profile: Profile, planted: Planted) -> None:
    """A consultation with its draft, an agreed action and a document of the programming cycle, by their pages."""
    word, year = planted.word, clock.now().year + 1
    line, days = profile.lines(year)[0].id, f"{year}-02-01"
    texts = {"title": f"Asked about {word}", "text": f"Draft of {word}"}
    parties = [planted.own, planted.other]
    draft = {"draft": (f"{word}.txt", f"About {word}".encode(), "text/plain")}
    facts = {"about": profile.consulted_on[0].id, "due_on": days, "members": parties}
    await maker.form("requests", "/requests/consultations/new", files=draft, **texts, **facts)
    facts = {"line": line, "lead": parties[0], "members": parties}
    await maker.form("requests", f"/requests/actions/{year}/new", **texts, **facts)
    facts = {"due_on": days, "members": parties}
    await maker.form("requests", f"/requests/cycle/{year}/new", **texts, **facts)
    for kind, path in (
        ("consultation", "consultations"),
        ("action", f"actions/{year}"),
        ("deliverable", f"cycle/{year}"),
    ):
        page = await maker.page("requests", f"/requests/{path}")
        planted.ids[kind] = f"{kind}-" + page.split(f'href="/requests/{path.split("/")[0]}/{kind}-', 1)[1][:36]
    page = await maker.page("requests", f"/requests/consultations/{planted.ids['consultation']}")
    planted.ids["draft"] = "file-" + page.split("/files/file-", 1)[1][:36]


async def _matching(maker: Maker, profile: Profile, planted: Planted) -> None:
    year = clock.now().year + 1
    focus = (profile.focus_areas or profile.topics)[0].id
    call = (await maker.post("matching", "/calls", year=year, focus_areas=[focus]))["id"]
    shared = {"call": call, "languages": ["en"]}
    weeks = [f"{year}-W10", f"{year}-W11"]
    wish = await maker.post("matching", "/interests", member=planted.own, focus=focus, weeks=weeks, **shared)
    place = {"focus_areas": [focus], "places": {weeks[0]: 2}, **shared}
    hosted = await maker.post("matching", "/offers", member=planted.host, **place)
    offer = await maker.post("matching", "/offers", member=planted.own, **place)
    run = await maker.post("matching", f"/calls/{call}/runs")
    proposed = (await maker.post("matching", f"/runs/{run['id']}/propose"))["proposed"]
    planted.ids |= {"call_id": call, "interest_id": wish["id"], "offer_id": offer["id"], "run_id": run["id"]}
    planted.ids |= {"exchange_id": proposed[0]["exchange"]}
    planted.beside |= {"hosted": hosted["id"]}
    await _markets(maker, profile, planted, focus)


async def _markets(maker: Maker, profile: Profile, planted: Planted, focus: str) -> None:
    """An expert with a document, asked to an activity; an idea with a partner proposed; a promoter and a meeting."""
    word, year = planted.word, clock.now().year + 1
    roster = await maker.post("matching", "/rosters", year=year, areas=[focus])
    weeks = [f"{year}-W10", f"{year}-W11"]
    facts = {"areas": [focus], "languages": ["en"], "weeks": weeks, "statement": f"Knows {word}"}
    who = {"name": f"Expert {word}", "email": f"expert@{word}.example.test", "member": planted.own}
    expert = await maker.post("matching", "/experts", roster=roster["id"], **facts, **who)
    scores = {one.id: 5 for one in profile.experts.criteria}
    await maker.post("matching", f"/experts/{expert['id']}/assess", listed=True, scores=scores, reason=f"For {word}")
    day = f"{year}-03-10"
    sought = {"title": f"Workshop of {word}", "area": focus, "languages": ["en"], "begins": day, "ends": day}
    demand = await maker.post("matching", "/demands", **sought)
    run = await maker.post("matching", "/experts-runs")
    asked = (await maker.post("matching", f"/experts-runs/{run['id']}/propose"))["proposed"]
    role = profile.ideas.roles[0].id
    about = {"title": f"Idea of {word}", "summary": f"About {word}", "theme": focus, "languages": ["en"]}
    idea = await maker.post("matching", "/ideas", lead=planted.own, roles={role: 1}, **about)
    joins = {"roles": [role], "themes": [focus], "languages": ["en"]}
    await maker.post("matching", "/partners", member=planted.host, **joins)
    offered = await maker.post("matching", "/partners", member=planted.own, **joins)
    ideas = await maker.post("matching", "/ideas-runs")
    proposed = (await maker.post("matching", f"/ideas-runs/{ideas['id']}/propose"))["proposed"]
    planted.ids |= {"roster_id": roster["id"], "expert_id": expert["id"], "demand_id": demand["id"]}
    planted.ids |= {"market_run": run["id"], "seat_id": asked[0]["seat"], "idea_id": idea["id"]}
    planted.ids |= {"partner_id": offered["id"], "idea_run": ideas["id"], "idea_seat": proposed[0]["seat"]}
    planted.ids |= {f"{name}_id": new_id(name) for name in ("promoter", "meeting", "file")}
    # What is matched a little later is matched now: nothing is to move by itself while others ask.
    database = maker.four.client[f"{maker.four.stack.namespace}_matching"]
    await database.deadlines.update_many(
        {"_id": {"$regex": "^(rematch|rerun|arrived)-"}}, {"$set": {"at": clock.now()}}
    )


async def _events(maker: Maker, profile: Profile, planted: Planted) -> None:
    activity, seats = await set_up_activity(maker, profile, planted, days=30)
    document = await maker.upload("events", f"/activities/{activity}/documents", planted.word)
    planted.ids |= {"activity": activity, "registration": seats[0], "document": document}
    page = await maker.form("events", f"/events/{activity}/connections", name=f"Form {planted.word}")
    planted.ids["connection"] = "connection-" + page.split("/events/intake/webhook/connection-", 1)[1][:36]
    held, seats = await set_up_activity(maker, profile, planted, days=0)
    await maker.post("events", f"/activities/{held}/close")
    await maker.post("events", f"/activities/{held}/attendance", present=dict.fromkeys(seats, True))
    await maker.post("events", f"/activities/{held}/hold")
    links = (await maker.get("events", f"/activities/{held}/feedback-links"))["links"]
    survey, token = links[0].rsplit("/", 2)[1:]
    words = {"relevance": 5, "added_value": 4, "words": f"What {planted.word} thought"}
    await maker.post("events", f"/feedback/{survey}/{links[1].rsplit('/', 1)[1]}", **words)
    planted.ids |= {"survey": survey, "token": token}
    planted.beside |= {"held": held, "seat": seats[0]}
    await maker.form("events", f"/events/{held}/certificates/rule", offered="1", share="0")
    certificate = certificate_of(planted.network, held, seats[0])

    async def issued() -> bool:
        return await maker.four.db("events").streams.find_one({"_id": certificate}) is not None

    await until(issued)
    path = {"_command": f"path-{planted.word}", "title": f"About {planted.word}", "module_1": held}
    await maker.form("events", "/events/paths/new", **path)
    planted.ids["learned"] = fixed_id("path", planted.network, path["_command"])
    planted.ids |= {"certificate": certificate, "certified": held, "of": held, "issuer": planted.network}
    await _practices(maker, profile, planted)


async def _practices(maker: Maker, profile: Profile, planted: Planted) -> None:
    """A draft of a good practice with a file; an alert where the network has a channel."""
    word, year = planted.word, clock.now().year
    call = {"year": year, "themes": [f"Theme {word}"], "closes_on": f"{year}-12-31"}
    await maker.post("events", "/practices/calls", **call)
    fields = {"title": f"Practice {word}", "summary": f"About {word}"}
    drafted = await maker.post("events", "/practices", member=planted.own, year=year, theme="theme-1", fields=fields)
    page = f"/events/practices/{drafted['id']}"
    papers = {"files": (f"{word}.txt", f"About {word}".encode(), "text/plain")}
    await maker.form("events", f"{page}/files", files=papers)
    html = await maker.page("events", page)
    planted.ids |= {"practice": drafted["id"], "reuse": new_id("reuse")}
    planted.ids["paper"] = html.split(f"{page}/files/", 1)[1][:41]
    planted.ids["alert"] = new_id("warning")
    if profile.channel:
        people = People(maker.four.client[f"{maker.four.stack.namespace}_people"])
        _, key = await people.keys.create(f"Channel {word}", [Role.NLO], planted.own, planted.network)
        expires = (clock.now() + timedelta(days=30)).date().isoformat()
        body = {"to": [planted.other], "subject": f"Alert {word}", "text": f"Words {word}", "expires_on": expires}
        url = maker.four.url("events", "/events/api/v1/alerts")
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
            raised = await http.post(url, json=body)
        assert raised.status_code == 201, raised.text
        planted.ids["alert"] = raised.json()["id"]


async def set_up_activity(maker: Maker, profile: Profile, planted: Planted, days: int) -> tuple[str, list[str]]:
    """An activity that takes registrations, and those it has: the participant's first, then a stranger's."""
    word, kind = planted.word, next(iter(profile.activity_kinds))
    name = (await maker.post("events", "/activities", kind=kind, title=f"An activity of {word}"))["id"]
    day = (clock.now() + timedelta(days=days)).date().isoformat()
    when = {"starts_on": day, "ends_on": day, "mode": "hybrid", "places": {"on-site": 5, "online": 5}}
    texts = {"title": f"An activity of {word}", "place": f"Hall {word}", "description": f"About {word}"}
    await maker.post("events", f"/activities/{name}/schedule", **when, **texts)
    await maker.post("events", f"/activities/{name}/open", invited=list(profile.member_codes))
    person = planted.participant
    there = [
        {"name": person.name, "email": person.email, "member": planted.own},
        {"name": f"Ada {word}", "email": f"ada@{word}.example.test", "member": planted.other},
    ]
    places = (await maker.post("events", f"/activities/{name}/registrations", persons=there))["registrations"]
    return name, [one["registration"] for one in places]


async def _dead_letters(four: Four, planted: Planted) -> None:
    """A dead letter of the network in each service: a message of a type that is known, with nothing right in it."""
    for number, service in enumerate(four.stack.services):
        topic = f"{four.stack.namespace}.events"
        offset = 1_000_000 + 10 * list(WORDS).index(planted.network) + number
        headers = [("ce_type", f"liaison.{planted.word}".encode()), ("ce_network", planted.network.encode())]
        record = ConsumerRecord(
            topic, 0, offset, 0, 0, f"activity-{planted.word}".encode(), planted.word.encode(), None, -1, -1, headers
        )
        letter = dead_letter(record, ValueError(f"the {planted.word} cannot be read"))
        await four.db(service.name).dead.insert_one(letter)
        planted.ids[f"letter {service.name}"] = letter["_id"]


async def _mail(four: Four, planted: Planted) -> None:
    """A letter that was sent, one in each service that was not, and the links that letters carry."""
    word, network, person = planted.word, planted.network, planted.ids["person"]
    people_db = four.client[f"{four.stack.namespace}_people"]
    sent = {"_id": f"<{word}@example.test>", "network": network, "person": person, "kind": "request-declined"}
    sent |= {"to": f"Spare {word}", "subject": f"About {word}", "at": datetime.now(UTC)}
    await people_db[MAILBOX].insert_one({**sent, "raw": f"Subject: About {word}\r\n\r\nWords: {word}".encode()})
    for service in four.stack.services:
        failed = document("request-declined", person, network, {})
        failed |= {"_id": f"letter-{word}", "state": State.FAILED.value, "reason": "550", "attempts": 9}
        await four.db(service.name)[OUTBOX].insert_one(failed)
    settings = settings_of(four.stack)
    own_place = await Passes(four.db("events"), settings).path(planted.ids["activity"], planted.ids["registration"])
    topic = next(iter(TOPICS))
    planted.ids |= {"mail": sent["_id"], "unsent": f"letter-{word}"}
    planted.ids |= {"pass": own_place.rsplit("/", 1)[1]}
    planted.ids |= {"holding": Holdings(settings).path(planted.ids["certificate"]).rsplit("/", 1)[1]}
    planted.ids |= {"unsubscribe": unsubscribe_path(settings, person, topic).rsplit("/", 1)[1]}
