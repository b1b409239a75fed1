"""A credential's statements in canonical form (RDFC-1.0), written straight from what it says.

What is signed here has one shape, and at most one node without a name. So its canonical N-Quads are known without a
JSON-LD processor: every statement once, sorted. A test holds them against one.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

VC = "https://www.w3.org/2018/credentials#"
DI = "https://w3id.org/security#"
OB = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
STATUS = "https://www.w3.org/ns/credentials/status#"
SCHEMA = "https://schema.org/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
BOOLEAN = "https://www.w3.org/2001/XMLSchema#boolean"
"""As the context of Open Badges names it: not by the address that XML Schema has."""
NAMELESS = "_:c14n0"
"""The one node without a name."""
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"})
"""Other control characters are not in what is signed; see `line`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A literal; `kind` is its datatype, a text where it has none."""

    words: str
    kind: str = ""

    def __str__(self) -> str:
        written = f'"{self.words.translate(_ESCAPES)}"'
        return f"{written}^^<{self.kind}>" if self.kind else written


Statement = tuple[str, str, str | Text]
"""Subject, predicate and object: names of nodes, or a text."""


def line(text: str) -> str:
    """A text as one line of what can be read: processors do not agree on how control characters are written."""
    return " ".join("".join(one if unicodedata.category(one) != "Cc" else " " for one in text).split())


def _node(name: str) -> str:
    return name if name.startswith("_:") else f"<{name}>"


def canonical(statements: Iterable[Statement]) -> str:
    lines = {
        f"{_node(of)} {_node(says)} {what if isinstance(what, Text) else _node(what)} .\n"
        for of, says, what in statements
    }
    return "".join(sorted(lines))


def digest(statements: Iterable[Statement]) -> bytes:
    return hashlib.sha256(canonical(statements).encode()).digest()
