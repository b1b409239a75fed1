"""What the walk puts into addresses and bodies: whose each thing is, and content that would be taken.

A route whose address has a parameter that is not here fails the walk: add whose the thing is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared import clock
from shared.profiles import Profile, load

from .planted import Planted

Whose = Callable[[Planted], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Thing:
    """A path parameter. `members` may see it, besides who sees all of its network; None: all of the network may.

    `personal`: of its member's participants only the person themself. `anybodys`: every network has one of that name,
    or knowing its name is the right itself. `spent`: it is gone once somebody did with it what they may. `right`: who
    has it not does not see it.
    """

    members: Whose | None = None
    personal: bool = False
    anybodys: bool = False
    spent: bool = False
    right: str = ""


def _own(planted: Planted) -> frozenset[str]:
    return frozenset({planted.own})


def _sides(planted: Planted) -> frozenset[str]:
    return frozenset({planted.own, planted.host})


def _asked(planted: Planted) -> frozenset[str]:
    return frozenset({planted.own, planted.other})


THINGS: dict[str, Thing] = {
    "request_id": Thing(_own),
    "needs_id": Thing(_own, spent=True),
    "reading_id": Thing(_own, spent=True),
    "project_id": Thing(spent=True),
    "interest_id": Thing(_own),
    "offer_id": Thing(_own),
    "exchange_id": Thing(_sides),
    "registration": Thing(_own, personal=True),
    "activity": Thing(),
    "roster_id": Thing(),
    "expert_id": Thing(spent=True),
    "demand_id": Thing(spent=True),
    "seat_id": Thing(spent=True),
    "idea_seat": Thing(_sides, spent=True),
    "market_run": Thing(),
    "idea_id": Thing(spent=True),
    "partner_id": Thing(_own, spent=True),
    "idea_run": Thing(),
    "promoter_id": Thing(spent=True),
    "meeting_id": Thing(spent=True),
    "file_id": Thing(spent=True),
    "call_id": Thing(),
    "run_id": Thing(),
    "letter": Thing(spent=True),
    "planned": Thing(spent=True),
    "file": Thing(_own, spent=True),
    "document": Thing(spent=True),
    "person": Thing(),
    "key": Thing(spent=True),
    "unsent": Thing(spent=True),
    "mail": Thing(),
    "pass": Thing(anybodys=True),
    "unsubscribe": Thing(anybodys=True),
    "erasure": Thing(anybodys=True),
    "consultation": Thing(_asked),
    "action": Thing(),
    "deliverable": Thing(),
    "draft": Thing(_asked),
    "year": Thing(anybodys=True),
    "id": Thing(anybodys=True),
    "survey": Thing(anybodys=True),
    "token": Thing(anybodys=True),
    "connection": Thing(anybodys=True),
    "certificate": Thing(anybodys=True),
    "certified": Thing(),
    "learned": Thing(),
    "holding": Thing(anybodys=True),
    "of": Thing(anybodys=True),
    "issuer": Thing(anybodys=True),
    "practice": Thing(_own, right="practices.submit"),
    "paper": Thing(_own, spent=True, right="practices.submit"),
    "reuse": Thing(anybodys=True),
    "alert": Thing(_asked, spent=True),
}

_CHANNEL = "only the members that a network's channel names see what is in it"
_MINE = "who is no expert has no application"
OF_ITSELF = {
    "/matching/experts/mine/change": _MINE,
    "/matching/experts/mine/files": _MINE,
    "/matching/experts/mine/files/{file_id}": _MINE,
    "/matching/experts/mine/renew": _MINE,
    "/matching/experts/mine/withdraw": _MINE,
    "/matching/experts/list/{expert_id}/files/{file_id}": "an expert who is written down by others brings no document",
    "/matching/meetings/{meeting_id}": "a meeting is seen by the two persons who meet",
    "/matching/promoters/{promoter_id}": "only who shows themself has a page",
    "/matching/api/v1/promoters/{promoter_id}": "only who shows themself has a page",
    "/events/practices/{practice:practice}/certificate.pdf": "only an exemplary practice has a certificate",
    "/events/alerts": _CHANNEL,
    "/events/alerts/{alert:warning}": _CHANNEL,
    "/events/alerts/{alert:warning}/open": _CHANNEL,
    "/events/alerts/{alert:warning}/correct": _CHANNEL,
    "/events/alerts/{alert:warning}/withdraw": _CHANNEL,
    "/events/alerts/{alert:warning}/discuss": _CHANNEL,
    "/events/api/v1/alerts": _CHANNEL,
    "/events/api/v1/alerts/{alert:warning}": _CHANNEL,
    "/events/api/v1/alerts/{alert:warning}/open": _CHANNEL,
    "/events/api/v1/alerts/{alert:warning}/correct": _CHANNEL,
    "/events/api/v1/alerts/{alert:warning}/withdraw": _CHANNEL,
    "/events/api/v1/alerts/{alert:warning}/discuss": _CHANNEL,
    "/matching/exchanges/{exchange_id}/agreement.pdf": "there is an agreement once both sides said yes",
    "/account/network": "only a login at an identity provider may have several networks",
    "/account/data/withdraw": "its form names the purpose, and an empty form none",
    "/requests/cycle/{deliverable:deliverable}/take-back": "its form names the office, and an empty form none",
    "/requests/plan/{year}/unplan": "its form names the activity, and an empty form none",
}
"""Routes that answer 404 to who may, each with why."""

ONES_OWN = re.compile(r"^/account/data(?!/ask)|^/\w+/my-data")
"""Public, since a letter's link opens them too; without one they are for persons signed in, each for their own."""

