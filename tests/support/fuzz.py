"""What the fuzzers of the services share: things to aim at, forms found on pages, and a record of what broke."""

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.support.four import Four

MORE = int(os.environ.get("LIAISON_FUZZ", "0"))
"""How many times as much, and at random; 0 is the run of every day, the same each time."""


def bounded(examples: int) -> settings:
    return settings(
        max_examples=examples * max(MORE, 1),
        derandomize=not MORE,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@dataclass
class Broken:
    """Answers of 500 and above, and requests that got none."""

    told: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    answers: Counter[int] = field(default_factory=Counter)

    def ask(self, client: httpx.Client, request: httpx.Request, where: str, sent: object) -> None:
        """Send it and look at the answer. A connection closed while it was idle is nobody's fault: once more then."""
        for last_try in (False, True):
            try:
                answer = client.send(request)
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
                if last_try:
                    self._see(request.method, where, sent, 599, f"no answer: {error}")
            except httpx.TimeoutException as error:
                self._see(request.method, where, sent, 599, f"no answer in time: {error}")
                return
            else:
                self._see(request.method, where, sent, answer.status_code, answer.text)
                return

    def _see(self, method: str, where: str, sent: object, status: int, body: str) -> None:
        self.asked += 1
        self.answers[status // 100] += 1
        if status >= 500:
            self.told.setdefault(f"{method} {where} {status}", f"{str(sent)[:600]}\n    -> {body[:300]}")

    def assert_none(self, least: int) -> None:
        print(f"{self.asked} requests, answers by class: {dict(self.answers)}")
        assert self.asked >= least, f"only {self.asked} requests were sent"
        assert not self.told, "\n".join(f"{name}\n    {told}" for name, told in self.told.items())


NASTY = st.sampled_from(
    [
        "", " ", "\x00", "\u2028", "\ufeff", "\U0001f393", "\u202e", "é" * 300, "x" * 6_000, "-1", "0", "1e999",
        "NaN", "99999999999999999999", "2024-02-30", "9999-12-31", "0001-01-01", "9999-W53", "2024-W99", "2024-Q9",
        "{{7*7}}", "<script>", "' OR 1=1", "$where", "../../etc/passwd", "%00", "true", "null", "[]", "{}", "en",
    ]
) | st.text(max_size=20)  # fmt: skip
JUNK = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"", b"null", b"[]", b"{}", b'"', b"1e999", b"{" * 5_000, b"[" * 50_000, b'{"a":"\\ud800"}']),
    st.sampled_from([b'{"happened_at": %d}' % 10**30, b'{"happened_at": "9999-12-31T23:59:59-23:59"}', b"\xff\xfe{"]),
)


PLAUSIBLE = {
    "kind": "national-event", "line": "national-events", "quarter": "2024-Q4", "quarter_wished": "2026-Q4",
    "member": "PT", "focus": "information", "focus_areas": ["information"], "languages": ["en"], "weeks": ["2024-W40"],
    "places": {"2024-W40": 3}, "title": "A title", "reason": "A reason", "happened_at": None, "year": 2025,
    "starts_on": "2027-03-01", "ends_on": "2027-03-02", "language": "en", "participants": 20, "wishes": ["DE"],
    "target_groups": [], "relevance": 5, "added_value": 4, "comment": "Good", "name": "Ana", "email": "a@example.eu",
    "mode": "online", "topic": None,
}  # fmt: skip
"""What a field of this name takes, so that some of what is sent gets past the first check."""


@dataclass
class Aims:
    """Things that are there, by the name of the parameter that names them."""

    ids: dict[str, str] = field(default_factory=dict)
    webhook: str = ""
    secret: str = ""

    def path(self, pattern: str) -> str:
        """The pattern with what is there put in."""
        return re.sub(r"\{(\w+)[^}]*\}", lambda found: self.ids.get(found[1], "1"), pattern)

    def known(self, names: list[str]) -> dict[str, str]:
        return {name: self.ids[name] for name in names if name in self.ids}


