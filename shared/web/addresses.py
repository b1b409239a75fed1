"""Addresses as a request gives them, taken from parts that cannot fail; `request.url` trusts the Host header."""

import re
from urllib.parse import quote, urlsplit

from starlette.requests import Request

_INSIDE = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def path_of(request: Request) -> str:
    """The path alone, quoted as in a link."""
    return quote(request.scope["path"], safe="/:@!$&'()*+,;=~-._", errors="replace")


def address_of(request: Request) -> str:
    """Path and query."""
    query = request.scope["query_string"].decode("latin-1")
    return f"{path_of(request)}?{query}" if query else path_of(request)


def host_and_path(address: str) -> tuple[str, str]:
    """Of an address that somebody else wrote; both empty where it is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.netloc, parts.path


def safe_next(path: str) -> str:
    """The path if it leads to a page of ours after sign-in, else none."""
    return path if _INSIDE.fullmatch(path) and not path.startswith(("/sign-in", "/sign-out")) else ""