BY_PERSONS = re.compile(r"^/admin/(persons|keys)")
"""What is changed there is changed by persons alone: a key that makes keys would outlive its own end."""

OF_PERSONS = re.compile(r"^/account/mail|^/mailbox$|^/matching/experts/(mine|apply)|^/matching/promoters/mine")
"""A key has no mail, is no expert and no promoter: 404."""

ASKED_WITH = {"/search": "?q=anything"}
"""What an address needs beside its path, by how the path ends."""

PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


APART = {
    "/ideas/{idea_id}/seats/{seat_id}": "/ideas/{idea_id}/seats/{idea_seat}",
    "/consultations/{consultation}/files/{file:file}": "/consultations/{consultation}/files/{draft:file}",
    "/consultations/{consultation:consultation}/files/{file:file}": (
        "/consultations/{consultation:consultation}/files/{draft:file}"
    ),
    "/plan/{year}/activities/{activity}": "/plan/{year}/activities/{planned}",
    "/documents/{file:file}": "/documents/{document:file}",
    "/practices/{practice:practice}/files/{file:file}": "/practices/{practice:practice}/files/{paper:file}",
    "/letters/{letter}": "/letters/{unsent}",
    "/mailbox/{letter}": "/mailbox/{mail}",
    "/events/mine/{token}": "/events/mine/{pass}",
    "/certificates/mine/{token}": "/certificates/mine/{holding}",
    "/events/{activity:activity}/certificates/{certificate:certificate}/": (
        "/events/{certified:activity}/certificates/{certificate:certificate}/"
    ),
    "/mail/unsubscribe/{token}": "/mail/unsubscribe/{unsubscribe}",
}
"""Things that addresses call the same: an activity of the plan is not one of the catalogue."""


def parameters(path: str) -> list[str]:
    return PARAMETER.findall(_named_apart(path))


def _named_apart(path: str) -> str:
    for called, named in APART.items():
        path = path.replace(called, named)
    return path


def may_be_gone(path: str) -> bool:
    return path in OF_ITSELF or any(THINGS[name].spent for name in parameters(path))


def address(path: str, service: str, planted: Planted) -> str:
    """The path with what lies in the network put in; KeyError where there is no example."""
    ids = planted.ids | {"letter": planted.ids.get(f"letter {service}", "")}
    beside = next((query for end, query in ASKED_WITH.items() if path.endswith(end)), "")
    return PARAMETER.sub(lambda found: ids[found[1]], _named_apart(path)) + beside


