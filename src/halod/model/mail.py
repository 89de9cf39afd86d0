"""What mail is sent through, to whom, and from whom.

Knows the keywords of mail. Must not know what is in a mail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from halod.model.units import Duration

__all__ = ["MailSettings", "MailTls"]

PORT_PLAIN, PORT_TLS = 25, 465
"""smtp, and submissions (RFC 8314, 3.3)."""


class MailTls(Enum):
    """`@halod smtp_tls`: how the connection to the mail server is encrypted."""

    NONE = "none"
    """Not at all: like keepalived."""
    STARTTLS = "starttls"
    """After the greeting (RFC 3207); a server that does not offer it is not spoken to."""
    SMTPS = "smtps"
    """From the first byte (RFC 8314)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """The mail keywords of `global_defs`."""

    to: tuple[str, ...] = ()
    """`notification_email`: recipients, one a line."""
    sender: str = ""
    """`notification_email_from`: the sender. Default: `root@` and the name of this machine."""
    host: str = ""
    """`smtp_server`: name or address of the mail server, and then its port. A name is looked up
    when there is mail to send, never while the file is read. Default port 25; 465 with
    `smtp_tls smtps`."""
    port: int = PORT_PLAIN
    """Port of the mail server, 1 to 65535."""
    hello: str = ""
    """`smtp_helo_name`: how this machine names itself to the mail server. Default: its name."""
    connect_timeout: Duration = field(default=Duration.seconds(30))
    """`smtp_connect_timeout`: how long the mail server is waited for, at the connection and at each
    answer, whole seconds. Default 30 s."""
    faults: bool = True
    """`no_email_faults` makes it False: no mail when an instance becomes FAULT. Default: True."""
    tls: MailTls = MailTls.NONE
    """How the connection is encrypted: `starttls` and `smtps` check the server's certificate.
    Default: none; `starttls` where there is a `smtp_user`."""
    ca_file: str = ""
    """`@halod smtp_ca_file`: certificates that vouch for the mail server's, PEM. Default: those of
    this machine."""
    user: str = ""
    """`@halod smtp_user`: the name to log in with at the mail server. Default: no login."""
    password_file: str = field(default="", repr=False)
    """`@halod smtp_password_file`: a file whose first line is the password, readable by root alone;
    it is read at each login, and never shown."""

    @property
    def can_send(self) -> bool:
        """Whether there is a server and somebody to write to."""
        return bool(self.host and self.to)
