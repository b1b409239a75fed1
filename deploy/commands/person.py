"""`liaison person`: an account from the command line, such as that of an installation's first coordinator."""

import asyncio
from typing import Annotated

import typer
from pymongo.errors import PyMongoError
from rich.console import Console

from deploy.commands.addresses import DATA, DataOption, find
from deploy.local.checks import Trouble
from shared.contracts.refused import Refused
from shared.mongo import connect
from shared.people import People, Role
from shared.people.accounts import Facts, Giver
from shared.profiles import NETWORKS, load
from shared.settings import Settings

WHO = "the command line"

console = Console(soft_wrap=True)


def person(
    name: Annotated[str, typer.Argument(help="As colleagues write it.")],
    address: Annotated[str, typer.Argument(help="The e-mail address that the identity provider knows.")],
    role: Annotated[list[Role], typer.Option(help="What they are; may be given again.")],
    *,
    network: Annotated[str, typer.Option(help="Where: ela, earlall, fr-it-pt-es, eures, etf.")],
    member: Annotated[str, typer.Option(help="The member they speak for, such as BG; offices have none.")] = "",
    data: DataOption = DATA,
) -> None:
    """Add a person who signs in; everybody else is added by a coordinator on the pages."""
    if network not in NETWORKS:
        raise Trouble(f"There is no network {network}; there are {', '.join(NETWORKS)}.")
    if member and load(network).member(member) is None:
        raise Trouble(f"{member} is no member of {network}.")
    facts = Facts(name, address, "", member or None, tuple(role))
    try:
        asyncio.run(add_person(find(data).settings, network, facts))
    except Refused as refusal:
        raise Trouble(refusal.sentence) from None
    except PyMongoError as error:
        raise Trouble(f"MongoDB does not answer ({type(error).__name__}): is it up?") from None
    console.print(f"{name} signs in with {address}.", highlight=False)


async def add_person(settings: Settings, network: str, facts: Facts) -> str:
    """The new person's id; Refused where there is somebody of that address."""
    client = connect(settings.mongo_url)
    try:
        people = People(client[settings.people_database])
        await people.prepare()
        return await people.directory.add(Giver(WHO, frozenset(Role), network), facts)
    finally:
        client.close()
