"""The lists of this service as CSV and XLSX: calls, interests, offers, exchanges, runs and what they came to."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from services.matching import queries
from services.matching.domain.exchange import Exchange
from services.matching.web.common import (
    STATUS_WORDS,
    AnyCall,
    AnyExchange,
    AnyInterest,
    AnyOffer,
    call_title,
    db_of,
    focus_title,
    languages_in_words,
    spans_words,
    stay_words,
    waits_for,
)
from shared.web import exports
from shared.web.exports import Column
from shared.web.formats import member_name
from shared.web.i18n import _
from shared.web.rights import Principal

Listed = Callable[..., Awaitable[tuple[list[Any], int]]]


def _status(value: str) -> str:
    return _(STATUS_WORDS.get(value, value))


def interest_columns(network: str) -> list[Column[AnyInterest]]:
    return [
        Column(_("Member"), lambda one: one.state.member),
        Column(_("Name of the member"), lambda one: member_name(one.state.member, network)),
        Column(_("Focus area"), lambda one: focus_title(one.state.focus, network)),
        Column(_("State"), lambda one: _status(one.state.status)),
        Column(_("May start"), lambda one: spans_words(one.state.weeks)),
        Column(_("Weeks"), lambda one: one.state.duration),
        Column(_("Languages"), lambda one: languages_in_words(one.state.languages)),
        Column(_("Officials"), lambda one: one.state.officials),
        Column(_("Hosts wished"), lambda one: one.state.wishes),
        Column(_("Id"), lambda one: one.id),
    ]


def offer_columns(network: str) -> list[Column[AnyOffer]]:
    return [
        Column(_("Member"), lambda one: one.state.member),
        Column(_("Name of the member"), lambda one: member_name(one.state.member, network)),
        Column(_("Focus areas"), lambda one: [focus_title(area, network) for area in one.state.focus_areas]),
        Column(_("State"), lambda one: _status(one.state.status)),
        Column(_("Hosts"), lambda one: spans_words(one.state.places)),
        Column(_("Languages"), lambda one: languages_in_words(one.state.languages)),
        Column(_("Places"), lambda one: sum(one.state.places.values())),
        Column(_("Places free"), lambda one: sum(one.state.free.values())),
        Column(_("Id"), lambda one: one.id),
    ]


def exchange_columns(network: str) -> list[Column[AnyExchange]]:
    return [
        Column(_("From"), lambda one: one.state.sender),
        Column(_("To"), lambda one: one.state.host),
        Column(_("Focus area"), lambda one: focus_title(one.state.focus, network)),
        Column(_("State"), lambda one: _status(one.state.status)),
        Column(_("First week"), lambda one: one.state.week),
        Column(_("When"), lambda one: stay_words(one.state.week, one.state.duration)),
        Column(_("Officials"), lambda one: one.state.officials),
        Column(_("Answer by"), lambda one: exports.moment(one.state.answer_by), moment=True),
        Column(_("Waits for"), lambda one: _waiting(one.state)),
        Column(_("Id"), lambda one: one.id),
    ]


def _waiting(state: Exchange) -> list[str]:
    return [side for side in (state.sender, state.host) if waits_for(state, side)]


COLUMNS: dict[str, Callable[[str], list[Column[Any]]]] = {
    "interests": interest_columns,
    "offers": offer_columns,
    "exchanges": exchange_columns,
}
LISTED: dict[str, Listed] = {
    "interests": queries.interests,
    "offers": queries.offers,
    "exchanges": queries.exchanges,
}


def of_market(
    request: Request, principal: Principal, kind: str, name: str, *, call: str = "", own: str | None = None
) -> Response:
    """Interests, offers or exchanges: of a call, or of one's member."""
    db, network = db_of(request), principal.network

    async def page(skip: int, limit: int) -> Sequence[Any]:
        rows, _total = await LISTED[name](db, network, call=call, own=own, skip=skip, limit=limit)
        return rows

    return exports.answer(principal, kind, name, COLUMNS[name](network), exports.in_batches(page))


