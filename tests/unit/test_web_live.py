"""Server-sent events: order kept, nobody waited for, what was missed comes first."""

import asyncio
from collections.abc import AsyncIterator

from shared.web.live import Broadcaster, Live


async def told(live: Broadcaster, count: int, **how) -> list[str]:
    events = live.events(**how)
    found = []
    async with asyncio.timeout(5):
        async for one in events:
            found.append(one.data)
            if len(found) == count:
                break
    await events.aclose()
    return found


async def until_readers(live: Broadcaster, count: int) -> None:
    async with asyncio.timeout(5):
        while live.readers != count:  # noqa: ASYNC110 - awaited where nothing tells of it
            await asyncio.sleep(0)


async def test_each_reader_hears_all_in_order():
    live = Broadcaster()
    readers = [asyncio.create_task(told(live, 3)) for _ in range(2)]
    await until_readers(live, 2)
    for text in "abc":
        live.publish(Live("figures", text))
    assert await asyncio.gather(*readers) == [["a", "b", "c"]] * 2
    assert live.readers == 0


async def test_what_was_missed_comes_before_what_comes():
    live = Broadcaster()

    async def missed(last_id: str | None) -> AsyncIterator[Live]:
        live.publish(Live("figures", "meanwhile"))
        yield Live("figures", f"after {last_id}")

    assert await told(live, 2, last_id="41", catch_up=missed) == ["after 41", "meanwhile"]


async def test_a_reader_that_does_not_read_is_cut_off_and_the_others_go_on():
    live = Broadcaster(queue_size=2)
    slow = live.events()
    first = asyncio.ensure_future(anext(slow))
    await until_readers(live, 1)
    live.publish(Live("figures", "0"))
    assert (await first).data == "0"
    for text in "123":
        live.publish(Live("figures", text))
    assert live.readers == 0
    assert [one async for one in slow] == []


async def test_closing_ends_every_stream():
    live = Broadcaster()
    reader = asyncio.create_task(told(live, 1))
    await until_readers(live, 1)
    live.close()
    assert await reader == []
    assert await told(live, 1) == []


def test_an_event_carries_what_the_page_needs():
    lines = Live("feed", "<li>PT\nregistered</li>", "7").encoded().encode().decode()
    assert "id: 7" in lines
    assert "event: feed" in lines
    assert "data: <li>PT\r\ndata: registered</li>" in lines
