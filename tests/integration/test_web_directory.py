"""Persons as coordinators look after them: rights to give, stale edits, deputies, the trail, and who read whom."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from shared import clock
from shared.contracts.refused import Refused
from shared.mongo import connect
from shared.people import People, Person, Role
from shared.people.accounts import Facts, Giver, Stale
from shared.people.directory import Asked
from shared.people.reads import Asked as AskedReads
from shared.people.reads import Purpose
from shared.people.sessions import begin

COORDINATOR = Giver("ela-coordinator", frozenset({Role.COORDINATOR}), "ela")
OPERATOR = Giver("ela-operator", frozenset({Role.OPERATOR}), "ela")
IVA = Facts("Iva Dragomirova", "iva@bg.example.test", "bg", "BG", (Role.NLO,))


@pytest.fixture(scope="module")
async def vault(brokers, module_namespace):
    client = connect(brokers.mongo_url)
    people = People(client[f"{module_namespace}_people"])
    await people.prepare()
    yield people
    await people.reads.close()
    await client.drop_database(people.db.name)
    client.close()


@pytest.fixture
async def people(vault):
    """The vault, with nobody in it."""
    for name in ("persons", "trail", "keys", "reads", "sessions"):
        await vault.db[name].delete_many({})
    return vault


def facts(name: str, *roles: Role, member: str | None = None) -> Facts:
    return Facts(name, f"{name.lower()}@ela.example.test", "en", member, roles)


async def refusal(work) -> str:
    with pytest.raises(Refused) as refused:
        await work
    return refused.value.code


async def test_who_is_added_may_sign_in_and_is_found(people):
    iva = await people.directory.add(COORDINATOR, IVA)
    person = await people.person(iva)
    assert (person.name, person.roles, person.member) == ("Iva Dragomirova", (Role.NLO,), "BG")
    for asked in (Asked(find="drago"), Asked(role=Role.NLO), Asked(member="BG")):
        rows, total = await people.directory.page("ela", asked)
        assert ([one.id for one in rows], total) == ([iva], 1)
    for network, asked in (("ela", Asked(state="closed")), ("ela", Asked(member="PT")), ("eures", Asked())):
        assert await people.directory.page(network, asked) == ([], 0)
    assert await people.directory.one("eures", iva) is None
    assert await refusal(people.directory.add(COORDINATOR, IVA)) == "address-known"


async def test_who_registered_before_keeps_their_id_when_given_an_account(people):
    known = await people.remember("I. Dragomirova", "Iva@bg.example.test", None, "ela")
    assert [one.id for one in (await people.directory.page("ela", Asked(state="known")))[0]] == [known]
    assert await people.directory.add(COORDINATOR, IVA) == known


async def test_nobody_gives_what_they_may_not_give(people):
    directory = people.directory
    assert await refusal(directory.add(COORDINATOR, facts("Otto", Role.OPERATOR))) == "role-not-yours"
    assert await refusal(directory.add(OPERATOR, facts("Fay", Role.FORM))) == "role-not-yours"
    assert await refusal(directory.add(COORDINATOR, facts("Nele", Role.NLO))) == "member-missing"
    otto = await directory.add(OPERATOR, facts("Otto", Role.OPERATOR))
    # Whoever could write another address to an operator would become one.
    assert await refusal(directory.change(COORDINATOR, otto, 1, facts("Otto", Role.OPERATOR))) == "person-not-yours"
    assert await refusal(directory.close(COORDINATOR, otto, 1)) == "person-not-yours"
    eve = Giver("eve", frozenset({Role.NLO, Role.BOARD, Role.ORGANISER}), "ela")
    assert await refusal(directory.add(eve, facts("Pia", Role.PARTICIPANT))) == "role-not-yours"
    foreign = Giver("x", frozenset({Role.OPERATOR}), "eures")
    assert await refusal(directory.change(foreign, otto, 1, facts("Otto", Role.OPERATOR))) == "not-found"


async def test_the_last_coordinator_stays_also_when_two_leave_at_once(people):
    directory = people.directory
    one, two = [await directory.add(COORDINATOR, facts(name, Role.COORDINATOR)) for name in ("Ada", "Bea")]
    await people.directory.add(Giver("x", COORDINATOR.roles, "eures"), facts("Cleo", Role.COORDINATOR))
    leaving = [directory.close(COORDINATOR, one, 1), directory.change(COORDINATOR, two, 1, facts("Bea", Role.BOARD))]
    came = await asyncio.gather(*leaving, return_exceptions=True)
    assert [error.code for error in came if isinstance(error, Refused)] == ["last-of-role"]
    assert came.count(None) == 1


async def test_a_stale_edit_says_what_changed_and_by_whom(people):
    directory = people.directory
    iva = await directory.add(COORDINATOR, IVA)
    moved = Facts("Iva Petrova", "iva.petrova@bg.example.test", "bg", "BG", (Role.NLO, Role.PARTICIPANT))
    await directory.change(OPERATOR, iva, 1, moved)
    with pytest.raises(Stale) as stale:
        await directory.change(COORDINATOR, iva, 1, IVA)
    assert (stale.value.now.name, stale.value.now.version) == ("Iva Petrova", 2)
    [change] = stale.value.changes
    assert (change.by, change.what, change.fields) == ("ela-operator", "changed", ("name", "email", "roles"))
    assert change.told == {"roles": [["nlo"], ["nlo", "participant"]]}
    assert "Petrova" not in str(await directory.trail.of("ela", iva))
    await directory.change(COORDINATOR, iva, 2, moved)
    assert (await directory.one("ela", iva)).version == 2  # nothing to change, nothing kept


async def test_a_closed_account_is_signed_out_and_keeps_its_history(people):
    directory = people.directory
    iva = await directory.add(COORDINATOR, IVA)
    await people.sessions.open(begin("token", iva, timedelta(hours=1)))
    await directory.close(COORDINATOR, iva, 1)
    assert await people.person(iva) is None
    assert await people.db.sessions.count_documents({}) == 0
    assert await people.name_of([iva]) == {iva: "Iva Dragomirova"}
    assert [one.id for one in (await directory.page("ela", Asked(state="closed")))[0]] == [iva]
    assert await refusal(directory.change(COORDINATOR, iva, 2, IVA)) == "account-closed"
    await directory.open(COORDINATOR, iva, 2)
    assert (await people.person(iva)).roles == (Role.NLO,)
    assert [one.what for one in await directory.trail.of("ela", iva)] == ["opened", "closed", "added"]


async def test_a_deputy_acts_for_an_officer_on_the_days_named_and_no_other(people):
    directory, today = people.directory, clock.now().date()
    iva = await directory.add(COORDINATOR, IVA)
    stoyan = await directory.add(COORDINATOR, facts("Stoyan", Role.PARTICIPANT))
    pia = await directory.add(COORDINATOR, facts("Pia", Role.NLO, member="PT"))
    assert [one.id for one in await directory.could_deputise("ela", await directory.one("ela", iva))] == [stoyan]
    await directory.name_deputy(COORDINATOR, iva, stoyan, today, today + timedelta(days=7))
    acting = await people.person(stoyan)
    assert (set(acting.roles), acting.member) == ({Role.PARTICIPANT, Role.NLO}, "BG")
    assert [one.id for one in await directory.deputies_of("ela", iva)] == [stoyan]
    assert {one.id for one in await directory.officers("ela")} == {iva, stoyan, pia}
    await directory.end_deputy(COORDINATOR, stoyan)
    assert (await people.person(stoyan)).roles == (Role.PARTICIPANT,)
    await directory.name_deputy(COORDINATOR, iva, stoyan, today + timedelta(days=1), today + timedelta(days=2))
    assert (await people.person(stoyan)).member is None
    first = date(2024, 5, 1)
    assert await refusal(directory.name_deputy(COORDINATOR, iva, pia, first, first)) == "deputy-foreign"
    assert await refusal(directory.name_deputy(COORDINATOR, iva, iva, first, first)) == "deputy-self"
    assert await refusal(directory.name_deputy(COORDINATOR, stoyan, iva, first, first)) == "not-an-officer"
    days = (first, first - timedelta(days=1))
    assert await refusal(directory.name_deputy(COORDINATOR, iva, stoyan, *days)) == "days-turned"


async def test_the_ready_made_persons_are_there_once(people):
    ana = Person("pt-ana", "Ana Reis", "ana@pt.example.test", (Role.NLO,), "PT", "ela", "pt")
    pia = Person("pia", "Pia", "pia@pt.example.test", (Role.BOARD,), None, "ela")
    known = await people.know(ana)
    for _ in range(2):
        await people.directory.seed([ana, pia])
    rows, total = await people.directory.page("ela", Asked(), sort="name")
    assert ([one.name for one in rows], total) == (["Ana Reis", "Pia"], 2)
    assert rows[0].id == known
    assert (await people.person("pia")).roles == (Role.BOARD,)


async def test_who_read_whom_is_kept_for_a_time(people):
    reader = Giver("organiser", frozenset(), "ela")
    await people.reads.note(reader, Purpose.REGISTRATIONS, ["p1", "p2", "p1", ""])
    await people.reads.note(reader, Purpose.PERSON, ["p2"])
    await people.reads.note(reader, Purpose.PERSON, [])
    await people.reads.flush()
    kept = {(one.purpose, one.by, one.count) for one in await people.reads.of("p2")}
    assert kept == {("person", "organiser", 1), ("registrations", "organiser", 2)}
    rows, total = await people.reads.page("ela", AskedReads(purpose="person", by=["organiser"]), skip=0, limit=5)
    assert ([one.of for one in rows], total) == ([("p2",)], 1)
    assert await people.reads.page("eures", AskedReads(), skip=0, limit=5) == ([], 0)
    row = await people.db.reads.find_one({})
    assert row["expires"] > datetime.now(UTC) + timedelta(days=364)
    indexes = await people.db.reads.index_information()
    assert any(one.get("expireAfterSeconds") == 0 for one in indexes.values())


async def test_a_key_expires_and_tells_when_it_was_used(people):
    soon = datetime.now(UTC) + timedelta(hours=1)
    key_id, bearer = await people.keys.create("Import", [Role.NLO], "BG", "ela", scopes=["requests.read"], expires=soon)
    key = await people.keys.principal(bearer)
    assert (key.scopes, key.expired) == (("requests.read",), False)
    used = [one.last_used for one in await people.keys.of_network("ela")]
    await people.keys.principal(bearer)
    assert used != [None]
    assert [one.last_used for one in await people.keys.of_network("ela")] == used  # a write a minute at most
    rows = people.db.keys
    await rows.update_one({"_id": key_id}, {"$set": {"expires": datetime.now(UTC) - timedelta(seconds=1)}})
    assert await people.keys.principal(bearer) is None
    assert not await people.keys.revoke(key_id, "eures")
    assert await people.keys.revoke(key_id, "ela")
