"""mongod as a replica set of one: transactions and change streams need a replica set."""

import asyncio
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.checks import LOOPBACK, Trouble
from deploy.local.layout import Layout
from deploy.local.packages import binaries
from deploy.local.process import Program
from deploy.local.servers.environment import bare, connects

Client = MongoClient[dict[str, Any]]

REPLICA_SET = "rs0"
NOT_YET_INITIATED = 94
NOT_A_MEMBER = 93  # the configuration names another port: the last run's

NEVER_SLOW_MS = 24 * 3600 * 1000

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
    # The log of slow operations repeats their queries word for word: an address or what somebody searched for.
    command += ["--slowms", str(NEVER_SLOW_MS)]
    command += ["--oplogSize", "990", "--oplogMinRetentionHours", "72"]
    for name, value in SETTINGS.items():
        command += ["--setParameter", f"{name}={value}"]
    libraries = binaries.libraries_for_mongod(layout.data / "lib")
    env = bare(layout) | ({"LD_LIBRARY_PATH": libraries} if libraries else {})
    return Program("mongod", tuple(command), env, lambda: _is_primary(port), stop_within=30)


async def _is_primary(port: int) -> bool:
    await connects(port)
    # In a thread: PyMongo's asynchronous client leaves sockets open when it is closed while a monitor is connecting.
    return await asyncio.to_thread(_configured_primary, port)


def _configured_primary(port: int) -> bool:
    """Make it a replica set where it is none yet, and say whether it takes writes."""
    client: Client = MongoClient(LOOPBACK, port, directConnection=True, serverSelectionTimeoutMS=2000)
    with client:
        primary = bool(client.admin.command("hello")["isWritablePrimary"])
        if not primary:
            _configure(client, f"{LOOPBACK}:{port}")
    return primary


def _configure(client: Client, host: str) -> None:
    try:
        client.admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code == NOT_YET_INITIATED:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]})
        elif error.code == NOT_A_MEMBER:
            _move(client, host)
        else:
            raise


def _move(client: Client, host: str) -> None:
    config = client.admin.command("replSetGetConfig")["config"]
    config["members"][0]["host"] = host
    config["version"] += 1
    client.admin.command("replSetReconfig", config, force=True)


def require_replica_set(address: str) -> None:
    """Trouble where a MongoDB of somebody else's does not answer or has no transactions."""
    client: Client = MongoClient(address, serverSelectionTimeoutMS=5000)
    with client:
        try:
            hello = client.admin.command("hello")
        except PyMongoError:
            raise Trouble("The MongoDB named in LIAISON_MONGO_URL does not answer: check the address.") from None
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise Trouble("The MongoDB named in LIAISON_MONGO_URL is no replica set: transactions need one.")
