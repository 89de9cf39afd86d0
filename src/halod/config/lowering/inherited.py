"""What a check takes from its real server, and that from its virtual server.

Knows keepalived's defaults and their order. Must not know what is checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from halod.config.reading import Values
from halod.model.check import CheckTiming, Connection
from halod.model.endpoint import Endpoint
from halod.model.units import Duration

__all__ = ["CheckDefaults", "Inherited"]

DELAY_LOOP = Duration.seconds(60)
CONNECT_TIMEOUT = Duration.seconds(5)


@dataclass(frozen=True, slots=True)
class CheckDefaults:
    """Of one kind of check."""

    retry: int = 1
    before_retry: Duration | None = Duration.seconds(1)
    """None: the delay between two checks."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a block says so far; None: nothing, and the kind of check decides."""

    delay_loop: Duration = DELAY_LOOP
    retry: int | None = None
    delay_before_retry: Duration | None = None
    warmup: Duration | None = None
    connect_timeout: Duration = CONNECT_TIMEOUT
    alpha: bool = False
    log_all_failures: bool = False
    virtualhost: str = ""
    made: dict[tuple[str, ...], CheckTiming] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Timings of checks that say nothing themselves, by kind: one object for thousands."""

    def within(self, values: Values) -> Inherited:
        """With what an inner block says."""
        found: dict[str, object] = {}
        for name, kind in _TIMES:
            value = values.get(name, kind)
            if value is not None:
                found[name] = value
        if values.has("alpha"):
            found["alpha"] = values.get_or("alpha", default=True)
        host = values.get("virtualhost", str)
        if host is not None:
            found["virtualhost"] = host
        return replace(self, **found, made={}) if found else self  # type: ignore[arg-type]

    def timing(self, values: Values, defaults: CheckDefaults) -> CheckTiming:
        """Of a check."""
        own = any(values.has(name) for name in _OWN)
        key = (str(defaults.retry), str(defaults.before_retry))
        if not own and key in self.made:
            return self.made[key]
        delay = values.get("delay_loop", Duration) or self.delay_loop
        retry = _later(values, "retry", "nb_get_retry")
        if retry is None:
            retry = defaults.retry if self.retry is None else self.retry
        before = values.get("delay_before_retry", Duration)
        if before is None:
            before = self.delay_before_retry
        if before is None:
            before = defaults.before_retry or delay
        warmup = values.get("warmup", Duration)
        if warmup is None:
            warmup = delay if self.warmup is None else self.warmup
        timing = CheckTiming(
            delay_loop=delay,
            retry=retry,
            delay_before_retry=before,
            warmup=warmup,
            alpha=values.get_or("alpha", self.alpha),
            log_all_failures=values.get_or("log_all_failures", self.log_all_failures),
        )
        if not own:
            self.made[key] = timing
        return timing

    def connection(self, values: Values, server: Endpoint) -> Connection:
        """Of a check, or of a `host` of one."""
        address = values.get("connect_ip", object)
        port = values.get("connect_port", int)
        to = server
        if address is not None or port is not None:
            to = Endpoint(
                server.address if address is None else address,  # type: ignore[arg-type]
                port or server.port,
            )
        source = values.get("bindto", object)
        return Connection(
            to=to,
            source=source,  # type: ignore[arg-type]
            source_port=values.get("bind_port", int) or 0,
            interface=values.get("bind_if", str) or "",
            mark=values.get("fwmark", int) or 0,
            timeout=values.get("connect_timeout", Duration) or self.connect_timeout,
        )


def _later(values: Values, *names: str) -> int | None:
    """Of two names for one thing: what stands last counts, as in keepalived."""
    written = [(values.statement(name).keyword.span, name) for name in names if values.has(name)]
    return values.get(max(written)[1], int) if written else None


_TIMES: tuple[tuple[str, type], ...] = (
    ("delay_loop", Duration),
    ("retry", int),
    ("delay_before_retry", Duration),
    ("warmup", Duration),
    ("connect_timeout", Duration),
)
_OWN = (
    *("delay_loop", "retry", "nb_get_retry", "delay_before_retry", "warmup"),
    *("alpha", "log_all_failures"),
)
