"""The reader's language and time zone: texts by gettext, dates, numbers and names by babel.

Both are set once a request by `Reader` and read wherever a text is made, so that no function passes them on.
A language is one file, `locale/<language>.po`, compiled in memory; an installation may bring more of them in the
folder `LIAISON_LOCALES`. `make texts` gathers what is to be translated.
"""

import gettext as gettext_module
from collections.abc import MutableMapping
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.refused import Sentence

DEFAULT = "en"
_CATALOGUES = {path.stem: path for path in sorted((Path(__file__).parent / "locale").glob("*.po"))}
LANGUAGES = [DEFAULT, *_CATALOGUES]
# What a language's dates and numbers look like; European English writes 12 September 2024.
_FORMATS = {"en": "en_GB"}
_OPEN = "liaison.language-open"
_YEAR_S = 365 * 24 * 3600

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)
_zone: ContextVar[str] = ContextVar("zone", default="")


def language() -> str:
    return _language.get()


def locale() -> Locale:
    return _locale(_language.get())


def reader_zone(otherwise: str = "Europe/Brussels") -> ZoneInfo:
    """The zone the reader's browser told, else the network's."""
    return ZoneInfo(_zone.get() or otherwise)


def use(language_code: str, zone: str = "") -> None:
    """Write in this language from here on, in this task; for mails, reports and tests."""
    _language.set(language_code)
    _zone.set(zone)


def _(text: str, **values: object) -> str:
    """The text in the reader's language, with `%(name)s` filled in where values are given.

    A `Sentence` brings its own values.
    """
    if isinstance(text, Sentence):
        values = {name: _(one) if isinstance(one, Sentence) else one for name, one in text.values.items()}
        text = text.template
    translated = _catalogue(_language.get()).gettext(text)
    return translated % values if values else translated


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """The form for this count, with `%(num)s` and the values filled in."""
    return _catalogue(_language.get()).ngettext(one, many, count) % {"num": count, **values}


def in_language(code: str, text: str) -> str:
    """The text in that language, whoever reads."""
    return _catalogue(code).gettext(text)


def plain_gettext(text: str) -> str:
    """As `_`, for Jinja, which fills in values itself."""
    if isinstance(text, Sentence):
        return _(text).replace("%", "%%")
    return _catalogue(_language.get()).gettext(text)


def plain_ngettext(one: str, many: str, count: int) -> str:
    return _catalogue(_language.get()).ngettext(one, many, count)


def mark(text: str) -> str:
    """Mark a text of a table for extraction; it is translated where it is shown."""
    return text


def plural(one: str, many: str) -> tuple[str, str]:
    """Mark the two forms of a text for extraction; `ngettext` chooses where it is shown."""
    return one, many


@cache
def _catalogue(code: str) -> gettext_module.NullTranslations:
    if code not in _CATALOGUES:
        return gettext_module.NullTranslations()
    with _CATALOGUES[code].open("rb") as source:
        compiled = BytesIO()
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return gettext_module.GNUTranslations(compiled)


def add_languages(folder: Path) -> None:
    """Take in the catalogues of a folder; one of a language known already takes its place."""
    _CATALOGUES.update({path.stem: path for path in sorted(folder.glob("*.po"))})
    LANGUAGES[1:] = sorted(_CATALOGUES)
    _catalogue.cache_clear()


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(_FORMATS.get(code, code))


@cache
def own_name(code: str) -> str:
    """A language's name in that language."""
    return (Locale.parse(code).get_language_name(code) or code).capitalize()


def best_language(accepted: str, otherwise: str = DEFAULT) -> str:
    """The language known here that an Accept-Language header likes best."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _sep, quality = part.strip().partition(";q=")
        code = tag.split("-")[0].strip().lower()
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        if code in LANGUAGES and weight > 0:
            wanted.append((-weight, place, code))
    return min(wanted)[2] if wanted else otherwise


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def last_choice(scope: MutableMapping[str, Any], network_language: str) -> None:
    """Write in the network's language where neither the reader nor their browser asks for one that is known here."""
    if scope.get(_OPEN) and network_language in LANGUAGES:
        _language.set(network_language)


class Reader:
    """Sets language and zone for what it wraps: `?lang=`, the cookie, Accept-Language; the zone by its cookie.

    Where none of them says a language that is known here, the network's counts as soon as it is known
    (`last_choice`). A language chosen by `?lang=` is kept in a cookie. Not under API paths, whose problems stay in
    English.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self._attributes = f"; Path=/; Max-Age={_YEAR_S}; SameSite=lax" + ("; Secure" if https else "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "/api/" in scope["path"]:
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        cookies = connection.cookies
        chosen = connection.query_params.get("lang") if b"lang=" in scope["query_string"] else None
        if chosen in LANGUAGES:
            send = self._keeping(chosen, send)
        else:
            chosen = cookies.get("liaison_lang")
        if chosen not in LANGUAGES:
            chosen = best_language(connection.headers.get("accept-language", ""), "")
        if not chosen:
            chosen, scope[_OPEN] = DEFAULT, True
        zone = cookies.get("liaison_zone", "").replace("%2F", "/")
        use(chosen, zone if zone in _zones() else "")
        await self.app(scope, receive, send)

    def _keeping(self, chosen: str, send: Send) -> Send:
        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", f"liaison_lang={chosen}{self._attributes}")
            await send(message)

        return send_with_cookie
