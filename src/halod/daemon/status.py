"""What the supervisor can answer: the last view of the heartbeat and what it knows itself.

Knows the shape of `haloctl status --json`. Must not know how it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from halod import __version__
from halod.model.units import Instant

__all__ = ["Status"]


@dataclass(slots=True)
class Status:
    """Kept by the supervisor; `answer` is the JSON object."""

    pid: int
    config_file: str
    started: Instant
    router_id: str = ""
    heartbeat_pid: int | None = None
    heartbeat_restarts: int = 0
    heartbeat_down: str = ""
    """Why there is no heartbeat process; empty while there is one."""
    findings: list[str] = field(default_factory=list)
    """Diagnostics of the configuration that runs, one concise line each."""
    last_reload: str = ""
    """How the last reload ended; empty before the first."""
    refused: list[str] = field(default_factory=list)
    """Diagnostics of a file that a reload refused; the old configuration runs on."""
    troubles: dict[str, str] = field(default_factory=dict)
    """What works worse than it should, by subject: scheduling, state file …"""
    view: dict[str, Any] = field(default_factory=dict)
    """The last view that the heartbeat pushed."""
    viewed: Instant | None = None

    def answer(self, now: Instant) -> dict[str, Any]:
        """Everything, as JSON can carry it. Times are seconds."""
        return {
            "version": __version__,
            "pid": self.pid,
            "heartbeat_pid": self.heartbeat_pid,
            "heartbeat_restarts": self.heartbeat_restarts,
            "heartbeat_down": self.heartbeat_down,
            "uptime_s": (now - self.started).as_seconds(),
            "config_file": self.config_file,
            "router_id": self.router_id,
            "findings": self.findings,
            "last_reload": self.last_reload,
            "refused": self.refused,
            "troubles": self.troubles,
            "view_age_s": (now - self.viewed).as_seconds() if self.viewed else None,
            "instances": self.view.get("instances", []),
            "unknown_virtual_router_ids": self.view.get("unknown_virtual_router_ids", {}),
            "worker": self.view.get("worker", {}),
        }
