"""Keywords of `global_defs` about the daemon itself: its processes, and what is run beside them.

Knows types and ranges. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import Flag, Keyword, Program, Repeated, Seconds, Text
from halod.model.units import Duration

__all__ = ["DAEMON"]

_LIMIT = Seconds(Duration.seconds(1), Duration.seconds(1000))
NOTHING_RUNS = "nothing is run"

DAEMON = {
    "process_names": Keyword(kind=Flag(), sets="DaemonSettings.names"),
    "process_name": Keyword(
        kind=Text(), sets="ProcessNames.supervisor", default="it keeps its name"
    ),
    "vrrp_process_name": Keyword(
        kind=Text(), sets="ProcessNames.heartbeat", default="it keeps its name"
    ),
    "umask": Keyword(kind=Text(words=17), sets="DaemonSettings.umask", default="it has no effect"),
    "vrrp_cpu_affinity": Keyword(
        kind=Repeated("numbers of processors"), sets="DaemonSettings.vrrp_cpus"
    ),
    "iproute_usr_dir": Keyword(
        kind=Text(), sets="DaemonSettings.iproute_usr_dir", default="the usual folders count"
    ),
    "iproute_etc_dir": Keyword(
        kind=Text(), sets="DaemonSettings.iproute_etc_dir", default="the usual folder counts"
    ),
    "config_save_dir": Keyword(
        kind=Text(), sets="DaemonSettings.config_save_dir", default="nothing is kept"
    ),
    "reload_file": Keyword(kind=Repeated("a path, or nothing"), sets="DaemonSettings.reload_file"),
    "reload_time_file": Keyword(
        kind=Text(), sets="DaemonSettings.reload_time_file", default="there is no such file"
    ),
    "reload_repeat": Keyword(kind=Flag(), sets="DaemonSettings.reload_repeat"),
    "startup_script": Keyword(kind=Program(), sets="OnceScript.command", default=NOTHING_RUNS),
    "startup_script_timeout": Keyword(kind=_LIMIT, sets="OnceScript.limit", default="10 s counts"),
    "shutdown_script": Keyword(kind=Program(), sets="OnceScript.command", default=NOTHING_RUNS),
    "shutdown_script_timeout": Keyword(kind=_LIMIT, sets="OnceScript.limit", default="10 s counts"),
}
