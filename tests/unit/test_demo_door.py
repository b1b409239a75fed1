"""Commands through a door that loses answers: sent again with their id until somebody says what became of them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from deploy.demo.door import Door, NoAnswer

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"id": "a"}'
HALF = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"id"'
REFUSED = b'HTTP/1.1 409 Conflict\r\nContent-Length: 18\r\n\r\n{"code": "closed"}'
CUT_JSON = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{"id"'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n6\r\n: "a"}\r\n0\r\n\r\n'


def status(code: int) -> bytes:
    return f"HTTP/1.1 {code} Whatever\r\nContent-Length: 0\r\n\r\n".encode()


class Scripted:
    """A server that gives these answers one after the other; after an incomplete one it hangs up."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers: Iterator[bytes] = iter(answers)
        self.asked: list[bytes] = []
        self.connections = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.lower().split(b"\r\n")
                length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
                self.asked.append(head + await reader.readexactly(length))
                answer = next(self.answers, b"")
                writer.write(answer)
                if answer in (b"", HALF):
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def door_to(*answers: bytes, patience_s: float = 5) -> AsyncIterator[tuple[Door, Scripted]]:
    scripted = Scripted(list(answers))
    server = await asyncio.start_server(scripted.talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Door(f"http://127.0.0.1:{port}", {"nlo": "secret"}, patience_s=patience_s, answer_within_s=2) as door:
        yield door, scripted
    server.close()
    await server.wait_closed()


async def test_a_command_without_a_whole_answer_is_sent_again_with_its_id() -> None:
    async with door_to(b"", HALF, status(503), CUT_JSON, status(429), status(502), OK) as (door, scripted):
        answer = await door.command("nlo", "/events/api/v1/activities", {"kind": "webinar"}, "id-1")
    assert (answer.status, answer.body, answer.sent) == (200, {"id": "a"}, 7)
    assert len(set(scripted.asked)) == 1
    assert b"Idempotency-Key: id-1\r\n" in scripted.asked[0]
    assert b"Authorization: Bearer secret\r\n" in scripted.asked[0]
    assert scripted.asked[0].endswith(b'\r\n\r\n{"kind":"webinar"}')


async def test_a_refusal_is_an_answer_and_the_connection_stays() -> None:
    async with door_to(REFUSED, OK, CHUNKED) as (door, scripted):
        refused = await door.command("nlo", "/a", {}, "id-1")
        assert (refused.done, refused.code, refused.sent) == (False, "closed", 1)
        assert (await door.read("nlo", "/b", page=2)) == {"id": "a"}
        assert (await door.glance("nlo", "/c")) == {"id": "a"}
    assert scripted.connections == 1
    assert scripted.asked[1].startswith(b"GET /b?page=2 HTTP/1.1\r\n")


async def test_a_fault_is_tried_again_and_then_taken_as_one() -> None:
    async with door_to(*[status(500)] * 4) as (door, _):
        answer = await door.command("nlo", "/a", {}, "id-1")
    assert (answer.status, answer.sent) == (500, 4)


async def test_who_never_answers_is_given_up() -> None:
    async with door_to(patience_s=0.3) as (door, scripted):
        with pytest.raises(NoAnswer, match="POST /a: ConnectionError"):
            await door.command("nlo", "/a", {}, "id-1")
    assert len(scripted.asked) > 1


async def test_a_glance_is_taken_once() -> None:
    async with door_to(status(404), status(503)) as (door, scripted):
        assert await door.glance("nlo", "/a") is None
        assert await door.glance("nlo", "/a") is None
    assert len(scripted.asked) == 2
