"""mongod as a replica set of one: transactions and change streams need a replica set."""

from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.checks import LOOPBACK, Trouble
from deploy.local.layout import Layout
from deploy.local.packages import binaries
from deploy.local.process import Program
from deploy.local.servers.environment import bare

REPLICA_SET = "rs0"
NOT_YET_INITIATED = 94
NOT_A_MEMBER = 93  # the configuration names another port: the last run's

SETTINGS = {
    "transactionLifetimeLimitSeconds": 3,  # a killed consumer's transaction blocks its documents for 60 s otherwise
    "shutdownTimeoutMillisForSignaledShutdown": 100,  # nobody else could take over
    "diagnosticDataCollectionEnabled": "false",
}


def url(port: int) -> str:
    return f"mongodb://{LOOPBACK}:{port}/?replicaSet={REPLICA_SET}"


def program(layout: Layout, port: int) -> Program:
    folder = layout.data / "mongod"
    folder.mkdir(exist_ok=True)
    command = [str(binaries.mongod()), "--dbpath", str(folder), "--port", str(port), "--bind_ip", LOOPBACK]
    command += ["--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", "0.5", "--nounixsocket", "--quiet"]
    command += ["--oplogSize", "990", "--oplogMinRetentionHours", "72"]
    for name, value in SETTINGS.items():
        command += ["--setParameter", f"{name}={value}"]
    libraries = binaries.libraries_for_mongod(layout.data / "lib")
    env = bare(layout) | ({"LD_LIBRARY_PATH": libraries} if libraries else {})
    return Program("mongod", tuple(command), env, lambda: _is_primary(port), stop_within=30)


async def _is_primary(port: int) -> bool:
    """Make it a replica set where it is none yet, and say whether it takes writes."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        LOOPBACK, port, directConnection=True, serverSelectionTimeoutMS=1000, connectTimeoutMS=1000
    )
    try:
        hello = await client.admin.command("hello")
        if not hello["isWritablePrimary"]:
            await _configure(client, f"{LOOPBACK}:{port}")
        return bool(hello["isWritablePrimary"])
    finally:
        await client.close()


async def _configure(client: AsyncMongoClient[dict[str, Any]], host: str) -> None:
    try:
        await client.admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code == NOT_YET_INITIATED:
            await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]})
        elif error.code == NOT_A_MEMBER:
            await _move(client, host)
        else:
            raise


async def _move(client: AsyncMongoClient[dict[str, Any]], host: str) -> None:
    config = (await client.admin.command("replSetGetConfig"))["config"]
    config["members"][0]["host"] = host
    config["version"] += 1
    await client.admin.command("replSetReconfig", config, force=True)


async def require_replica_set(address: str) -> None:
    """Trouble where a MongoDB of somebody else's does not answer or has no transactions."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(address, serverSelectionTimeoutMS=5000)
    try:
        hello = await client.admin.command("hello")
    except PyMongoError:
        raise Trouble("The MongoDB named in LIAISON_MONGO_URL does not answer: check the address.") from None
    finally:
        await client.close()
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise Trouble("The MongoDB named in LIAISON_MONGO_URL is no replica set: transactions need one.")
