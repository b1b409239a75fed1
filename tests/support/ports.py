"""A port that nobody listens on, outside the range that clients get theirs from."""

import random

from deploy.local.checks import is_free


def free_port() -> int:
    return next(port for port in iter(lambda: random.randrange(10_000, 20_000), 0) if is_free(port))
