"""What nftables cannot do for a virtual server: each reason alone, and none where all is well."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.nft_fitness import Choice, choice_of, unfit_for_nft
from halod.model.units import Duration
from halod.model.virtual_server import Forwarding, Method, RealServer, SorryServer, VirtualServer

NAT, DR, TUN = (Forwarding(method) for method in (Method.NAT, Method.DR, Method.TUN))
MARK = ServiceKey(4, None, None, 3)


def endpoint(text: str, port: int = 80) -> Endpoint:
    return Endpoint(ip_address(text), port)


VIP = ServiceKey(4, Protocol.TCP, endpoint("192.0.2.1"))
REAL = RealServer(endpoint=endpoint("10.0.0.11"))
OTHER = RealServer(endpoint=endpoint("10.0.0.12"))
PLAIN = VirtualServer(
    name="192.0.2.1 80", services=(VIP,), scheduler="wrr", real_servers=(REAL, OTHER)
)


def names(server: VirtualServer) -> list[str]:
    return [misfit.name for misfit in unfit_for_nft(server)]


@pytest.mark.parametrize("scheduler", ["rr", "wrr", "sh", "mh", "dh", "fo"])
@pytest.mark.parametrize("forwarding", [NAT, DR])
def test_what_is_honoured(scheduler: str, forwarding: Forwarding) -> None:
    real = tuple(replace(server, forwarding=forwarding) for server in (REAL, OTHER))
    server = replace(
        PLAIN, scheduler=scheduler, real_servers=real, persistence=Duration.seconds(60)
    )
    assert names(server) == []


@pytest.mark.parametrize("scheduler", ["wlc", "lc", "lblc", "lblcr", "sed", "nq", "ovf", "twos"])
def test_a_scheduler_without_counterpart_is_told_and_served(scheduler: str) -> None:
    (misfit,) = unfit_for_nft(replace(PLAIN, scheduler=scheduler))
    assert misfit.name == "scheduler"
    assert f"lb_algo {scheduler}" in misfit.sentence
    assert misfit.is_served


@pytest.mark.parametrize(
    ("server", "name", "is_served"),
    [
        (replace(PLAIN, real_servers=(replace(REAL, forwarding=TUN),)), "tunnel", False),
        (
            replace(
                PLAIN, sorry_server=SorryServer(endpoint=endpoint("10.0.0.99"), forwarding=TUN)
            ),
            "tunnel",
            False,
        ),
        (
            replace(PLAIN, real_servers=(REAL, replace(OTHER, forwarding=DR))),
            "mixed-methods",
            False,
        ),
        (
            replace(PLAIN, services=(MARK,), real_servers=(replace(REAL, forwarding=DR),)),
            "mark-direct",
            False,
        ),
        (
            replace(PLAIN, real_servers=(REAL, RealServer(endpoint=endpoint("10.0.0.12", 0)))),
            "mixed-ports",
            False,
        ),
        (
            replace(PLAIN, real_servers=(REAL, RealServer(endpoint=endpoint("fd00::1")))),
            "mixed-families",
            False,
        ),
        (replace(PLAIN, one_packet=True), "ops", True),
        (replace(PLAIN, real_servers=(replace(REAL, threshold_upper=9),)), "thresholds", True),
        (replace(PLAIN, persistence_engine="sip"), "persistence-engine", True),
    ],
)
def test_one_reason(server: VirtualServer, name: str, is_served: bool) -> None:
    (misfit,) = unfit_for_nft(server)
    assert (misfit.name, misfit.is_served) == (name, is_served)


def test_a_sorry_server_of_another_method_is_fine() -> None:
    """It stands in the table alone."""
    sorry = SorryServer(endpoint=endpoint("10.0.0.99"), forwarding=DR)
    assert names(replace(PLAIN, sorry_server=sorry)) == []


def test_what_costs_service_comes_first() -> None:
    server = replace(
        PLAIN, one_packet=True, scheduler="wlc", real_servers=(replace(REAL, forwarding=TUN),)
    )
    assert names(server) == ["tunnel", "ops", "scheduler"]


def test_ports_count_where_they_are_asked_to() -> None:
    assert choice_of("sh", 0x0010) is Choice.SOURCE_PORT
    assert choice_of("mh", 0x0008) is Choice.SOURCE
    assert choice_of("wlc", 0x0010) is Choice.FLOW
