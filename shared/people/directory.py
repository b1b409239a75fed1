"""The persons of a network as those see them who look after them: listed, added, changed, closed, deputised.

Every change says which version it saw; a stale one raises `Stale`. It is written with its line of the trail in one
transaction, and the network's changes one after the other, so that two of them never remove the last coordinator.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import uuid4

from pymongo import UpdateOne

from shared import clock
from shared.contracts.refused import Refused
from shared.mongo import Session, is_duplicate_key, transaction

from .accounts import Account, Facts, Giver, Stale, account_of, check_days, check_deputy, check_facts, written_of
from .person import Person, Role
from .sessions import Sessions
from .standing import NEVER_LAST, check_giving, check_managing
from .trail import Trail, What

T = TypeVar("T")
SORTS = {"name": "name", "member": "member", "since": "since", "changed": "changed"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is narrowed to; `state` is `open`, `closed` or `known` (registered, without an account)."""

    find: str = ""
    role: Role | None = None
    member: str = ""
    state: str = "open"


class Directory:
    """Over the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._db, self._persons, self._guards = db, db["persons"], db["guards"]
        self.trail, self._sessions = Trail(db), Sessions(db)
        self._seeded = False

    async def prepare(self) -> None:
        await self._persons.create_index([("network", 1), ("name", 1)])
        await self._persons.create_index("deputy.of", sparse=True)
        await self.trail.prepare()

    async def seed(self, persons: Sequence[Person]) -> None:
        """Make documents of the ready-made persons that have none yet, once a process."""
        if self._seeded:
            return
        subjects = [one.subject for one in persons]
        known = {
            subject
            async for row in self._persons.find({"subjects": {"$in": subjects}}, {"subjects": 1})
            for subject in row["subjects"]
        }
        writes = [write for one in persons if one.subject not in known for write in _seeds(one)]
        try:
            await self._persons.bulk_write(writes) if writes else None
        except Exception as error:
            if not is_duplicate_key(error):  # another process was quicker; what is missing follows at the next look
                raise
        else:
            self._seeded = True

    async def page(
        self, network: str, asked: Asked, *, sort: str = "name", skip: int = 0, limit: int = 25
    ) -> tuple[list[Account], int]:
        """One page of the list, and how many there are in all."""
        query = _query(network, asked)
        field, way = SORTS.get(sort.removeprefix("-"), "name"), -1 if sort.startswith("-") else 1
        found = self._persons.find(query).sort([(field, way), ("_id", way)]).collation({"locale": "en", "strength": 1})
        rows = [account_of(row) async for row in found.skip(skip).limit(limit)]
        return rows, await self._persons.count_documents(query)

    async def one(self, network: str, person: str) -> Account | None:
        row = await self._persons.find_one({"_id": person, "network": network})
        return account_of(row) if row else None

    async def ids_named(self, network: str, text: str, *, limit: int = 50) -> list[str]:
        """Ids and subjects of persons, and ids of keys, whose name has this in it."""
        named = {"network": network, "name": {"$regex": re.escape(text), "$options": "i"}}
        ids: list[str] = []
        async for row in self._persons.find(named, {"subjects": 1, "merged": 1}).limit(limit):
            ids += [row["_id"], *row.get("subjects", ()), *row.get("merged", ())]
        return ids + [row["_id"] async for row in self._db["keys"].find(named, {"_id": 1}).limit(limit)]

    async def officers(self, network: str) -> list[Account]:
        """Who may ask for a member: its liaison officers and those who act for them today."""
        query: dict[str, Any] = {"network": network, "roles.0": {"$exists": True}, "erasing": {"$exists": False}}
        query["$or"] = [{"roles": "nlo"}, {"deputy": {"$ne": None}}]
        found = [account_of(row) async for row in self._persons.find(query).sort("name", 1).limit(1_000)]
        return [one for one in found if Role.NLO in one.roles or one.deputises]

    async def deputies_of(self, network: str, person: str) -> list[Account]:
        query = {"network": network, "deputy.of": person}
        return [account_of(row) async for row in self._persons.find(query).sort("deputy.from", 1)]

    async def could_deputise(self, network: str, officer: Account) -> list[Account]:
        """Persons with an account, of the same member or of none."""
        query = {"network": network, "roles.0": {"$exists": True}, "member": {"$in": [officer.member, None]}}
        query["_id"] = {"$ne": officer.id}
        return [account_of(row) async for row in self._persons.find(query).sort("name", 1).limit(500)]

    async def add(self, giver: Giver, facts: Facts) -> str:
        """The new person's id. Whoever is known by the address without an account is given one."""
        check_giving(giver.roles, facts.roles)
        check_facts(facts)
        written = written_of(facts)

        async def body(session: Session) -> str:
            await self._guard(giver.network, session)
            query = {"network": giver.network, "address": written["address"]}
            known = await self._persons.find_one(query, session=session)
            if known and ("roles" in known or "closed" in known):
                raise Refused("address-known", "Somebody of this address has an account already.", status=409)
            changed = {**written, "version": 1, "changed": clock.now()}
            if known:
                person = str(known["_id"])
                await self._persons.update_one({"_id": person}, {"$set": changed}, session=session)
            else:
                person = uuid4().hex
                first = {"_id": person, "network": giver.network, "subjects": [], "since": datetime.now(UTC)}
                await self._persons.insert_one({**first, **changed}, session=session)
            told = {"roles": [[], written["roles"]], "member": [None, facts.member]}
            await self._told(giver, "added", person, 1, session, told=told)
            await self._invite(giver.network, person, session)
            return person

        return await self._run(body)

    async def _invite(self, network: str, person: str, session: Session) -> None:
        """Write to them that they can sign in; sent once the transaction is committed."""
        from shared.messages.letter import OUTBOX, document, letter_id  # letters know persons, not the other way round

        facts = document("account-invited", person, network, {"link": "/sign-in"})
        own = {"_id": letter_id("account-invited", person, "1")}
        await self._db[OUTBOX].update_one(own, {"$setOnInsert": facts}, upsert=True, session=session)

    async def change(self, giver: Giver, person: str, version: int, facts: Facts) -> None:
        """Raises `Stale` where somebody was quicker."""
        check_facts(facts)
        written = written_of(facts)

        async def body(session: Session) -> None:
            row = await self._seen(giver, person, version, session)
            if row.get("closed"):
                raise Refused("account-closed", "This account is closed; open it again first.", status=409)
            before = [Role(role) for role in row.get("roles", ())]
            check_giving(giver.roles, set(before) ^ set(facts.roles))
            await self._keeps_last(giver.network, person, set(before) - set(facts.roles), session)
            changed = [
                name for name in ("name", "email", "language", "member", "roles") if row.get(name) != written[name]
            ]
            if not changed:
                return
            told = {name: [row.get(name), written[name]] for name in ("roles", "member") if name in changed}
            await self._set(person, version, written, session, former=_former(row, written))
            await self._told(giver, "changed", person, version + 1, session, fields=changed, told=told)

        await self._run(body)

    async def close(self, giver: Giver, person: str, version: int) -> None:
        """Take all roles away and sign out everywhere; what the person did stays theirs."""

        async def body(session: Session) -> Mapping[str, Any]:
            row = await self._seen(giver, person, version, session)
            roles = [Role(role) for role in row.get("roles", ())]
            await self._keeps_last(giver.network, person, roles, session)
            closed = {"at": clock.now(), "roles": roles}
            await self._set(person, version, {"roles": [], "deputy": None, "closed": closed}, session)
            await self._told(giver, "closed", person, version + 1, session, told={"roles": [roles, []]})
            return row

        row = await self._run(body)
        await self._sessions.end_of_subjects([person, *row.get("subjects", ()), *row.get("merged", ())])

    async def open(self, giver: Giver, person: str, version: int) -> None:
        """Give back the roles that closing took."""

        async def body(session: Session) -> None:
            row = await self._seen(giver, person, version, session)
            if not row.get("closed"):
                raise Refused("account-open", "This account is open.", status=409)
            roles = row["closed"]["roles"]
            check_giving(giver.roles, [Role(role) for role in roles])
            await self._set(person, version, {"roles": roles, "closed": None}, session)
            await self._told(giver, "opened", person, version + 1, session, told={"roles": [[], roles]})

        await self._run(body)

    async def name_deputy(self, giver: Giver, officer: str, deputy: str, first: date, last: date) -> None:
        """Let `deputy` act for the liaison officer on those days: with the role and the member, as themselves."""
        check_days(first, last)

        async def body(session: Session) -> None:
            await self._guard(giver.network, session)
            acts_for = await self._row(giver.network, officer, session)
            row = await self._row(giver.network, deputy, session)
            check_deputy(acts_for, row)
            check_managing(giver.roles, [Role(role) for role in row.get("roles", ())])
            check_giving(giver.roles, [Role.NLO])
            days = {"from": first.isoformat(), "until": last.isoformat()}
            version = int(row.get("version", 0))
            await self._set(deputy, version, {"deputy": {"of": officer, "member": acts_for["member"], **days}}, session)
            told = {"deputy": [first.isoformat(), last.isoformat()], "member": [row.get("member"), acts_for["member"]]}
            await self._told(giver, "deputy-named", deputy, version + 1, session, told=told)

        await self._run(body)

    async def end_deputy(self, giver: Giver, deputy: str) -> None:
        async def body(session: Session) -> None:
            await self._guard(giver.network, session)
            row = await self._row(giver.network, deputy, session)
            if row.get("deputy"):
                version = int(row.get("version", 0))
                await self._set(deputy, version, {"deputy": None}, session)
                await self._told(giver, "deputy-ended", deputy, version + 1, session)

        await self._run(body)

    async def _run(self, body: Callable[[Session], Awaitable[T]]) -> T:
        try:
            return await transaction(self._db.client, body, attempts=8)
        except Exception as error:
            if is_duplicate_key(error):
                sentence = "Somebody else has this address already."
                raise Refused("address-known", sentence, status=409) from error
            raise

    async def _guard(self, network: str, session: Session) -> None:
        await self._guards.update_one({"_id": network}, {"$inc": {"changes": 1}}, upsert=True, session=session)

    async def _row(self, network: str, person: str, session: Session) -> dict[str, Any]:
        row: dict[str, Any] | None = await self._persons.find_one(
            {"_id": person, "network": network, "erasing": {"$exists": False}}, session=session
        )
        if row is None:
            raise Refused("not-found", "There is nobody of this name here.", status=404)
        return row

    async def _seen(self, giver: Giver, person: str, version: int, session: Session) -> dict[str, Any]:
        await self._guard(giver.network, session)
        row = await self._row(giver.network, person, session)
        held = row.get("roles") or (row.get("closed") or {}).get("roles", ())
        check_managing(giver.roles, [Role(role) for role in held])
        if row.get("version", 0) != version:
            raise Stale(account_of(row), await self.trail.of(giver.network, person, since=version))
        return row

    async def _keeps_last(self, network: str, person: str, leaves: Iterable[Role], session: Session) -> None:
        for role in set(leaves) & set(NEVER_LAST):
            others = {"network": network, "roles": str(role), "_id": {"$ne": person}, "erasing": {"$exists": False}}
            if await self._persons.find_one(others, session=session) is None:
                sentence = "Nobody else here is coordinator or operator: give the role to somebody else first."
                raise Refused("last-of-role", sentence, status=409)

    async def _set(
        self,
        person: str,
        version: int,
        facts: Mapping[str, Any],
        session: Session,
        former: Mapping[str, Any] | None = None,
    ) -> None:
        update = {"$set": {**facts, "version": version + 1, "changed": clock.now()}}
        if former:
            update["$addToSet"] = dict(former)
        await self._persons.update_one({"_id": person}, update, session=session)

    async def _told(self, giver: Giver, what: What, person: str, version: int, session: Session, **more: Any) -> None:
        await self.trail.add(giver.network, giver.subject, what, person, version=version, session=session, **more)


