"""A running lab in a few lines: hosts, what runs there, who holds VIPs, what is broken.

Knows how to ask; must not change anything.
"""

from halod.lab.balancer import Balancer
from halod.lab.lab import Lab


def describe(lab: Lab) -> str:
    """The lab as a table, one row a host, then the faults that stand."""
    rows = [("HOST", "ADDRESS", "VIPS", "NODE", "PROGRAMS")]
    for name, machine in lab.machines.items():
        balancer = lab.balancers.get(name)
        # A measuring program's name goes on with the instant of its start.
        programs = [name.split("-")[0] for name in machine.programs() if name != "node"]
        rows.append(
            (
                name,
                str(machine.host.address),
                ", ".join(machine.vips()) or "-",
                "-" if balancer is None else node_words(balancer),
                ", ".join(programs) or "-",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines += [f"broken: {sentence}" for sentence in lab.faults.standing()]
    return "\n".join(lines)


def node_words(balancer: Balancer) -> str:
    """A node's program and state: pid, frozen or stopped."""
    parent = balancer.parent
    if parent is None:
        return f"{balancer.program.name} stopped"
    frozen = any(process.state == "T" for process in balancer.processes)
    return f"{balancer.program.name} {parent.pid}{' frozen' if frozen else ''}"
