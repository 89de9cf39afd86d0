"""A mail server of a test: aiosmtpd, with TLS, login, and a will to refuse.

Knows SMTP as a server. Must not know who sends.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from halod.lab.namespace import Namespace
from halod.lab.patience import wait_until
from tests.capabilities import find_program

__all__ = ["Certificate", "MailServer", "mail_server", "make_certificate"]

USER, PASSWORD = "halod", "correct horse"


@dataclass(frozen=True)
class Certificate:
    """One that its own key vouches for."""

    file: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.file, self.key)
        return made


def make_certificate(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> Certificate:
    """By openssl, good for a day."""
    openssl = find_program("openssl")
    assert openssl is not None, "apt-get install openssl"
    found = Certificate(folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "1", "-subj", "/CN=localhost"),
            *("-addext", f"subjectAltName={names}", "-keyout", found.key, "-out", found.file),
        ],
        check=True,
        capture_output=True,
    )
    return found


@dataclass
class MailServer:
    """What it is to do, and what came."""

    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    hellos: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    """Of each mail: whether it came over TLS."""
    logins: list[str] = field(default_factory=list)
    refuse_recipient: dict[str, str] = field(default_factory=dict)
    """Address to reply."""
    refuse_mail: str = ""
    """Reply to the text of any mail."""
    delay_s: float = 0.0
    """Before the reply to a mail."""

    def wait(self, count: int, within_s: float = 10.0) -> list[EmailMessage]:
        assert wait_until(lambda: len(self.got) >= count, within_s), f"{len(self.got)} mails came"
        return self.got

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.got]

    # ---- hooks of aiosmtpd -----------------------------------------------------------------

    async def handle_EHLO(  # noqa: N802 - its name there
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.hellos.append(hostname)
        return replies

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse_recipient:
            return self.refuse_recipient[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.refuse_mail:
            return self.refuse_mail
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.recipients.append(envelope.rcpt_tos)
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        self.got.append(mail)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        good = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(
    certificate: Certificate | None = None,
    *,
    smtps: bool = False,
    login: bool = False,
    port: int = 0,
    namespace: Namespace | None = None,
) -> Iterator[MailServer]:
    """On the loopback, until the test is over. With a certificate STARTTLS is required."""
    context = certificate.context() if certificate else None

    def listen() -> socket.socket:
        return socket.create_server(("127.0.0.1", port))

    listening = namespace.call(listen) if namespace else listen()
    server = MailServer(port=listening.getsockname()[1])
    options: dict[str, Any] = {
        "authenticator": server.authenticate,
        "auth_required": login,
        "auth_require_tls": False,
        "tls_context": None if smtps else context,
        "require_starttls": context is not None and not smtps,
    }
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()

    def answer() -> SMTP:
        return SMTP(server, loop=loop, **options)

    async def serve() -> None:
        ssl_ = context if smtps else None
        async with await loop.create_server(answer, sock=listening, ssl=ssl_):
            await stopping.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), name="mail server")
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(10)
        loop.close()
