"""A letter as a mail: subject and text from its kind's template, in the person's language, plain and HTML."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.people.mailing import Addressee
from shared.settings import Settings
from shared.web import formats, i18n

from .calendar import Entry, ics
from .kinds import NEWS
from .letter import Letter
from .unsubscribing import unsubscribe_path

HERE = Path(__file__).parent
_SPACE = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Said:
    """What a letter says, in one language."""

    subject: str
    paragraphs: tuple[str, ...]
    link: str = ""
    """The full address, and what leads there."""
    label: str = ""


class Composer:
    """Writes letters; the same letter is the same message, Message-ID included, whenever it is written."""

    def __init__(self, settings: Settings, service: str) -> None:
        self.settings, self.service = settings, service
        self._env = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(["html"], default=False),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.install_gettext_callables(i18n.plain_gettext, i18n.plain_ngettext, newstyle=True)  # type: ignore[attr-defined]
        self._env.filters |= {"number": formats.number, "percent": formats.percent, "quarter": formats.quarter}
        self._env.globals |= {"language_name": formats.language_name}

    def say(self, letter: Letter, person: Addressee, told: Mapping[str, Any]) -> Said:
        """What it says in the person's language, else the network's."""
        language = self._language(person)
        return copy_context().run(self._say, letter, person, told, language)

    def _language(self, person: Addressee) -> str:
        profile = formats.profile_of(person.network)
        wanted = (person.language, profile.language if profile else "")
        return next((one for one in wanted if one in i18n.LANGUAGES), i18n.DEFAULT)

    def _say(self, letter: Letter, person: Addressee, told: Mapping[str, Any], language: str) -> Said:
        i18n.use(language)
        network = letter.network
        template = self._env.get_template(f"{letter.kind}.txt")
        given = {
            "moment": lambda value, style="date": _moment(value, network, style),
            "member": lambda code: formats.member_name(code, network),
            "person": person,
        }
        context = template.new_context({**given, **told})
        blocks = {name: "".join(block(context)) for name, block in template.blocks.items()}
        paragraphs = (_tidy(part) for part in re.split(r"\n\s*\n", blocks["text"]))
        link = str(told.get("link") or "")
        return Said(
            subject=" ".join(blocks["subject"].split()),
            paragraphs=tuple(part for part in paragraphs if part),
            link=self.settings.base_url.rstrip("/") + link if link else "",
            label=" ".join(blocks.get("link", "").split()) or (i18n._("Open it in Liaison") if link else ""),
        )

    def message(self, letter: Letter, person: Addressee, told: Mapping[str, Any]) -> EmailMessage:
        """The mail; raises where the template, or what it is given, is at fault."""
        said = self.say(letter, person, told)
        language = self._language(person)
        message = EmailMessage(policy=SMTP)
        sender_name, sender = parseaddr(self.settings.mail_from)
        message["From"] = _address(sender_name, sender)
        message["To"] = _address(person.name, person.address)
        message["Subject"] = said.subject
        message["Date"] = format_datetime(letter.made)
        message["Message-ID"] = self.message_id(letter)
        message["Auto-Submitted"] = "auto-generated"
        unsubscribe = ""
        if topic := NEWS.get(letter.kind):
            unsubscribe = self.settings.base_url.rstrip("/") + unsubscribe_path(self.settings, person.id, topic)
            message["List-Unsubscribe"] = f"<{unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        for kind, body in copy_context().run(self._bodies, said, person, language, unsubscribe).items():
            if kind == "plain":
                message.set_content(body)
            else:
                message.add_alternative(body, subtype=kind)
        self._add_calendar(message, told.get("calendar"), person, sender)
        message["Content-Language"] = language
        return message

    def _bodies(self, said: Said, person: Addressee, language: str, unsubscribe: str) -> dict[str, str]:
        i18n.use(language)
        profile = formats.profile_of(person.network)
        around = {
            "said": said,
            "person": person,
            "network": profile.title if profile else person.network,
            "language": language,
            "unsubscribe": unsubscribe,
        }
        return {
            kind: self._env.get_template(name).render(around)
            for kind, name in (("plain", "layout.txt"), ("html", "layout.html"))
        }

    def _add_calendar(self, message: EmailMessage, entry: Entry | None, person: Addressee, sender: str) -> None:
        """Inline for programs that act on invitations, and as a file for people whose program does not."""
        if entry is None:
            return
        file = ics(entry, organiser=sender, attendee=(person.name, person.address))
        message.add_alternative(
            file.decode(), subtype="calendar", params={"method": entry.method, "name": "invite.ics"}
        )
        message.add_attachment(file, maintype="application", subtype="ics", filename="invite.ics")

    def message_id(self, letter: Letter) -> str:
        """Nobody who has not seen the letter can name it, so that a bounce cannot be made up."""
        secret = self.settings.secret.get_secret_value().encode()
        name = f"letter: {self.service}/{letter.id}/{letter.again}"
        digest = hmac.new(secret, name.encode(), hashlib.sha256).hexdigest()[:40]
        host = parseaddr(self.settings.mail_from)[1].rpartition("@")[2] or urlsplit(self.settings.base_url).hostname
        return f"<{self.service}.{digest}@{host}>"


def _moment(value: datetime | date | str, network: str, style: str) -> str:
    """A date in words, without the markup that pages have."""
    return formats.moment(value, network, style=style).striptags()


def _tidy(paragraph: str) -> str:
    return "\n".join(line for part in paragraph.splitlines() if (line := _SPACE.sub(" ", part).strip()))


def _address(name: str, address: str) -> Address:
    """Raises `ValueError` for what cannot stand in a header."""
    local, _, domain = address.rpartition("@")
    clean = " ".join("".join(c for c in name if c.isprintable()).split())
    return Address(display_name=clean, username=local, domain=domain.encode("idna").decode())
