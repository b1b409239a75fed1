"""Erasing a person: the proof over real services, every collection in the register, ages that delete by themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.erasure.proof import prove
from benchmarks.stage import free_port
from deploy.local.stack import SERVICES, Stack
from shared import clock
from shared.contracts.refused import Refused
from shared.mongo import connect
from shared.people import People, Role
from shared.people.notices import Told
from shared.people.register import PEOPLE, is_known, personal, places_of, since_stream
from shared.spine import personal as spine
from shared.spine.aging import Aging, age_in
from tests.support.stack import fresh_namespace

pytestmark = pytest.mark.timeout(240)


def enter_all() -> None:
    """What the services enter when they start."""
    from services.events import personal as events
    from services.kpi import personal as kpi
    from services.matching import personal as matching
    from services.requests import personal as requests

    spine.enter()
    for one in (requests, matching, events, kpi):
        one.enter()


@pytest.fixture(scope="module")
async def proven(brokers, tmp_path_factory):
    """The proof's figures, and the collections there were when everything had been used."""
    addresses = {"mongo_url": brokers.mongo_url, "kafka": brokers.kafka}
    folder = tmp_path_factory.mktemp("erasure")
    async with fresh_namespace(brokers) as namespace:
        async with Stack(folder, services=SERVICES, port=free_port(), namespace=namespace, **addresses) as stack:
            figures = await prove(stack)
        client = connect(brokers.mongo_url)
        found = {
            (service, collection)
            for service in (*SERVICES, PEOPLE)
            for collection in await client[f"{namespace}_{service}"].list_collection_names()
        }
        client.close()
        yield figures, found


def test_a_planted_person_is_erased_from_everywhere_and_was_never_on_the_bus_or_in_a_log(proven) -> None:
    figures, _ = proven
    assert figures["planted"] > 150
    assert figures["found_before"] > 50
    assert figures["places_searched"] > 60
    assert figures["found_after"] == 0


def test_every_collection_is_in_the_register_or_declared_free_of_personal_data(proven) -> None:
    enter_all()
    _, found = proven
    assert [one for one in sorted(found) if not is_known(*one)] == []


def test_a_collection_that_nobody_declared_is_found() -> None:
    enter_all()
    assert not is_known("events", "notes_of_somebody")
    assert not is_known(PEOPLE, "words")
    assert not is_known("kpi", "words")


@pytest.fixture
async def people(brokers, namespace):
    client = connect(brokers.mongo_url)
    vault = People(client[f"{namespace}_people"])
    await vault.prepare()
    yield vault
    client.close()


async def test_an_address_is_a_person_in_each_network_and_two_of_them_are_merged(people) -> None:
    told = Told("registration", "events.nominate")
    ana = await people.remember("Ana Reis", "ana@example.eu", "PT", "ela", told=told)
    assert await people.remember("Ana", "ANA@example.eu", "PT", "eures") != ana
    other = await people.remember("A. Reis", "reis@example.eu", "PT", "ela", told=Told("registration", "webhook"))
    with pytest.raises(Refused, match="not known here"):
        await people.merge(ana, other, network="eures", by="somebody")
    for _ in range(2):  # after a crash it is said again
        await people.merge(ana, other, network="ela", by="ela-coordinator")
    assert await people.name_of([ana, other]) == {ana: "Ana Reis", other: "Ana Reis"}
    assert await people.remember("Reis", "reis@example.eu", "PT", "ela") == ana
    who = await people.data_subject(other)
    assert who is not None
    assert set(who.ids) == {ana, other}
    assert set(who.names) == {"Ana Reis", "A. Reis"}
    row = await people.row(ana)
    assert row is not None
    assert [(one["purpose"], one["form"]) for one in row["purposes"]] == [
        ("registration", "events.nominate"), ("registration", "webhook"),
    ]  # fmt: skip
    await people.withdraw(ana, "registration")
    row = await people.row(ana)
    assert row is not None
    assert all("withdrawn" in one for one in row["purposes"])


async def test_who_corrects_their_name_is_found_under_the_former_one_until_erased(people) -> None:
    ana = await people.remember("Ana Reis", "ana@example.eu", "PT", "ela")
    await people.remember("Rui", "rui@example.eu", "PT", "ela")
    await people.correct(ana, name="Ana Costa", email="costa@example.eu")
    with pytest.raises(Refused, match="Somebody else here"):
        await people.correct(ana, name="Ana Costa", email="rui@example.eu")
    who = await people.data_subject(ana)
    assert who is not None
    assert (who.names, set(who.addresses)) == (("Ana Costa", "Ana Reis"), {"costa@example.eu", "ana@example.eu"})
    erasure = await people.erase(ana, asked_by="self")
    assert await people.erase(ana, asked_by="self") == erasure
    assert await people.contact(ana) is None
    with pytest.raises(Refused, match="being erased"):
        await people.remember("Ana", "costa@example.eu", "PT", "ela")
    await people.forget(who)
    with pytest.raises(Refused, match="being erased"):  # a process that still remembers them brings nobody back
        await people.remember("Ana", "ana@example.eu", "PT", "ela")


async def test_the_last_coordinator_is_not_erased(people) -> None:
    one = await people.remember("Ana", "ana@example.eu", None, "ela")
    await people.db.persons.update_one({"_id": one}, {"$set": {"roles": [str(Role.COORDINATOR)]}})
    with pytest.raises(Refused, match="at least one coordinator"):
        await people.erase(one, asked_by="self")


async def test_what_is_old_enough_goes_by_itself_and_what_is_not_stays(people, namespace) -> None:
    enter_all()
    client = people.db.client
    db, now = client[f"{namespace}_requests"], datetime.now(UTC)
    place = personal("requests", "aging", "A test's own", kept="requests", age=since_stream("about"))
    for name, days in (("old", 1_900), ("new", 1_700)):
        stamp = (now - timedelta(days=days)).isoformat()
        await db.events.insert_one({"_id": f"{name}@1", "stream": name, "version": 1, "time": stamp})
        await db.aging.insert_one({"_id": f"words-{name}", "about": name, "network": "ela"})
    await db.aging.insert_one({"_id": "of-nothing", "network": "ela"})
    assert await age_in(db, place) == 1
    assert {one["_id"] async for one in db.aging.find()} == {"words-new", "of-nothing"}
    seen = await people.remember("Ana", "ana@example.eu", "PT", "ela")
    aging = Aging("requests", db, people.db, people, owner="test")
    assert await aging.once_a_day()
    assert not await aging.once_a_day()
    try:
        clock.set_offset(timedelta(days=731))
        assert await aging.once_a_day()
    finally:
        clock.set_offset(timedelta())
    begun = await people.erasures.of_network("ela")
    assert [(one["person"], one["asked_by"]) for one in begun] == [(seen, "retention")]
    assert await db.aging.count_documents({}) == 1
    assert {one.database for one in places_of("requests")} <= {"requests", "*"}