def body(path: str, planted: Planted, member: str, email: str) -> dict[str, Any]:
    """`json` or `data` that the route would take from who may, told by its last words.

    `member` and `email` are the asker's, so that it is not the content that they are refused for.
    """
    if path.endswith("/registrations"):
        return {"json": {"persons": [{"name": "Eva", "email": email, "member": member}]}}
    if path.endswith("/practices/{practice:practice}/files"):
        return {"files": {"files": ("a.txt", b"Hello", "text/plain")}}
    if path.endswith(("/files", "/documents")):
        name = "file" if "/api/" in path else {"/files": "attachments"}.get(path[-6:], "documents")
        return {"files": {name: ("a.txt", b"Hello", "text/plain")}}
    if "/api/" in path:
        return {"json": _json(path, planted, member)}
    return {"data": _form(path, planted, member)}


def needs_of(profile: Profile) -> dict[str, Any]:
    """An analysis of needs that the network would take."""
    assert profile.needs
    finding = {"target_group": profile.target_groups[0].id, "topic": profile.topics[0].id, "weight": 4}
    return {"source": profile.needs.sources[0].id, "on": "2024-02-29", "title": "An analysis", "findings": [finding]}


def reading_of(profile: Profile) -> dict[str, Any]:
    """A figure from outside that the network would take; a network that reads none refuses any."""
    figure = profile.outside[0].id if profile.outside else "none"
    return {"figure": figure, "on": "2024-02-29", "value": 1, "of": 4}


def scores_of(profile: Profile, score: int) -> dict[str, int]:
    return {one.id: score for one in profile.experts.criteria}


