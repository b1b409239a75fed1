"""A year's resources: their stream, and the use case that sets them."""

from shared.ids import fixed_id
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Receipt
from shared.spine.store import Store

from .domain import resources
from .domain.resources import Resources, SetResources

RESOURCES = Aggregate("resources", Resources, resources.evolve)


def resources_id(network: str, year: int) -> str:
    return fixed_id("resources", network, str(year))


async def set_resources(command: SetResources, store: Store) -> Receipt:
    """What can be spent in the year's quarters from now on; triage weighs against it."""
    return await store.execute(resources_id(store.origin.network, command.year), command, resources.set_resources)
