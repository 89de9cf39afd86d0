"""What `haloctl why` takes a name for."""

from __future__ import annotations

from typing import Any

import pytest

from halod.cli.meant import meant_by, nothing_meant

VI_1 = {
    "name": "VI_1",
    "addresses": ["192.0.2.9/24 dev eth0", "2001:db8::9/64 dev eth0"],
    "excluded_addresses": ["192.0.2.10/32 dev eth0"],
}
REALS = [{"address": "[10.77.0.11]:80"}, {"address": "[10.77.0.12]:80"}]
WEB = {"name": "192.0.2.9 80 tcp", "services": ["[192.0.2.9]:tcp:80"], "real_servers": REALS}
DNS = {
    "name": "group dns",
    "services": ["[192.0.2.9]:udp:53", "[2001:db8::9]:udp:53"],
    "real_servers": [{"address": "[10.77.0.11]:53"}],
}
MARK = {"name": "fwmark 3", "services": ["FWM 3"], "real_servers": []}
ANSWER: dict[str, Any] = {"instances": [VI_1], "virtual_servers": [WEB, DNS, MARK]}


def found(name: str) -> list[str]:
    meant = meant_by(ANSWER, name)
    names = [each["name"] for each in (*meant.instances, *meant.virtual_servers)]
    return names + [f"{real['address']} of {each['name']}" for each, real in meant.real_servers]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("VI_1", ["VI_1"]),
        ("192.0.2.10", ["VI_1"]),
        ("192.0.2.9/24", ["VI_1"]),
        ("192.0.2.9", ["VI_1", "192.0.2.9 80 tcp", "group dns"]),
        ("2001:db8::9", ["VI_1", "group dns"]),
        ("192.0.2.9:80", ["192.0.2.9 80 tcp"]),
        ("192.0.2.9  80", ["192.0.2.9 80 tcp"]),
        ("192.0.2.9 80 tcp", ["192.0.2.9 80 tcp"]),
        ("[192.0.2.9]:tcp:80", ["192.0.2.9 80 tcp"]),
        ("dns", ["group dns"]),
        ("fwmark 3", ["fwmark 3"]),
        ("10.77.0.12", ["[10.77.0.12]:80 of 192.0.2.9 80 tcp"]),
        ("10.77.0.12:80", ["[10.77.0.12]:80 of 192.0.2.9 80 tcp"]),
        (
            "10.77.0.11",
            ["[10.77.0.11]:80 of 192.0.2.9 80 tcp", "[10.77.0.11]:53 of group dns"],
        ),
        ("10.77.0.99", []),
    ],
)
def test_a_name_or_an_address_is_enough(name: str, wanted: list[str]) -> None:
    assert found(name) == wanted


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("VI_2", "nothing here is called VI_2: did you mean VI_1?"),
        ("10.77.0.13", "nothing here is called 10.77.0.13: did you mean 10.77.0.12?"),
        ("mail", "nothing here is called mail: there is VI_1, 192.0.2.9 80 tcp, group dns, "),
    ],
)
def test_a_name_that_means_nobody_is_told_who_there_is(name: str, told: str) -> None:
    assert nothing_meant(ANSWER, name).startswith(told)
