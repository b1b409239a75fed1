"""What a server finds in its environment, and whether it listens."""

import asyncio
import os

from deploy.local.checks import LOOPBACK
from deploy.local.layout import MARK, Layout

HARMLESS = ("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def bare(layout: Layout) -> dict[str, str]:
    """Next to nothing: another Java's options or another library's path would change what runs."""
    return {name: os.environ[name] for name in HARMLESS if name in os.environ} | {MARK: str(layout.data)}


def full(layout: Layout) -> dict[str, str]:
    return {**os.environ, MARK: str(layout.data)}


async def connects(port: int) -> bool:
    """True where something listens on the port, else the error of the attempt."""
    _, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.close()
    await writer.wait_closed()
    return True
