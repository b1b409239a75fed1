"""Where mails go: a mail server, or in the local profile the mailbox page."""

import asyncio
import re
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, Protocol

from pymongo.errors import DuplicateKeyError

from shared.people.mailing import Addressee
from shared.settings import Settings

from .letter import Letter

MAILBOX, MAILBOX_BYTES = "mailbox", 64 * 1024 * 1024
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


class NotDelivered(Exception):
    """`status` is the server's code, with the finer one where it gives it; its words are left out: they name people."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Bounced(NotDelivered):
    """Refused for good."""

    @property
    def address_is_wrong(self) -> bool:
        """Whether it is the address that does not work, and not this one mail that is not wanted."""
        return is_wrong_address(self.status)


class Later(NotDelivered):
    """Refused for now; the other letters may go on."""


class Away(NotDelivered):
    """The server cannot be reached, or takes nothing from us: all letters wait."""


def is_wrong_address(status: str) -> bool:
    """5.1.x: no such address; 5.2.1: it is closed. Without a finer code what 550, 551 and 553 mean."""
    finer = _ENHANCED.search(status)
    if finer:
        return finer[1].startswith("5.1.") or finer[1] == "5.2.1"
    return status[:3] in ("550", "551", "553")


class Transport(Protocol):
    async def deliver(self, message: EmailMessage, letter: Letter, person: Addressee) -> None:
        """Returns once it is taken; raises `NotDelivered`."""

    async def close(self) -> None: ...


def transport_for(settings: Settings, people_db: Any) -> Transport | None:
    """The mail server of the settings, else the mailbox of the local profile; production has none of those."""
    if settings.smtp_host:
        return Smtp(settings)
    return Mailbox(people_db) if settings.profile == "local" else None


class Smtp:
    """One connection, kept open while letters follow one another; smtplib in a thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._server: smtplib.SMTP | None = None
        sender = parseaddr(settings.mail_from)[1]
        self._envelope_sender = settings.mail_bounces or sender

    async def deliver(self, message: EmailMessage, letter: Letter, person: Addressee) -> None:
        await asyncio.to_thread(self._deliver, message, person.address)

    async def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(_quit, server)

    def _deliver(self, message: EmailMessage, address: str) -> None:
        try:
            server = self._connected()
            server.send_message(message, self._envelope_sender, [_envelope_address(address)])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            self._after_refusal()
            raise _refused(code, words) from None
        except smtplib.SMTPDataError as error:
            self._after_refusal()
            raise _refused(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError:
            self._drop()
            raise Bounced("5.6.7") from None  # an address in letters that this server does not take
        except smtplib.SMTPResponseException as error:  # greeting, sign-in, sender: nothing of this letter's
            self._drop()
            raise Away(_status(error.smtp_code, error.smtp_error)) from None
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Away(type(error).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            try:
                if self._server.noop()[0] == 250:
                    return self._server
            except (smtplib.SMTPException, OSError):
                pass
            self._drop()
        self._server = self._connect()
        return self._server

    def _connect(self) -> smtplib.SMTP:
        its, host, port = self.settings, self.settings.smtp_host, self.settings.smtp_port
        context = ssl.create_default_context(cafile=str(its.smtp_ca) if its.smtp_ca else None)
        if its.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=its.smtp_timeout_s, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=its.smtp_timeout_s)
        try:
            if its.smtp_security == "starttls":
                try:
                    server.starttls(context=context)
                except smtplib.SMTPNotSupportedError:  # never on in clear text instead
                    raise Away("no STARTTLS") from None
            if its.smtp_user:
                try:
                    server.login(its.smtp_user, its.smtp_password.get_secret_value())
                except smtplib.SMTPNotSupportedError:
                    raise Away("no sign-in") from None
        except BaseException:
            server.close()
            raise
        return server

    def _after_refusal(self) -> None:
        """smtplib ends the transaction itself, or has lost the connection."""
        if self._server is not None and self._server.sock is None:
            self._server = None

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


def _quit(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _envelope_address(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def _refused(code: int, words: bytes | str) -> NotDelivered:
    status = _status(code, words)
    return Bounced(status) if 500 <= code < 600 else Later(status)


def _status(code: int, words: bytes | str) -> str:
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    finer = _ENHANCED.search(text)
    return f"{code} {finer[1]}" if finer else str(code)


class Mailbox:
    """The local profile's: what would have been sent, for everybody to read on the page `/mailbox`."""

    def __init__(self, people_db: Any) -> None:
        self._db, self._made = people_db, False

    async def deliver(self, message: EmailMessage, letter: Letter, person: Addressee) -> None:
        await self._make()
        document = {
            "_id": str(message["Message-ID"]),
            "network": letter.network,
            "person": person.id,
            "kind": letter.kind,
            "to": str(message["To"]),
            "subject": str(message["Subject"]),
            "at": datetime.now(UTC),
            "raw": message.as_bytes(),
        }
        try:
            await self._db[MAILBOX].insert_one(document)
        except DuplicateKeyError:
            return  # as a receiver would: the same Message-ID is the same letter

    async def close(self) -> None:
        return

    async def _make(self) -> None:
        """Capped: what is oldest goes by itself, however long a simulation runs."""
        if not self._made and MAILBOX not in await self._db.list_collection_names():
            try:
                await self._db.create_collection(MAILBOX, capped=True, size=MAILBOX_BYTES)
            except Exception as error:
                if getattr(error, "code", None) != 48:  # another service made it in this moment
                    raise
        self._made = True
