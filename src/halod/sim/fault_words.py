"""`lb01@10s`, `pause:lb01@10s+5s`, `cut:lb01-lb02@20s+4s`: faults as an operator writes them.

Knows the words. Must not know how a mistake is shown: it raises one, with a suggestion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from halod.model.units import Duration
from halod.sim.fault import (
    AdvertsRefused,
    Crash,
    Cut,
    DeleteAddresses,
    Fault,
    GateRefused,
    HeartbeatDies,
    KernelRefuses,
    LinkDown,
    OneWay,
    Pause,
    PauseAt,
    PauseMachine,
    Restart,
    SlowKernel,
    Stop,
)

__all__ = ["FAULT_WORDS", "FaultWord", "FaultWordError", "read_duration", "read_fault"]

SLOW_WAIT = Duration.seconds(2)
"""How long a change of addresses waits at most while the kernel is slow."""

_UNITS_NS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "min": 60 * 10**9}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|min|m)?")


class FaultWordError(Exception):
    """What cannot be read, and what may be meant."""

    def __init__(self, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class FaultWord:
    """One kind of fault."""

    form: str
    """As it is written."""
    help: str
    make: Callable[[Sequence[str], Duration, Duration], Fault]
    """From its nodes, when it begins, and how long it lasts."""
    between: str = ""
    """What stands between two nodes; empty: it befalls one."""

    @property
    def lasts(self) -> bool:
        """Whether it wants a duration."""
        return "+D" in self.form


FAULT_WORDS: dict[str, FaultWord] = {
    "crash": FaultWord(
        "NODE@T",
        "the daemon is killed, its kernel lives on",
        lambda nodes, at, _: Crash(nodes[0], at),
    ),
    "stop": FaultWord("stop:NODE@T", "a clean stop", lambda nodes, at, _: Stop(nodes[0], at)),
    "restart": FaultWord(
        "restart:NODE@T", "the daemon is started again", lambda nodes, at, _: Restart(nodes[0], at)
    ),
    "die": FaultWord(
        "die:NODE@T",
        "the heartbeat alone dies; its supervisor speaks for it",
        lambda nodes, at, _: HeartbeatDies(nodes[0], at),
    ),
    "hang": FaultWord(
        "hang:NODE@T",
        "the heartbeat alone hangs; its supervisor ends it",
        lambda nodes, at, _: HeartbeatDies(nodes[0], at, hangs=True),
    ),
    "pause": FaultWord(
        "pause:NODE@T+D",
        "its processes stand still, its kernel goes on",
        lambda nodes, at, lasts: Pause(nodes[0], at, lasts),
    ),
    "stale": FaultWord(
        "stale:NODE@T+D",
        "as pause, but caught between a decision and its advert",
        lambda nodes, at, lasts: Pause(nodes[0], at, lasts, PauseAt.ADVERT),
    ),
    "freeze": FaultWord(
        "freeze:NODE@T+D",
        "the whole machine stands still, as a paused guest does",
        lambda nodes, at, lasts: PauseMachine(nodes[0], at, lasts),
    ),
    "suspend": FaultWord(
        "suspend:NODE@T+D",
        "the whole machine sleeps, and its clock shows it",
        lambda nodes, at, lasts: PauseMachine(nodes[0], at, lasts, clock_runs_on=True),
    ),
    "link": FaultWord(
        "link:NODE@T+D",
        "its links are down",
        lambda nodes, at, lasts: LinkDown(nodes[0], at, lasts),
    ),
    "cut": FaultWord(
        "cut:A-B@T+D",
        "the two do not hear each other",
        lambda nodes, at, lasts: Cut(nodes[0], nodes[1], at, lasts),
        "-",
    ),
    "oneway": FaultWord(
        "oneway:A>B@T+D",
        "B does not hear A",
        lambda nodes, at, lasts: OneWay(nodes[0], nodes[1], at, lasts),
        ">",
    ),
    "slow": FaultWord(
        "slow:NODE@T+D",
        f"a change of addresses waits for up to {SLOW_WAIT}",
        lambda nodes, at, lasts: SlowKernel(nodes[0], at, lasts, SLOW_WAIT),
    ),
    "mute": FaultWord(
        "mute:NODE@T+D",
        "a firewall drops the adverts that it sends",
        lambda nodes, at, lasts: AdvertsRefused(nodes[0], at, lasts),
    ),
    "ungate": FaultWord(
        "ungate:NODE@T+D",
        "its interfaces have no gate: lifetimes alone bind its addresses",
        lambda nodes, at, lasts: GateRefused(nodes[0], at, lasts),
    ),
    "refuse": FaultWord(
        "refuse:NODE@T+D",
        "its kernel takes no address",
        lambda nodes, at, lasts: KernelRefuses(nodes[0], at, lasts),
    ),
    "delete": FaultWord(
        "delete:NODE@T",
        "another program deletes its virtual addresses",
        lambda nodes, at, _: DeleteAddresses(nodes[0], at),
    ),
}


def read_duration(text: str) -> Duration:
    """`10s`, `500ms`, `1.5s`, `2m`; a bare number is seconds."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise FaultWordError(f"`{text}` is no time", "write 10s, 1.5s, 500ms or 2m")
    return Duration(round(float(found[1]) * _UNITS_NS[found[2] or "s"]))


def read_fault(text: str, nodes: Sequence[str]) -> Fault:
    """One `--fail`; the nodes are those of the cluster."""
    kind, colon, rest = text.partition(":")
    if not colon:
        kind, rest = "crash", text
    word = FAULT_WORDS.get(kind)
    if word is None:
        raise FaultWordError(f"`{text}`: there is no fault `{kind}`", _near(kind, FAULT_WORDS))
    whom, sign, when = rest.rpartition("@")
    if not sign:
        raise FaultWordError(f"`{text}` does not say when", f"write {word.form}")
    begins, plus, span = when.partition("+")
    if bool(plus) is not word.lasts:
        wanted = "wants a duration" if word.lasts else "has no duration"
        raise FaultWordError(f"`{text}`: `{kind}` {wanted}", f"write {word.form}")
    lasts = read_duration(span) if plus else Duration(0)
    return word.make(_nodes(text, whom, word, nodes), read_duration(begins), lasts)


def _nodes(text: str, whom: str, word: FaultWord, nodes: Sequence[str]) -> Sequence[str]:
    if not word.between:
        return [_known(text, whom, nodes)]
    # Names of hosts have hyphens too: the one that makes two known names is meant.
    for index, sign in enumerate(whom):
        pair = (whom[:index], whom[index + 1 :])
        if sign == word.between and all(name in nodes for name in pair) and pair[0] != pair[1]:
            return pair
    first, sign, second = whom.partition(word.between)
    if not sign or first == second:
        raise FaultWordError(f"`{text}` wants two nodes", f"write {word.form}")
    return [_known(text, first, nodes), _known(text, second, nodes)]


def _known(text: str, name: str, nodes: Sequence[str]) -> str:
    if name not in nodes:
        raise FaultWordError(f"`{text}`: there is no node `{name}`", _near(name, nodes))
    return name


def _near(word: str, known: Sequence[str] | dict[str, FaultWord]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
