"""Scripts without `enable_script_security`: who can change one of them may become root."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.script import LoweredScript
from halod.model.script import ScriptSettings

__all__ = ["script_security"]

HELP = (
    "write `enable_script_security` and `script_user root` into `global_defs`: then a script of "
    "root's that others can change is left out"
)


def script_security(
    used: Sequence[LoweredScript], settings: ScriptSettings, findings: Findings
) -> None:
    """Told once, at the first: the cure is one for all. keepalived minds no text for a shell."""
    files = [lowered for lowered in used if not lowered.is_for_shell]
    if settings.security or not files:
        return
    findings.add(
        Code.NO_SCRIPT_SECURITY,
        "scripts are run without `enable_script_security`: others may be able to change them",
        files[0].command,
        helps=(HELP,),
    )
