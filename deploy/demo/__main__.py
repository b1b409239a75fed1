"""`python -m deploy.demo --url http://127.0.0.1:8080`: load the demonstration programme, or go on with it."""

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.commands.addresses import DATA, Address, find
from deploy.commands.clock import set_time
from deploy.demo.door import NoAnswer
from deploy.demo.load import Loader, Memory, steps_left
from deploy.demo.player import NotHeard
from deploy.demo.programme import programme
from deploy.local.checks import Trouble
from deploy.local.layout import MARK
from shared.mongo import connect
from shared.people import People

console = Console(soft_wrap=True)


def main(
    url: Annotated[str, typer.Option(help="The front door.")] = "http://127.0.0.1:8080",
    data: Annotated[
        Path | None, typer.Option(help="The stack's folder; how far the load has come is kept there, too.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another number, another year.")] = 2024,
) -> None:
    """Load the demonstration programme: December 2023 to 15 October 2024, through the public interfaces."""
    folder = data or Path(os.environ.get(MARK, DATA))
    try:
        address = find(folder)
        if address.settings.profile != "local":
            raise Trouble("The demonstration sets the clock and makes up people: it loads on a local stack alone.")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            refused = runner.run(_load(url, folder, address, seed))
    except (NoAnswer, NotHeard, PyMongoError, Trouble) as error:
        why = f"MongoDB does not answer ({type(error).__name__})." if isinstance(error, PyMongoError) else str(error)
        console.print(f"The demonstration programme stopped: {why}", style="red", markup=False)
        raise SystemExit(1) from None
    for one in refused[:10]:
        console.print(f"Refused: {one}", style="red", markup=False)


async def _load(url: str, folder: Path, address: Address, seed: int) -> list[str]:
    memory = Memory.of(folder / "demo.json")
    stories = programme(seed)
    left = steps_left(stories, memory)
    if not left:
        return []
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    async with AsyncExitStack() as stack:
        client = connect(address.settings.mongo_url)
        stack.callback(client.close)
        progress = stack.enter_context(Progress(*columns, console=console, disable=not console.is_terminal))
        bar = progress.add_task("Demonstration programme", total=left)
        if not console.is_terminal:
            console.print("Loading the demonstration programme: December 2023 to 15 October 2024.")

        def week(end: datetime) -> None:
            progress.update(bar, description=f"Demonstration programme, to {end:%d.%m.%Y}")

        people = People(client[address.settings.people_database])
        loader = Loader(
            url,
            people,
            memory,
            lambda moment: set_time(address, moment),
            stepped=lambda: progress.advance(bar),
            week=week,
        )
        await loader.load(stories)
    if not console.is_terminal:
        console.print("The demonstration programme is loaded.")
    return loader.refused


if __name__ == "__main__":
    typer.run(main)
