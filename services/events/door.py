"""Codes at the door: each registrant's own, and the one on the wall that changes every minute. Neither says a name."""

import base64
import hmac
import re
import time
from collections.abc import Iterable, Mapping

from shared.settings import Settings

EVERY_S, TOLERATED = 60, 2
"""A code on the wall is taken for so many minutes more: people walk, and type."""
LENGTH = 10
_CODE = re.compile(r"[A-Z2-7]{10}")


class Door:
    def __init__(self, settings: Settings) -> None:
        self._secret = settings.secret.get_secret_value().encode()

    def _digest(self, *about: str) -> bytes:
        return hmac.digest(self._secret, "/".join(("door", *about)).encode(), "sha256")

    def code(self, registration: str) -> str:
        """The registrant's own, the same every time; who does not have the secret cannot make one."""
        return base64.b32encode(self._digest("own", registration)).decode()[:LENGTH]

    def codes(self, registrations: Iterable[str]) -> Mapping[str, str]:
        """The registrations by code."""
        return {self.code(one): one for one in registrations}

    def on_the_wall(self, activity: str, now: float | None = None) -> str:
        """By the real clock, as signatures go."""
        return self._turn(activity, int((now or time.time()) // EVERY_S))

    def seen_on_the_wall(self, activity: str, code: str, now: float | None = None) -> bool:
        turn = int((now or time.time()) // EVERY_S)
        given = re.sub(r"[^0-9]", "", code)
        return any(hmac.compare_digest(given, self._turn(activity, turn - ago)) for ago in range(TOLERATED + 1))

    def _turn(self, activity: str, turn: int) -> str:
        return f"{int.from_bytes(self._digest('wall', activity, str(turn))[:8], 'big') % 1_000_000:06}"


def shown(code: str) -> str:
    """In two parts, as people read it out."""
    return f"{code[:5]}-{code[5:]}"


def typed(text: str) -> str:
    """The code in what was typed or scanned, an address that ends in one included; empty where there is none."""
    last = re.split(r"[=/]", text.strip())[-1]
    plain = re.sub(r"[\s-]", "", last).upper().translate(str.maketrans("018", "OIB"))
    return plain if _CODE.fullmatch(plain) else ""