async def aims(four: Four) -> Aims:
    """One of everything, made through the API and the pages."""
    found = Aims()
    plan = {"kind": "posting-360", "line": "posting-360", "quarter": "2024-Q4", "title": "A meeting"}
    planned = await four.post("requests", "/plan/2024/activities", **plan)
    request = await four.post("requests", "/requests", kind="website-review", title="Help", member="BG")
    call = (await four.post("matching", "/calls", year=2024, focus_areas=["information"]))["id"]
    shared = {"call": call, "languages": ["en"]}
    wish = {"member": "BG", "focus": "information", "weeks": ["2024-W40", "2024-W41"], **shared}
    interest = await four.post("matching", "/interests", **wish)
    places = {"2024-W40": 2, "2024-W41": 1}
    offer = await four.post("matching", "/offers", member="DE", focus_areas=["information"], places=places, **shared)
    run = await four.post("matching", f"/calls/{call}/runs")
    (proposed,) = (await four.post("matching", f"/runs/{run['id']}/propose"))["proposed"]
    name, registration = await _open_activity(four)
    survey, token = await _survey(four)
    found.ids = {
        "year": "2024", "request_id": request["id"], "call_id": call, "call": call, "interest_id": interest["id"],
        "offer_id": offer["id"], "run_id": run["id"], "exchange_id": proposed["exchange"], "activity": name,
        "planned": planned["activity"], "id": "completed-to-planned", "interest": interest["id"],
        "registration": registration, "letter": "nothing/0/0", "survey": survey, "token": token,
    }  # fmt: skip
    path = f"/requests/api/v1/requests/{request['id']}/files"
    attached = await four.http.post(four.url("requests", path), files={"file": ("a.txt", b"A text")})
    found.ids["file"] = attached.json()["id"]
    page = await four.http.post(four.url("events", f"/events/{name}/connections"), data={"name": "A form"})
    found.webhook = re.search(r"/events/intake/webhook/[\w-]+", page.text)[0]
    found.secret = re.search(r"whsec_[\w+/=-]+", page.text)[0]
    return found


PERSON = {"name": "Ana Silva", "email": "ana@example.eu", "member": "PT", "mode": "online"}


async def _open_activity(four: Four, days: int = 30) -> tuple[str, str]:
    """An activity that takes registrations, and one that it has."""
    activity = await four.post("events", "/activities", kind="posting-360", title="A workshop")
    name = _first(activity, "activity") or activity["id"]
    soon = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    when = {"starts_on": soon, "ends_on": soon, "mode": "hybrid", "places": {"on-site": 5, "online": 5}}
    await four.post("events", f"/activities/{name}/schedule", **when)
    await four.post("events", f"/activities/{name}/open")
    registered = await four.post("events", f"/activities/{name}/registrations", persons=[PERSON])
    return name, _first(registered, "registration")


async def _survey(four: Four) -> tuple[str, str]:
    """The survey of an activity that was held today, and a token that answers it."""
    name, registration = await _open_activity(four, days=0)
    await four.post("events", f"/activities/{name}/close")
    await four.post("events", f"/activities/{name}/attendance", present={registration: True})
    await four.post("events", f"/activities/{name}/hold")
    links = (await four.get("events", f"/activities/{name}/feedback-links"))["links"]
    survey, token = links[0].rsplit("/", 2)[1:]
    return survey, token


def _first(answer: object, name: str) -> str:
    """The first value of that name anywhere in the answer."""
    if isinstance(answer, dict):
        if isinstance(answer.get(name), str):
            return answer[name]
        return next((one for value in answer.values() if (one := _first(value, name))), "")
    if isinstance(answer, list):
        return next((one for value in answer if (one := _first(value, name))), "")
    return ""


@dataclass
class FoundForm:
    action: str = ""
    method: str = "get"
    values: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """The forms of a page with what stands in their fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self.links: set[str] = set()
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.add(has.get("href", "").partition("#")[0])
        elif tag == "form":
            self.forms.append(FoundForm(has.get("action", ""), has.get("method", "get").lower()))
        elif self.forms and (name := has.get("name")) and tag in ("input", "textarea", "select", "button"):
            if has.get("type") == "file":
                self.forms[-1].files.append(name)
            else:
                self._select = name if tag == "select" else ""
                self.forms[-1].values.setdefault(name, []).append(has.get("value", ""))
        elif tag == "option" and self._select and self.forms:
            self.forms[-1].values[self._select].append(has.get("value", ""))


def crawl(http: httpx.Client, base: str, service: str, starts: list[str]) -> tuple[list[str], list[FoundForm]]:
    """Pages of the service that can be reached from `starts`, one of each kind, and their forms, one of each."""
    waiting, pages, forms = list(starts), {}, {}
    while waiting and len(pages) < 60:
        path = waiting.pop(0)
        kind = _kind(path)
        if kind in pages or not path.startswith((f"/{service}", "/account", "/sign-in", "/operations", "/privacy")):
            continue
        with http.stream("GET", base + path, follow_redirects=False) as answer:
            pages[kind] = path
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            answer.read()
        found = Forms(answer.text)
        waiting += sorted(found.links)
        for form in found.forms:
            form.action = form.action or path
            forms.setdefault((_kind(form.action), form.method, tuple(sorted(form.values))), form)
    return list(pages.values()), list(forms.values())


def _kind(path: str) -> str:
    """The path without the ids in it, nor the values of its query."""
    path = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*", path)
    return re.sub(r"=[^&]*", "=", path)
