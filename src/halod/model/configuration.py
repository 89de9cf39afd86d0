"""A whole configuration after lowering: what the supervisor hands to its children.

Knows what was asked for. Must not know the text that it came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.units import Duration
from halod.model.vrrp import VrrpInstance

__all__ = ["Configuration", "MailSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """The mail keywords of `global_defs`: parsed and kept; mail itself comes later."""

    to: tuple[str, ...] = ()
    """`notification_email`."""
    sender: str = ""
    """`notification_email_from`."""
    server: str = ""
    """`smtp_server`, host and optional port, as written: never resolved while parsing."""
    connect_timeout: Duration = field(default=Duration.seconds(30))
    """`smtp_connect_timeout`, whole seconds. Default 30 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One `keepalived.conf`."""

    router_id: str = ""
    """Name of this machine in mail and status. Default: empty; the host's name is shown."""
    mail: MailSettings = MailSettings()
    """Kept for the notifications."""
    instances: tuple[VrrpInstance, ...] = ()
    """In the order of the file."""
