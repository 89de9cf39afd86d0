"""Keywords of notifications: of an instance, of a sync group, and of `global_defs`.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import (
    Choice,
    Entries,
    Flag,
    Keyword,
    Program,
    Seconds,
    Text,
    Toggle,
)
from halod.model.mail import MailTls
from halod.model.units import ZERO, Duration

__all__ = ["MAIL", "NOTIFY_GLOBALLY", "NOTIFY_GROUP", "NOTIFY_INSTANCE"]

LONG_TIME = Duration.seconds(4294)
"""The longest time keepalived reads: 32 bits of microseconds."""
NOTHING_RUNS = "nothing is run"

NOTIFY_GROUP = {
    "notify": Keyword(kind=Program(), sets="NotifyPolicy.every", default=NOTHING_RUNS),
    "notify_master": Keyword(kind=Program(), sets="NotifyPolicy.master", default=NOTHING_RUNS),
    "notify_backup": Keyword(kind=Program(), sets="NotifyPolicy.backup", default=NOTHING_RUNS),
    "notify_fault": Keyword(kind=Program(), sets="NotifyPolicy.fault", default=NOTHING_RUNS),
    "notify_stop": Keyword(kind=Program(), sets="NotifyPolicy.stop", default=NOTHING_RUNS),
    "notify_priority_changes": Keyword(
        kind=Toggle(),
        sets="NotifyPolicy.priority_changes",
        default="the value of global_defs counts",
    ),
    "smtp_alert": Keyword(
        kind=Toggle(), sets="NotifyPolicy.mail", default="the value of global_defs counts"
    ),
}

NOTIFY_INSTANCE = {
    **NOTIFY_GROUP,
    "notify_deleted": Keyword(
        kind=Program(optional=True), sets="NotifyPolicy.deleted", default=NOTHING_RUNS
    ),
    "notify_master_rx_lower_pri": Keyword(
        kind=Program(), sets="NotifyPolicy.master_rx_lower_pri", default=NOTHING_RUNS
    ),
}

_PIPE = Program(splits=False)

NOTIFY_GLOBALLY = {
    "notify_fifo": Keyword(kind=_PIPE, sets="Fifo.path", default="there is no pipe"),
    "notify_fifo_script": Keyword(kind=Program(), sets="Fifo.script", default=NOTHING_RUNS),
    "vrrp_notify_fifo": Keyword(
        kind=_PIPE, sets="NotifySettings.vrrp_fifo", default="there is no pipe"
    ),
    "vrrp_notify_fifo_script": Keyword(
        kind=Program(), sets="NotifySettings.vrrp_fifo", default=NOTHING_RUNS
    ),
    "fifo_write_vrrp_states_on_reload": Keyword(
        kind=Flag(), sets="NotifySettings.states_on_reload"
    ),
    "vrrp_notify_priority_changes": Keyword(
        kind=Toggle(), sets="NotifyPolicy.priority_changes", default="off counts"
    ),
    "smtp_alert": Keyword(kind=Toggle(), sets="NotifyPolicy.mail", default="off counts"),
    "smtp_alert_vrrp": Keyword(
        kind=Toggle(), sets="NotifyPolicy.mail", default="the value of smtp_alert counts"
    ),
    "notify_timeout": Keyword(
        kind=Seconds(Duration.seconds(1), Duration.seconds(3600)),
        sets="NotifySettings.time_limit",
        default="60 s counts",
        own=True,
    ),
}

MAIL = {
    "notification_email": Keyword(kind=Entries(), sets="MailSettings.to"),
    "notification_email_from": Keyword(kind=Text(), sets="MailSettings.sender"),
    "smtp_server": Keyword(kind=Text(words=2), sets="MailSettings.host"),
    "smtp_helo_name": Keyword(kind=Text(), sets="MailSettings.hello"),
    "smtp_connect_timeout": Keyword(
        kind=Seconds(ZERO, LONG_TIME),
        sets="MailSettings.connect_timeout",
        default="30 s counts",
    ),
    "no_email_faults": Keyword(
        kind=Toggle(), sets="MailSettings.faults", default="mail tells of faults"
    ),
    "smtp_tls": Keyword(
        kind=Choice({tls.value: tls for tls in MailTls}, meant={"tls": "smtps", "ssl": "smtps"}),
        sets="MailSettings.tls",
        default="none counts, and starttls where there is a smtp_user",
        own=True,
    ),
    "smtp_ca_file": Keyword(kind=Text(), sets="MailSettings.ca_file", own=True),
    "smtp_user": Keyword(kind=Text(), sets="MailSettings.user", default="no login", own=True),
    "smtp_password_file": Keyword(
        kind=Text(), sets="MailSettings.password_file", default="no login", own=True
    ),
}