def due(request: Request, principal: Principal, kind: str) -> Response:
    """All proposals that wait for an answer; the page shows the first of them."""

    async def rows() -> Any:
        found, total = await queries.due_answers(db_of(request), principal.network, None)
        if total > len(found):
            found, _total = await queries.due_answers(db_of(request), principal.network, None, limit=total)
        for one in found:
            yield one

    return exports.answer(principal, kind, "answers-due", exchange_columns(principal.network), rows())


def calls(request: Request, principal: Principal, kind: str) -> Response:
    db, network = db_of(request), principal.network

    async def page(skip: int, limit: int) -> Sequence[tuple[AnyCall, queries.Counts]]:
        rows, _total = await queries.calls(
            db, network, drafts=principal.may("matching.open-call"), skip=skip, limit=limit
        )
        counts = await queries.counts(db, network, [one.id for one in rows])
        return [(one, counts[one.id]) for one in rows]

    columns: list[Column[tuple[AnyCall, queries.Counts]]] = [
        Column(_("Call"), lambda row: call_title(row[0].state, network)),
        Column(_("Year"), lambda row: row[0].state.year),
        Column(_("Interests"), lambda row: row[1].interests),
        Column(_("Offers"), lambda row: row[1].offers),
        Column(_("Proposed"), lambda row: row[1].waiting),
        Column(_("Agreed"), lambda row: row[1].agreed),
        Column(_("At least"), lambda row: row[0].state.minimum),
        Column(_("Runs"), lambda row: len(row[0].state.runs)),
        Column(_("State"), lambda row: _status(row[0].state.status)),
        Column(_("Id"), lambda row: row[0].id),
    ]
    return exports.answer(principal, kind, "calls", columns, exports.in_batches(page))


def runs(principal: Principal, kind: str, rows: Sequence[Mapping[str, Any]]) -> Response:
    """The runs of a call."""
    columns: list[Column[Mapping[str, Any]]] = [
        Column(_("Run"), lambda one: exports.moment(one["at"]), moment=True),
        Column(_("Matched"), lambda one: one["matched"]),
        Column(_("Interests"), lambda one: one["interests"]),
        Column(_("Offers"), lambda one: one["offers"]),
        Column(_("Proven"), lambda one: one["proven"]),
        Column(_("Id"), lambda one: one["run"]),
    ]
    return exports.answer(principal, kind, "runs", columns, rows)


def matches(principal: Principal, kind: str, rows: Iterable[Mapping[str, Any]]) -> Response:
    """The matches of a run, each with its reasons."""
    network = principal.network
    columns: list[Column[Mapping[str, Any]]] = [
        Column(_("From"), lambda row: row["match"].sender),
        Column(_("To"), lambda row: row["match"].host),
        Column(_("Focus area"), lambda row: focus_title(row["match"].focus, network)),
        Column(_("First week"), lambda row: row["match"].week),
        Column(_("When"), lambda row: stay_words(row["match"].week, row["match"].duration)),
        Column(_("Officials"), lambda row: row["match"].officials),
        Column(_("Why"), lambda row: " ".join(row["why"])),
        Column(_("State"), lambda row: _status(row["exchange"].state.status) if row["exchange"] else _("Not proposed")),
    ]
    return exports.answer(principal, kind, "matches", columns, rows)


def unmatched(principal: Principal, kind: str, rows: Iterable[Mapping[str, Any]]) -> Response:
    """The interests that a run left without a match, each with the reasons."""
    network = principal.network
    columns: list[Column[Mapping[str, Any]]] = [
        Column(_("Member"), lambda row: row["one"].sender),
        Column(_("Focus area"), lambda row: focus_title(row["focus"], network)),
        Column(_("Why not"), lambda row: " ".join(row["why"])),
        Column(_("What would match it"), lambda row: row["change"]),
        Column(_("Id"), lambda row: row["one"].interest),
    ]
    return exports.answer(principal, kind, "unmatched", columns, rows)
