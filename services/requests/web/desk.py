"""The NLO's desk: my member's requests and their fates; and each request's own page, with its story."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.requests import drafts, handlers, queries
from services.requests.commands import WithdrawRequest
from services.requests.domain.asking import ASKED_ABOUT
from services.requests.domain.request import UNDONE, WITHDRAWABLE
from services.requests.domain.state import OPEN, Status
from services.requests.due import due_of, overdue
from services.requests.exchanging import exchange_of
from services.requests.inside import parts_of
from services.requests.offered import kinds_of
from services.requests.queries import Filter, Shown
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Mode
from shared.profiles import Profile
from shared.spine.letters import undelivered_about
from shared.web import exports
from shared.web.formats import language_name, member_name, moment
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded
from shared.web.wording import in_words

from . import accepting, attachments, inside, lists, merging, narrowing, waits
from .common import (
    DECISIONS,
    FATE_COLOURS,
    FATES,
    PATH,
    Reader,
    Withdrawer,
    db_of,
    found,
    member_options,
    page_store,
    told,
)
from .drafts import writer_of
from .story import next_of, quarter_words, story_of, week_words

router = APIRouter()


@router.get("/requests/")
async def desk(request: Request, principal: Reader) -> Response:
    profile = in_words(principal.network)
    paging = Paging.of(request, sortable=tuple(queries.SORTS), default="-sent")
    mine = Filter(member=_member(request, principal))
    query = request.query_params
    late = overdue(principal.network, mine.member)
    only = narrowing.narrowed(request, principal.network)
    only = replace(only, member=mine.member, status=query.get("fate", ""), year=_year(query.get("year")))
    if only.status == OVERDUE:
        since = late.waits_since_before if late else narrowing.NEVER
        only = replace(only, status="", waits_since_before=since)
    if kind := exports.asked(request):
        return lists.requests(request, principal, kind, only, paging.sort)
    db = db_of(request)
    rows, total = await queries.listed(
        db, principal.network, only, skip=paging.skip, limit=paging.per_page, sort=paging.sort
    )
    counts = await queries.counts(db, principal.network, mine)
    counts[OVERDUE] = sum((await queries.counts(db, principal.network, late)).values()) if late else 0
    latest = rows[0] if rows else None
    people = request.app.state.service.people
    return render(
        request,
        "desk.html",
        sentence=_sentence(principal, counts),
        listing=paging.listing(rows, total),
        counts=counts,
        latest=latest,
        steps=await story_of(db, people, principal, profile, latest) if latest else [],
        members=member_options(profile) if principal.own_member is None else [],
        kinds=[(kind.id, _(kind.title)) for kind in kinds_of(principal.network).values()],
        drafts=await drafts.of(db, writer_of(principal)) if principal.may("requests.submit") else [],
        form=Form.of(),
        ticks=principal.may("requests.decide"),
        may_be_ticked=lambda row: row.status in OPEN,
        due_of=due_of,
        overdue_known=late is not None,
        choices=narrowing.choices(profile) if principal.own_member is None else None,
        waits=await waits.todos(db, principal, mine.member) if mine.member else [],
        **_words(),
    )


OVERDUE = "overdue"
"""The filter for requests whose first answer is late."""


def _words() -> dict[str, Any]:
    fates = {fate: _(word) for fate, word in FATES.items()}
    return {"fates": fates, "colours": FATE_COLOURS, "next_of": next_of, "quarter_words": quarter_words}


def _member(request: Request, principal: Principal) -> str | None:
    own = principal.own_member
    if own == "":
        raise HTTPException(403, _("Your account has no member yet. Ask the operator to add it."))
    return own or request.query_params.get("member") or None


def _year(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) == 4 else None


def _sentence(principal: Principal, counts: dict[str, int]) -> str:
    waiting = counts.get("submitted", 0)
    sent = sum(count for fate, count in counts.items() if fate != OVERDUE)
    planned = counts.get("planned", 0)
    first = ngettext("one request waits for an answer", "%(num)s requests wait for an answer", waiting)
    second = ngettext("one is planned", "%(num)s are planned", planned)
    first = first if waiting else _("no request waits for an answer")
    second = second if planned else _("none is planned")
    who = member_name(principal.own_member, principal.network) if principal.own_member else _("All members")
    if not sent:
        return _("%(who)s: no request was sent yet", who=who)
    return _("%(who)s: %(first)s, %(second)s", who=who, first=first, second=second)


@router.get(PATH)
async def request_page(request: Request, request_id: str, principal: Reader) -> Response:
    shown = await found(request, principal, request_id)
    return await _request_page(request, principal, shown)


async def _request_page(request: Request, principal: Principal, shown: Shown) -> Response:
    profile = in_words(principal.network)
    steps = await story_of(db_of(request), request.app.state.service.people, principal, profile, shown)
    agreed = shown.status is Status.ACCEPTED and shown.state["exchange"]
    may_withdraw = principal.may("requests.withdraw") and shown.status in WITHDRAWABLE and not agreed
    return render(
        request,
        "request.html",
        shown=shown,
        sentence=_request_sentence(shown),
        steps=steps,
        facts=facts_of(profile, shown, await inside.link_to(db_of(request), principal, shown)),
        within=await parts_of(db_of(request), shown.network, (shown.id, shown.state["activity"]), principal.own_member),
        may_decide=principal.may("requests.decide") and shown.status in OPEN,
        may_withdraw=may_withdraw,
        may_ask=principal.may("requests.ask") and shown.status in ASKED_ABOUT and not shown.question,
        may_answer=principal.may("requests.answer") and bool(shown.question),
        may_accept=await accepting.may_accept(request, principal, shown),
        joined=list(shown.state["joined"].items()),
        due=due_of(shown),
        similar=await merging.similar_shown(request, principal, shown),
        alike_words=merging.alike_words,
        may_reopen=principal.may("requests.decide")
        and shown.status in UNDONE
        and bool(shown.state["decided"])
        and not agreed,
        exchange=await exchange_of(db_of(request), shown),
        undelivered=await undelivered_about(request, principal, shown.id),
        **await attachments.shown_on(request, principal, shown),
        **_words(),
    )


def _request_sentence(shown: Shown) -> str:
    quarter = quarter_words(shown.state["quarter"])
    match shown.status:
        case Status.SUBMITTED if shown.state["cause"]:
            return _("%(title)s: to be decided anew", title=shown.title)
        case Status.SUBMITTED:
            return _("%(title)s: waits for a first answer", title=shown.title)
        case Status.MERGED:
            return _("%(title)s: answered together with another request", title=shown.title)
        case Status.ACCEPTED if shown.state["exchange"]:
            facts = {"host": member_name(shown.state["host"], shown.network), "title": shown.title}
            day = week_words(shown.state["week"], shown)
            return _("%(title)s: exchange with %(host)s in the week of %(day)s", day=day, **facts)
        case Status.ACCEPTED:
            return _("%(title)s: in the open call", title=shown.title)
        case Status.PLANNED:
            return _("%(title)s: planned for %(quarter)s", title=shown.title, quarter=quarter)
        case Status.DEFERRED:
            return _("%(title)s: deferred to %(quarter)s", title=shown.title, quarter=quarter)
        case Status.DECLINED:
            return _("%(title)s: declined", title=shown.title)
        case Status.WITHDRAWN:
            return _("%(title)s: withdrawn", title=shown.title)
    return _("%(title)s: held", title=shown.title)


def facts_of(profile: Profile, shown: Shown, part_of: str) -> list[tuple[str, Any]]:
    """What was asked for, in the order of the form; `part_of` is the wider event, as a link where there is one."""
    state, words = shown.state, shown.words
    language, mode = state["language"], words.get("mode")
    title_of = profile.title_of
    return [
        (_("Kind"), _(kinds_of(profile.id)[shown.kind].title) if shown.kind in kinds_of(profile.id) else shown.kind),
        (_("Topic"), title_of(state["topic"]) if state["topic"] else ""),
        (_("Level"), words.get("level", "")),
        (_("Duration"), words.get("duration", "")),
        (_("Network or platform"), words.get("network_named", "")),
        (_("Agenda"), words.get("agenda", "")),
        (_("Format"), words.get("format", "")),
        (_("Target groups"), ", ".join(title_of(one) for one in state["target_groups"])),
        (_("Who takes part"), words.get("audience", "")),
        (_("Participants"), state["participants"] or ""),
        (_("Language"), language_name(language) if language else ""),
        (_("With members"), ", ".join(words.get("members", ()))),
        (_("Mode"), _(Mode(mode).label) if mode else ""),
        (_("Place"), words.get("host_place", "")),
        (_("Host wished"), title_of(words["host_member"]) if words.get("host_member") else ""),
        (_("Contact person"), words.get("contact", "")),
        (_("Who takes it on"), title_of(state["owner"]) if state["owner"] else ""),
        (_("Period"), _period(words.get("period", ""), state, profile.id)),
        (_("Focus area"), title_of(words["focus_area"]) if words.get("focus_area") else ""),
        (_("Officials who go"), words.get("officials", "")),
        (_("Weeks that suit"), words.get("weeks", "")),
        (_("Part of the event"), part_of),
        (_("Website"), words.get("website", "")),
        (_("Wished for"), quarter_words(state["quarter_wished"])),
        (_("Plan line"), title_of(state["line"]) if state["line"] else ""),
    ]


def _period(written: str, state: Mapping[str, Any], network: str) -> str:
    """As it was written, and the days that it means."""
    if not written or not state["starts_on"]:
        return written
    first, last = (moment(state[name], network).striptags() for name in ("starts_on", "ends_on"))
    if first == last:
        return _("%(written)s (%(first)s)", written=written, first=first)
    return _("%(written)s (%(first)s to %(last)s)", written=written, first=first, last=last)


@router.get(PATH + "/withdraw")
async def withdraw_page(request: Request, request_id: str, principal: Withdrawer) -> Response:
    return render(request, "withdraw.html", shown=await found(request, principal, request_id), form=Form.of())


@router.post(PATH + "/withdraw")
async def withdraw(request: Request, request_id: str, principal: Withdrawer) -> Response:
    shown = await found(request, principal, request_id)
    form = await read_form(request)
    status = 422
    command = form.build(WithdrawRequest, request=request_id, words="", happened_at=None)
    if command is not None:
        store = page_store(request, principal, form.command_id)
        try:
            await guarded(
                request,
                store,
                request_id,
                lambda now: handlers.withdraw_request(command, now),
                seen=form.version,
                minds=DECISIONS,
            )
        except Changed as changed:
            shown = await found(request, principal, request_id)
            status = form.stale(changed, take=f"/requests/{request_id}", told=told())
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            return see_other(request, f"/requests/{request_id}", done=_("Your request was withdrawn."))
    return render(request, "withdraw.html", status=status, shown=shown, form=form)
