"""A real mail server for tests: it takes, refuses or loses letters as it is told, with or without TLS."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .ports import free_port


@dataclass
class Letters:
    """aiosmtpd's handler: what came in, and what is answered."""

    taken: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    recipients: dict[str, str] = field(default_factory=dict)
    """By address, the answer to RCPT TO; others are taken."""
    data: list[str] = field(default_factory=list)
    """Answers to DATA, one after another; then all is taken."""
    on_data: Callable[[], None] | None = None
    """Called once the letter is in hand and before it is acknowledged."""
    secure: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if answer := self.recipients.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data and not (answer := self.data.pop(0)).startswith("250"):
            return answer
        self.taken.append(BytesParser(policy=policy.default).parsebytes(envelope.content))  # type: ignore[arg-type]
        self.senders.append(envelope.mail_from)
        self.secure.append(server.transport.get_extra_info("ssl_object") is not None)
        if self.on_data:
            self.on_data()
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [str(one["Subject"]) for one in self.taken]


@dataclass
class MailServer:
    letters: Letters
    port: int
    _start: Callable[[int], Controller]
    _controller: Controller

    def stop(self) -> None:
        self._controller.stop()

    def start(self) -> None:
        self._controller = self._start(self.port)


@contextmanager
def mail_server(
    *, tls: tuple[Path, Path] | None = None, implicit: bool = False, password: str = ""
) -> Iterator[MailServer]:
    """On loopback; `tls` is a certificate and its key, asked for at once (`implicit`) or by STARTTLS."""
    letters = Letters()
    context = None
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*tls)

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        good = isinstance(given, LoginPassword) and given.password.decode() == password
        return AuthResult(success=good, handled=False)

    def start(port: int) -> Controller:
        settings: dict[str, Any] = {"hostname": "127.0.0.1", "port": port}
        if context is not None:
            settings |= {"ssl_context": context} if implicit else {"tls_context": context, "require_starttls": True}
        if password:
            settings |= {"authenticator": authenticate, "auth_require_tls": not implicit}
        controller = Controller(letters, loop=asyncio.new_event_loop(), **settings)
        controller.start()
        return controller

    port = free_port()
    server = MailServer(letters, port, start, start(port))
    try:
        yield server
    finally:
        server._controller.stop(no_assert=True)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "mail.pem", folder / "mail.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    return cert, private
