"""What becomes of a file, in one line.

Knows how findings are counted. Must not know how they are shown.
"""

from __future__ import annotations

from halod.config.compile import Compiled
from halod.model.diagnostic import FindingSeverity
from halod.model.printable import printable

__all__ = ["summary"]


def summary(compiled: Compiled) -> str:
    """FILE: clean, runs, or refused, and why."""
    file = printable(compiled.file)
    counts = dict.fromkeys(FindingSeverity, 0)
    for found in compiled.diagnostics:
        counts[found.severity] += 1
    told = ", ".join(f"{count} {severity.value}" for severity, count in counts.items() if count)
    if compiled.configuration is None:
        return f"{file}: refused: halod would not start with it ({told})"
    instances = len(compiled.configuration.instances)
    servers = len(compiled.configuration.virtual_servers)
    counted = [(instances, "vrrp_instance"), (servers, "virtual_server")]
    # A file without virtual servers is told of its instances alone, and the other way round.
    told_of = [each for each in counted if each[0]] or counted[:1]
    runs = ", ".join(f"{number} {word}{'s' if number != 1 else ''}" for number, word in told_of)
    outcome = "clean" if compiled.clean else "runs"
    return f"{file}: {outcome}, {runs}" + (f" ({told})" if told else "")
