"""The command line: `liaison up`, `down`, `status`, `install`, `clock`, `dead`, `kpi`, `person`, `backup` and more."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.commands.backup import backup, restore
from deploy.commands.clock import clock
from deploy.commands.dead import dead
from deploy.commands.kpi import kpi
from deploy.commands.mail import mail
from deploy.commands.person import person
from deploy.commands.simulate import simulate
from deploy.local import up as launcher
from deploy.local import watch
from deploy.local.checks import Trouble
from deploy.local.layout import HOME, Layout
from deploy.local.stack import SERVICES, Stack

DataOption = Annotated[Path, typer.Option("--data", help="Folder that keeps the databases, the log and the logs.")]
DATA = HOME / "data"

app = typer.Typer(
    help="Liaison, the working floor of a capacity-building network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()


@app.command()
def up(
    data: DataOption = DATA,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the front door.")] = 8080,
    demo: Annotated[bool, typer.Option(help="Load the demonstration programme on the first start.")] = True,
    service: Annotated[list[str] | None, typer.Option(help="Run this service alone; may be given again.")] = None,
) -> None:
    """Start everything and stay until Ctrl-C."""
    if unknown := set(service or ()) - set(SERVICES):
        raise Trouble(f"There is no service {', '.join(sorted(unknown))}; there are {', '.join(SERVICES)}.")
    namespace = os.environ.get("LIAISON_NAMESPACE", "liaison")
    stack = Stack(data, services=service or SERVICES, port=port, namespace=namespace, say=launcher.sayer(console))
    asyncio.run(launcher.run(stack, demo=demo, console=console))


@app.command()
def down(data: DataOption = DATA) -> None:
    """Stop what runs from the data folder, in order."""
    with console.status("Stopping: services first, MongoDB last"):
        stopped = watch.stop(Layout(data.resolve()))
    console.print("Liaison is stopped." if stopped else f"Liaison does not run from {data}.")


@app.command()
def status(data: DataOption = DATA) -> None:
    """What runs from the data folder; exit code 1 where not all of it is ready."""
    record = watch.running(Layout(data.resolve()))
    if record is None:
        console.print(f"Liaison does not run from {data}.")
        raise typer.Exit(1)
    console.print(watch.table(record))
    raise typer.Exit(0 if watch.all_ready(record) else 1)


@app.command()
def install() -> None:
    """Fetch what the embedded stack runs with: Kafka's jars and the pages' assets."""
    launcher.install(console)
    console.print("Kafka and the page assets are in place.")


app.command()(backup)
app.command()(clock)
app.command()(person)
app.command()(restore)
app.command()(simulate)
app.add_typer(dead, name="dead")
app.add_typer(kpi, name="kpi")
app.add_typer(mail, name="mail")


def main() -> None:
    """Run the command; what the user can mend is one sentence on standard error and exit code 1."""
    try:
        app()
    except Trouble as trouble:
        Console(stderr=True, soft_wrap=True).print(str(trouble), style="bold red", markup=False, highlight=False)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
