"""What all tests may ask for: `brokers` (one MongoDB and one Kafka for the run) and a `namespace` of their own."""

import pytest

from tests.support.stack import brokers_for_this_run, fresh_namespace


@pytest.fixture(scope="session")
def brokers():
    """`brokers.mongo_url` and `brokers.kafka`. Shared by all tests: who stops servers starts a Stack of its own."""
    with brokers_for_this_run() as found:
        yield found


@pytest.fixture
async def namespace(brokers):
    """A name that nobody else uses, with its topics made; its databases and topics go with the test."""
    async with fresh_namespace(brokers) as name:
        yield name


@pytest.fixture(scope="module")
async def module_namespace(brokers):
    """As `namespace`, for a module whose tests build on each other."""
    async with fresh_namespace(brokers) as name:
        yield name


def pytest_collection_modifyitems(items):
    """The long ones first, so that two workers end together."""
    items.sort(key=lambda item: (item.get_closest_marker("journey") is None, item.get_closest_marker("faults") is None))
