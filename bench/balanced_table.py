"""The table `balanced`: nftables as the engine of virtual servers, and the daemon that drives it.

Knows the stage and the goals. Must not know how a figure is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from tests.kit.balanced import PORT, VIP4, Stage, key, make_stage

from bench.balanced import SERVERS, SERVICES, measure_change, measure_requests
from bench.figures import Outcome, cells, ratio_text, spread
from bench.reaction import OTHERS, measure_reactions
from halod.kernel.nft_services import NftServices
from halod.model.endpoint import Endpoint
from halod.model.service_table import AddDestination, AddService, Destination, Service
from halod.model.virtual_server import Forwarding, Method

__all__ = ["balanced"]

SECONDS = 2.0
CHANGES = 50
CHANGE_MS_MAX = 10.0
LOAD_MS_MAX = 5000.0
DEATHS = 5
REACTION_MS_MAX = 10.0
METHODS = (Method.NAT, Method.DR)


def balanced(repeat: int, wanted: Sequence[str]) -> Outcome:
    """Requests through the VIP as a share of those to the server; changes among many."""
    del wanted
    document: list[dict[str, Any]] = []
    missed: list[str] = []
    print(f"\nrequests a second by nftables, {repeat} runs in turn\n", flush=True)
    print(cells("", ["to the server", "through the VIP", "share"]), flush=True)
    for method in METHODS:
        with make_stage(method) as stage:
            row = _requests(stage, repeat)
            document.append(row)
            shown = [spread(row["direct"]), spread(row["vip"]), ratio_text(row["share"])]
            print(cells(method.value, shown), flush=True)
    print(f"\n{SERVICES} services of {SERVERS} servers in nftables, milliseconds\n", flush=True)
    print(cells("", ["load", "one member", "look, unchanged"]), flush=True)
    for method in METHODS:
        with make_stage(method) as stage:
            stage.director.ip("link", "add", "many", "type", "veth", "peer", "ends")
            stage.director.ip("link", "set", "many", "up")
            stage.director.ip("address", "add", "10.9.0.1/16", "dev", "many")
            found = measure_change(stage.director, method, CHANGES)
        document.append({"method": method.value, **found})
        shown = [spread(found[name]) for name in ("load", "change", "observe")]
        print(cells(method.value, shown), flush=True)
        for name, most in (("change", CHANGE_MS_MAX), ("load", LOAD_MS_MAX)):
            if median(found[name]) > most:
                missed.append(
                    f"nftables {method.value}: {name} takes {median(found[name]):.1f} ms, "
                    f"goal {most:g} ms"
                )
    document.append(_reactions(repeat, missed))
    return document, missed


def _reactions(repeat: int, missed: list[str]) -> dict[str, Any]:
    """From the refusal that a check hears to the table without the server, the whole daemon."""
    print(
        f"\na dead server out of the table after the check's refusal, ms, {DEATHS} deaths a run\n"
    )
    found: dict[str, Any] = {}
    for others in (0, OTHERS):
        runs = [each for _ in range(repeat) for each in measure_reactions(others, DEATHS)]
        found[f"beside {others}"] = [each.ms for each in runs]
        row = f"beside {others} other virtual servers"
        print(cells(row, [spread(found[f"beside {others}"])]), flush=True)
        latest = max(each.ms for each in runs)
        if latest > REACTION_MS_MAX:
            missed.append(f"a dead server, {row}: {latest:.1f} ms, goal {REACTION_MS_MAX:g} ms")
    return {"reaction, ms": found}


def _requests(stage: Stage, repeat: int) -> dict[str, Any]:
    """In turn: what the machine does beside falls on both."""
    engine = stage.director.call(NftServices)
    web, server = Service(key(), "wrr"), stage.endpoint("s1")
    destination = Destination(server, 1, Forwarding(stage.method))
    engine.apply([AddService(web), AddDestination(web.key, destination)])
    if stage.method is Method.NAT:
        # By the director as a router, as through the VIP.
        stage.client.ip("route", "add", f"{server.address}/32", "via", "10.1.0.1")
    direct, vip = [], []
    for _ in range(repeat):
        direct.append(measure_requests(stage.client, _text(server), PORT, SECONDS))
        vip.append(measure_requests(stage.client, VIP4, PORT, SECONDS))
    engine.flush()
    engine.close()
    share = median(vip) / median(direct)
    return {"method": stage.method.value, "direct": direct, "vip": vip, "share": share}


def _text(endpoint: Endpoint) -> str:
    return str(endpoint.address)
