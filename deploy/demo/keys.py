"""Keys for programs that play a network's people: one for each role, one for each member's NLO."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from shared.mongo import connect
from shared.people import People, Role
from shared.profiles import load
from shared.settings import Settings

COORDINATOR, ORGANISER = "coordinator", "organiser"


def nlo(member: str) -> str:
    return f"nlo-{member}"


async def create_keys(
    people: People, network: str, *, rights: Sequence[str] = (), called: str = "Simulator"
) -> tuple[dict[str, str], list[str]]:
    """Bearers by name (`coordinator`, `organiser`, `nlo-<member>`), and the keys' ids to revoke them by."""
    wanted: list[tuple[str, Role, str | None]] = [
        (COORDINATOR, Role.COORDINATOR, None),
        (ORGANISER, Role.ORGANISER, None),
        *((nlo(code), Role.NLO, code) for code in load(network).member_codes),
    ]
    bearers: dict[str, str] = {}
    ids: list[str] = []
    for name, role, member in wanted:
        about = f"{called}: {role}{f' {member}' if member else ''}"
        id, bearers[name] = await people.keys.create(about, [role], member, network, rights=rights, created_by="demo")
        ids.append(id)
    return bearers, ids


@asynccontextmanager
async def keys_for(
    settings: Settings, network: str = "ela", *, called: str = "Simulator"
) -> AsyncIterator[dict[str, str]]:
    """Keys that live as long as the block."""
    client = connect(settings.mongo_url)
    try:
        people = People(client[settings.people_database])
        bearers, ids = await create_keys(people, network, called=called)
        try:
            yield bearers
        finally:
            for id in ids:
                await people.keys.revoke(id)
    finally:
        client.close()
