"""What is to be said in `haloctl status` of scripts, pipes and mail that tell of changes.

Knows the runner's figures. Must not reckon anything itself: where all went well there is no line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["notification_lines"]


def notification_lines(told: dict[str, Any]) -> list[str]:
    """A line for each thing that waits, failed, or was lost. Empty: nobody is told of anything."""
    if not told:
        return []
    pipes = [_pipe(each) for each in told["fifos"] if _is_odd(each)]
    return [*_scripts(told["scripts"]), *pipes, *_mail(told["mail"])]


def _scripts(scripts: dict[str, Any]) -> Iterator[str]:
    if scripts["waiting"]:
        running = scripts["running"]
        does = "does" if running == 1 else "do"
        yield f"notify scripts: {scripts['waiting']} wait for {running} that {does} not end"
    if scripts["failed"]:
        yield (
            f"notify scripts: {scripts['failed']} of {scripts['runs']} failed, the last time "
            f"{scripts['last_failure']}"
        )
    if scripts["lost"]:
        yield f"notify scripts: {scripts['lost']} never run: too many waited"


def _is_odd(pipe: dict[str, Any]) -> bool:
    """Whether a person should know of it."""
    return bool(pipe["waiting"] or pipe["lost"] or _is_unattended(pipe))


def _is_unattended(pipe: dict[str, Any]) -> bool:
    return bool(pipe["script_starts"]) and not pipe["script_runs"]


def _pipe(pipe: dict[str, Any]) -> str:
    parts = [
        *(["its program does not run"] if _is_unattended(pipe) else []),
        *([f"{pipe['waiting']} lines wait, nobody reads"] if pipe["waiting"] else []),
        *([f"{pipe['lost']} lines lost"] if pipe["lost"] else []),
    ]
    return f"notify FIFO {pipe['path']}: {'; '.join(parts)}"


def _mail(mail: dict[str, Any]) -> Iterator[str]:
    if mail["waiting"] and mail["failures"]:
        yield f"mail: {mail['waiting']} waiting, tried in vain {mail['failures']} times"
    if mail["lost"]:
        yield f"mail: {mail['lost']} given up"
