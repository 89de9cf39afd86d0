"""`use_vmac [NAME] [MAC]` and `vmac_xmit_base` to a link with a virtual MAC.

Knows which names other instances of the file have taken. Must not know whether a link is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Word
from halod.config.reading import Values
from halod.config.scalars import INTERFACE_BYTES_MAX, interface_fault
from halod.model.address import VirtualAddress
from halod.model.diagnostic import FindingSeverity, Span
from halod.model.vmac import AddressVmac, Vmac, virtual_mac

__all__ = ["PREFIX_DEFAULT", "VmacNames", "lower_address_vmacs", "lower_vmac"]
__all__ += ["lower_vmac_prefix", "on_vmac"]

PREFIX_DEFAULT = "vrrp"
_LONGEST_END = len("6.255")
_MAC = re.compile(r"[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){5}\Z")
_GROUP_BIT = 1
"""Of the first byte: a group, and never the sender of a frame (IEEE 802)."""


@dataclass(slots=True)
class VmacNames:
    """Names of links that instances of a file have taken, each with its place."""

    prefix: str = PREFIX_DEFAULT
    address_prefix: str = PREFIX_DEFAULT
    """Of those for addresses."""
    taken: dict[str, Span] = field(default_factory=dict)

    def choose(self, ip_version: int, virtual_router_id: int, *, for_address: bool = False) -> str:
        """As keepalived does: `vrrp.51`, `vrrp6.51`; where that is taken `vrrp1.51` and on."""
        family = "6" if ip_version == 6 else ""
        prefix = self.address_prefix if for_address else self.prefix
        candidates = (f"{prefix}{each}.{virtual_router_id}" for each in _numbers(family))
        return next(name for name in candidates if name not in self.taken)


def _numbers(family: str) -> Iterator[str]:
    yield family
    yield from (str(number) for number in count(1) if str(number) != "6")


def lower_vmac_prefix(
    keyword: str, values: Values, findings: Findings, default: str = PREFIX_DEFAULT
) -> str:
    """One of `global_defs`; the default where it is not usable."""
    prefix = values.get(keyword, str)
    if prefix is None:
        return default
    word = values.statement(keyword).arguments[0]
    fault = interface_fault(prefix)
    if fault is None and len(prefix.encode()) + _LONGEST_END > INTERFACE_BYTES_MAX:
        room = INTERFACE_BYTES_MAX - _LONGEST_END
        fault = f"leaves no room for a VRID behind it: it has at most {room} bytes"
    if fault is None:
        return prefix
    _no_name(word, f"{fault}: `{default}` counts", findings)
    return default


def lower_vmac(
    values: Values,
    interface: str,
    ip_version: int,
    virtual_router_id: int,
    names: VmacNames,
    findings: Findings,
) -> Vmac | None:
    """The link that carries the addresses; None: it is `interface` itself."""
    if not values.has("use_vmac"):
        if values.has("vmac_xmit_base"):
            findings.add(
                Code.WITHOUT_EFFECT,
                "`vmac_xmit_base` has nothing to do without `use_vmac`: adverts come from the "
                "interface anyway",
                values.statement("vmac_xmit_base").keyword.span,
                helps=("remove it, or add `use_vmac`",),
            )
        return None
    statement = values.statement("use_vmac")
    words = list(statement.arguments[:2])
    hardware_address = virtual_mac(ip_version, virtual_router_id)
    name: str | None = None
    if words and not _MAC.match(words[0].text) and words[0].text.count(":") < 2:
        name = _name(words.pop(0), interface, names, findings)
    if words:
        own = _hardware_address(words.pop(0), findings)
        hardware_address = own or hardware_address
    for word in words:
        findings.add(
            Code.EXTRA_WORD, f"`{word.shown}` has no effect behind the MAC of `use_vmac`", word.span
        )
    name = name or names.choose(ip_version, virtual_router_id)
    names.taken[name] = statement.keyword.span
    return Vmac(name, hardware_address, values.has("vmac_xmit_base"))


def _name(word: Word, interface: str, names: VmacNames, findings: Findings) -> str | None:
    fault = interface_fault(word.text)
    if word.text == interface:
        fault = "is the instance's own interface, and the virtual MAC needs a link of its own"
    if word.text in names.taken:
        fault = "is the link of another instance already"
    if fault is None:
        return word.text
    _no_name(word, f"{fault}: the default name counts", findings)
    return None


def _no_name(word: Word, fault: str, findings: Findings) -> None:
    findings.add(
        Code.BAD_INTERFACE,
        f"`{word.shown}` {fault}",
        word.span,
        severity=FindingSeverity.IGNORED,
    )


def _hardware_address(word: Word, findings: Findings) -> bytes | None:
    fault = "is no MAC" if not _MAC.match(word.text) else None
    if fault is None:
        found = bytes(int(part, 16) for part in word.text.split(":"))
        if not found[0] & _GROUP_BIT and any(found):
            return found
        fault = "is no MAC of one link"
    findings.add(
        Code.BAD_ADDRESS,
        f"`{word.shown}` {fault}: the virtual MAC of the VRID counts",
        word.span,
        helps=("a MAC is six pairs of hexadecimal digits, as in `00:00:5e:00:01:33`",),
    )
    return None


def lower_address_vmacs(
    values: Values,
    own: tuple[str, int],
    virtual_router_id: int,
    placed: Iterable[tuple[VirtualAddress, Span]],
    names: VmacNames,
) -> tuple[AddressVmac, ...]:
    """`use_vmac_addr`: one for each interface and family other than `own`, the instance's, in the
    order of the addresses."""
    if not values.has("use_vmac_addr"):
        return ()
    found: list[AddressVmac] = []
    for base, version in dict.fromkeys((a.interface, a.address.version) for a, _ in placed):
        if (base, version) != own:
            name = names.choose(version, virtual_router_id, for_address=True)
            names.taken[name] = values.statement("use_vmac_addr").keyword.span
            vmac = Vmac(name, virtual_mac(version, virtual_router_id))
            found.append(AddressVmac(vmac, base, version))
    return tuple(found)


def on_vmac(
    vmac: Vmac | None,
    elsewhere: tuple[AddressVmac, ...],
    interface: str,
    addresses: tuple[VirtualAddress, ...],
) -> tuple[VirtualAddress, ...]:
    """The links of these stand in the place of the interfaces that the file says."""
    links = {(each.base, each.ip_version): each.vmac.link for each in elsewhere}
    if vmac is not None:
        for version in (4, 6):
            links.setdefault((interface, version), vmac.link)
    if not links:
        return addresses
    return tuple(
        replace(a, interface=links.get((a.interface, a.address.version), a.interface))
        for a in addresses
    )
