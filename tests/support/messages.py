"""Messages as nobody should send them, and some as the relay does."""

from dataclasses import dataclass, field

import orjson
from hypothesis import strategies as st

from shared.contracts.base import Event
from shared.contracts.catalogue import BY_SERVICE
from shared.contracts.envelope import headers_of

Headers = list[tuple[str, bytes | None]]
BAD = "bad-"
"""How every bad message's key begins that has one."""


@dataclass(frozen=True)
class Sent:
    value: bytes | None
    headers: Headers = field(default_factory=list)
    key: bytes | None = b"bad-one"


def good(event: Event, stream: str, network: str = "ela", moment: str = "2024-03-04T10:00:00.000Z") -> Sent:
    """The message of this event, the first of its stream."""
    stored = {
        "_id": f"{stream}@1",
        "stream": stream,
        "source": "/" + event.type.split(".")[1],
        "type": event.type,
        "time": moment,
        "recordedtime": moment,
        "network": network,
        "actor": "somebody",
        "correlationid": f"{stream}@1",
    }
    return Sent(event.model_dump_json().encode(), list(headers_of(stored)), stream.encode())


def spoilt(event: Event) -> list[Sent]:
    """What may go wrong with a message of this type, one way each, of another network and each with its own key."""
    right = good(event, BAD + "stream", "eures")
    headers, value = right.headers, right.value or b""
    ways = [*_other_headers(headers, value), *_other_values(headers, value)]
    keyed = [Sent(one.value, one.headers, f"{BAD}{number}".encode()) for number, one in enumerate(ways)]
    return [*keyed, Sent(b"{}", headers, None), Sent(b"{}", headers, b""), Sent(b"{}", headers, b"bad-\xff\x00\xfe")]


def _other_headers(headers: Headers, value: bytes) -> list[Sent]:
    named = [name for name, _ in headers]
    times = [b"yesterday", b"0000-00-00T00:00:00Z", b"2024-03-04", b"2024-13-40T99:99:99Z", b"99999-01-01T00:00:00Z"]
    others = [
        *([one for one in headers if one[0] != name] for name in named),
        *(_with(headers, name, wrong) for name in named for wrong in (None, b"", b"\xff\xfe\x00", b"x" * 100_000)),
        *(_with(headers, name, wrong) for name in ("ce_time", "ce_recordedtime") for wrong in times),
        _with(headers, "ce_network", b"nowhere"),
        _with(headers, "ce_subject", b"nothing"),
        _with(headers, "ce_type", b"com.example.thing"),
        _with(headers, "ce_type", b"liaison.requests.request.submitted.v9"),
        [("unheard", b"of"), ("", b""), *headers, *headers],
        [],
    ]
    return [Sent(value, one) for one in others]


def _other_values(headers: Headers, value: bytes) -> list[Sent]:
    data = orjson.loads(value)
    texts = [name for name, text in data.items() if isinstance(text, str)]
    others = [
        *(orjson.dumps({**data, name: {"of": [1]}}) for name in data),
        *(orjson.dumps({key: kept for key, kept in data.items() if key != name}) for name in data),
        *(orjson.dumps({**data, name: "x" * size}) for name in texts for size in (100_000, 1_000_000)),
        *(orjson.dumps({**data, name: "\x00\u2028"}) for name in texts),
        *(b'{"%s": 18446744073709551616}' % name.encode() for name in data),
        *(None, b"", b"null", b"[]", b"1e999", b"\x00", b"not json", b'{"a":' * 100_000),
        *(value[:-1], b"\xef\xbb\xbf" + value),
    ]  # fmt: skip
    return [Sent(one, headers) for one in others]


def _with(headers: Headers, name: str, value: bytes | None) -> Headers:
    return [(known, value if known == name else kept) for known, kept in headers]


TYPES = [event.type.encode() for events in BY_SERVICE.values() for event in events]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_recordedtime", "ce_network", "traceparent"]
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(NAMES) | st.text(max_size=6),
        st.none() | st.binary(max_size=12) | st.sampled_from([b"2024-03-04T10:00:00Z", b"ela", b"activity-1", *TYPES]),
    ),
    max_size=10,
)
ANY = st.builds(
    Sent,
    st.none() | st.binary(max_size=40) | JSON.map(orjson.dumps),
    HEADERS,
    st.none() | st.binary(max_size=6).map(lambda some: b"bad-" + some),
).filter(lambda sent: sent.value is not None or sent.key is not None)
"""Whatever somebody may send, for hypothesis."""
