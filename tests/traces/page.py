"""The page docs/reference/differences.md, made from a run: `make traces`.

    python -m tests.traces.page JUNIT-XML PAGE

Knows pytest's JUnit file, the scripts and the reasons. Must not play anything.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from tests.matrix.page import outcomes, versions_of
from tests.traces.catalogue import SCRIPTS
from tests.traces.reasons import Reason
from tests.traces.script import Script

__all__ = ["main", "page"]

_HEAD = """# Where halod differs from keepalived

Made by `make traces` from a run of `tests/traces` on {day}, with {versions}. A pair of halod and a
pair of keepalived with the same files go through the same fault script at the same time, each in
namespaces of its own. Of each host is compared, act by act:

- its **adverts**: version, VRID and priority in their order, how many, when the first and the last
  came, and the longest gap;
- each **address**: when it came, when it went, and when the host did not answer for it any more;
- its **notify** lines, in their order;
- its **announcements** (gratuitous ARP, unsolicited neighbour advertisements), burst by burst.

Times may differ by 0.6 of an interval, which is 0.2 s unless the script says otherwise: one advert
more or less shows. Whatever differs beyond that is listed in the data of the script with its
reason, is looked for in each run, and stands below. {total} scripts were played; in {same} both do
the same.

| script | what is done | outcome |
| --- | --- | --- |
"""
_TAIL = """
## The differences

{reasons}
## Seen beside the scripts

- keepalived 2.2.7 with `vrrp_rt_priority` ends at a reload: its VRRP process then has the limit of
  10 ms of processor time again, whatever `vrrp_rlimit_rttime` says, cannot raise it, and the kernel
  kills it. The scripts that reload run it without real time; halod's heartbeat is in real time in
  all of them.
- A check runs each second, and a daemon looks when its check runs: there times may differ by 1 s. A
  tracked file is looked at every 0.25 s by halod; keepalived is told by the kernel.
"""


def page(passed: Mapping[str, bool], day: date, versions: str) -> str:
    """The text of the page. `passed`: by the id of a script."""
    rows = "".join(
        f"| {script.name} | {'; '.join(act.words for act in script.acts)} "
        f"| {_outcome(script, passed)} |\n"
        for script in SCRIPTS
    )
    same = sum(passed.get(script.id, False) and not script.differs for script in SCRIPTS)
    head = _HEAD.format(day=day.isoformat(), versions=versions, total=len(passed), same=same)
    reasons = "".join(f"{reason.number}. {reason.value}\n" for reason in Reason)
    return head + rows + _TAIL.format(reasons=reasons)


def _outcome(script: Script, passed: Mapping[str, bool]) -> str:
    if script.id not in passed:
        return "not played"
    if not passed[script.id]:
        return "**fails**"
    numbers = sorted({known.why.number for known in script.differs})
    if not numbers:
        return "the same"
    return f"differs: {', '.join(map(str, numbers))}"


def main(junit: str, file: str) -> int:
    """Writes the page; 1 where a script does not pass."""
    passed = outcomes(Path(junit).read_text(encoding="utf-8"))
    versions = versions_of({"keepalived": "keepalived"})
    text = page(passed, date.today(), versions)  # noqa: DTZ011
    Path(file).write_text(text, encoding="utf-8")
    failed = sorted(name for name, good in passed.items() if not good)
    print(f"{file}: {len(passed)} scripts, {len(failed)} fail: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
