"""What was heard of a pair, brought into a form that can be compared: by act, stream and host.

Values and arithmetic. Must not know sockets, labs, or which daemon it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from halod.lab.ownership import Holding
from tests.traces.port_ear import Advert, Announcement
from tests.traces.script import Act, Stream

__all__ = ["Heard", "Line", "Mark", "Part", "Trace", "trace_of"]


@dataclass(frozen=True, slots=True)
class Line:
    """What a daemon wrote into its pipe."""

    at_ns: int
    host: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One act, in time."""

    act: Act
    begin_ns: int
    zero_ns: int
    """From where its times count."""
    end_ns: int


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything of one play."""

    hosts: list[str]
    adverts: list[Advert]
    announcements: list[Announcement]
    lines: list[Line]
    holdings: list[Holding]
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that was seen, or several equal ones in a row."""

    what: str
    """Compared word by word."""
    at_s: float
    """Since the act; the first of them. 0 or less: it was so before."""
    end_s: float
    """The last of them."""
    count: int = 1
    gap_s: float = 0.0
    """The longest between two of them."""

    def __str__(self) -> str:
        if self.count > 1:
            return f"{self.what} x{self.count} +{self.at_s:.2f}..{self.end_s:.2f}"
        return self.what if self.at_s <= 0 else f"{self.what} +{self.at_s:.2f}"


Trace = dict[tuple[int, Stream, str], tuple[Mark, ...]]
"""By number of the act, stream and host."""


def trace_of(heard: Heard) -> Trace:
    """All of it."""
    found: Trace = {}
    for number, part in enumerate(heard.parts):
        for host in heard.hosts:
            adverts = [a for a in heard.adverts if a.host == host and _within(a, part)]
            found[number, Stream.WIRE, host] = tuple(_runs(adverts, part))
            held = [h for h in heard.holdings if h.host == host]
            found[number, Stream.VIP, host] = tuple(_changes(held, part))
            lines = [line for line in heard.lines if line.host == host]
            found[number, Stream.NOTIFY, host] = tuple(
                _mark(text, [_since(line.at_ns, part) for line in equal])
                for text, equal in groupby(
                    (line for line in lines if _within(line, part)), lambda line: line.text
                )
            )
            said = [a for a in heard.announcements if a.host == host and _within(a, part)]
            found[number, Stream.ANNOUNCE, host] = tuple(_bursts(said, part))
    return found


def _within(event: Advert | Announcement | Line, part: Part) -> bool:
    """Adverts of others while a program starts: as many as that takes, so they are not compared."""
    is_of_other = part.act.starts not in (None, event.host)
    begin_ns = part.zero_ns if is_of_other and isinstance(event, Advert) else part.begin_ns
    return begin_ns <= event.at_ns < part.end_ns


def _since(at_ns: int, part: Part) -> float:
    return max((at_ns - part.zero_ns) / 1e9, 0.0)


def _runs(adverts: Iterable[Advert], part: Part) -> Iterator[Mark]:
    """Of each virtual router, adverts that say the same one after another."""
    routers: dict[int, list[tuple[str, list[float]]]] = {}
    for advert in adverts:
        what = f"VRID {advert.vrid} v{advert.version} priority {advert.priority}"
        runs = routers.setdefault(advert.vrid, [])
        if not runs or runs[-1][0] != what:
            runs.append((what, []))
        runs[-1][1].append(_since(advert.at_ns, part))
    for _, runs in sorted(routers.items()):
        for what, at_s in runs:
            yield _mark(what, at_s)


def _mark(what: str, at_s: list[float]) -> Mark:
    gap_s = max((after - before for before, after in pairwise(at_s)), default=0.0)
    return Mark(what.replace('"', ""), at_s[0], at_s[-1], len(at_s), gap_s)


def _changes(held: Iterable[Holding], part: Part) -> Iterator[Mark]:
    """Of each address: whether the host had it, when it came and when it went."""
    for holding in _joined(held):
        if holding.end_ns <= part.begin_ns or holding.start_ns >= part.end_ns:
            continue
        if holding.start_ns < part.begin_ns:
            yield Mark(f"has {holding.vip}", 0.0, 0.0)
        else:
            at_s = _since(holding.start_ns, part)
            yield Mark(f"gets {holding.vip}", at_s, at_s)
        if holding.end_ns < part.end_ns:
            at_s = _since(holding.end_ns, part)
            yield Mark(f"loses {holding.vip}", at_s, at_s)


SILENCE_NS = 80_000_000
"""An address is asked for every few milliseconds; on a busy machine the host answers late."""


def _joined(held: Iterable[Holding]) -> Iterator[Holding]:
    """In order, without interruptions that the machine may have made."""
    before: Holding | None = None
    for holding in sorted(held, key=lambda h: (h.vip, h.start_ns)):
        if before is not None and before.vip == holding.vip:
            if holding.start_ns - before.end_ns < SILENCE_NS:
                before = replace(before, end_ns=holding.end_ns)
                continue
            yield before
        elif before is not None:
            yield before
        before = holding
    if before is not None:
        yield before


BURST_S = 0.1
"""Announcements of one address that are nearer to each other are one burst."""


def _bursts(said: Iterable[Announcement], part: Part) -> Iterator[Mark]:
    addresses: dict[str, list[float]] = {}
    for one in said:
        addresses.setdefault(one.address, []).append(_since(one.at_ns, part))
    for address, at_s in sorted(addresses.items()):
        bursts: list[list[float]] = []
        for moment_s in at_s:
            if bursts and moment_s - bursts[-1][-1] <= BURST_S:
                bursts[-1].append(moment_s)
            else:
                bursts.append([moment_s])
        for frames, equal in groupby(bursts, len):
            yield _mark(f"{frames} of {address}", [burst[0] for burst in equal])