def _json(path: str, planted: Planted, member: str) -> dict[str, Any]:
    profile, year = load(planted.network), clock.now().year + 1
    line, kind = profile.lines(year)[0].id, next(iter(profile.activity_kinds))
    focus = (profile.focus_areas or profile.topics)[0].id
    asked = next(one.id for one in profile.request_kinds.values() if one.offered and not one.to_call)
    soon = clock.now().date().isoformat()
    call = {"call": planted.ids["call_id"], "languages": ["en"]}
    texts: dict[str, dict[str, Any]] = {
        "/requests/api/v1/requests": {"kind": asked, "title": "A title", "member": member},
        "/requests/{request_id}/plan": {"line": line, "quarter": f"{year}-Q3"},
        "/requests/{request_id}/defer": {"quarter": f"{year}-Q4", "reason": "Later"},
        "/requests/{request_id}/decline": {"reason": "No"},
        "/requests/{request_id}/reopen": {"reason": "After all"},
        "/plan/{year}/activities/{activity}": {"line": line, "quarter": f"{year}-Q4", "title": "Moved"},
        "/plan/{year}/cut-off": {"on": f"{year - 1}-10-31"},
        "/plan/{year}/begin": {"reason": "It comes along"},
        "/lineage": {},
        "/assignment": {"contact": "Nobody"},
        "/plan/{year}/activities": {"kind": kind, "line": line, "quarter": f"{year}-Q3"},
        "/requests/api/v1/needs": {**needs_of(profile), "member": member},
        "/needs/{needs_id}": {**needs_of(profile), "member": member},
        "/needs/{needs_id}/withdraw": {"reason": "Twice"},
        "/requests/api/v1/readings": {**reading_of(profile), "member": member, "source": "A page"},
        "/readings/{reading_id}/correct": {"value": 2, "of": 3, "reason": "Misread"},
        "/readings/{reading_id}/remove": {"reason": "Another"},
        "/requests/{request_id}/accept": {"call": planted.ids["call_id"]},
        "/requests/{request_id}/ask": {"question": "For how many?"},
        "/requests/{request_id}/answer": {"answer": "For twelve."},
        "/requests/{request_id}/merge": {"into": planted.ids["request_id"], "reason": "The same"},
        "/requests/api/v1/consultations": {
            "about": next((one.id for one in profile.consulted_on), "none"), "title": "A draft",
            "due_on": f"{year}-03-01",
        },
        "/consultations/{consultation}/answer": {"position": "agree", "member": member},
        "/consultations/{consultation}/extend": {"due_on": f"{year}-03-02"},
        "/requests/api/v1/actions": {
            "year": year, "line": line, "title": "An action", "lead": planted.own,
            "members": [planted.own, planted.other],
        },
        "/actions/{action}/progress": {"status": "initiated"},
        "/actions/{action}/join": {"member": member},
        "/actions/{action}/review": {"outcome": "continues"},
        "/actions/go-on": {"year": year},
        "/requests/api/v1/projects": {"title": "A project", "stage": "current"},
        "/projects/{project_id}": {"title": "A project", "stage": "ended"},
        "/projects/{project_id}/remove": {"reason": "Twice"},
        "/matching/api/v1/calls": {"year": year, "focus_areas": [focus]},
        "/matching/api/v1/interests": {"member": member, "focus": focus, "weeks": [f"{year}-W10"], **call},
        "/matching/api/v1/offers": {
            "member": member, "focus_areas": [focus], "places": {f"{year}-W10": 1}, **call,
        },
        "/matching/api/v1/rosters": {"year": year, "areas": [focus]},
        "/matching/api/v1/experts": {
            "roster": planted.ids["roster_id"], "areas": [focus], "languages": ["en"], "weeks": [f"{year}-W10"],
            "statement": "I know it",
        },
        "/experts/{expert_id}/assess": {"listed": False, "scores": scores_of(profile, 4), "reason": "So"},
        "/experts/{expert_id}/change": {"areas": [focus], "languages": ["en"], "weeks": [f"{year}-W10"]},
        "/matching/api/v1/demands": {
            "title": "A title", "area": focus, "languages": ["en"], "begins": f"{year}-03-10", "ends": f"{year}-03-10",
        },
        "/demands/{demand_id}/withdraw": {"reason": "No"},
        "/matching/api/v1/ideas": {
            "lead": member, "title": "A title", "summary": "So", "theme": focus, "languages": ["en"],
            "roles": {profile.ideas.roles[0].id: 1},
        },
        "/ideas/{idea_id}/withdraw": {"reason": "No"},
        "/ideas/{idea_id}/project": {"name": "A name"},
        "/matching/api/v1/partners": {
            "member": member, "roles": [profile.ideas.roles[0].id], "themes": [focus], "languages": ["en"],
        },
        "/partners/{partner_id}/change": {
            "roles": [profile.ideas.roles[0].id], "themes": [focus], "languages": ["en"],
        },
        "/calls/{call_id}": {"focus_areas": [focus]},
        "/resources/{year}": {"quarters": [{"quarter": f"{year}-Q1", "event_slots": 4}]},
        "/calls/drafts": {"year": year, "focus_areas": [focus]},
        "/exchanges/{exchange_id}/week": {"week": f"{year}-W10"},
        "/exchanges/{exchange_id}/no-show": {"absent": planted.own},
        "/exchanges/{exchange_id}/report": {"useful": 4, "report": "Well"},
        "/calls/{call_id}/reopen": {"reason": "After all"},
        "/interests/{interest_id}": {"focus": focus, "languages": ["en"], "weeks": [f"{year}-W11"]},
        "/offers/{offer_id}": {"focus_areas": [focus], "languages": ["en"], "places": {f"{year}-W11": 1}},
        "/attendance/take-back": {"registrations": [planted.ids["registration"]], "reason": "Not so"},
        "/take-back": {"reason": "Not so"},
        "/events/api/v1/activities": {"kind": kind, "title": "A title"},
        "/schedule": {"starts_on": soon, "ends_on": soon, "mode": "online", "places": {"online": 5}},
        "/attendance": {"present": {planted.ids["registration"]: True}},
        "/check-ins": {"scans": [{"scan": "a", "code": "ABCDEFGHIJ"}]},
        "/practices/calls": {"year": year, "themes": ["A theme"], "closes_on": f"{year}-05-01"},
        "/events/api/v1/practices": {"member": member, "fields": {"title": "A title"}},
        "/practices/{practice:practice}": {"fields": {"title": "Another title"}},
        "/practices/{practice:practice}/reviewers": {"reviewers": ["one", "two"]},
        "/practices/{practice:practice}/review": {"scores": {"recognition": 3}},
        "/practices/{practice:practice}/recognise": {"presented_on": soon},
        "/practices/{practice:practice}/reuse": {"by": planted.other, "since": "2024"},
        "/events/api/v1/alerts": {"to": [planted.own], "subject": "A subject", "text": "A", "expires_on": soon},
        "/alerts/{alert:warning}/correct": {"subject": "A subject", "text": "Words"},
        "/alerts/{alert:warning}/discuss": {"text": "Words"},
        "/cancel": {"reason": "No"},
        "/substitute": {"name": "Eva", "email": "eva@example.test"},
        "/feedback/{survey:survey}/{token}": {"relevance": 5, "added_value": 5},
    }  # fmt: skip
    if path.endswith(("/registrations/{registration:registration}/cancel", "/reuse/{reuse:reuse}/take-back")):
        return {}
    return next((content for end, content in texts.items() if path.endswith(end)), {})


