"""What every test stands on: brokers with transactions and change streams, and topics with their settings."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pymongo import AsyncMongoClient

from deploy.local.checks import Trouble
from deploy.local.topics import PARTITIONS, ensure_topics


@pytest.fixture
async def admin(brokers):
    client = AIOKafkaAdminClient(bootstrap_servers=brokers.kafka)
    await client.start()
    yield client
    await client.close()


async def test_mongodb_takes_transactions_and_ends_forgotten_ones_after_three_seconds(brokers, namespace):
    async with AsyncMongoClient(brokers.mongo_url) as client:
        found = await client.admin.command("getParameter", transactionLifetimeLimitSeconds=1)
        assert found["transactionLifetimeLimitSeconds"] == 3
        async with client.start_session() as session, await session.start_transaction():
            await client[f"{namespace}_x"].things.insert_one({"_id": 1}, session=session)
        assert await client[f"{namespace}_x"].things.count_documents({}) == 1


async def test_topics_are_kept_for_ever_and_made_again_without_harm(brokers, namespace, admin):
    await ensure_topics(brokers.kafka, namespace)
    topic = f"{namespace}.requests"
    (described,) = await admin.describe_topics([topic])
    assert len(described["partitions"]) == PARTITIONS
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    settings = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    assert (settings["cleanup.policy"], settings["retention.ms"]) == ("delete", "-1")


async def test_topics_never_come_by_accident(brokers, admin):
    await admin.describe_topics(["nobody.made.this"])
    assert "nobody.made.this" not in await admin.list_topics()


async def test_a_topic_with_other_settings_is_refused_in_one_sentence(brokers, admin):
    name = "t-other-settings"
    await admin.create_topics([NewTopic(f"{name}.requests", 1, 1)])
    with pytest.raises(Trouble, match=rf"The topic {name}.requests has 1 partitions instead of 6"):
        await ensure_topics(brokers.kafka, name)
    await admin.delete_topics([topic for topic in await admin.list_topics() if topic.startswith(f"{name}.")])
