"""The dump of `SIGUSR2`: keepalived.stats, line by line as keepalived writes it.

Knows the lines. Must not know where the figures come from.
"""

from __future__ import annotations

from collections.abc import Sequence

from halod.daemon.dumps.figures import Figures

__all__ = ["stats_dump"]

_LINES = (
    ("  Advertisements:", ""),
    ("    Received", "advert_rcvd"),
    ("    Sent", "advert_sent"),
    ("  Became master", "become_master"),
    ("  Released master", "release_master"),
    ("  Packet Errors:", ""),
    ("    Length", "packet_len_err"),
    ("    TTL", "ip_ttl_err"),
    ("    Invalid Type", "invalid_type_rcvd"),
    ("    Advertisement Interval", "advert_interval_err"),
    ("    Address List", "addr_list_err"),
    ("  Authentication Errors:", ""),
    ("    Invalid Type", "invalid_authtype"),
    ("    Type Mismatch", "authtype_mismatch"),
    ("    Failure", "auth_failure"),
    ("  Priority Zero:", ""),
    ("    Received", "pri_zero_rcvd"),
    ("    Sent", "pri_zero_sent"),
)
"""What stands before a figure, and which figure; a headline has none."""


def stats_dump(instances: Sequence[Figures]) -> bytes:
    """All instances, one after another."""
    lines = []
    for each in instances:
        lines.append(f"VRRP Instance: {each.config.name}")
        lines += [f"{words}: {each.counters[name]}" if name else words for words, name in _LINES]
    return "".join(f"{line}\n" for line in lines).encode(errors="backslashreplace")
