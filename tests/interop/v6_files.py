"""The tutorial's files over IPv6, and who holds its addresses then."""

from collections.abc import Callable, Iterable

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.interop.unicast_files import PASSWORD
from tests.kit.pair import WITHIN_S, tutorial_config

__all__ = ["VIPS", "own_address", "owners", "v6_config", "wait_for_owner"]

VIP_LINE = "192.168.178.3/24 dev ens33 label ens33:3"
VIPS = ("fe80::3/64", "fd00:178::3/64", "fd00:178::5/128")
BALANCERS = ("lb01", "lb02")


def v6_config(
    *changes: tuple[str, str], vips: Iterable[str] = VIPS, more: str = ""
) -> Callable[[str], str]:
    """`more`: lines of the instance; version 3 need not be said."""

    def config(host: str) -> str:
        text = tutorial_config(host)
        assert PASSWORD in text
        lines = "\n        ".join(f"{vip} dev ens33" for vip in vips)
        text = text.replace(PASSWORD, more).replace(VIP_LINE, lines)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return text

    return config


def owners(lab: Lab, vip: str = VIPS[1]) -> list[str]:
    """Balancers on which it stands."""
    shown = {
        name: lab.machine(name).namespace.ip("-6", "address", "show", "dev", "ens33")
        for name in BALANCERS
    }
    return [name for name, text in shown.items() if f"inet6 {vip} " in text]


def wait_for_owner(lab: Lab, name: str) -> None:
    """Until all stand there, and none on the other."""
    wanted = [[name]] * len(VIPS)
    found = wait_until(lambda: [owners(lab, vip) for vip in VIPS] == wanted, WITHIN_S)
    assert found, {vip: owners(lab, vip) for vip in VIPS}


def own_address(lab: Lab, name: str) -> str:
    """The link-local one, which the kernel has made."""
    text = lab.machine(name).namespace.ip("-6", "address", "show", "dev", "ens33")
    found = [word for word in text.split() if word.startswith("fe80::") and word != VIPS[0]]
    return found[0].partition("/")[0]
