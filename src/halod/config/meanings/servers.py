"""W36: risks of virtual servers.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["SERVERS"]

_SERVER = "real_server 10.1.0.1 80 {\n        TCP_CHECK {\n        }\n    }\n"
_FILE = (
    "virtual_server 192.0.2.10 80 {{\n    lvs_sched rr\n    lvs_method {method}\n"
    "    protocol TCP\n    {servers}}}\n"
)
_NFT = "global_defs {\n    @halod lvs_engine nft\n}\n"

SERVERS: dict[Code, Meaning] = {
    Code.NOT_CHECKED: Meaning(
        severity=FindingSeverity.NOTE,
        title="a real server without a check",
        meaning="Nothing asks whether it works: it counts as up from the start to the end. "
        "keepalived does the same.",
        why="When it dies it keeps its share of the connections, and a sorry server that waits for "
        "the quorum to be lost waits for ever.",
        remedy="Add a check: `TCP_CHECK { }` asks whether the port is open, `HTTP_GET` for a page.",
        example=_FILE.format(method="NAT", servers="real_server 10.1.0.1 80 {\n    }\n"),
        instead=_FILE.format(method="NAT", servers=_SERVER),
        place=Place.FILE,
    ),
    Code.UNFIT_FOR_NFT: Meaning(
        severity=FindingSeverity.RISK,
        title="an option that nftables cannot honour",
        meaning="With `@halod lvs_engine nft` virtual servers are rules of nftables. The finding "
        "says what they do otherwise than IPVS: a risk where connections are lost, else a note.",
        why="The file means the same under both engines in all other things, and not in this one.",
        remedy="Use IPVS, or the option that the finding names.",
        example=_NFT + _FILE.format(method="TUN", servers=_SERVER),
        instead=_NFT + _FILE.format(method="DR", servers=_SERVER),
        place=Place.FILE,
    ),
    Code.SERVER_IS_ITSELF: Meaning(
        severity=FindingSeverity.RISK,
        title="a real server that is the virtual server itself",
        meaning="The real server has the address and the port of the virtual server: what is "
        "balanced comes back to be balanced.",
        why="Clients that are sent to it get no answer, and its check asks the service that it is "
        "part of.",
        remedy="Name the address that the server has of its own.",
        example=_FILE.format(method="NAT", servers=_SERVER.replace("10.1.0.1", "192.0.2.10")),
        instead=_FILE.format(method="NAT", servers=_SERVER),
        place=Place.FILE,
    ),
}
