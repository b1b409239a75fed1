"""How often somebody may ask: a token bucket for each person, key and link, and for each address that signs in.

The buckets live in the process: with several replicas a limit counts in each of them. What is limited is known by
name, so that many people behind one address do not use up each other's share; sign-in alone knows only the address.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from dataclasses import dataclass

from fastapi import HTTPException, Request

from shared.settings import Settings
from shared.web.i18n import mark as _mark

BURST_S = 10
_KEPT = 20_000
_TOO_OFTEN = _mark("This was asked for too often. Wait a moment, then try again.")


class TooMany(HTTPException):
    """429, and how many seconds to wait."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(429, _TOO_OFTEN, {"Retry-After": str(max(1, math.ceil(wait_s)))})


class Buckets:
    """`rate` a second each, `burst` at once. Keeps the last 20,000; one that was forgotten is full again."""

    def __init__(self, rate: float, burst: float | None = None) -> None:
        self.rate, self.burst = rate, max(1.0, rate * BURST_S if burst is None else burst)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """0 where one was left, which is taken; else the seconds until there is one."""
        now = time.monotonic()
        left, then = self._left.get(key, (self.burst, now))
        left = min(self.burst, left + (now - then) * self.rate)
        wait = 0.0 if left >= 1 else (1 - left) / self.rate
        self._left[key] = (left if wait else left - 1, now)
        self._left.move_to_end(key)
        if len(self._left) > _KEPT:
            self._left.popitem(last=False)
        return wait


@dataclass(slots=True)
class _Failures:
    count: int
    last: float
    until: float


class BackOff:
    """After `free` failures in a row each further one doubles the wait, up to five minutes; forgotten after 15."""

    MOST_S, FORGOTTEN_S = 300.0, 900.0

    def __init__(self, free: int = 10) -> None:
        self._free = free
        self._failed: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, key: str) -> float:
        """The seconds until the next try is looked at."""
        known = self._failed.get(key)
        return max(0.0, known.until - time.monotonic()) if known else 0.0

    def failed(self, key: str) -> None:
        now = time.monotonic()
        known = self._failed.pop(key, None)
        if known is None or now - known.last > self.FORGOTTEN_S:
            known = _Failures(0, now, now)
        known.count, known.last = known.count + 1, now
        if known.count >= self._free:
            known.until = now + min(self.MOST_S, 2.0 ** min(known.count - self._free, 16))
        self._failed[key] = known
        if len(self._failed) > _KEPT:
            self._failed.popitem(last=False)


class Limits:
    """The limits of one process, as the settings say. Each check raises `TooMany`."""

    def __init__(self, settings: Settings) -> None:
        self.persons = Buckets(settings.limit_person)
        self.keys = Buckets(settings.limit_key)
        self.links = Buckets(settings.limit_link)
        self.sign_ins = Buckets(settings.limit_sign_in / 60, burst=max(5.0, settings.limit_sign_in / 2))
        self.wrong_keys, self.wrong_sign_ins = BackOff(), BackOff()

    def sign_in(self, request: Request) -> None:
        """Before anything of a sign-in is looked at."""
        address = address_of_client(request)
        _allow(self.wrong_sign_ins.wait(address) or self.sign_ins.take(address))

    def key_may_be_tried(self, request: Request) -> None:
        """Before a key that is not known yet is looked up."""
        _allow(self.wrong_keys.wait(address_of_client(request)))

    def by_key(self, key_id: str) -> None:
        _allow(self.keys.take(key_id))

    def by_person(self, subject: str) -> None:
        _allow(self.persons.take(subject))

    def by_link(self, token: str) -> None:
        _allow(self.links.take(token))


def _allow(wait_s: float) -> None:
    if wait_s > 0:
        raise TooMany(wait_s)


def address_of_client(request: Request) -> str:
    """The address that asks, as the front door tells it; of IPv6 the network, which one household or office has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)
