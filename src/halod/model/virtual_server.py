"""Virtual servers and the real servers behind them, as the configuration names them.

Knows what was asked for. Must not know what is up, nor what the kernel holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from halod.model.check import Check, FileCheck, MiscCheck
from halod.model.command import Command
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.units import ZERO, Duration

__all__ = [
    "Forwarding",
    "LvsEngine",
    "LvsSettings",
    "LvsTimeouts",
    "Method",
    "RealServer",
    "SorryServer",
    "SyncDaemon",
    "Tunnel",
    "VirtualServer",
]


class Method(Enum):
    """How packets reach a real server."""

    __hash__ = object.__hash__

    NAT = "NAT"
    """Destination rewritten; answers come back through the director."""
    DR = "DR"
    """The frame is sent on to the server's MAC; answers go to the client at once."""
    TUN = "TUN"
    """Encapsulated; answers go to the client at once."""


class Tunnel(Enum):
    """Encapsulation of TUN; the value is the kernel's (ip_vs.h, IP_VS_CONN_F_TUNNEL_TYPE_*)."""

    IPIP = 0
    GUE = 1
    GRE = 2


@dataclass(frozen=True, slots=True)
class Forwarding:
    """`lvs_method`, `lb_kind`: how, and with TUN in which wrapping."""

    method: Method = Method.NAT
    tunnel: Tunnel = Tunnel.IPIP
    """`type`. Default ipip."""
    tunnel_port: int = 0
    """`port`, of gue alone, 1 to 65535."""
    tunnel_flags: int = 0
    """`nocsum` 0, `csum` 1, `remcsum` 2 (ip_vs.h, IP_VS_TUNNEL_ENCAP_FLAG_*)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealServer:
    """`real_server`."""

    endpoint: Endpoint
    """Its address and port. Without a port in the file: that of the virtual server."""
    weight: int = 1
    """`weight`: share of the connections it gets, 0 to 2^31-1. Default: that of the virtual server,
    and there 1."""
    forwarding: Forwarding = Forwarding()
    """`lvs_method`. Default: that of the virtual server."""
    threshold_upper: int = 0
    """`uthreshold`: at so many connections it is full. Default 0: never."""
    threshold_lower: int = 0
    """`lthreshold`: below so many it takes new ones again. Default 0: at three quarters."""
    inhibit_on_failure: bool = False
    """`inhibit_on_failure`: down means weight 0, and connections that it has stay. Default: that of
    the virtual server, and there it is taken out."""
    notify_up: Command | None = None
    """`notify_up`: run when it comes up."""
    notify_down: Command | None = None
    """`notify_down`: run when it goes down."""
    mail: bool = False
    """`smtp_alert`: mail when it goes up or down. Default: that of `smtp_alert_checker`, then of
    `smtp_alert` of `global_defs`, and there on."""
    checks: tuple[Check, ...] = ()
    """All must be well. None at all: it is always up."""
    snmp_name: str = ""
    """`snmp_name`: a name for people, shown in status as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SorryServer:
    """`sorry_server`: serves while the quorum is lost."""

    endpoint: Endpoint
    forwarding: Forwarding = Forwarding()
    """`sorry_server_lvs_method`. Default: that of the virtual server."""
    inhibit: bool = False
    """`sorry_server_inhibit`: kept in the table with weight 0 while it is not needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualServer:
    """`virtual_server`."""

    name: str
    """As the file names it: `10.0.0.1 80`, `fwmark 3`, `group web`; unique in a file together with
    its protocol."""
    protocol: Protocol | None = Protocol.TCP
    """`protocol`. Default TCP; None: of firewall marks."""
    services: tuple[ServiceKey, ...] = ()
    """What it stands for in the kernel's table: one service; of a `virtual_server_group` each of
    its entries, ranges taken apart."""
    scheduler: str = "wlc"
    """`lvs_sched`, `lb_algo`: name of the kernel's scheduler, at most 15 bytes. Default wlc."""
    scheduler_flags: int = 0
    """`sh-port`, `sh-fallback`, `mh-port`, `mh-fallback`, `flag-1` to `flag-3`, as the kernel's
    bits (ip_vs.h, IP_VS_SVC_F_SCHED*)."""
    one_packet: bool = False
    """`ops`: each packet of UDP is scheduled for itself."""
    hashed: bool = False
    """`hashed`: without effect. The kernel sets this flag of its own bookkeeping for each service,
    and one older than Linux 5.13 loses a service that is added with it."""
    persistence: Duration = ZERO
    """`persistence_timeout`: how long a client stays with its server, whole seconds. Default 0: not
    at all; alone in its line 360 s."""
    persistence_mask: int = 0
    """`persistence_granularity`: bits of a client's address that count: 1 to 32, 1 to 128.
    Default: all; 0 where there is no persistence."""
    persistence_engine: str = ""
    """`persistence_engine`: name of the kernel's, such as sip."""
    weight: int = 1
    """`weight`: of real servers that name none. Default 1."""
    real_servers: tuple[RealServer, ...] = ()
    """In the order of the file."""
    sorry_server: SorryServer | None = None
    """`sorry_server`: an address and a port that serve while the quorum is lost. Default: none."""
    quorum: int = 1
    """`quorum`: weight of servers up that it takes to be up, 1 to 65535. Default 1."""
    hysteresis: int = 0
    """`hysteresis`: up from quorum + hysteresis, down below quorum - hysteresis. Default 0."""
    quorum_up: Command | None = None
    """`quorum_up`: run when the quorum is reached."""
    quorum_down: Command | None = None
    """`quorum_down`: run when it is lost."""
    alpha: bool = False
    """`alpha`: servers begin as down, and the quorum as lost."""
    omega: bool = False
    """`omega`: at the stop `notify_down` and `quorum_down` are run."""
    ha_suspend: bool = False
    """`ha_suspend`: no checks while its address is not held here."""
    mail: bool = False
    """`smtp_alert`: mail when the quorum is reached or lost."""
    virtualhost: str = ""
    """`virtualhost`: shown in status; checks have theirs already."""
    snmp_name: str = ""
    """`snmp_name`: a name for people, shown in status as it stands."""

    needs_runner: bool = field(init=False, compare=False, repr=False)
    """Whether a program or a file checks one of its servers."""
    runs_programs: bool = field(init=False, compare=False, repr=False)
    """Whether any program is named: to tell of it, or to check."""
    tells_anybody: bool = field(init=False, compare=False, repr=False)
    """Whether a program or a mailbox is told what becomes of it or of one of its servers."""

    def __post_init__(self) -> None:
        # Asked at each reload of thousands that have not changed.
        checks = [check for real in self.real_servers for check in real.checks]
        tells = any(True for _ in self.programs())
        mails = self.mail or any(real.mail for real in self.real_servers)
        runs = tells or any(isinstance(check, MiscCheck) for check in checks)
        local = any(isinstance(check, MiscCheck | FileCheck) for check in checks)
        object.__setattr__(self, "needs_runner", local)
        object.__setattr__(self, "runs_programs", runs)
        object.__setattr__(self, "tells_anybody", tells or mails)

    def checks(self) -> Iterator[tuple[str, RealServer, Check]]:
        """Every check with its name, stable as long as its place in the file is: `CheckId`."""
        for server in self.real_servers:
            for number, check in enumerate(server.checks):
                yield f"{self.title} {server.endpoint} {number}", server, check

    def programs(self) -> Iterator[Command]:
        """Every program that tells of it or of one of its servers."""
        own = (self.quorum_up, self.quorum_down)
        of_servers = (each for r in self.real_servers for each in (r.notify_up, r.notify_down))
        yield from (each for each in (*own, *of_servers) if each is not None)

    @property
    def title(self) -> str:
        """Unique in a file."""
        return f"{self.name} {self.protocol.word}" if self.protocol else self.name