def _form(path: str, planted: Planted, member: str) -> dict[str, Any]:
    api = path.replace("/requests/{request_id:request}", "/requests/api/v1/requests/{request_id}")
    if api != path:
        return _json(api, planted, member)
    year, focus = clock.now().year + 1, (load(planted.network).focus_areas or load(planted.network).topics)[0].id
    soon = clock.now().date().isoformat()
    texts: dict[str, dict[str, Any]] = {
        "/schedule": {"starts_on": soon, "ends_on": soon, "mode": "online", "places_online": "5"},
        "/events/{activity:activity}/cancel": {"reason": "No"},
        "/paths/new": {"title": "A path", "module_1": planted.ids["activity"]},
        "/paths/{learned}": {"title": "A path", "module_1": planted.ids["activity"]},
        "/certificates/rule": {"offered": "1", "share": "80"},
        "/certificates/assessment": {"listed": planted.ids["registration"]},
        "/revoke": {"reason": "No"},
        "/reissue": {"reason": "Misspelt", "name": "Eva"},
        "/check-in": {"code": "ABCDEFGHIJ"},
        "/here": {"code": "1"},
        "/practices/call": {"year": year, "themes": "A theme", "closes_on": f"{year}-05-01"},
        "/practices/new": {"member": member, "fields.title": "A title"},
        "/practices/{practice:practice}/edit": {"fields.title": "Another title"},
        "/practices/{practice:practice}/reuse": {"by": planted.other, "since": "2024"},
        "/practices/{practice:practice}/recognise": {"presented_on": soon},
        "/events/alerts": {"to": planted.own, "subject": "A subject", "text": "A", "expires_on": soon},
        "/alerts/{alert:warning}/correct": {"subject": "A subject", "text": "Words"},
        "/alerts/{alert:warning}/discuss": {"text": "Words"},
        "/events/{activity:activity}/rules": {"policy": "first-come", "approval": "none"},
        "/substitute": {"name": "Eva", "email": "eva@example.test"},
        "/nominate": {"name_1": "Eva", "email_1": "eva@example.test", "member_1": member},
        "/attendance": {"listed": planted.ids["registration"], "present": planted.ids["registration"]},
        "/runs/{run_id}/propose": {"_all": "1"},
        "/calls/new": {"year": year, "focus_areas": focus},
        "/answer": {"party": member, "position": "comment", "comment": "A comment"},
        "/deliver": {"member": member},
        "/take-back": {"member": member},
        "/extend": {"due_on": f"{year}-03-01"},
        "/due": {"_office": member, "due_on": f"{year}-03-01"},
        "/progress": {"status": "initiated"},
        "/join": {"member": member},
        "/review": {"outcome": "continues"},
        "/assign": {"contact": "Nobody"},
        "/cut-off": {"on": f"{year - 1}-10-31"},
        "/unplan": {"activity": planted.ids["planned"]},
        "/exchanges/{exchange_id}/decline": {"member": member, "reason": "No"},
        "/exchanges/{exchange_id}/accept": {"member": member},
    }
    return next((content for end, content in texts.items() if path.endswith(end)), {})
