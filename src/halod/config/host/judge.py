"""A configuration and this machine: what does not fit.

Knows which rules there are. Must not look at the machine: facts are given.
"""

from __future__ import annotations

from dataclasses import replace

from halod.config.codes import Code
from halod.config.compile import Compiled
from halod.config.findings import Findings
from halod.config.host.facts import HostFacts
from halod.config.host.firewall import PROTOCOLS, PROTOCOLS_AH, drops_of
from halod.config.host.links import tell_links
from halod.config.host.scripts import programs_of, tell_scripts
from halod.config.tree import Statement
from halod.model.vrrp import ANY_LINK, VrrpInstance

__all__ = ["with_host"]


def with_host(compiled: Compiled, facts: HostFacts) -> Compiled:
    """The same with the findings of this machine among its own, in their places."""
    findings = Findings()
    instances = compiled.configuration.instances if compiled.configuration else ()
    by_name = {instance.name: instance for instance in instances}
    told: set[tuple[str, bool]] = set()
    for block in compiled.tree:
        instance = by_name.get(block.arguments[0].text) if block.arguments else None
        if block.name == "vrrp_instance" and instance is not None:
            tell_links(instance, block, facts, findings)
            way = instance.interface, instance.ah_key is not None
            if way not in told:
                told.add(way)
                _tell_firewall(instance, block, facts, findings)
                if facts.collision is not None and len(told) == 1:
                    # Once for the file, at its first instance.
                    _tell_daemon(facts.collision, block, findings)
    tell_scripts(programs_of(compiled.tree), facts.scripts, findings)
    both = sorted(
        (*compiled.diagnostics, *findings.in_order()), key=lambda d: (d.primary.span, d.code)
    )
    return replace(compiled, diagnostics=tuple(both))


def _tell_firewall(
    instance: VrrpInstance, block: Statement, facts: HostFacts, findings: Findings
) -> None:
    name = instance.interface
    protocols = PROTOCOLS if instance.ah_key is None else PROTOCOLS_AH
    for drop in drops_of(facts.ruleset, name, protocols):
        side = "iifname" if drop.incoming else "oifname"
        on = "" if name == ANY_LINK else f"{side} {name} "
        way = "come in" if drop.incoming else "go out"
        hears = "this node hears no peer" if drop.incoming else "no peer hears this node"
        findings.add(
            Code.FIREWALL_DROPS,
            f"the firewall drops adverts that {way} on `{name}`: {hears}, and both are master",
            block.arguments[0].span,
            notes=(drop.place,),
            helps=(f"accept them before it: `{on}ip protocol {protocols[0]} accept`",),
        )


def _tell_daemon(sentence: str, block: Statement, findings: Findings) -> None:
    findings.add(Code.OTHER_DAEMON, sentence, block.keyword.span)
