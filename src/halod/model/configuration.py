"""A whole configuration after lowering: what the supervisor hands to its children.

Knows what was asked for. Must not know the text that it came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from halod.model.address import VirtualAddress
from halod.model.daemon_settings import DaemonSettings
from halod.model.dumps import DumpSettings
from halod.model.link_delay import LinkDelay
from halod.model.mail import MailSettings
from halod.model.notify_policy import NotifySettings
from halod.model.pacing import NO_PACING, Pacing
from halod.model.routing import NO_ROUTING, Routing
from halod.model.script import ScriptSettings, VrrpScript
from halod.model.sync_group import VrrpSyncGroup
from halod.model.track_file import VrrpTrackFile
from halod.model.track_process import VrrpTrackProcess
from halod.model.tracking import TrackerId
from halod.model.vrrp import VrrpInstance

if TYPE_CHECKING:
    # The heartbeat gets a configuration without them, and does not load what describes them.
    from halod.model.virtual_server import LvsSettings, VirtualServer

__all__ = ["Configuration", "Statics"]


@dataclass(frozen=True, slots=True)
class Statics:
    """What stands as long as halod runs, whoever is MASTER: removed at a clean stop."""

    addresses: tuple[VirtualAddress, ...] = ()
    """`static_ipaddress`: addresses, each with its interface: `dev`, or else
    `default_interface` of `global_defs`, and there eth0."""
    routing: Routing = NO_ROUTING
    """`static_routes` and `static_rules`."""

    def __bool__(self) -> bool:
        return bool(self.addresses or self.routing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One `keepalived.conf`."""

    net_namespace: str = ""
    """`net_namespace`: the network namespace, by its name in /run/netns, that halod moves into
    before it looks at anything: links, addresses, firewall, and what scripts see. The run directory
    is then /run/halod/NAME, and the log says halod_NAME. `-s` overrides it; a reload cannot change
    it. Default: the one that halod is started in."""
    instance: str = ""
    """`instance`: name of this daemon among several in one namespace. The run directory is then
    /run/halod/instance-NAME, below that of the namespace where there is one, and the log says
    halod_NAME. A reload cannot change it. Default: none."""
    router_id: str = ""
    """Name of this machine in mail and status. Default: empty; the host's name is shown."""
    daemon: DaemonSettings = field(default_factory=DaemonSettings)
    """The daemon itself."""
    mail: MailSettings = field(default_factory=MailSettings)
    """The mail server, and who is written to."""
    notify: NotifySettings = field(default_factory=NotifySettings)
    """Named pipes, and the time that a notify script has."""
    dumps: DumpSettings = field(default_factory=DumpSettings)
    """What is written on keepalived's signals."""
    statics: Statics = Statics()
    """What stands whoever is MASTER."""
    programs: ScriptSettings = field(default_factory=ScriptSettings)
    """What holds for every program that is run."""
    scripts: tuple[VrrpScript, ...] = ()
    """Those that an instance tracks, in the order of the file."""
    processes: tuple[VrrpTrackProcess, ...] = ()
    """Those that an instance tracks, in the order of the file."""
    files: tuple[VrrpTrackFile, ...] = ()
    """Likewise."""
    instances: tuple[VrrpInstance, ...] = ()
    """In the order of the file."""
    link_delays: tuple[LinkDelay, ...] = ()
    """`interface_up_down_delays`, in the order of the file."""
    pacing: Pacing = NO_PACING
    """How fast addresses are announced on each link."""
    groups: tuple[VrrpSyncGroup, ...] = ()
    """Sync groups, in the order of the file."""
    lvs: LvsSettings | None = None
    """What holds for every virtual server. None: nothing was said, so each is as its default."""
    virtual_servers: tuple[VirtualServer, ...] = ()
    """In the order of the file."""
    places: Mapping[str, str] = field(default_factory=dict)
    """FILE:LINE of each virtual server by its title, for messages about it: where a block moves
    with the lines before it, it is the same server."""

    def without_virtual_servers(self) -> Configuration:
        """What the heartbeat gets: it has nothing to do with them, and nothing of them in it."""
        return replace(self, virtual_servers=(), lvs=None, places={})

    @property
    def observed(self) -> Iterator[TrackerId]:
        """What the runner reports of: scripts, processes and files; links tell the heartbeat."""
        yield from (script.tracker for script in self.scripts)
        yield from (process.tracker for process in self.processes)
        yield from (file.tracker for file in self.files)

    @property
    def needs_runner(self) -> bool:
        """Whether there is anything to run or to watch, or anybody to be told of anything."""
        watches = self.scripts or self.processes or self.files
        servers = self.virtual_servers
        return bool(watches) or self.tells_anybody or any(each.needs_runner for each in servers)

    @property
    def tells_anybody(self) -> bool:
        """Whether a program, a named pipe or a mailbox is told what becomes of an instance or of a
        server."""
        policies = [each.notify for each in self.instances]
        policies += [each.notify for each in self.groups]
        if self.notify.fifos or any(each.asks_for_anything() for each in policies):
            return True
        return any(each.tells_anybody for each in self.virtual_servers)
