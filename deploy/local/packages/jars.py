"""Kafka's jars by their Maven coordinates, each held against the SHA-256 in `kafka.toml`.

`python -m deploy.local.packages.jars` resolves the coordinates anew and prints what belongs into that file.
"""

import hashlib
import logging
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

from deploy.local.checks import Trouble

LOCK = Path(__file__).with_name("kafka.toml")
ATTEMPTS = 3


@dataclass(frozen=True)
class Jar:
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def locked() -> list[Jar]:
    checksums: dict[str, str] = tomllib.loads(LOCK.read_text())["sha256"]
    named = {tuple(coordinates.split(":")): sha256 for coordinates, sha256 in checksums.items()}
    return [Jar(group, artifact, version, sha256) for (group, artifact, version), sha256 in named.items()]


def class_path(folder: Path) -> str:
    """What `java -cp` takes; says to install where a jar is missing or not the locked one."""
    if missing(folder):
        raise Trouble(f"Kafka is not complete in {folder}: run `liaison install`.")
    return ":".join(str(folder / jar.file) for jar in locked())


def missing(folder: Path) -> list[Jar]:
    return [jar for jar in locked() if not _is(jar, folder / jar.file)]


def install(folder: Path, each: Callable[[str], None] = lambda _: None) -> None:
    """Bring what is missing into `folder`, several at a time; `each` hears every jar that has arrived."""
    wanted = missing(folder)
    if not wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".arriving-") as arriving, ThreadPoolExecutor(8) as pool:
        repository = _repository(Path(arriving))

        def bring(jar: Jar) -> None:
            shutil.move(_fetch(jar, repository), folder / jar.file)
            each(jar.file)

        for _ in pool.map(bring, wanted):
            pass


def _fetch(jar: Jar, repository: MavenContext) -> Path:
    artifact = repository.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    failure = ""
    for _ in range(ATTEMPTS):
        try:
            path: Path = artifact.resolve()
        except (
            OSError,
            RuntimeError,
        ) as error:  # requests' errors are OSErrors; jgo raises RuntimeError for "not found"
            failure = str(error).splitlines()[0]
        else:
            if _is(jar, path):
                return path
            failure = "its checksum is not the locked one"
        if artifact.cached_path:
            artifact.cached_path.unlink(missing_ok=True)
    raise Trouble(f"{jar.file} cannot be fetched ({failure}): check the network, then run `liaison install` again.")


def _is(jar: Jar, path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def _repository(cache: Path) -> MavenContext:
    logging.getLogger("jgo").setLevel(logging.ERROR)
    mirrors = GlobalSettings.load().repositories
    return MavenContext(repo_cache=cache, remote_repos={**mirrors, "central": MAVEN_CENTRAL_URL}, timeout=60)


def _resolve_anew() -> None:
    """Each coordinate for itself, the first one's choice of a version wins.

    Resolved together, jgo 3.2 reads them as bills of materials and moves versions that Kafka's own POM names.
    """
    roots: list[str] = tomllib.loads(LOCK.read_text())["coordinates"]
    found: dict[tuple[str, str], str] = {}
    with tempfile.TemporaryDirectory() as cache:
        repository = _repository(Path(cache))
        for root in roots:
            inputs, needed = repository.resolver.resolve([repository.create_dependency(root)])
            for artifact in (dependency.artifact for dependency in [*inputs, *needed]):
                sha256 = hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()
                line = f'"{artifact.groupId}:{artifact.artifactId}:{artifact.version}" = "{sha256}"'
                found.setdefault((artifact.groupId, artifact.artifactId), line)
    print("[sha256]", *sorted(found.values()), sep="\n")


if __name__ == "__main__":
    _resolve_anew()
