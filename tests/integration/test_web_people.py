"""The register of people on a real database: one address, one person; keys that are kept as hashes alone."""

import asyncio

import pytest

from shared.contracts.refused import Refused
from shared.mongo import connect
from shared.people import People, Person, Role


@pytest.fixture
async def db(brokers, namespace):
    client = connect(brokers.mongo_url)
    database = client[f"{namespace}_people"]
    await People(database).prepare()
    yield database
    await client.drop_database(database.name)
    client.close()


async def test_one_address_is_one_person_however_it_is_written(db):
    people = People(db)
    asked = [
        people.remember("Ana Reis", address, "PT", "ela") for address in ("ana@pt.example.test", " Ana@PT.example.test")
    ]
    ids = set(
        await asyncio.gather(*asked, *(people.remember("A", "ana@pt.example.test", "PT", "ela") for _ in range(20)))
    )
    assert len(ids) == 1
    assert "ana" not in next(iter(ids))
    assert await people.contact(ids.pop()) is not None
    assert await people.contact("nobody") is None


async def test_who_signs_in_is_the_person_who_had_registered(db):
    people = People(db)
    registered = await people.remember("A. Reis", "ana@pt.example.test", None, "ela")
    person = Person("pt-ana", "Ana Reis", "ana@pt.example.test", (Role.PARTICIPANT,), "PT", "ela")
    assert await people.know(person) == registered
    assert await people.name_of([registered, "pt-ana", "unknown"]) == {registered: "Ana Reis", "pt-ana": "Ana Reis"}
    assert await people.name_of([]) == {}


@pytest.mark.parametrize("address", ["", "ana", "ana@pt", "a b@pt.example.test", "x" * 250 + "@pt.example.test"])
async def test_what_is_no_address_is_refused(db, address):
    with pytest.raises(Refused):
        await People(db).remember("Ana", address, "PT", "ela")


async def test_a_key_is_shown_once_and_works_until_it_is_taken_back(db):
    people = People(db)
    key_id, bearer = await people.keys.create("EUSurvey", [Role.FORM], None, "ela", rights=["history.write"])
    kept = await db.keys.find_one({"_id": key_id})
    assert bearer not in str(kept)
    key = await people.keys.principal(bearer)
    assert (key.id, key.roles, key.rights, key.network) == (key_id, (Role.FORM,), ("history.write",), "ela")
    assert await people.keys.principal(bearer + "x") is None
    assert [one.name for one in await people.keys.of_network("ela")] == ["EUSurvey"]
    assert await people.name_of([key_id]) == {key_id: "EUSurvey"}
    assert await people.keys.revoke(key_id)
    assert not await people.keys.revoke(key_id)
    assert await people.keys.principal(bearer) is None
