"""`liaison clock --at 2024-10-15 | --real`: what time it is for the services."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx
import typer
from pymongo.errors import PyMongoError
from rich.console import Console

from deploy.commands.addresses import DATA, Address, DataOption, find
from deploy.local.checks import Trouble
from shared.mongo import connect
from shared.spine.timekeeper import read_offset, set_clock

FOLLOWED_WITHIN = 15.0
LOOK_EVERY = 0.1
CLOSE = timedelta(seconds=2)
NOON = "T12:00:00"

console = Console(soft_wrap=True)


def clock(
    at: Annotated[
        str | None,
        typer.Option(help="Moment to go on from, such as 2024-10-15 (its noon) or 2024-10-15T08:30; UTC."),
    ] = None,
    real: Annotated[bool, typer.Option("--real", help="Go back to the real time.")] = False,
    data: DataOption = DATA,
) -> None:
    """Show the services' time, or set it: they go on from a moment, or by the real clock again (local profile only)."""
    if at is not None and real:
        raise Trouble("Give either --at or --real.")
    moment = _moment(at) if at is not None else None
    address = find(data)
    if (moment or real) and address.settings.profile != "local":
        raise Trouble("The clock of a production installation is the real one and cannot be set.")
    try:
        now = asyncio.run(set_time(address, moment) if moment or real else _read(address))
    except PyMongoError as error:
        raise Trouble(f"MongoDB does not answer ({type(error).__name__}): is the stack up?") from None
    console.print(f"{now:%Y-%m-%d %H:%M:%S} UTC", highlight=False)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text + NOON if len(text) == len("2024-10-15") else text)
    except ValueError:
        raise Trouble(f"{text!r} is no moment: write 2024-10-15 or 2024-10-15T08:30.") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _read(address: Address) -> datetime:
    client = connect(address.settings.mongo_url)
    try:
        return datetime.now(UTC) + await read_offset(client[address.settings.people_database])
    finally:
        client.close()


async def set_time(address: Address, moment: datetime | None) -> datetime:
    """Set the common clock and wait until every service that is known follows; the new time."""
    client = connect(address.settings.mongo_url)
    try:
        ahead = await set_clock(client[address.settings.people_database], moment)
    finally:
        client.close()
    await _until_followed(address.services, ahead)
    return datetime.now(UTC) + ahead


async def _until_followed(services: dict[str, str], ahead: timedelta) -> None:
    """Wait until every service tells the new time; Trouble that names those that do not."""
    deadline = time.monotonic() + FOLLOWED_WITHIN
    behind = set(services)
    async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
        while behind:
            behind -= {name for name in behind if await _follows(http, services[name], ahead)}
            if behind and time.monotonic() > deadline:
                raise Trouble(
                    f"The clock is set, but {', '.join(sorted(behind))} does not follow: see `liaison status`."
                )
            if behind:
                await asyncio.sleep(LOOK_EVERY)


async def _follows(http: httpx.AsyncClient, url: str, ahead: timedelta) -> bool:
    try:
        told = datetime.fromisoformat((await http.get(f"{url}/health/live")).json()["clock"])
    except (httpx.HTTPError, ValueError, KeyError):
        return False
    return abs(told - (datetime.now(UTC) + ahead)) < CLOSE
