"""How places are given: the organiser's page for policy, offers, approval and quotas; and what is asked."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.events import handlers
from services.events.commands import Asked, AskQuestions, SetRules
from services.events.queries import questions as questions_of
from services.events.queries.activity import Found
from services.events.sealed import Sealed
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Mode
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.i18n import mark as _mark
from shared.web.pages import render, see_other
from shared.web.rights import Principal

from .asked import ActivityPath, db_of, found, profile_of, service_of
from .desk import Organiser, store_of

router = APIRouter()
QUOTA_ROWS, QUESTION_ROWS, MOST_ROWS = 8, 6, 30
POLICIES = {
    "first-come": _mark("First come, first served"),
    "coverage": _mark("Coverage first: a member with nobody comes before a second from another"),
    "draw": _mark("By draw, on a day that is published"),
}
APPROVALS = {
    "none": _mark("Not needed"),
    "one": _mark("The organiser approves"),
    "two": _mark("The liaison officer endorses, then the organiser approves"),
}


def sealed_of(request: Request) -> Sealed:
    return Sealed(service_of(request).settings, "draws")


@router.get("/events/{activity:activity}/rules")
async def rules_page(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    one = await found(request, principal, activity)
    return _rules_page(request, principal, one, _rules_form(one, principal))


def _rules_form(one: Found, principal: Principal) -> Form:
    state, own = one.state, profile_of(principal).registering
    rows: dict[str, Any] = {}
    for number, quota in enumerate(state.quotas, 1):
        rows |= {
            f"member_{number}": quota.member, f"mode_{number}": quota.mode, f"places_{number}": quota.places,
            f"release_{number}": quota.release_on,
        }  # fmt: skip
    return Form.of(
        policy=state.policy if state.ruled else own.policy,
        approval=state.approval if state.ruled else own.approval,
        offer_hours=state.offer_hours if state.ruled else own.offer_hours,
        draw_at=state.draw_at[:16] or None,
        **rows,
    )


def _rules_page(request: Request, principal: Principal, one: Found, form: Form, status: int = 200) -> Response:
    members = [(code, code) for code in one.state.invited or one.state.meant_for or profile_of(principal).member_codes]
    return render(
        request, "events/rules.html", status=status, one=one, row=one.row, form=form,
        rows=max(QUOTA_ROWS, len(one.state.quotas) + 2), members=members,
        policies=[(name, _(text)) for name, text in POLICIES.items()],
        approvals=[(name, _(text)) for name, text in APPROVALS.items()],
        modes=[(mode, _(Mode(mode).label)) for mode in one.state.places or ("on-site", "online")],
        fixed=bool(one.state.registrations),
    )  # fmt: skip


@router.post("/events/{activity:activity}/rules")
async def set_rules(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    status = 422
    quotas = _quotas(form)
    at = form["draw_at"].strip() if form["policy"] == "draw" else ""
    fields = {name: form.all(name) for name in ("policy", "offer_hours", "approval")}
    typed = Form(fields)
    command = (
        typed.build(SetRules, activity=activity, quotas=quotas, draw_at=_moment(at, form))
        if quotas is not None
        else None
    )
    for name, sentence in typed.errors.items():
        form.fail(name or "draw_at", sentence)
    if command is not None and not form.errors:
        try:
            await handlers.set_rules(command, store_of(request, principal, form), sealed_of(request))
            done = _("The rules are published with the activity.")
            return see_other(request, f"/events/{activity}/desk", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return _rules_page(request, principal, one, form, status)


def _moment(text: str, form: Form) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        form.fail("draw_at", _("Give a day and a time."))
        return None


def _quotas(form: Form) -> list[dict[str, Any]] | None:
    found = []
    for number in range(1, 101):
        member, places = form[f"member_{number}"].strip(), form[f"places_{number}"].strip()
        if not member and not places:
            continue
        if not (member and places.isascii() and places.isdigit() and 0 < int(places[:6]) <= 20_000):
            form.fail(f"places_{number}", _("Give a member and how many places are kept for it."))
            continue
        found.append({
            "member": member, "mode": form[f"mode_{number}"] or "on-site", "places": int(places),
            "release_on": form[f"release_{number}"].strip() or None,
        })  # fmt: skip
    return None if form.errors else found


@router.get("/events/{activity:activity}/questions")
async def questions_page(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    one = await found(request, principal, activity)
    asked = await questions_of.asked(db_of(request), principal.network, activity)
    own: dict[str, Any] = {}
    templates = {each.id for each in profile_of(principal).registering.questions}
    extra = [each for each in asked if each.id not in templates]
    for number, each in zip(_numbers(extra), extra, strict=True):
        own |= {
            f"title_{number}": each.title, f"options_{number}": "; ".join(each.options),
            f"required_{number}": each.required, f"when_{number}": each.when, f"among_{number}": "; ".join(each.among),
        }  # fmt: skip
    form = Form.of(templates=[each.id for each in asked if each.id in templates], **own)
    return _questions_page(request, principal, one, form)


def _numbers(asked: Sequence[Asked]) -> list[int]:
    """Where each stands in the form: its id has the number, and keeps it while others come and go."""
    texts = [each.id.removeprefix("own-") for each in asked]
    known = [int(text) if re.fullmatch(r"[0-9]{1,2}", text) else 0 for text in texts]
    free = (number for number in range(1, MOST_ROWS + len(known) + 1) if number not in known)
    return [number or next(free) for number in known]


def _questions_page(request: Request, principal: Principal, one: Found, form: Form, status: int = 200) -> Response:
    last = max((number for number in range(1, MOST_ROWS + 1) if form[f"title_{number}"].strip()), default=0)
    rows = min(MOST_ROWS, last + QUESTION_ROWS)
    templates = profile_of(principal).registering.questions
    earlier = [(each.id, each.title) for each in templates if each.kind == "choice"]
    earlier += [(f"own-{number}", _("Question %(number)s below", number=number)) for number in range(1, rows + 1)]
    return render(
        request, "events/questions.html", status=status, one=one, row=one.row, form=form, rows=rows,
        templates=[(each.id, each.title) for each in templates], earlier=earlier,
    )  # fmt: skip


@router.post("/events/{activity:activity}/questions")
async def set_questions(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    status = 422
    items = _chosen(form, principal)
    items += _own_questions(form)
    try:
        command = None if form.errors else AskQuestions(activity=activity, questions=tuple(items))
    except ValidationError as error:
        command = None
        form.fail("", _(str(error.errors()[0]["msg"]).removeprefix("Value error, ")))
    if command is not None:
        try:
            await handlers.ask_questions(command, store_of(request, principal, form))
            return see_other(request, f"/events/{activity}/desk", done=_("The questions are kept."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return _questions_page(request, principal, one, form, status)


def _chosen(form: Form, principal: Principal) -> list[Asked]:
    """Those of the network's templates; one that depends on another brings it along."""
    templates = profile_of(principal).registering.questions
    wanted = set(form.all("templates"))
    wanted |= {each.when for each in templates if each.id in wanted and each.when}
    titles = {each.id: dict(each.choices) for each in templates}
    return [
        Asked(
            id=each.id, title=each.title, kind=each.kind, options=tuple(title for _id, title in each.choices),
            required=each.required, when=each.when,
            among=tuple(titles[each.when].get(name, name) for name in each.among) if each.when else (),
        )
        for each in templates
        if each.id in wanted
    ]  # fmt: skip


def _own_questions(form: Form) -> list[Asked]:
    items = []
    for number in range(1, MOST_ROWS + 1):
        title = form[f"title_{number}"].strip()
        if not title:
            continue
        options = _several(form[f"options_{number}"])
        try:
            items.append(
                Asked(
                    id=f"own-{number}", title=title, kind="choice" if options else "words", options=options,
                    required=bool(form[f"required_{number}"]), when=form[f"when_{number}"],
                    among=_several(form[f"among_{number}"]),
                )
            )  # fmt: skip
        except ValidationError:
            form.fail(f"options_{number}", _("Give at least two options, or none for an answer in words."))
    return items


def _several(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[;\n]", text) if part.strip()))
