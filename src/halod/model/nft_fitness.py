"""What the nftables engine cannot do for a virtual server, as reasons in sentences.

Knows which options nftables has a counterpart for. Must not know how a rule looks. One list for
all: `-t` and `check` tell it as diagnostics, the engine as the cause of a refusal, status as a
remark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from halod.model.virtual_server import Method, VirtualServer

__all__ = ["Choice", "Misfit", "choice_of", "unfit_for_nft"]


class Choice(Enum):
    """What decides where a new connection goes in nftables."""

    __hash__ = object.__hash__

    TURNS = "in turn"
    """A counter, weights interleaved."""
    FLOW = "by a hash of the client's address and port"
    """As good as random, and both directors choose alike."""
    SOURCE = "by a hash of the client's address"
    SOURCE_PORT = "by a hash of the client's address and port, as asked for"
    TARGET = "by a hash of the service's address"
    HEAVIEST = "the heaviest server"


_SCHEDULERS = {
    "rr": Choice.TURNS,
    "wrr": Choice.TURNS,
    "sh": Choice.SOURCE,
    "mh": Choice.SOURCE,
    "dh": Choice.TARGET,
    "fo": Choice.HEAVIEST,
}
"""Those that nftables does as IPVS does."""
_LOCALITY = {"lblc": Choice.TARGET, "lblcr": Choice.TARGET}
_HASH_PORT_FLAG = 0x0010
"""IP_VS_SVC_F_SCHED_SH_PORT and IP_VS_SVC_F_SCHED_MH_PORT (ip_vs.h): sh-port, mh-port."""


def choice_of(scheduler: str, flags: int) -> Choice:
    """The nearest that nftables has to a scheduler of IPVS."""
    choice = _SCHEDULERS.get(scheduler) or _LOCALITY.get(scheduler, Choice.FLOW)
    if choice is Choice.SOURCE and flags & _HASH_PORT_FLAG:
        return Choice.SOURCE_PORT
    return choice


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that the nftables engine does otherwise, or not at all."""

    name: str
    """Stable, for a diagnostic's code: `tunnel`, `scheduler`, …"""
    sentence: str
    """What happens instead, for an operator."""
    is_served: bool = True
    """False: the service, or the servers that it is about, get no connections."""


TUNNEL = Misfit(
    "tunnel",
    "nftables cannot encapsulate: a real server behind lvs_method TUN gets no connections; "
    "use NAT or DR, or @halod lvs_engine ipvs",
    is_served=False,
)
MIXED_METHODS = Misfit(
    "mixed-methods",
    "nftables serves a virtual server by one method: with NAT and DR mixed, the real servers of "
    "the method that fewer of them have get no connections",
    is_served=False,
)
MARK_DIRECT = Misfit(
    "mark-direct",
    "nftables forwards to a DR server before the packet has its firewall mark: a virtual_server "
    "fwmark with lvs_method DR gets no connections; use NAT, or addresses instead of the mark",
    is_served=False,
)
MIXED_PORTS = Misfit(
    "mixed-ports",
    "nftables rewrites the port for all real servers of a virtual server or for none: those "
    "without a port get no connections beside others that have one",
    is_served=False,
)
MIXED_FAMILIES = Misfit(
    "mixed-families",
    "a real server of another address family than its virtual server can be reached by TUN alone, "
    "which nftables does not have: it gets no connections",
    is_served=False,
)
ONE_PACKET = Misfit(
    "ops",
    "nftables keeps a flow with its server: ops has no effect, packets of one client and port go "
    "to one real server",
)
THRESHOLDS = Misfit(
    "thresholds",
    "nftables does not count connections while it balances: uthreshold and lthreshold have no "
    "effect",
)
PERSISTENCE_ENGINE = Misfit(
    "persistence-engine",
    "nftables does not read the payload: persistence goes by the client's address instead of "
    "persistence_engine",
)


def unfit_for_nft(server: VirtualServer) -> tuple[Misfit, ...]:
    """Every reason, the ones that cost service first; empty: nftables does all that is asked."""
    return tuple(sorted(_misfits(server), key=lambda misfit: misfit.is_served))


def _misfits(server: VirtualServer) -> Iterator[Misfit]:
    methods = {real.forwarding.method for real in server.real_servers}
    sorry = server.sorry_server
    of_all = methods | ({sorry.forwarding.method} if sorry else set())
    if Method.TUN in of_all:
        yield TUNNEL
    if Method.NAT in methods and Method.DR in methods:
        yield MIXED_METHODS
    if Method.DR in of_all and any(key.mark for key in server.services):
        yield MARK_DIRECT
    ports = {r.endpoint.port != 0 for r in server.real_servers if _is_nat(r.forwarding.method)}
    if len(ports) == 2:
        yield MIXED_PORTS
    families = {key.family for key in server.services}
    if families and any(r.endpoint.address.version not in families for r in server.real_servers):
        yield MIXED_FAMILIES
    if server.one_packet:
        yield ONE_PACKET
    if any(real.threshold_upper or real.threshold_lower for real in server.real_servers):
        yield THRESHOLDS
    if server.persistence_engine:
        yield PERSISTENCE_ENGINE
    if server.scheduler not in _SCHEDULERS:
        choice = choice_of(server.scheduler, server.scheduler_flags)
        yield Misfit(
            "scheduler",
            f"nftables has no counterpart of lb_algo {server.scheduler}: new connections are "
            f"spread by weight, {choice.value}",
        )


def _is_nat(method: Method) -> bool:
    return method is Method.NAT
