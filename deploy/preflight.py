"""Whether this machine can take Liaison, asked before anything is installed: the standard library alone, old syntax."""

from __future__ import annotations

import platform
import shutil
import sys

OLDEST, NEWEST = (3, 11), (3, 14)
DISK_NEEDED = 3_000_000_000


def trouble() -> str | None:
    """The one sentence that says what to do, or None."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return (
            f"Liaison runs on Python 3.11 to 3.14, this is {platform.python_version()}: add PYTHON=python3.11 to make."
        )
    if sys.platform != "linux" or platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc":
        here = f"{platform.system()} {platform.machine()}"
        return (
            f"Liaison's wheels are for Linux x86-64 with glibc, this is {here}: use a virtual machine or a container."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return "This Python cannot make environments: install your system's package python3-venv."
    if shutil.disk_usage(".").free < DISK_NEEDED:
        return f"The environment needs {DISK_NEEDED / 1e9:.0f} GB, less is free here: free some or clone elsewhere."
    return None


if __name__ == "__main__":
    sys.exit(trouble())
