"""The ways in: pages, APIs, a webhook, an export of EUSurvey; dead letters, which nothing of ours fills, by hand."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from benchmarks.erasure.visiting import Planted, Visitor
from services.requests.intake import HEADERS
from services.requests.samples import SAMPLE_FIELDS
from shared.forms import eusurvey
from shared.ids import new_id
from shared.mongo import Client
from shared.profiles import load

OFFICER, OTHER = "ela-nlo-bg", "ela-nlo-pt"
_KINDS = 3
Open = Callable[..., Visitor]


class Planting:
    """All of it, in order. `persons` are signed in at the front door, `machine` has a key that may do everything."""

    def __init__(self, base_url: str, client: Client, namespace: str, key: str, who: Planted) -> None:
        self.client, self.namespace, self.who = client, namespace, who
        self.year = datetime.now(UTC).year
        self._visitors: list[Visitor] = []
        self.open: Open = lambda **options: self._kept(Visitor(base_url, who, **options))
        self.machine = self.open(key=key)
        self.by_hand = 0

    def _kept(self, visitor: Visitor) -> Visitor:
        self._visitors.append(visitor)
        return visitor

    async def person(self, subject: str) -> Visitor:
        return await self.open().sign_in(subject)

    @property
    def planted(self) -> int:
        return sum(one.planted for one in self._visitors) + self.by_hand

    async def close(self) -> None:
        for one in self._visitors:
            await one.close()

    async def all(self) -> None:
        steps: list[Callable[[], Awaitable[None]]] = [
            self.account, self.requests, self.decisions, self.exchanges, self.activities, self.practices, self.refusals,
            self.dead,
        ]  # fmt: skip
        for step in steps:
            await step()

    async def account(self) -> None:
        """A coordinator gives the officer the planted name and address; a key bears the name."""
        await (await self.person(OFFICER)).see("/account")
        people = self.client[f"{self.namespace}_people"].persons
        found = await people.find_one({"subjects": OFFICER})
        assert found is not None
        coordinator = await self.person("ela-coordinator")
        page = f"/admin/persons/{found['_id']}"
        await coordinator.fill(page, page, name=self.who.name, roles=["nlo"])
        coordinator.planted += 1
        await coordinator.fill("/admin/keys/new", roles=["nlo"], refused=True)

    async def requests(self) -> None:
        """The planted person asks, attaches, searches, sends an export and takes something back."""
        officer = await self.person(OFFICER)
        kinds = [kind for kind in load("ela").request_kinds.values() if kind.offered and not kind.to_call]
        pages = []
        for kind in kinds:
            answer = await officer.fill(f"/requests/new?kind={kind.id}", "/requests/new", refused=True)
            if re.search(r"/requests/request-[0-9a-f-]{36}$", str(answer.url)):
                pages.append(answer.url.path)
        assert len(pages) >= len(kinds) // 2, pages
        await officer.fill(pages[0], "/files")
        await officer.fill(f"{pages[0]}/withdraw", "/withdraw")
        for path in ("/requests/", "/events/", "/requests/triage", "/admin/persons"):
            await officer.http.get(path, params={"q": self.who.name, "find": self.who.address})
        await officer.fill("/requests/intake/eusurvey", file=("export.xlsx", self._export()))
        officer.planted += 6
        self.pages = pages[1:]

    def _export(self) -> bytes:
        asked = load("ela").request_kinds["ad-hoc-training"]
        answers = {
            "contribution": new_id("x"),
            "member": "Bulgaria(BG)",
            "kind": asked.title,
            **dict.fromkeys(("title", "description", "audience", "host_place"), self.who.name),
        }
        row = [answers.get(name, "") for name in SAMPLE_FIELDS]
        headers = [HEADERS[name][0] for name in SAMPLE_FIELDS]
        return eusurvey.write(f"of-zofie-{self.who.token}", datetime.now(UTC), headers, [row])

    async def decisions(self) -> None:
        """Others write of the person: reasons on pages and by the API, an activity of the plan."""
        coordinator = await self.person("ela-coordinator")
        declined, deferred, planned = self.pages[:3]
        await coordinator.fill(f"{declined}/decide?as=decline", "/decline")
        await coordinator.fill(f"{declined}/reopen", "/reopen", refused=True)
        await coordinator.fill(f"{deferred}/decide?as=defer", "/defer", quarter=f"{self.year + 1}-Q1", refused=True)
        await coordinator.fill(f"{planned}/decide?as=plan", "/plan", quarter=f"{self.year}-Q4", refused=True)
        for page in self.pages[3:6]:
            request = page.rpartition("/")[2]
            body = {"reason": self.who.text(), "quarter": f"{self.year + 1}-Q2"}
            await self.machine.ask(f"/requests/api/v1/requests/{request}/defer", body, planted=1)
        await coordinator.fill(f"/requests/plan/{self.year}/new", refused=True)

    async def exchanges(self) -> None:
        """A proposal is declined by the planted person, with a reason; the call is opened again with one."""
        ask, api = self.machine.ask, "/matching/api/v1"
        focus = [area.id for area in load("ela").focus_areas][:1]
        call = (await ask(f"{api}/calls", {"year": self.year + 1, "focus_areas": focus})).json()["id"]
        week = f"{self.year + 1}-W20"
        both = {"call": call, "languages": ["en"]}
        interest = {**both, "member": "BG", "focus": focus[0], "weeks": [week]}
        offer = {**both, "member": "PT", "focus_areas": focus, "places": {week: 2}}
        for path, body in (("interests", interest), ("offers", offer)):
            answer = await ask(f"{api}/{path}", body)
            assert answer.is_success, answer.text
        await ask(f"{api}/calls/{call}/close", {})
        run = (await ask(f"{api}/calls/{call}/runs", {})).json()
        proposed = await ask(f"{api}/runs/{run['id']}/propose", {})
        assert proposed.is_success, proposed.text
        row = await self.client[f"{self.namespace}_matching"].streams.find_one({"aggregate": "exchange"})
        assert row is not None
        officer, coordinator = await self.person(OFFICER), await self.person("ela-coordinator")
        await officer.fill(f"/matching/exchanges/{row['_id']}", "/decline")
        await coordinator.fill(f"/matching/calls/{call}/reopen", "/reopen", refused=True)

    async def activities(self) -> None:
        """Everything that an activity has words for; registered by page, API and webhook; feedback without a name."""
        organiser = await self.person("ela-organiser")
        answer = await organiser.fill("/events/new", kind="national-event", member="BG")
        path = answer.url.path.removesuffix("/desk")
        today = datetime.now(UTC).date()
        days: dict[str, Any] = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=1)).isoformat()}
        await organiser.fill(f"{path}/desk", "/schedule", **days, mode="on-site", places_on_site="5")
        await organiser.fill(f"{path}/desk", "/open", invited=["BG", "PT"])
        await organiser.fill(path, "/documents")
        connected = await organiser.fill(f"{path}/desk", "/connections")
        await self._webhook(connected.text)
        await organiser.fill(f"{path}/nominate", "/nominate", refused=True, member_1="BG", member_2="PT")
        persons = [{"name": self.who.name, "email": self.who.address, "member": "BG"}]
        activity = path.rpartition("/")[2]
        api = f"/events/api/v1/activities/{activity}"
        await self.machine.ask(f"{api}/registrations", {"persons": persons}, planted=2)
        listed = (await self.machine.see(f"{api}/registrations")).json()
        registered = [one["registration"]["id"] for one in listed["items"]]
        await self.machine.ask(f"{api}/attendance", {"present": dict.fromkeys(registered, True)})
        await self.machine.ask(f"{api}/hold", {})
        links = (await self.machine.see(f"{api}/feedback-links")).json()
        for link in links["links"][:1]:
            await self.open().fill(link[link.index("/events/") :], relevance="4", added_value="5")
        await self._next_activity(organiser)

    async def practices(self) -> None:
        """A good practice from its call to its reuse, with reasons and reviews; whoever writes names the person."""
        coordinator = await self.person("ela-coordinator")
        last = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
        call = "/events/practices/call"
        year = datetime.now(UTC).year
        await coordinator.fill(call, year=year, closes_on=last)
        officer = await self.person(OFFICER)
        answer = await officer.fill("/events/practices/new", "/new", theme=f"{year}/theme-1", _then="submit")
        path = answer.url.path
        named = dict(
            re.findall(r'<option value="([0-9a-f]{32})"[^>]*>(PT|ES) ', (await coordinator.http.get(path)).text)
        )
        reviewers = {member: person for person, member in named.items()}
        chosen = {"first": reviewers["PT"], "second": reviewers["ES"]}
        await coordinator.fill(path, "/reviewers", **chosen)
        await coordinator.fill(path, "/return")
        await officer.fill(f"{path}/edit", "/edit", theme=f"{year}/theme-1", _then="save")
        await officer.fill(path, "/files")
        await officer.fill(f"{path}/edit", "/edit", theme=f"{year}/theme-1", _then="submit")
        await coordinator.fill(path, "/reviewers", **chosen)
        for member in ("pt", "es"):
            reviewer = await self.person(f"ela-nlo-{member}")
            page = (await reviewer.http.get(path)).text
            scores: dict[str, Any] = dict.fromkeys(re.findall(r'name="(scores\.[a-z-]+)"', page), "4")
            await reviewer.fill(path, "/review", **scores)
        await coordinator.fill(path, "/publish")
        await (await self.person("ela-nlo-pt")).fill(path, "/reuse", since="2023")

    async def _next_activity(self, organiser: Visitor) -> None:
        """One still to come, in which the person holds a place; and one that is called off."""
        for cancelled in (False, True):
            answer = await organiser.fill("/events/new", kind="national-event", member="BG")
            path = answer.url.path.removesuffix("/desk")
            day = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
            await organiser.fill(
                f"{path}/desk", "/schedule", starts_on=day, ends_on=day, mode="on-site", places_on_site="1"
            )
            await organiser.fill(f"{path}/desk", "/open", invited=["BG"])
            officer = await self.person(OFFICER)
            await officer.fill(path, "/register", refused=True)
            if cancelled:
                await organiser.fill(f"{path}/cancel", "/cancel")
            self.held = path

    async def _webhook(self, page: str) -> None:
        address = re.search(r'id="webhook-address">([^<]*)<', page)
        secret = re.search(r'id="webhook-secret">([^<]*)<', page)
        assert address
        assert secret
        visitor, moment = self.open(), datetime.now(UTC)
        taken = {"name": self.who.name, "email": self.who.address, "member": "Bulgaria", "mode": "In person"}
        broken = {"name": self.who.name, "email": self.who.text(200), "member": self.who.name}
        for data in (taken, broken):
            body = json.dumps({"type": "registration.submitted", "data": data})
            message = f"{self.who.address} {new_id('m')}"
            headers = {
                "webhook-id": message,
                "webhook-timestamp": str(int(moment.timestamp())),
                "webhook-signature": Webhook(secret[1]).sign(message, moment, body),
                "content-type": "application/json",
            }
            path = address[1][address[1].index("/events/") :]
            answer = await visitor.http.post(path, content=body, headers=headers)
            assert answer.status_code < 500, answer.text
            visitor.planted += len(data) + 1

    async def refusals(self) -> None:
        """What is refused leaves a receipt with a sentence, under an id that names the person too."""
        word, name = self.who.token, self.who.text(60)
        texts: list[tuple[str, dict[str, Any]]] = [
            ("/requests/api/v1/requests", {"kind": word, "title": name, "member": "BG"}),
            ("/requests/api/v1/requests", {"kind": "ad-hoc-training", "title": name, "member": word, "topic": word}),
            (f"/requests/api/v1/plan/{self.year}/activities", {"kind": word, "line": word, "quarter": "2024-Q9"}),
            ("/events/api/v1/activities", {"kind": word, "title": name, "member": word, "language": word[:10]}),
            ("/matching/api/v1/calls", {"year": self.year, "focus_areas": [word]}),
            ("/matching/api/v1/interests", {"call": new_id("call"), "member": word, "focus": word, "wishes": [word]}),
        ]
        for number, (path, body) in enumerate(texts):
            key = f"{self.who.address}/{number}"
            await self.machine.ask(path, body, planted=len(body), **{"Idempotency-Key": key})

    async def dead(self) -> None:
        """Only a message of somebody else's could carry a name there; such a letter is laid in by hand."""
        for service in ("requests", "matching", "events", "kpi"):
            place = f"{self.namespace}.requests/0/{900_000_000 + self.by_hand}"
            value = json.dumps({"title": f"of {self.who.name}", "words": self.who.text()}).encode()
            letter = {
                "_id": place, "status": "dead", "topic": f"{self.namespace}.requests", "partition": 0,
                "order": 900_000_000 + self.by_hand, "key": f"of {self.who.address}", "network": "ela",
                "type": "liaison.requests.request.submitted.v1", "at": datetime.now(UTC), "value": value,
                "headers": [["ce_actor", self.who.name.encode()], ["ce_network", b"ela"]],
                "reason": f"refused (unknown): {self.who.name} is not known", "trace": f"Error: {self.who.address}",
            }  # fmt: skip
            await self.client[f"{self.namespace}_{service}"].dead.insert_one(letter)
            self.by_hand += 6
