"""What `global_defs` says of virtual servers.

Knows those keywords. Must not know a virtual server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.lexer import Word
from halod.config.lowering.daemon import lower_cpus, lower_name
from halod.config.reading import Values
from halod.config.scalars import interface_fault
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.model.check import TlsIdentity
from halod.model.diagnostic import FindingSeverity, Span
from halod.model.units import Duration
from halod.model.virtual_server import LvsEngine, LvsSettings, LvsTimeouts, SyncDaemon

__all__ = ["lower_lvs", "lower_tls_identity", "sync_daemon_place"]

TIMEOUT_MAX = 31 * 24 * 3600
_TIMEOUTS = {"tcp": "tcp", "tcpfin": "tcp_fin", "udp": "udp"}
_NUMBERS: Mapping[str, tuple[str, int, int]] = {
    "id": ("sync_id", 0, 255),
    "maxlen": ("maximum_length", 1, 65507),
    "port": ("port", 1, 65535),
    "ttl": ("ttl", 1, 255),
}
_WORDS = (*_NUMBERS, "group", "inst")


def lower_lvs(values: Values, findings: Findings) -> LvsSettings | None:
    """Of `global_defs`; None: nothing that differs from the defaults."""
    flush_on_stop = ""
    for name in ("lvs_flush_on_stop", "lvs_flush_onstop"):
        if values.has(name):
            flush_on_stop = values.get(name, str) or "all"
    settings = LvsSettings(
        engine=values.get("lvs_engine", LvsEngine) or LvsEngine.AUTO,
        flush=values.has("lvs_flush"),
        flush_on_stop=flush_on_stop,
        timeouts=_timeouts(values, findings),
        sync_daemon=_sync_daemon(values, findings),
        process_name=_process_name(values, findings),
        checker_cpus=lower_cpus("checker_cpu_affinity", values, findings),
        checker_mails=not values.has("no_checker_emails"),
        init_notifies=values.has("rs_init_notifies"),
    )
    return None if settings == LvsSettings() else settings


def sync_daemon_place(values: Values) -> Span | None:
    """Where the instance that it follows is named; None: there is no sync daemon."""
    if not values.has("lvs_sync_daemon"):
        return None
    words = values.statement("lvs_sync_daemon").arguments
    for before, word in pairwise(words):
        if before.text == "inst" or (before is words[0] and word.text not in _WORDS):
            return word.span
    return words[0].span


def _process_name(values: Values, findings: Findings) -> str:
    name = "halod_check" if values.has("process_names") else ""
    for keyword in ("lvs_process_name", "checker_process_name"):
        name = lower_name(keyword, name, values, findings)
    return name


def lower_tls_identity(values: Values) -> TlsIdentity:
    """Of an `SSL` block."""
    return TlsIdentity(
        certificate=values.get("certificate", str) or "",
        key=values.get("key", str) or "",
        ca=values.get("ca", str) or "",
        password=values.get("password", str) or "",
    )


def _number(word: Word, least: int, most: int) -> int | None:
    text = word.text
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return int(text) if least <= int(text) <= most else None


def _timeouts(values: Values, findings: Findings) -> LvsTimeouts:
    found = LvsTimeouts()
    if not values.has("lvs_timeouts"):
        return found
    rest = iter(values.statement("lvs_timeouts").arguments)
    for word in rest:
        name = _TIMEOUTS.get(word.text)
        value = next(rest, None)
        seconds = _number(value, 1, TIMEOUT_MAX) if value is not None else None
        if name is None or seconds is None:
            _tell(word, "lvs_timeouts", tuple(_TIMEOUTS), findings)
            continue
        found = replace(found, **{name: Duration.seconds(seconds)})
    return found


def _sync_daemon(values: Values, findings: Findings) -> SyncDaemon | None:
    if not values.has("lvs_sync_daemon"):
        return None
    statement: Statement = values.statement("lvs_sync_daemon")
    first, *others = statement.arguments
    fault = interface_fault(first.text)
    if fault is not None:
        findings.add(
            Code.BAD_INTERFACE,
            f"`{first.shown}` {fault}: there is no sync daemon",
            first.span,
            severity=FindingSeverity.IGNORED,
        )
        return None
    daemon = SyncDaemon(interface=first.text)
    rest = iter(others)
    for position, word in enumerate(rest):
        if word.text not in _WORDS:
            if position == 0:
                daemon = replace(daemon, instance=word.text)
            else:
                _tell(word, "lvs_sync_daemon", _WORDS, findings)
            continue
        value = next(rest, None)
        if value is None:
            _tell(word, "lvs_sync_daemon", _WORDS, findings)
        elif word.text == "inst":
            daemon = replace(daemon, instance=value.text)
        elif word.text == "group":
            daemon = replace(daemon, group=value.text)
        else:
            field, least, most = _NUMBERS[word.text]
            number = _number(value, least, most)
            if number is None:
                _tell(value, "lvs_sync_daemon", _WORDS, findings)
            else:
                numbers: dict[str, Any] = {field: number}
                daemon = replace(daemon, **numbers)
    return daemon


def _tell(word: Word, keyword: str, words: tuple[str, ...], findings: Findings) -> None:
    findings.add(
        Code.UNKNOWN_WORD,
        f"`{word.shown}` means nothing in `{keyword}`, or its value is no number that it takes",
        word.span,
        severity=FindingSeverity.IGNORED,
        fix=did_you_mean(word.span, closest(word.text, words)),
    )
