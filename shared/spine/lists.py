"""What was done, what could not be worked and what did not arrive as CSV and XLSX: what the pages show, all of it."""

from collections.abc import AsyncIterable, Sequence
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from shared.web import exports
from shared.web.exports import Column
from shared.web.i18n import _
from shared.web.rights import Principal

from .replay import PAGE, DeadLetters

if TYPE_CHECKING:
    from .audit import Done
    from .letters import Row


def audit(principal: Principal, kind: str, service: str, rows: AsyncIterable["Done"]) -> Response:
    columns: list[Column[Done]] = [
        Column(_("When"), lambda one: one.at, moment=True),
        Column(_("Who"), lambda one: one.who),
        Column(_("On behalf of"), lambda one: one.asked_by),
        Column(_("What"), lambda one: one.words),
        Column(_("Kind of thing"), lambda one: one.kind),
        Column(_("Happened on"), lambda one: one.happened, moment=True),
        Column(_("Page"), lambda one: one.href),
    ]
    return exports.answer(principal, kind, f"audit-{service}", columns, rows)


def letters(principal: Principal, kind: str, service: str, rows: AsyncIterable["Row"]) -> Response:
    columns: list[Column[Row]] = [
        Column(_("Letter"), lambda one: one.kind),
        Column(_("To"), lambda one: one.to),
        Column(_("Why not"), lambda one: one.why),
        Column(_("When"), lambda one: one.when, moment=True),
        Column(_("Page"), lambda one: one.about),
    ]
    return exports.answer(principal, kind, f"letters-{service}", columns, rows)


def dead(principal: Principal, kind: str, service: str, found: DeadLetters) -> Response:
    async def page(skip: int, _limit: int) -> Sequence[dict[str, Any]]:
        return await found.page(skip // PAGE + 1, principal.network)

    columns: list[Column[dict[str, Any]]] = [
        Column(_("Place on the log"), lambda one: one["_id"]),
        Column(_("Type"), lambda one: one["type"]),
        Column(_("State"), lambda one: _("Waits") if one["status"] == "parked" else _("Could not be worked")),
        Column(_("Reason"), lambda one: one.get("reason", "")),
        Column(_("Kept since"), lambda one: one["at"], moment=True),
    ]
    return exports.answer(principal, kind, f"dead-letters-{service}", columns, exports.in_batches(page, PAGE))
