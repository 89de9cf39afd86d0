"""Interfaces and addresses that a configuration names, against those of this machine.

Knows instances and links. Must not ask the kernel.
"""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.host.facts import HostFacts
from halod.config.lowering.address import family_of
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.model.address import IpAddress
from halod.model.diagnostic import Applicability, Fix, Span
from halod.model.vrrp import VrrpInstance

__all__ = ["tell_links"]


def tell_links(
    instance: VrrpInstance, block: Statement, facts: HostFacts, findings: Findings
) -> None:
    """What keeps this instance from working on its link."""
    names = [child for child in block.children if child.name == "interface" and child.arguments]
    if names:
        _tell_link(instance.interface, names[-1].arguments[0].span, facts, findings)
    for child in block.children:
        if child.name in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
            for entry in child.children:
                _tell_address(instance, entry, facts, findings)
        elif child.name in ("unicast_src_ip", "mcast_src_ip") and child.arguments:
            _tell_source(child, facts, findings)
        elif child.name == "track_interface":
            for entry in child.children:
                if entry.name not in facts.links and entry.name != instance.interface:
                    _no_interface(entry.name, entry.keyword.span, facts, findings)


def _tell_link(name: str, span: Span, facts: HostFacts, findings: Findings) -> None:
    link = facts.links.get(name)
    if link is None:
        _no_interface(name, span, facts, findings)
    elif not link.running:
        _not_running(name, span, findings)
    elif not [a for a in link.addresses if a.version == 4]:
        findings.add(
            Code.LINK_NOT_READY,
            f"`{name}` has no IPv4 address of its own: adverts would have no sender",
            span,
            helps=("give it an address that is not a virtual one",),
        )


def _not_running(name: str, span: Span, findings: Findings) -> None:
    findings.add(
        Code.LINK_NOT_READY,
        f"`{name}` is down, or has no carrier: the instance waits in FAULT",
        span,
        helps=(f"ip link set {name} up; look at the cable and the switch",),
    )


def _tell_source(statement: Statement, facts: HostFacts, findings: Findings) -> None:
    word = statement.arguments[0]
    own = {str(address) for link in facts.links.values() for address in link.addresses}
    if family_of(word.text) is None or word.text in own:
        return
    findings.add(
        Code.SOURCE_NOT_HERE,
        f"no link of this machine has the address {word.shown}: adverts cannot be sent from it",
        word.span,
        helps=("write an address of this machine, or leave the keyword out",),
    )


def _no_interface(name: str, span: Span, facts: HostFacts, findings: Findings) -> None:
    there = sorted(set(facts.links) - {"lo"})
    guess = closest(name, there)
    findings.add(
        Code.NO_SUCH_INTERFACE,
        f"this machine has no interface `{name}`",
        span,
        helps=() if guess else (f"there is {', '.join(there) or 'none but lo'}",),
        # A guess: another machine may be meant.
        fix=Fix(span, guess, Applicability.DISPLAY_ONLY, f"did you mean `{guess}`?")
        if guess
        else None,
    )


def _tell_address(
    instance: VrrpInstance, entry: Statement, facts: HostFacts, findings: Findings
) -> None:
    for word, following in zip(entry.arguments, entry.arguments[1:], strict=False):
        name = following.text
        if word.text != "dev" or name == instance.interface:
            continue
        if name not in facts.links:
            _no_interface(name, following.span, facts, findings)
        elif not facts.links[name].running and all(w.text != "no_track" for w in entry.arguments):
            _not_running(name, following.span, findings)
    address = _address_of(instance, entry)
    standing = next((s for s in facts.standing if s.address == address and not s.ours), None)
    # Beside another daemon that holds it, it follows from that.
    if standing is not None and facts.collision is None:
        findings.add(
            Code.ADDRESS_STANDS,
            f"{address} stands on `{standing.interface}` already, and halod did not put it there",
            entry.keyword.span,
            helps=("if no other daemon holds it, take it out of the network's configuration",),
        )


def _address_of(instance: VrrpInstance, entry: Statement) -> IpAddress | None:
    text = entry.name.partition("/")[0]
    return next((a.address for a in instance.held if str(a.address) == text), None)
