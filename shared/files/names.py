"""Names of files as people gave them, made fit to be shown, kept and sent."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 120
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ._()+-]")


def clean(name: str, otherwise: str = "file") -> str:
    """The last part of a path, without what is not seen (line ends, marks that turn the direction) and not too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()))[-1]
    seen = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in last)
    stem, dot, ending = " ".join(seen.split()).strip(". ").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = stem.strip()[: LONGEST - len(ending[:10]) - 1].strip() or otherwise
    return f"{stem}.{ending[:10]}" if ending else stem


def disposition(name: str) -> str:
    """The header that lets a browser save it under its name, and never open it in the page (RFC 6266 and 8187)."""
    name = clean(name)
    plain = (
        _NOT_PLAIN.sub("_", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()).strip() or "file"
    )
    if plain.startswith("."):
        plain = f"file{plain}"
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"
