"""Ids that sort by the moment they were made."""

from uuid import NAMESPACE_URL, uuid5

from uuid_utils import uuid7


def new_id(aggregate: str) -> str:
    """A new stream's name, `<aggregate>-<uuid7>`."""
    return f"{aggregate}-{uuid7()}"


def fixed_id(aggregate: str, *names: str) -> str:
    """The one name of a stream that its names determine, such as the plan of a network and year."""
    return f"{aggregate}-{uuid5(NAMESPACE_URL, '/'.join((aggregate, *names)))}"


def aggregate_of(stream: str) -> str:
    """`request` of `request-0190…`; a uuid has four hyphens of its own."""
    return stream.rsplit("-", 5)[0]
