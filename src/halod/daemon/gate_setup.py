"""Makes and proves the gate for a heartbeat, before it gives up the privileges that this needs.

Knows what is said where it cannot be had. Must not know how it works.
"""

from __future__ import annotations

from halod.kernel.gate_memory import GateMemory

__all__ = ["make_gate"]


def make_gate() -> tuple[GateMemory | None, str]:
    """A gate that was proved, or None and why."""
    try:
        memory = GateMemory.create()
    except OSError as error:
        return None, f"the kernel refuses BPF ({error.strerror}): nftables is tried instead"
    try:
        wrong = memory.prove()
    except OSError as error:
        wrong = str(error.strerror)
    if wrong is not None:
        memory.close()
        return None, f"the BPF gate failed its proof ({wrong}): nftables is tried instead"
    return memory, ""
