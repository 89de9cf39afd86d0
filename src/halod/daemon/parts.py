"""What each child is handed of a configuration: its own part, and no more.

Knows who needs what of virtual servers. Must not know how a child uses it. The heartbeat's part is
`Configuration.without_virtual_servers`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from halod.model.check import FileCheck, MiscCheck
from halod.model.configuration import Configuration
from halod.model.virtual_server import RealServer, VirtualServer

__all__ = [
    "checked_over_network",
    "checker_part",
    "is_checked_in_checker",
    "runner_part",
    "service_part",
]

_IN_RUNNER = (MiscCheck, FileCheck)


def service_part(configuration: Configuration) -> Configuration:
    """Virtual servers alone: it knows VRRP instances by their names."""
    return replace(
        configuration,
        instances=(),
        groups=(),
        scripts=(),
        processes=(),
        link_delays=(),
    )


def runner_part(configuration: Configuration) -> Configuration:
    """Of virtual servers those that it checks: MISC_CHECK and FILE_CHECK."""
    concerned = (server for server in configuration.virtual_servers if server.needs_runner)
    servers = (_checked(server, in_runner=True) for server in concerned)
    own = tuple(server for server in servers if server is not None)
    return replace(configuration, virtual_servers=own, places={})


def checker_part(
    configuration: Configuration, servers: Iterable[VirtualServer | None]
) -> Configuration:
    """Virtual servers that are checked over the network, and nothing else: it reads what strangers
    send, so it is to know no key and no password but that of its own certificate.

    `servers`: `checked_over_network` of each.
    """
    return Configuration(
        daemon=configuration.daemon,
        lvs=configuration.lvs,
        virtual_servers=tuple(server for server in servers if server is not None),
    )


def checked_over_network(server: VirtualServer) -> VirtualServer | None:
    """What the checker gets of a virtual server; itself, where that is all of it."""
    return _checked(server, in_runner=False)


def is_checked_in_checker(configuration: Configuration) -> bool:
    """Whether there is anything to ask over the network."""
    return any(
        not isinstance(check, _IN_RUNNER)
        for server in configuration.virtual_servers
        for real in server.real_servers
        for check in real.checks
    )


def _checked(server: VirtualServer, *, in_runner: bool) -> VirtualServer | None:
    """Whole real servers: the name of a check has its number among those of its server."""

    def concerns(real: RealServer) -> bool:
        return any(isinstance(check, _IN_RUNNER) is in_runner for check in real.checks)

    real_servers = tuple([real for real in server.real_servers if concerns(real)])
    if len(real_servers) == len(server.real_servers):
        return server
    return replace(server, real_servers=real_servers) if real_servers else None
