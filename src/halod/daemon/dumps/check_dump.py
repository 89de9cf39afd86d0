"""The dump of `SIGUSR1` for virtual servers: keepalived_check.data, in keepalived's layout.

Knows the lines that stand for something here, as keepalived 2.2.7 was seen to write them; those of
features that halod has not, and the queue of its checkers, are left out. Must not know where the
figures come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from halod.model.configuration import Configuration
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.units import NS_PER_MICROSECOND, Duration
from halod.model.virtual_server import RealServer, VirtualServer

__all__ = ["check_dump"]

Shown = Mapping[str, Any]
NOTHING: Shown = {}


def check_dump(configuration: Configuration, views: Iterable[Shown]) -> bytes:
    """The whole file. `views`: virtual servers as status shows them."""
    by_name = {view["name"]: view for view in views}
    lines = ["------< Global definitions >------"]
    if configuration.router_id:
        lines.append(f" Router ID = {configuration.router_id}")
    lines += ["------< LVS Topology >------", " System is compiled with LVS v1.2.1"]
    for server in configuration.virtual_servers:
        lines += _virtual(server, by_name.get(server.title, NOTHING))
    return "".join(f"{line}\n" for line in lines).encode(errors="backslashreplace")


def _virtual(server: VirtualServer, view: Shown) -> Iterator[str]:
    yield " ------< Virtual server >------"
    key = server.services[0] if len(server.services) == 1 else None
    yield from _where(server, key)
    first = server.real_servers[0] if server.real_servers else None
    if first is not None and first.checks:
        yield f"   delay_loop = {_seconds(first.checks[0].timing.delay_loop)}"
    yield f"   lvs_sched = {server.scheduler}"
    yield f"   One packet scheduling = {'enabled' if server.one_packet else 'disabled'}"
    if server.persistence.ns:
        yield f"   persistence timeout = {server.persistence.whole_seconds}"
    if server.protocol is not None:
        yield f"   protocol = {server.protocol.name}"
    yield f"   alpha is {_on(server.alpha)}"
    yield f"   omega is {_on(server.omega)}"
    yield f"   quorum = {server.quorum}, hysteresis = {server.hysteresis}"
    yield f"   Using smtp notification = {_yes(server.mail)}"
    if server.sorry_server is not None:
        sorry, protocol = server.sorry_server, server.protocol
        yield f"   sorry server = {_triple(sorry.endpoint, protocol.word if protocol else 'none')}"
        yield f"     forwarding method = {sorry.forwarding.method.value}"
        yield f"     Inhibit on failure is {_on(sorry.inhibit)}"
    yield "   alive = 1"
    yield f"   quorum_state_up = {int(view.get('state') == 'UP')}"
    reals = {each["address"]: each for each in view.get("real_servers", ())}
    for real in server.real_servers:
        yield from _real(real, reals.get(str(real.endpoint), NOTHING))


def _where(server: VirtualServer, key: ServiceKey | None) -> Iterator[str]:
    if key is None or key.endpoint is None:
        yield f" VS {server.name}"
        return
    yield f" VS VIP = {key.endpoint.address}, VPORT = {key.endpoint.port}"
    yield f"   Address family = inet{'6' if key.family == 6 else ''}"


def _real(real: RealServer, view: Shown) -> Iterator[str]:
    weight = view.get("weight", real.weight)
    at = real.endpoint
    yield "   ------< Real server >------"
    yield f"   RIP = {at.address}, RPORT = {at.port}, WEIGHT = {real.weight} EFF WEIGHT = {weight}"
    yield f"   forwarding method = {real.forwarding.method.value}"
    yield f"   connection limit range = {real.threshold_lower} -> {real.threshold_upper}"
    yield f"   Inhibit on failure is {_on(real.inhibit_on_failure)}"
    yield f"   Using smtp notification = {_yes(real.mail)}"
    yield f"   initial weight = {real.weight}"
    yield f"   effective weight = {weight}"
    yield f"   alive = {int(view.get('state') == 'UP')}"
    yield f"   RS set = {int(view.get('weight_effective') is not None)}"


def _triple(endpoint: Endpoint, protocol: str) -> str:
    return f"[{endpoint.address}]:{protocol}:{endpoint.port}"


def _seconds(span: Duration) -> str:
    return f"{span.ns // NS_PER_MICROSECOND / 1_000_000:.6f}"


def _on(flag: bool) -> str:
    return "ON" if flag else "OFF"


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
