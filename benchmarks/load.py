"""A closed loop of HTTP clients, light enough not to be what is measured."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class Answers:
    """What came back: seconds for each answer, and how many by status."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    took: float = 0.0
    """Seconds from the first request to the last answer, all connections being open before."""


async def closed_loop(
    base_url: str, make: Callable[[int], tuple[str, dict[str, str], bytes]], *, total: int, clients: int
) -> Answers:
    """`clients` keep-alive connections send `total` requests; `make(number)` gives path, headers and body."""
    where = urlsplit(base_url)
    answers, numbers = Answers(), iter(range(total))
    streams = [await asyncio.open_connection(where.hostname, where.port) for _ in range(clients)]

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in numbers:
            path, headers, body = make(number)
            lines = [f"POST {path} HTTP/1.1", f"Host: {where.netloc}", f"Content-Length: {len(body)}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            began = time.perf_counter()
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(length)
            answers.seconds.append(time.perf_counter() - began)
            status = int(head[9:12])
            answers.statuses[status] = answers.statuses.get(status, 0) + 1
        writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(client(*one) for one in streams))
    answers.took = time.perf_counter() - start
    return answers
