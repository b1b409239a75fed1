"""The lists of the administration as CSV and XLSX; that of persons is noted as read."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from shared.people import Key, People
from shared.people.accounts import Account
from shared.people.directory import Asked, Directory
from shared.people.reads import Purpose, Read
from shared.people.trail import Change
from shared.web import exports, nav
from shared.web.exports import Column
from shared.web.formats import language_name
from shared.web.i18n import _
from shared.web.rights import Principal

Page = Callable[[int, int], Any]


def _roles(roles: Sequence[Any]) -> list[str]:
    return [_(nav.ROLE_NAMES[role]) for role in roles]


def persons(
    principal: Principal, kind: str, people: People, directory: Directory, *, asked: Asked, sort: str
) -> Response:
    async def rows() -> AsyncIterator[Account]:
        async def page(skip: int, limit: int) -> Sequence[Account]:
            found, _total = await directory.page(principal.network, asked, sort=sort, skip=skip, limit=limit)
            await people.reads.note(principal, Purpose.EXPORT, [one.id for one in found])
            return found

        async for one in exports.in_batches(page):
            yield one

    columns: list[Column[Account]] = [
        Column(_("Name"), lambda one: one.name),
        Column(_("Address"), lambda one: one.email),
        Column(_("Member"), lambda one: one.speaks_for),
        Column(_("Roles"), lambda one: _roles(one.roles)),
        Column(_("Language"), lambda one: language_name(one.language) if one.language else ""),
        Column(_("Since"), lambda one: one.since, moment=True),
        Column(_("Closed"), lambda one: one.closed, moment=True),
        Column(_("Id"), lambda one: one.id),
    ]
    return exports.answer(principal, kind, "persons", columns, rows())


def keys(principal: Principal, kind: str, rows: Sequence[Key], names: Mapping[str, str]) -> Response:
    columns: list[Column[Key]] = [
        Column(_("Name"), lambda one: one.name),
        Column(_("Roles"), lambda one: _roles(one.roles)),
        Column(_("Member"), lambda one: one.member),
        Column(_("Only for"), lambda one: one.scopes),
        Column(_("Further rights"), lambda one: one.rights),
        Column(_("Made"), lambda one: one.created, moment=True),
        Column(_("Made by"), lambda one: names.get(one.created_by, "")),
        Column(_("Last used"), lambda one: one.last_used, moment=True),
        Column(_("Expires"), lambda one: one.expires, moment=True),
        Column(_("Id"), lambda one: one.id),
    ]
    return exports.answer(principal, kind, "keys", columns, rows)


def changes(
    principal: Principal, kind: str, people: People, page: Page, words: Callable[[Change], tuple[str, Sequence[str]]]
) -> Response:
    """Who changed what about persons and keys. `words`: what was done, and its details."""
    columns: list[Column[tuple[Change, Mapping[str, str]]]] = [
        Column(_("When"), lambda row: row[0].at, moment=True),
        Column(_("Who"), lambda row: row[1].get(row[0].by, row[0].by)),
        Column(_("What"), lambda row: words(row[0])[0]),
        Column(_("Details"), lambda row: words(row[0])[1]),
        Column(_("About"), lambda row: row[1].get(row[0].about, row[0].about)),
    ]
    named = exports.in_batches(_named(people, page, lambda row: (row.by, row.about)))
    return exports.answer(principal, kind, "changes", columns, named)


def reads(principal: Principal, kind: str, people: People, page: Page, purposes: Mapping[str, str]) -> Response:
    """Who was shown data of others, when and what for."""
    columns: list[Column[tuple[Read, Mapping[str, str]]]] = [
        Column(_("When"), lambda row: row[0].at, moment=True),
        Column(_("Who"), lambda row: row[1].get(row[0].by, row[0].by)),
        Column(_("What for"), lambda row: _(purposes[row[0].purpose]) if row[0].purpose in purposes else ""),
        Column(_("Persons"), lambda row: row[0].count),
    ]
    return exports.answer(
        principal, kind, "reads", columns, exports.in_batches(_named(people, page, lambda row: (row.by,)))
    )


def _named(people: People, page: Page, ids: Callable[[Any], Sequence[str]]) -> Page:
    """Each row with the names of the persons in it."""

    async def named(skip: int, limit: int) -> list[tuple[Any, Mapping[str, str]]]:
        rows, _total = await page(skip, limit)
        names = await people.name_of(id for row in rows for id in ids(row))
        return [(row, names) for row in rows]

    return named