class LvsEngine(Enum):
    """`@halod lvs_engine`: what balances."""

    AUTO = "auto"
    """IPVS where this kernel has it, else nftables."""
    IPVS = "ipvs"
    NFT = "nft"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncDaemon:
    """`lvs_sync_daemon`: connections are told to the other director (ipvsadm(8))."""

    interface: str
    """The link it speaks on."""
    instance: str = ""
    """The VRRP instance it follows: master sends, others listen. Empty: it always listens and
    sends."""
    sync_id: int | None = None
    """`id`, 0 to 255. Default: the VRID of the instance; None: nobody said one, and 0 counts."""
    maximum_length: int = 0
    """`maxlen`, bytes of a message. Default 0: the kernel's."""
    port: int = 0
    """`port`. Default 0: the kernel's 8848."""
    ttl: int = 0
    """`ttl`. Default 0: the kernel's 1."""
    group: str = ""
    """`group`: multicast address. Default: the kernel's 224.0.0.81."""


@dataclass(frozen=True, slots=True)
class LvsTimeouts:
    """`lvs_timeouts`: of connections (ipvsadm(8), --set). 0: as the kernel has it."""

    tcp: Duration = ZERO
    tcp_fin: Duration = ZERO
    udp: Duration = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class LvsSettings:
    """What `global_defs` says of virtual servers."""

    engine: LvsEngine = LvsEngine.AUTO
    """`@halod lvs_engine`: what balances: `ipvs`, `nft`, or `auto`: IPVS where this kernel has it,
    else nftables, which is told. Default auto."""
    flush: bool = False
    """`lvs_flush`: services that the file does not name are removed at the start. Default: those
    that halod did not make are left alone."""
    flush_on_stop: str = ""
    """`lvs_flush_on_stop`: at the stop all services go at once; `VS`: its own alone.
    Default: its own, one after the other."""
    timeouts: LvsTimeouts = LvsTimeouts()
    """`lvs_timeouts`: of connections: `tcp`, `tcpfin` and `udp`, each with its seconds. Default: as
    the kernel has them."""
    sync_daemon: SyncDaemon | None = None
    """`lvs_sync_daemon`: connections are told to the other director, on this link; the instance
    that it follows, and `id`, `maxlen`, `port`, `ttl`, `group` may stand behind it. Default:
    none."""
    init_notifies: bool = False
    """`rs_init_notifies`: programs are run and lines written for the first state, too."""
    checker_mails: bool = True
    """A server with several checks and `smtp_alert`: each check that changes is mailed.
    `no_checker_emails`: only what changes the server is."""
    process_name: str = ""
    """`checker_process_name`, or `lvs_process_name`, or with `process_names` halod_check: the
    process that asks servers. Default: it keeps its name."""
    checker_cpus: tuple[int, ...] = ()
    """`checker_cpu_affinity`: processors on which the process that asks servers may run, by their
    numbers from 0. Default: all."""
    net_namespace: str = ""
    """`net_namespace_ipvs`: the network namespace, by its name in /run/netns, in which virtual
    servers are balanced; servers are asked from halod's own. Default: there, too."""
