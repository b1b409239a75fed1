"""`liaison up`: fetch what is missing, start the stack, load the demonstration, stay, stop in order."""

import asyncio
import contextlib
import importlib.util
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.local.layout import ASSETS, CHECKOUT, KAFKA
from deploy.local.packages import assets, jars
from deploy.local.process import end_with_parent
from deploy.local.servers.environment import full
from deploy.local.stack import Stack

DEMO_STOP_WITHIN = 10.0


def install(console: Console) -> None:
    """Bring Kafka's jars and the pages' assets where they are missing, with a bar for each."""
    with _bars(console) as bar:
        if absent := jars.missing(KAFKA):
            jars.install(KAFKA, bar("Kafka", len(absent)))
        if not assets.complete(ASSETS):
            assets.install(ASSETS, bar("Page assets", len(assets.listed())))


async def run(stack: Stack, *, demo: bool, console: Console) -> None:
    """Run until a signal asks to stop, then stop in order. Raises Trouble where it cannot start."""
    _quiet_logs(console)
    began = time.monotonic()
    asked = asyncio.Event()
    stack.claim()
    with _stops(asked, console):
        try:
            await asyncio.to_thread(install, console)
            await _start(stack, asked)
            if not asked.is_set():
                _welcome(stack, console, time.monotonic() - began)
                await _stay(stack, asked, demo, console)
        finally:
            await stack.stop()
    console.print("Liaison is stopped; its data stays in", str(stack.layout.data), style="bold", soft_wrap=True)


async def _start(stack: Stack, asked: asyncio.Event) -> None:
    """Start, unless a stop is asked for meanwhile."""
    starting = asyncio.ensure_future(stack.__aenter__())
    stopping = asyncio.ensure_future(asked.wait())
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return
    await starting


async def _stay(stack: Stack, asked: asyncio.Event, demo: bool, console: Console) -> None:
    loading = asyncio.create_task(_demonstrate(stack, console)) if demo else None
    await asked.wait()
    if loading:
        loading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loading


async def _demonstrate(stack: Stack, console: Console) -> None:
    """Load the demonstration programme in a process of its own, once for this data; a later start goes on with it."""
    done = stack.layout.data / "demo.done"
    if done.exists() or importlib.util.find_spec("deploy.demo.__main__") is None:
        return
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.demo", "--url", stack.base_url),
        env={**full(stack.layout), **stack.environment},
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent,
    )
    try:
        code = await child.wait()
    except asyncio.CancelledError:
        await _end(child)
        raise
    if code:
        console.print(
            "The demonstration programme did not load to its end; the next start goes on with it.", style="red"
        )
    else:
        done.touch()


async def _end(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(child.wait(), DEMO_STOP_WITHIN)
    except TimeoutError:
        child.kill()
        await child.wait()


@contextmanager
def _stops(asked: asyncio.Event, console: Console) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal ask for the stop; asking again changes nothing."""
    loop = asyncio.get_running_loop()

    def ask() -> None:
        told = (
            "Still stopping: MongoDB closes its files last, so that nothing is lost." if asked.is_set() else "Stopping"
        )
        console.print(told)
        asked.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _welcome(stack: Stack, console: Console, seconds: float) -> None:
    console.print()
    console.print(f"Liaison is up after {seconds:.0f} s")
    for name, path in (("Front door", "/"), ("Dashboard", "/kpi/"), ("Operations", "/operations")):
        console.print(f"  {name:<11} [bold]{stack.base_url}{path}[/]", soft_wrap=True)
    console.print(_persons())
    console.print("Ctrl-C stops everything in order; the data stays.")


def _persons() -> Table:
    """Who may sign in, a row for each network and role."""
    from shared.profiles.persons import local_persons

    table = Table(title="Sign in as one of these, without a password", title_justify="left", show_lines=False)
    for column in ("network", "role", "persons"):
        table.add_column(column, overflow="fold")
    rows = [(person.network, ", ".join(person.roles), person) for person in local_persons()]
    for (network, role), members in groupby(sorted(rows, key=lambda row: row[:2]), key=lambda row: row[:2]):
        names = [f"{person.name} ({person.member})" if person.member else person.name for _, _, person in members]
        table.add_row(network, role, ", ".join(names))
    return table


def sayer(console: Console) -> Callable[[str], None]:
    began = time.monotonic()
    return lambda sentence: console.print(
        f"{time.monotonic() - began:5.1f} s  {sentence}", style="dim", highlight=False
    )


def _quiet_logs(console: Console) -> None:
    handler = RichHandler(console=console, show_path=False, show_time=False)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], format="%(message)s")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # asking a Kafka that is just starting is no error


@contextmanager
def _bars(console: Console) -> Iterator[Callable[[str, int], Callable[[str], None]]]:
    columns = TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:

        def bar(title: str, total: int) -> Callable[[str], None]:
            task = progress.add_task(title, total=total)
            return lambda _: progress.advance(task)

        yield bar
