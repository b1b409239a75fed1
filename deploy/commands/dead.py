"""`liaison dead list|show|replay|discard SERVICE [ID]`: messages that a service could not work."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from deploy.commands.addresses import DATA, DataOption, find
from deploy.local.checks import Trouble
from deploy.local.topics import SERVICES
from shared.contracts.refused import Refused
from shared.spine.dead import DEAD, reason_of
from shared.spine.replay import PAGE, DeadLetters

T = TypeVar("T")
ServiceArgument = Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.", show_default=False)]
LetterArgument = Annotated[str, typer.Argument(help="The message's place, as `list` shows it.", show_default=False)]
SHOWN = 2_000

dead = typer.Typer(help="Messages that a service could not work, and those parked behind them.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False, markup=False)


@dead.command("list")
def list_letters(service: ServiceArgument, data: DataOption = DATA) -> None:
    """All of them, in the order of their streams."""
    letters = _work(service, data, _all)
    table = Table("id", "status", "type", "stream", "at", "reason")
    for one in letters:
        at = f"{one['at']:%Y-%m-%d %H:%M:%S}"
        table.add_row(*map(str, (one["_id"], one["status"], one["type"], one["key"], at, one["reason"])))
    if letters:
        console.print(table)
    dead = sum(one["status"] == DEAD for one in letters)
    console.print(f"{service}: {dead} dead, {len(letters) - dead} parked behind them.")


@dead.command()
def show(service: ServiceArgument, letter: LetterArgument, data: DataOption = DATA) -> None:
    """One with its reason, its headers and the beginning of its content."""
    found = _work(service, data, lambda letters: letters.show(letter))
    for name in ("_id", "status", "type", "key", "at", "reason"):
        console.print(f"{name.removeprefix('_'):8} {found[name]}")
    for name, value in found["headers"]:
        console.print(f"  {name}: {(value or b'').decode(errors='replace')}")
    content = (found["value"] or b"").decode(errors="replace")
    console.print(content[:SHOWN] + (f" … ({len(content)} characters)" if len(content) > SHOWN else ""))
    if found.get("trace"):
        console.print(found["trace"])


@dead.command()
def replay(
    service: ServiceArgument,
    letter: Annotated[str | None, typer.Argument(help="The message's place; all where none is given.")] = None,
    data: DataOption = DATA,
) -> None:
    """Work it again, then what is parked behind it, in order. What still cannot be worked stays."""
    done, left = _work(service, data, lambda letters: _replay(letters, letter))
    console.print(f"{service}: {done} worked again.")
    if left:
        raise Trouble(f"Not everything can be worked yet: {'; '.join(left)}.")


@dead.command()
def discard(service: ServiceArgument, letter: LetterArgument, data: DataOption = DATA) -> None:
    """Give it up for good, and work what was parked behind it."""
    done, left = _work(service, data, lambda letters: _discard(letters, letter))
    console.print(f"{service}: discarded; {done} worked that waited behind it.")
    if left:
        raise Trouble(f"What waits behind it cannot be worked yet: {left}.")


async def _all(letters: DeadLetters) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := await letters.page(len(found) // PAGE + 1):
        found += page
        if len(page) < PAGE:
            break
    return found


async def _replay(letters: DeadLetters, letter: str | None) -> tuple[int, list[str]]:
    """How many went through, and why others did not: the first of each stream that cannot be worked."""
    if letter is None:
        group = "key" if letters.in_order else "_id"
        earliest = {one[group]: one["_id"] for one in reversed(await _all(letters))}
        done, left = 0, []
        for one in sorted(earliest.values()):
            some, reason = await _counted(letters, letters.replay(one))
            done += some
            left += [f"{one}: {reason}"] if reason else []
        return done, left
    await letters.show(letter)
    done, reason = await _counted(letters, letters.replay(letter))
    return done, [reason] if reason else []


async def _discard(letters: DeadLetters, letter: str) -> tuple[int, str]:
    await letters.show(letter)
    done, reason = await _counted(letters, letters.discard(letter))
    return (done - 1 if reason else done), reason  # what was given up was not worked


async def _counted(letters: DeadLetters, work: Awaitable[int]) -> tuple[int, str]:
    """How many are gone from the dead letters, and why it went no further."""
    before = sum((await letters.counts()).values())
    try:
        return await work, ""
    except PyMongoError:
        raise
    except Exception as error:  # whatever working a message may raise
        return before - sum((await letters.counts()).values()), reason_of(error)


def _work(service: str, data: Any, body: Callable[[DeadLetters], Awaitable[T]]) -> T:
    """Run `body` over the service's dead letters, with its own table of handlers."""
    if service not in SERVICES:
        raise Trouble(f"There is no service {service}; there are {', '.join(SERVICES)}.")
    find(data)

    async def run() -> T:
        app = importlib.import_module(f"services.{service}.app").app
        try:
            return await body(app.state.service.dead_letters)
        finally:
            app.state.service.client.close()

    try:
        return asyncio.run(run())
    except Refused as refused:
        raise Trouble(refused.sentence) from None
    except PyMongoError as error:
        raise Trouble(f"MongoDB does not answer ({type(error).__name__}): is the stack up?") from None
