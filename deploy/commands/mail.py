"""`liaison mail bounced`: take a delivery report from a mail server's pipe."""

import asyncio
import sys

import typer

from deploy.local.checks import Trouble
from shared.messages.bounces import MOST_BYTES, take_report
from shared.mongo import connect
from shared.settings import get_settings

mail = typer.Typer(no_args_is_help=True, help="Letters that come back.")

WORDS = {
    "bounced": "The letter is marked as undelivered.",
    "known": "The letter was marked before.",
    "not-ours": "It names no letter that was sent from here.",
    "no-report": "This is no report of a failed delivery.",
}


@mail.callback()
def _only_commands() -> None:
    """Keeps `bounced` a command of its own beside those that may come."""


@mail.command()
def bounced() -> None:
    """Read one mail from standard input, as a mail server's alias pipes it: `|liaison mail bounced`."""
    raw = sys.stdin.buffer.read(MOST_BYTES)
    if not raw.strip():
        raise Trouble("Give the mail on standard input: liaison mail bounced < message")
    # Also what is no report is taken: a mail server would send its refusal to nobody.
    typer.echo(WORDS[asyncio.run(_take(raw))])


async def _take(raw: bytes) -> str:
    settings = get_settings()
    client = connect(settings.mongo_url)
    try:
        return await take_report(raw, client, settings)
    finally:
        client.close()
