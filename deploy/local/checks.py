"""What must hold before anything starts; what does not is said in one sentence."""

import ctypes
import platform
import shutil
import socket
import sys
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
DISK_NEEDED = 1_000_000_000


class Trouble(Exception):
    """Something the person at the keyboard can mend; its one sentence says how."""


def require_platform() -> None:
    if sys.platform != "linux" or platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc":
        raise Trouble(
            f"The embedded stack runs on Linux x86-64 with glibc, this is {platform.system()} {platform.machine()}: "
            "use `docker compose up`, or name servers of your own in LIAISON_MONGO_URL and LIAISON_KAFKA."
        )


def require_openssl() -> None:
    try:
        ctypes.CDLL("libssl.so.3")
    except OSError:
        raise Trouble("mongod needs OpenSSL 3 (libssl.so.3): install your system's package libssl3.") from None


def require_disk(folder: Path) -> None:
    """Refuse to start where less than 1 GB is free: Kafka and MongoDB stop hard on a full disk."""
    free = shutil.disk_usage(folder).free
    if free < DISK_NEEDED:
        raise Trouble(
            f"Only {free / 1e6:.0f} MB are free in {folder}, Liaison needs {DISK_NEEDED / 1e6:.0f} MB there: "
            "free some, or choose another place with `--data DIR`."
        )


def require_port(port: int) -> None:
    if is_free(port):
        return
    other = f"`liaison up --port {port + 1}`"
    raise Trouble(f"Port {port} is taken{_holder(port)}: stop what holds it, or choose another with {other}.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free to listen on
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass  # another user's process: the sentence does without its name
    return ""
