"""Where the dumps go that keepalived writes on signals, and in which form.

Knows the keywords of `global_defs`. Must not know what a dump says.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DumpSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpSettings:
    """The dumps of `SIGUSR1`, `SIGUSR2` and `SIGRTMIN+2`."""

    state_file: str = ""
    """`state_dump_file`: full path of the dump of `SIGUSR1`; one that ends in `/` is a folder, and
    the file in it has its usual name. Default: `keepalived.data` in the temporary directory."""
    stats_file: str = ""
    """`stats_dump_file`: the same for `SIGUSR2`. Default: `keepalived.stats` there."""
    json_file: str = ""
    """`json_dump_file`: the same for `SIGRTMIN+2`. Default: `keepalived.json` there."""
    use_instance: bool = False
    """`data_use_instance`: the names of `net_namespace` and `instance` stand in the usual name of
    the dump of `SIGUSR1`: `keepalived.NAMESPACE_INSTANCE.data`. Default: off."""
    json_version: int = 1
    """`json_version`: 1 is a list of instances, 2 an object with a list `vrrp` and, where processes
    are tracked, a list `track_process`. Default 1."""
