"""The store: grouped appends, receipts, refusals, several streams at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.spine.draft import Put, Receipt
from shared.spine.origin import Origin
from shared.spine.service import Service
from shared.spine.store import GroupingStore
from tests.support.tally import TALLY, Count, Counted, count, publisher, settings_for


@pytest.fixture
async def service(brokers, namespace) -> AsyncIterator[Service]:
    service = publisher(settings_for(brokers.mongo_url, brokers.kafka, namespace))
    await service.store.prepare()
    yield service
    service.client.close()


def store_of(service: Service, command_id: str | None = None, network: str = "ela") -> GroupingStore:
    return service.grouping.on_behalf_of(Origin(network, "ela-nlo-bg", "api", command_id))


async def events_of(service: Service, stream: str) -> list[dict]:
    return await service.db.events.find({"stream": stream}).sort("version", 1).to_list(None)


async def test_commands_that_wait_together_share_a_transaction_and_each_gets_its_own_answer(service):
    stream, before = new_id("tally"), service.grouping.groups
    store = store_of(service)
    receipts = await asyncio.gather(*(store.execute(stream, Count(by=n), count) for n in range(1, 101)))
    assert [one.events[0].event.by for one in receipts] == list(range(1, 101))
    assert sorted(one.events[0].id for one in receipts) == sorted(f"{stream}@{n}" for n in range(1, 101))
    assert service.grouping.groups - before <= 3
    assert (await store.load(stream)).total == 5050


async def test_two_commands_with_one_id_at_once_and_later_count_once(service):
    stream, store = new_id("tally"), store_of(service, "one-id")
    first, second = await asyncio.gather(*(store.execute(stream, Count(by=3), count) for _ in range(2)))
    later = await store.execute(stream, Count(by=3), count)
    assert first == second == later
    assert len(await events_of(service, stream)) == 1


async def test_one_id_with_other_content_is_refused_at_once_and_later(service):
    stream, store = new_id("tally"), store_of(service, "same-id")
    outcomes = await asyncio.gather(
        *(store.execute(stream, Count(by=n), count) for n in (1, 2)), return_exceptions=True
    )
    assert isinstance(outcomes[0], Receipt)
    assert isinstance(outcomes[1], Refused)
    assert outcomes[1].status == 422
    with pytest.raises(Refused, match="other content"):
        await store.execute(stream, Count(by=9), count)


async def test_a_refusal_is_remembered_as_an_answer(service):
    stream, store = new_id("tally"), store_of(service, "refused-id")
    for _ in range(2):
        with pytest.raises(Refused, match="Count upwards"):
            await store.execute(stream, Count(by=-1), count)
    assert await service.db.streams.find_one({"_id": stream}) is None


async def test_one_poisoned_command_takes_nobody_of_its_group_down(service):
    streams, store = [new_id("tally") for _ in range(20)], store_of(service)
    too_large = Put("words", "w", {"text": "x" * 17_000_000})
    works = [
        store.execute(stream, Count(note="bug" if n == 3 else ""), count, [too_large] if n == 7 else [])
        for n, stream in enumerate(streams)
    ]
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    bad = {n for n, one in enumerate(outcomes) if isinstance(one, Exception)}
    assert bad == {3, 7}
    stored = await service.db.streams.count_documents({"_id": {"$in": streams}})
    assert stored == 18


async def test_two_processes_on_one_stream_lose_nothing(service, brokers, namespace):
    other = publisher(settings_for(brokers.mongo_url, brokers.kafka, namespace, "1"))
    stream = new_id("tally")
    stores = [store_of(service), store_of(other)]
    await asyncio.gather(*(stores[n % 2].execute(stream, Count(), count) for n in range(200)))
    other.client.close()
    assert (await stores[0].load(stream)).total == 200
    assert [one["version"] for one in await events_of(service, stream)] == list(range(1, 201))


async def test_a_use_case_over_several_streams_is_all_or_nothing(service):
    one, two = new_id("tally"), new_id("tally")

    def refuse(state, command):
        raise Refused("no", "Not this one.")

    with pytest.raises(Refused):
        await store_of(service).execute_all(Count(), {one: count, two: refuse}, [Put("words", one, {"title": "x"})])
    assert await events_of(service, one) == []
    assert await service.db.words.find_one({"_id": one}) is None
    await store_of(service).execute_all(Count(), {one: count, two: count}, [Put("words", one, {"title": "x"})])
    assert len(await events_of(service, one)) == len(await events_of(service, two)) == 1
    assert (await service.db.words.find_one({"_id": one}))["title"] == "x"


async def test_a_stream_of_another_network_is_not_there(service):
    stream = new_id("tally")
    await store_of(service).execute(stream, Count(), count)
    foreign = store_of(service, network="eures")
    with pytest.raises(Refused) as refusal:
        await foreign.execute(stream, Count(), count)
    assert refusal.value.status == 404
    with pytest.raises(Refused):
        await foreign.load(stream)


async def test_the_past_needs_the_right_and_the_future_never_comes(service):
    stream = new_id("tally")
    with pytest.raises(Refused, match="last day"):
        await store_of(service).execute(stream, Count(happened_at="2024-01-01T00:00:00Z"), count)
    with pytest.raises(Refused, match="passed"):
        await store_of(service).execute(stream, Count(happened_at="2224-01-01T00:00:00Z"), count)
    history = service.grouping.on_behalf_of(Origin("ela", "importer", history=True))
    receipt = await history.execute(stream, Count(happened_at="2024-01-01T00:00:00Z"), count)
    assert receipt.first(Counted)
    assert (await events_of(service, stream))[0]["time"] == "2024-01-01T00:00:00.000Z"


async def test_folding_everything_again_gives_the_stored_states(service):
    streams, store = [new_id("tally") for _ in range(5)], store_of(service)
    await asyncio.gather(*(store.execute(streams[n % 5], Count(by=n), count) for n in range(50)))
    before = await service.db.streams.find({}).sort("_id", 1).to_list(None)
    await service.db.streams.update_many({}, {"$set": {"fold": 0, "state": {}}})
    assert await service.store.refold(TALLY) == 5
    assert await service.db.streams.find({}).sort("_id", 1).to_list(None) == before
