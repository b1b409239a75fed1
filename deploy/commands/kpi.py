"""`liaison kpi rebuild|verify|explain`: count everything anew, compare every cell with the log, read one figure."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, TypeVar

import typer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.commands.addresses import DATA, DataOption, find
from deploy.local.checks import Trouble
from shared.contracts.refused import Refused
from shared.profiles import NETWORKS

T = TypeVar("T")
SHOWN, WAITS_S, LOOK_S = 20, 20.0, 0.2
kpi = typer.Typer(help="The indicators: count them anew, verify them, explain one.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False, markup=False)


@kpi.command()
def rebuild(data: DataOption = DATA) -> None:
    """Forget what was counted; the running service counts everything from the beginning of the log."""
    before, after = _work(data, _rebuild)
    if after < before:
        console.print("Everything is forgotten, and nobody counts now: it is counted anew when the service runs.")
    else:
        console.print(f"Counted anew: {after} places of the log.")


@kpi.command()
def verify(data: DataOption = DATA) -> None:
    """Fold the log a second time, another way, and compare every cell; exit code 1 where one differs."""
    found = _work(data, _verify)
    for line in found.differences[:SHOWN]:
        console.print(line)
    if len(found.differences) > SHOWN:
        console.print(f"... and {len(found.differences) - SHOWN} more.")
    kept = f"{found.messages} messages, {found.cells} cells, {found.unreadable} messages in the dead letters"
    console.print(f"{kept}: {len(found.differences) or 'no'} differences.")
    if found.differences:
        raise typer.Exit(1)


@kpi.command()
def explain(
    figure: Annotated[str, typer.Argument(help="Its id, as in the address of its page.", show_default=False)],
    *,
    network: Annotated[str, typer.Option(help=f"One of {', '.join(NETWORKS)}.")] = "ela",
    year: Annotated[int | None, typer.Option(help="This year where left out.")] = None,
    member: Annotated[str, typer.Option(help="A member's code; all where left out.")] = "",
    known: Annotated[str, typer.Option(help="As known at the end of this day, 2024-03-31.")] = "",
    data: DataOption = DATA,
) -> None:
    """A figure with its definition, what it is divided by, its cells and the events behind it."""
    if network not in NETWORKS:
        raise Trouble(f"There is no network {network}; there are {', '.join(NETWORKS)}.")
    try:
        day = date.fromisoformat(known).isoformat() if known else ""
    except ValueError:
        raise Trouble(f"{known} is no day: write it as 2024-03-31.") from None
    _work(data, lambda runtime: _explain(runtime, figure, (network, year, member, day)))


async def _rebuild(runtime: Any) -> tuple[int, int]:
    from services.kpi import checking

    service = runtime.service
    before = await checking.counted(service)
    await checking.begin_anew(service.client, service.db)
    done, waited = 0, 0.0
    with _progress() as progress:
        bar = progress.add_task("Counting", total=before)
        while done < before and waited < WAITS_S:
            await asyncio.sleep(LOOK_S)
            now = await checking.counted(service)
            waited = 0.0 if now > done else waited + LOOK_S
            done = now
            progress.update(bar, completed=min(done, before))
    return before, done


async def _verify(runtime: Any) -> Any:
    from services.kpi import checking

    total = await checking.counted(runtime.service)
    with _progress() as progress:
        bar = progress.add_task("Folding the log", total=total)
        return await checking.verify(runtime.service, lambda done: progress.advance(bar, done))


async def _explain(runtime: Any, figure: str, asked: tuple[str, int | None, str, str]) -> None:
    from services.kpi.engine.figures import Cells, Scope
    from services.kpi.indicators.naming import indicators_of
    from services.kpi.queries import one as queries
    from services.kpi.web.figure import words_of
    from shared import clock
    from shared.profiles import load

    network, year, member, known = asked
    profile = load(network)
    had = {one.id: one for one in indicators_of(profile)}
    if figure not in had:
        raise Trouble(f"{network} has no figure {figure}; it has {', '.join(had)}.")
    one = had[figure]
    if member and member not in profile.member_codes:
        raise Trouble(f"{profile.name} has no member {member}.")
    async for block in runtime.service.db.blocks.find({"kind": {"$ne": "rebuild"}}):
        runtime.merged.put([block])
    scope = Scope(network, year or clock.now().year, member, known)
    shown = runtime.boards.figure(scope, one.id)
    console.print(f"{shown.title}, {network} {scope.year}{f', {member}' if member else ''}: {shown.text} {shown.of}")
    console.print(one.says)
    if shown.part is not None:
        console.print(f"{one.part}: {shown.part}; {one.whole}: {shown.whole}")
    for reading in queries.readings(runtime.boards, scope, one):
        force = " (in force)" if reading.in_force else ""
        console.print(f"reading {reading.id}{force}: {reading.text}, {reading.part} / {reading.whole}")
    cells = Cells(runtime.merged, scope, profile)
    one.formula(profile)(cells)
    for measure in queries.counted(runtime.boards, scope, one):
        count = sum(1 for _ in runtime.merged.cells(network, measure.name))
        console.print(f"measure {measure.name}: {count} cells of {network}. {measure.says}")
    if not any(measure.opens for measure in queries.counted(runtime.boards, scope, one)):
        console.print("Answers never open one by one.")
        return
    with console.status("Reading the log"):
        explanation = await runtime.explained(one, scope)
    table = Table("happened", "event", "stream", "counts", "place on the log")
    for event in explanation.events[:SHOWN]:
        counts = ", ".join(f"{part.delta:+d} {part.measure}" for part in event.counted)
        table.add_row(event.envelope.happened_on, words_of(event), event.envelope.subject, counts, event.place)
    console.print(table)
    console.print(
        f"{len(explanation.events)} events behind it, the newest {min(SHOWN, len(explanation.events))} shown."
    )


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _work(data: Any, body: Callable[[Any], Awaitable[T]]) -> T:
    """Run `body` over the service's own code, beside the processes that run."""
    find(data)

    async def run() -> T:
        runtime = importlib.import_module("services.kpi.app").app.state.kpi
        try:
            return await body(runtime)
        finally:
            runtime.service.client.close()

    try:
        return asyncio.run(run())
    except Refused as refused:
        raise Trouble(refused.sentence) from None
    except PyMongoError as error:
        raise Trouble(f"MongoDB does not answer ({type(error).__name__}): is the stack up?") from None
    except (KafkaError, OSError) as error:
        raise Trouble(f"Kafka does not answer ({type(error).__name__}): is the stack up?") from None
