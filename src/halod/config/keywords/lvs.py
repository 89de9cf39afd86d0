"""Keywords of `global_defs` that are for virtual servers.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import (
    Choice,
    Flag,
    Keyword,
    Program,
    Repeated,
    Text,
    Toggle,
    Words,
)
from halod.model.virtual_server import LvsEngine

__all__ = ["LVS_GLOBALLY"]

_NOTHING_RUNS = "nothing is run"

LVS_GLOBALLY = {
    "lvs_engine": Keyword(
        kind=Choice({each.value: each for each in LvsEngine}),
        sets="LvsSettings.engine",
        default="auto counts",
        own=True,
    ),
    "lvs_flush": Keyword(kind=Flag(), sets="LvsSettings.flush"),
    "lvs_flush_on_stop": Keyword(kind=Words(1, "VS, or nothing"), sets="LvsSettings.flush_on_stop"),
    "lvs_flush_onstop": Keyword(kind=Words(1, "VS, or nothing"), sets="LvsSettings.flush_on_stop"),
    "lvs_timeouts": Keyword(
        kind=Text(words=6), sets="LvsSettings.timeouts", default="the kernel's count"
    ),
    "lvs_sync_daemon": Keyword(
        kind=Text(words=12), sets="LvsSettings.sync_daemon", default="there is none"
    ),
    "lvs_notify_fifo": Keyword(
        kind=Program(splits=False), sets="NotifySettings.lvs_fifo", default="there is no pipe"
    ),
    "lvs_notify_fifo_script": Keyword(
        kind=Program(), sets="NotifySettings.lvs_fifo", default=_NOTHING_RUNS
    ),
    "rs_init_notifies": Keyword(kind=Flag(), sets="LvsSettings.init_notifies"),
    "checker_log_all_failures": Keyword(
        kind=Toggle(), sets="CheckTiming.log_all_failures", default="off counts"
    ),
    "smtp_alert_checker": Keyword(
        kind=Toggle(), sets="RealServer.mail", default="the value of smtp_alert counts"
    ),
    "checker_process_name": Keyword(
        kind=Text(), sets="LvsSettings.process_name", default="it keeps its name"
    ),
    "lvs_process_name": Keyword(
        kind=Text(), sets="LvsSettings.process_name", default="it keeps its name"
    ),
    "checker_cpu_affinity": Keyword(
        kind=Repeated("numbers of processors"), sets="LvsSettings.checker_cpus"
    ),
    "no_checker_emails": Keyword(kind=Flag(), sets="LvsSettings.checker_mails"),
}
