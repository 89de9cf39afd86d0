"""One try to hand one mail to the mail server.

Knows SMTP by the standard library, TLS and login. Must not know why the mail is sent, nor when to
try again. Runs in a thread of its own: everything here may wait.
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from halod.model.mail import MailSettings, MailTls
from halod.model.printable import printable, shortened
from halod.notify.secret_file import SecretError, read_secret
from halod.telling.mailbag import Queued

__all__ = ["Outcome", "SmtpTry", "compose"]

PERMANENT = 500
"""Reply codes from here on: the same mail will be refused again (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try."""

    delivered: bool
    words: str = ""
    """Why not, or what went wrong beside it: half a sentence, and never a secret."""
    permanent: bool = False
    """Whether it was this mail that the server will not have."""


def compose(queued: Queued, settings: MailSettings) -> EmailMessage:
    """The mail as it goes on the wire; one that is tried again is the same mail."""
    machine = os.uname().nodename
    message = EmailMessage(policy=SMTP)
    message["Date"] = formatdate(queued.written, localtime=True)
    message["From"] = settings.sender or f"root@{machine}"
    message["Subject"] = queued.letter.subject
    message["To"] = ", ".join(settings.to)
    message["Message-ID"] = f"<halod.{queued.since.ns}.{os.getpid()}@{machine}>"
    message["X-Mailer"] = "halod"
    message.set_content(queued.letter.text)
    return message


class SmtpTry:
    """One connection for one mail."""

    def __init__(self, queued: Queued, settings: MailSettings) -> None:
        self.queued = queued
        self._settings = settings
        self._client: smtplib.SMTP | None = None

    def run(self) -> Outcome:
        """Waits for the server, at most `smtp_connect_timeout` at each step. Never raises for
        anything that the server or the network does."""
        settings = self._settings
        try:
            message = compose(self.queued, settings)
            with self._connect() as client:
                self._client = client
                self._log_in(client)
                refused = client.send_message(
                    message, settings.sender or str(message["From"]), list(settings.to)
                )
        except (SecretError, smtplib.SMTPException, OSError, ValueError) as error:
            return _outcome(error, settings)
        return Outcome(delivered=True, words=_some_refused(refused))

    def abort(self) -> None:
        """From another thread: ends a try that takes too long."""
        sock = getattr(self._client, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        timeout_s = max(1.0, settings.connect_timeout.as_seconds())
        name = settings.hello or os.uname().nodename
        if settings.tls is MailTls.SMTPS:
            context = self._context()
            return smtplib.SMTP_SSL(
                settings.host, settings.port, name, timeout=timeout_s, context=context
            )
        client = smtplib.SMTP(settings.host, settings.port, name, timeout=timeout_s)
        if settings.tls is MailTls.STARTTLS:
            self._client = client
            try:
                client.starttls(context=self._context())
            except BaseException:
                client.close()
                raise
        return client

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file or None)

    def _log_in(self, client: smtplib.SMTP) -> None:
        if self._settings.user:
            client.login(self._settings.user, read_secret(self._settings.password_file))


def _some_refused(refused: Mapping[str, tuple[int, bytes]]) -> str:
    if not refused:
        return ""
    address, (code, text) = next(iter(refused.items()))
    more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
    return f"the mail server refused {shortened(printable(address))}{more}: {_reply(code, text)}"


def _outcome(error: Exception, settings: MailSettings) -> Outcome:
    """In words that say what to do next."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
            permanent = all(code >= PERMANENT for code in codes)
            code, text = next(iter(error.recipients.values()))
            return Outcome(False, f"it refused every recipient: {_reply(code, text)}", permanent)
        case smtplib.SMTPAuthenticationError():
            # Not its text: it may repeat what it was given.
            return Outcome(False, f"it refused the login of {settings.user}: {error.smtp_code}")
        case smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            what = "sender" if isinstance(error, smtplib.SMTPSenderRefused) else "mail"
            words = f"it refused the {what}: {_reply(error.smtp_code, error.smtp_error)}"
            return Outcome(False, words, error.smtp_code >= PERMANENT)
        case smtplib.SMTPResponseException():
            words = f"it refused to talk: {_reply(error.smtp_code, error.smtp_error)}"
            return Outcome(False, words)
        case smtplib.SMTPNotSupportedError():
            # Of the standard library, and it names what is missing: STARTTLS, AUTH, SMTPUTF8.
            return Outcome(False, str(error).rstrip("."))
        case smtplib.SMTPServerDisconnected():
            if isinstance(error.__context__, TimeoutError):
                return Outcome(False, f"no answer within {settings.connect_timeout}")
            return Outcome(False, "it closed the connection")
        case SecretError():
            return Outcome(False, f"smtp_password_file: {error}")
        case ssl.SSLCertVerificationError():
            return Outcome(False, f"its certificate does not hold: {error.verify_message}")
        case ssl.SSLError():
            return Outcome(False, f"TLS: {error.reason or error}")
        case TimeoutError():
            return Outcome(False, f"no answer within {settings.connect_timeout}")
        case socket.gaierror():
            return Outcome(False, f"there is no such host: {error.strerror}")
        case OSError():
            return Outcome(False, error.strerror or str(error))
        case _:
            return Outcome(False, f"the mail cannot be written: {error}", permanent=True)


def _reply(code: int, text: bytes | str) -> str:
    """What a server said: hostile, and at most a line."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {shortened(printable(' '.join(words.split())))}"