def _seeds(one: Person) -> list[UpdateOne]:
    """Known by the address already or not; roles once given stay as a coordinator left them."""
    facts = written_of(Facts(one.name, one.email, one.language, one.member, one.roles))
    first = {"_id": uuid4().hex, "since": datetime.now(UTC), **{name: facts[name] for name in ("name", "email")}}
    query = {"network": one.network, "address": facts["address"]}
    return [
        UpdateOne(query, {"$setOnInsert": first, "$addToSet": {"subjects": one.subject}}, upsert=True),
        UpdateOne(query | {"roles": {"$exists": False}}, {"$set": facts}),
    ]


def _former(row: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """A name or address that goes stays known until the person is erased, so that it is found then."""
    return {f"formerly.{one}s": row[one] for one in ("name", "email") if row.get(one) and row[one] != written[one]}


def _query(network: str, asked: Asked) -> dict[str, Any]:
    query: dict[str, Any] = {"network": network, "erasing": {"$exists": False}}
    match asked.state:
        case "closed":
            query["closed"] = {"$ne": None}
        case "known":
            query |= {"closed": None, "roles.0": {"$exists": False}}
        case _:
            query["roles.0"] = {"$exists": True}
    if asked.role:
        query["roles"] = str(asked.role)
    if asked.member:
        query["member"] = asked.member
    if asked.find:
        found = {"$regex": re.escape(asked.find), "$options": "i"}
        query["$or"] = [{"name": found}, {"email": found}]
    return query
