"""What the kernel refused, and when it is tried again.

Knows places in the table and moments. Must not know what is wanted there now.

A change that is refused is not tried with each verdict, but after 1 s, 2 s, 4 s and so on up to a
minute; another change of the same place is tried at once. A service that could not be added blocks
all that would stand in it.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass

from halod.balance.plan import operation_key
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    OperationFailure,
    RemoveDestination,
    RemoveService,
    TableOperation,
    UpdateDestination,
    UpdateService,
)
from halod.model.units import Duration, Instant

__all__ = ["Refusals", "means_done", "words_of"]

FIRST = Duration.seconds(1)
LONGEST = Duration.seconds(60)
"""A module that is loaded later, a limit that is lifted: a minute is soon enough to see it."""
DOUBLINGS_MAX = 6


@dataclass(slots=True)
class _Refusal:
    kind: type
    times: int
    due: Instant
    why: str
    what: str


class Refusals:
    """Of one table."""

    def __init__(self) -> None:
        self._by_key: dict[ServiceKey, dict[Endpoint | None, _Refusal]] = {}

    def __contains__(self, key: ServiceKey) -> bool:
        return key in self._by_key

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def deadline(self) -> Instant | None:
        """When something is to be tried again."""
        return min(
            (each.due for found in self._by_key.values() for each in found.values()), default=None
        )

    def take(self, failure: OperationFailure, now: Instant) -> Duration | None:
        """Notes one; after which time it is tried again. None: it says nothing new."""
        key, endpoint = operation_key(failure.operation)
        found = self._by_key.setdefault(key, {})
        if None in found and found[None].kind is AddService and endpoint is not None:
            # It could not be added, for the service is missing; that was told.
            return None
        before = found.get(endpoint)
        times = before.times + 1 if before else 1
        delay = min(FIRST * 2 ** min(times - 1, DOUBLINGS_MAX), LONGEST)
        what = words_of(failure.operation)
        found[endpoint] = _Refusal(type(failure.operation), times, now + delay, failure.why, what)
        is_news = before is None or (before.why, before.kind) != (
            failure.why,
            type(failure.operation),
        )
        return delay if is_news else None

    def allowed(self, operations: Iterable[TableOperation], now: Instant) -> list[TableOperation]:
        """Those that may be tried now."""
        if not self._by_key:
            return list(operations)
        return [each for each in operations if not self._is_barred(each, now)]

    def _is_barred(self, operation: TableOperation, now: Instant) -> bool:
        key, endpoint = operation_key(operation)
        found = self._by_key.get(key)
        if found is None:
            return False
        whole = found.get(None)
        if whole is not None and whole.kind is AddService and now < whole.due:
            return True
        each = found.get(endpoint)
        return each is not None and each.kind is type(operation) and now < each.due

    def due(self, now: Instant) -> list[ServiceKey]:
        """Services in which something is to be tried again; each waits anew."""
        keys = []
        for key, found in self._by_key.items():
            late = [each for each in found.values() if each.due <= now]
            if late:
                keys.append(key)
            for each in late:
                delay = FIRST * 2 ** min(each.times, DOUBLINGS_MAX)
                each.due = now + min(delay, LONGEST)
        return keys

    def settle(self, key: ServiceKey) -> bool:
        """All of the service is as wanted; whether anything was refused."""
        return self._by_key.pop(key, None) is not None

    def why(self, key: ServiceKey) -> str | None:
        """What was refused of a service, and why; None: nothing."""
        found = self._by_key.get(key)
        if not found:
            return None
        return "; ".join(f"{each.what} was refused: {each.why}" for each in found.values())

    def places(self) -> tuple[ServiceKey, ...]:
        """Services of which something was refused."""
        return tuple(self._by_key)


def means_done(failure: OperationFailure) -> bool:
    """Whether what was refused is there already, or gone already: the next reading shows it."""
    match failure.operation:
        case AddService() | AddDestination():
            return failure.error_number == errno.EEXIST
        case RemoveService() | RemoveDestination():
            return failure.error_number in (errno.ENOENT, errno.ESRCH)
        case _:
            return False


def words_of(operation: TableOperation) -> str:
    """For people."""
    match operation:
        case AddService(service):
            return f"adding the service {service.key} (scheduler {service.scheduler})"
        case UpdateService(service):
            return f"changing the service {service.key} (scheduler {service.scheduler})"
        case RemoveService(key):
            return f"removing the service {key}"
        case AddDestination(key, destination):
            return f"adding {destination.endpoint} ({destination.forwarding.method.value}) to {key}"
        case UpdateDestination(key, destination):
            return f"changing {destination.endpoint} of {key} (weight {destination.weight})"
        case RemoveDestination(key, endpoint):
            return f"removing {endpoint} from {key}"
