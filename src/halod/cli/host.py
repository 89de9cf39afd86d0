"""`haloctl check --host`: looks at the machine for what a file needs.

Knows what is looked at and what could not be. Must not judge it.
"""

from __future__ import annotations

from halod.config.compile import Compiled
from halod.config.host.facts import HostFacts
from halod.config.host.scripts import program_of, programs_of
from halod.daemon.neighbours import find_collision
from halod.kernel.host_facts import (
    look_at_addresses,
    look_at_links,
    look_at_ruleset,
    look_at_script,
)

__all__ = ["host_facts"]


def host_facts(compiled: Compiled) -> HostFacts:
    """What this machine says to the file; nothing is changed."""
    instances = compiled.configuration.instances if compiled.configuration else ()
    virtual = {a.address for instance in instances for a in instance.held}
    links = look_at_links(virtual)
    ruleset, unseen = look_at_ruleset()
    programs = {program_of(word) for word in programs_of(compiled.tree)}
    return HostFacts(
        links=links,
        standing=look_at_addresses(links),
        scripts={program: look_at_script(program) for program in programs},
        ruleset=ruleset,
        collision=find_collision(compiled.configuration) if compiled.configuration else None,
        unseen=(unseen,) if unseen else (),
    )
