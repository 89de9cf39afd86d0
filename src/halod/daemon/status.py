"""What the supervisor can answer: the last view of the heartbeat and what it knows itself.

Knows the shape of `haloctl status --json`. Must not know how it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from halod import __version__
from halod.model.units import Instant

__all__ = ["Process", "Status"]

TROUBLES_MAX = 256
"""Subjects of trouble: a socket for each interface and a few more."""


@dataclass(slots=True)
class Process:
    """One child of the supervisor."""

    pid: int | None = None
    restarts: int = 0
    """After deaths, since the daemon was started."""
    down: str = ""
    """Why there is none; empty while there is one, and where none is needed."""


@dataclass(slots=True)
class Status:
    """Kept by the supervisor; `answer` is the JSON object."""

    pid: int
    config_file: str
    started: Instant
    router_id: str = ""
    heartbeat: Process = field(default_factory=Process)
    runner: Process = field(default_factory=Process)
    service: Process = field(default_factory=Process)
    checker: Process = field(default_factory=Process)
    checks: list[dict[str, Any]] = field(default_factory=list)
    """The last view that the runner pushed: one entry a script."""
    notifications: dict[str, Any] = field(default_factory=dict)
    """Likewise: scripts, pipes and mail that tell of changes; empty where there are none."""
    findings: list[str] = field(default_factory=list)
    """Diagnostics of the configuration that runs, one concise line each."""
    reloading: bool = False
    """A configuration is on its way to the children."""
    last_reload: str = ""
    """How the last reload ended; empty before the first."""
    refused: list[str] = field(default_factory=list)
    """Diagnostics of a file that a reload refused; the old configuration runs on."""
    troubles: dict[str, str] = field(default_factory=dict)
    """What works worse than it should, by subject: scheduling, state file …"""
    view: dict[str, Any] = field(default_factory=dict)
    """The last view that the heartbeat pushed."""
    viewed: Instant | None = None
    virtual_servers: list[dict[str, Any]] = field(default_factory=list)
    """The last view that the service pushed: one entry a virtual server."""
    sync_role: str | None = None
    """master, backup or both: the kernel's sync daemon."""
    lvs_engine: dict[str, Any] = field(default_factory=dict)
    """What balances, and why it does; empty where nothing does."""

    @property
    def children(self) -> tuple[int | None, ...]:
        """Process ids; None: of one that is not there."""
        kept = (self.heartbeat, self.runner, self.service, self.checker)
        return tuple(each.pid for each in kept)

    def trouble(self, subject: str, text: str) -> bool:
        """Notes it, or with an empty text that it is over; whether it is worth a line."""
        if not text:
            self.troubles.pop(subject, None)
            return False
        if self.troubles.get(subject) == text:
            return False
        if subject not in self.troubles and len(self.troubles) >= TROUBLES_MAX:
            return False
        self.troubles[subject] = text
        return True

    def answer(
        self, now: Instant, log_lines_lost: int, trackers: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """Everything, as JSON can carry it. Times are seconds. `trackers`: what each said last."""
        return {
            "version": __version__,
            "pid": self.pid,
            "heartbeat_pid": self.heartbeat.pid,
            "heartbeat_restarts": self.heartbeat.restarts,
            "heartbeat_down": self.heartbeat.down,
            "runner_pid": self.runner.pid,
            "runner_restarts": self.runner.restarts,
            "runner_down": self.runner.down,
            "service_pid": self.service.pid,
            "service_restarts": self.service.restarts,
            "service_down": self.service.down,
            "checker_pid": self.checker.pid,
            "checker_restarts": self.checker.restarts,
            "checker_down": self.checker.down,
            "uptime_s": (now - self.started).as_seconds(),
            "config_file": self.config_file,
            "router_id": self.router_id,
            "findings": self.findings,
            "reloading": self.reloading,
            "last_reload": self.last_reload,
            "refused": self.refused,
            "troubles": self.troubles,
            "log_lines_lost": log_lines_lost + self.view.get("messages_dropped", 0),
            "view_age_s": (now - self.viewed).as_seconds() if self.viewed else None,
            "instances": self.view.get("instances", []),
            "virtual_servers": self.virtual_servers,
            "sync_role": self.sync_role,
            "lvs_engine": self.lvs_engine,
            "trackers": trackers,
            "checks": self.checks,
            "notifications": self.notifications,
            "link_drops": self.view.get("link_drops", {}),
            "unknown_virtual_router_ids": self.view.get("unknown_virtual_router_ids", {}),
            "quarantine_drops": self.view.get("quarantine_drops", {}),
            "worker": self.view.get("worker", {}),
            "gates": self.view.get("gates", {}),
            "sockets": self.view.get("sockets", {}),
            "netlink_overruns": self.view.get("netlink_overruns", 0),
            "lateness": self.view.get("lateness", {}),
        }
