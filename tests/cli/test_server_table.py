"""Servers in `haloctl status` and `why`: readable at 80 columns, and nothing is left out."""

from typing import Any

import pytest

from halod.cli.server import span_of
from halod.cli.server_table import (
    LISTED_MAX,
    odd_servers,
    real_sentence,
    server_alarms,
    server_lines,
    servers_summary,
    virtual_sentence,
)

REFUSED = "status 503, wanted 200-299, after 12 ms, 3 times since 12:03:11"


def real(address: str, **more: Any) -> dict[str, Any]:
    return {
        "address": f"[{address}]:80",
        "state": "UP",
        "admin": "enabled",
        "admin_ends_in_s": None,
        "weight": 1,
        "weight_effective": 1,
        "method": "NAT",
        "checks": ("HTTP_GET",),
        "why": "all its checks succeed",
        "last_failure": None,
        "last_failure_ago_s": None,
        "in_state_s": 3723.0,
        "active": 12,
        "inactive": 345,
        "connections": 10000,
        **more,
    }


def virtual(*reals: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": "192.168.178.100 80 tcp",
        "services": ["[192.168.178.100]:tcp:80"],
        "scheduler": "wlc",
        "persistence_s": 360.0,
        "state": "UP",
        "quorum": 1,
        "weight_up": 2,
        "sorry_server": "[192.168.178.9]:80",
        "uses_sorry_server": False,
        "suspended": False,
        "alarm": None,
        "real_servers": reals,
        **more,
    }


DOWN = real(
    "192.168.178.22",
    state="DOWN",
    weight_effective=None,
    why=REFUSED,
    in_state_s=40.12,
    active=None,
    inactive=None,
)
DRAINS = real(
    "192.168.178.23", admin="draining", weight_effective=0, admin_ends_in_s=41.0, active=3
)
FLAPPED = real(
    "192.168.178.24", last_failure="connection refused, after 80 us", last_failure_ago_s=1200.0
)
WEB = virtual(real("192.168.178.21"), DOWN, DRAINS, FLAPPED)


def answer(*servers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "virtual_servers": list(servers),
        "sync_role": None,
        "lvs_engine": {"name": "nft", "why": "this kernel has no IPVS"},
        "service_down": "",
        "checker_down": "",
        **more,
    }


def shown(*servers: dict[str, Any], columns: int, whole: bool = False) -> list[str]:
    return [line.plain.rstrip() for line in server_lines(servers, columns, whole=whole)]


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_everything_is_there_at_every_width(columns: int) -> None:
    lines = shown(WEB, columns=columns)
    text = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= columns
    assert len(lines) <= (10 if columns < 120 else 9), lines
    for word in ("DOWN", "DRAINING", "41.0 s left", "503", "0 (1)", "- (1)", "1 h 2 min"):
        assert word in text, word
    for address in ("[192.168.178.22]:80", "[192.168.178.23]:80", "192.168.178.100 80 tcp"):
        assert sum(address in line for line in lines) == 1, address


def test_of_very_many_those_alone_that_are_not_well() -> None:
    well = virtual(real("192.168.178.21"))
    many = [well] * LISTED_MAX + [virtual(DOWN, name="10.0.0.9 80 tcp")]
    lines = shown(*many, columns=160)
    assert len(lines) == 3
    assert "10.0.0.9 80 tcp" in lines[1]
    assert len(shown(*many, columns=160, whole=True)) == 1 + 2 * len(many)
    assert "`--all` lists them" in servers_summary(answer(*many), whole=False)
    assert "--all" not in servers_summary(answer(*many), whole=True)


def test_the_summary_counts() -> None:
    told = servers_summary(answer(WEB, sync_role="master"), whole=False)
    assert told == (
        "1 virtual server, 4 real servers, 1 down, 1 drained or disabled; nft balances, for this "
        "kernel has no IPVS; sync daemon: master"
    )


def test_what_needs_a_person_is_an_alarm() -> None:
    assert list(server_alarms(answer(WEB))) == []
    lost = virtual(DOWN, state="DOWN", weight_up=0, uses_sorry_server=True, alarm="refused: x")
    assert list(server_alarms(answer(lost, service_down="it crashed", checker_down="x"))) == [
        (
            "the service process is down: it crashed. The table of virtual servers goes on as "
            "it is, and no server is taken out; `haloctl reload` starts it again"
        ),
        (
            "the checker process is down, and no server is checked over the network: x. What was "
            "found last holds; `haloctl reload` starts it again"
        ),
        "192.168.178.100 80 tcp: refused: x",
        (
            "192.168.178.100 80 tcp has lost its quorum: weight 0 of its servers is up, it "
            "takes 1, and [192.168.178.9]:80 serves"
        ),
    ]


def test_why_says_why_a_server_is_out() -> None:
    assert real_sentence(WEB, DOWN) == (
        f"[192.168.178.22]:80 of 192.168.178.100 80 tcp is out because: {REFUSED}"
    )


def test_why_without_a_name_tells_of_those_that_are_not_simply_up() -> None:
    assert [real["address"] for _, real in odd_servers([WEB])] == [
        "[192.168.178.22]:80",
        "[192.168.178.23]:80",
    ]


def test_why_says_whether_a_virtual_server_serves() -> None:
    assert virtual_sentence(WEB) == (
        "192.168.178.100 80 tcp is UP: weight 2 of its servers is up, its quorum is 1"
    )
    lost = virtual(DOWN, state="DOWN", weight_up=0, uses_sorry_server=True)
    assert virtual_sentence(lost).endswith("its quorum is 1, and [192.168.178.9]:80 serves")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60s", 60),
        ("90", 90),
        ("5min", 300),
        ("5 m", 300),
        ("2h", 7200),
        ("1d", 86400),
        ("250ms", 0.25),
        ("0.5s", 0.5),
        ("0", None),
        ("-1s", None),
        ("soon", None),
        ("5 years", None),
    ],
)
def test_a_span_is_written_as_people_do(text: str, seconds: float | None) -> None:
    assert span_of(text) == seconds
