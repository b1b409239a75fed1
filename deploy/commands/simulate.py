"""`liaison simulate`: a busy network's traffic, in real time, and whether the dashboard says what must come of it."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from deploy.commands.addresses import DATA, DataOption, find
from deploy.demo.door import NoAnswer
from deploy.demo.figures import Compared
from deploy.demo.keys import keys_for
from deploy.demo.simulator import Report, Simulator, equal
from deploy.local import watch
from deploy.local.checks import Trouble
from deploy.local.layout import Layout
from shared.settings import Settings

SETTLED_WITHIN_S = 30.0
console = Console(soft_wrap=True)


def simulate(
    rate: Annotated[float, typer.Option(min=0.1, max=5_000, help="Commands a second.")] = 20,
    seconds: Annotated[float, typer.Option(min=1, max=86_400, help="For how long.")] = 60,
    url: Annotated[str | None, typer.Option(help="The front door; that of the stack in --data where left out.")] = None,
    seed: Annotated[int, typer.Option(help="Another number, other people and other choices.")] = 1,
    data: DataOption = DATA,
) -> None:
    """Send a busy network's traffic in real time, then compare what must come of it with what the dashboard shows."""
    settings = find(data).settings
    if settings.profile != "local":
        raise Trouble("The simulator makes up people and activities: it works on a local stack alone.")
    address = url or _door_of(data) or settings.base_url
    try:
        report, rows = asyncio.run(_run(settings, address, rate, seconds, seed))
    except (NoAnswer, TimeoutError) as error:
        raise Trouble(f"{address} does not answer as it should: {error}") from None
    except PyMongoError as error:
        raise Trouble(f"MongoDB does not answer ({type(error).__name__}): is the stack up?") from None
    _show(report, rows)
    if not equal(rows):
        raise typer.Exit(1)


def _door_of(data: Path) -> str | None:
    record = watch.running(Layout(data.resolve()))
    return record.url if record else None


async def _run(
    settings: Settings, url: str, rate: float, seconds: float, seed: int
) -> tuple[Report, Sequence[Compared]]:
    async with keys_for(settings) as keys, Simulator(url, keys, rate, seconds, seed) as simulator:
        with console.status(f"Opening activities and a call at {url}"):
            await simulator.prepare()
        with console.status(f"Sending {rate:g} commands a second for {seconds:g} s"):
            await simulator.load()
        with console.status("Waiting for the dashboard"):
            return simulator.report, await simulator.settled(simulator.report, SETTLED_WITHIN_S)


def _show(report: Report, rows: Sequence[Compared]) -> None:
    summary = report.summary()
    table = Table(title="What was sent", title_justify="left")
    for name in ("commands", "accepted", "refused", "sent again", "p50", "p99"):
        table.add_column(name, justify="right")
    waits = (f"{summary['p50_ms']:.0f} ms", f"{summary['p99_ms']:.0f} ms")
    table.add_row(*(str(summary[name]) for name in ("commands", "accepted", "refused", "resent")), *waits)
    console.print(table)
    table = Table(title="What must come of it, and what is shown", title_justify="left")
    for name in ("figure", "must be", "is shown", ""):
        table.add_column(name, overflow="fold")
    for row in rows:
        wanted, shown = (_short(one) for one in (row.wanted, row.shown))
        table.add_row(row.name, wanted, shown, "equal" if row.equal else "[red]differs[/]")
    console.print(table)
    told = {
        **summary,
        "seconds": round(report.ended - report.began, 1),
        "account": report.account.counts(),
        "differences": {row.name: {"wanted": row.wanted, "shown": row.shown} for row in rows if not row.equal},
        "equal": equal(rows),
    }
    print(json.dumps(told))


def _short(value: object) -> str:
    if isinstance(value, dict):
        return f"{sum(value.values())} over {len(value)} members"
    if isinstance(value, tuple):
        return " / ".join(map(str, value))
    return ", ".join(value) if isinstance(value, list) else str(value)
