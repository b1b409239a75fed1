"""Before anything is installed: one sentence where this machine will not do."""

import platform
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest

from deploy import preflight
from deploy.local.layout import CHECKOUT


def test_a_machine_like_this_one_will_do():
    assert preflight.trouble() is None


@pytest.mark.parametrize(
    ("module", "name", "value", "says"),
    [
        (sys, "version_info", (3, 10, 4), "Python 3.11 to 3.14"),
        (sys, "version_info", (3, 15, 0), "add PYTHON=python3.11"),
        (sys, "platform", "darwin", "Linux x86-64"),
        (platform, "machine", lambda: "aarch64", "this is Linux aarch64"),
        (platform, "libc_ver", lambda: ("", ""), "glibc"),
        (shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(1), "needs 3 GB"),
    ],
)
def test_another_one_is_told_why_not(monkeypatch, module, name, value, says):
    monkeypatch.setattr(module, name, value)
    assert says in preflight.trouble()


def test_it_needs_nothing_but_the_standard_library():
    done = subprocess.run([sys.executable, "-I", "-S", "deploy/preflight.py"], cwd=CHECKOUT, check=False)
    assert done.returncode == 0
