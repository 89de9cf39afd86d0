"""The keywords of mail to its settings.

Knows how a mail server is written, and what a login needs. Must not know who asks for mail.
"""

from __future__ import annotations

import re

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.reading import Values
from halod.config.scalars import clean_text
from halod.model.diagnostic import FindingSeverity
from halod.model.mail import PORT_PLAIN, PORT_TLS, MailSettings, MailTls
from halod.model.units import Duration

__all__ = ["lower_mail"]

_PORT = re.compile(r"[0-9]{1,5}\Z")
PORT_MAX = 65535


def lower_mail(values: Values, findings: Findings) -> MailSettings:
    """A server by name is not looked up: that may take long, and change until there is mail."""
    default = MailSettings()
    user, password_file = _login(values, findings)
    tls = values.get("smtp_tls", MailTls) or (MailTls.STARTTLS if user else MailTls.NONE)
    if user and tls is MailTls.NONE:
        findings.add(
            Code.LOGIN_IN_CLEAR,
            "the password of `smtp_user` goes over the network in the clear",
            values.statement("smtp_tls").keyword.span,
            helps=("write `@halod smtp_tls starttls`, or `smtps`",),
        )
    host, port = _server(values, PORT_TLS if tls is MailTls.SMTPS else PORT_PLAIN, findings)
    return MailSettings(
        to=_recipients(values, findings),
        sender=values.get("notification_email_from", str) or "",
        host=host,
        port=port,
        hello=values.get("smtp_helo_name", str) or "",
        connect_timeout=values.get("smtp_connect_timeout", Duration) or default.connect_timeout,
        faults=not values.get_or("no_email_faults", False),
        tls=tls,
        ca_file=values.get("smtp_ca_file", str) or "",
        user=user,
        password_file=password_file,
    )


def _recipients(values: Values, findings: Findings) -> tuple[str, ...]:
    recipients = []
    for entry in values.get("notification_email", list) or []:
        recipients.append(clean_text(entry.keyword, findings))
        if entry.arguments:
            findings.add(
                Code.EXTRA_WORD,
                f"`{entry.arguments[0].shown}` has no effect: one address a line",
                entry.arguments[0].span,
            )
    return tuple(recipients)


def _server(values: Values, port: int, findings: Findings) -> tuple[str, int]:
    if not values.has("smtp_server"):
        return "", port
    words = values.statement("smtp_server").arguments[:2]
    if len(words) == 2:
        found = int(words[1].text) if _PORT.match(words[1].text) else 0
        if 1 <= found <= PORT_MAX:
            port = found
        else:
            findings.add(
                Code.OUT_OF_RANGE,
                f"`{words[1].shown}` is no port of `smtp_server`: {port} counts",
                words[1].span,
                helps=(f"a port is a whole number from 1 to {PORT_MAX}",),
            )
    return (values.get("smtp_server", str) or "").partition(" ")[0], port


def _login(values: Values, findings: Findings) -> tuple[str, str]:
    """Both or none."""
    pair = ("smtp_user", "smtp_password_file")
    user, password_file = (values.get(name, str) or "" for name in pair)
    if bool(user) == bool(password_file):
        return user, password_file
    there, missing = pair if user else pair[::-1]
    findings.add(
        Code.INCOMPLETE,
        f"`{there}` stands without `{missing}`: there is no login",
        values.statement(there).keyword.span,
        severity=FindingSeverity.IGNORED,
        helps=(f"add `@halod {missing}`, or remove the line",),
    )
    return "", ""
