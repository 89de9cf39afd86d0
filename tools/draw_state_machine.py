"""Draws the state machine into docs/explanation/state-machine.md, from vrrp/table.py.

python tools/draw_state_machine.py          writes the page
python tools/draw_state_machine.py --check  exit status 1 where it is stale
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from halod.model.state import State
from halod.vrrp.table import ON_ENTER, ON_EXIT, TRANSITIONS, Action, Row, Trigger

PAGE = Path(__file__).resolve().parent.parent / "docs/explanation/state-machine.md"
MARK = "<!-- From here on made by `python tools/draw_state_machine.py`. -->\n"

Key = tuple[State, Trigger]


def means_something(key: Key, row: Row) -> bool:
    """Whether a row does anything at all."""
    return bool(row.actions) or row.state is not key[0]


def in_order() -> Iterator[tuple[Key, Row]]:
    """Rows by state, then by trigger, each in the order of its declaration."""
    for state in State:
        for trigger in Trigger:
            yield (state, trigger), TRANSITIONS[state, trigger]


def diagram() -> Iterator[str]:
    """Mermaid: one arrow for all triggers that lead from one state to another."""
    arrows: dict[tuple[State, State], list[str]] = defaultdict(list)
    for (state, trigger), row in in_order():
        if row.state is not state:
            arrows[state, row.state].append(trigger.value)
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.INITIALIZE.value}"
    for (old, new), triggers in arrows.items():
        yield f"    {old.value} --> {new.value}: {'<br>'.join(triggers)}"
    yield "```"


def words(actions: Iterable[Action]) -> str:
    return "; ".join(action.value for action in actions) or "-"


def ways_in_and_out() -> Iterator[str]:
    yield "| state | on entering it | on leaving it |"
    yield "| --- | --- | --- |"
    for state in State:
        yield f"| {state.value} | {words(ON_ENTER[state])} | {words(ON_EXIT[state])} |"


def live_rows() -> Iterator[str]:
    yield "| in | when | first | then | as in |"
    yield "| --- | --- | --- | --- | --- |"
    for (state, trigger), row in in_order():
        if means_something((state, trigger), row):
            then = "stay" if row.state is state else row.state.value
            if row.after:
                then += f"; {words(row.after)}"
            first = words(row.actions)
            yield f"| {state.value} | {trigger.value} | {first} | {then} | {row.reason} |"


def dead_rows() -> Iterator[str]:
    reasons: dict[tuple[State, str], list[str]] = defaultdict(list)
    for (state, trigger), row in in_order():
        if not means_something((state, trigger), row):
            reasons[state, row.reason].append(trigger.value)
    yield "| in | because | nothing happens when |"
    yield "| --- | --- | --- |"
    for (state, reason), triggers in reasons.items():
        yield f"| {state.value} | {reason} | {'; '.join(triggers)} |"


def render(page: str) -> str:
    """The page with everything below the mark drawn anew."""
    written, mark, _ = page.partition(MARK)
    if not mark:
        raise SystemExit(f"{PAGE.name}: the line that parts writing from drawing is gone: {MARK}")
    parts = [
        "",
        *diagram(),
        "\n## The ways in and out\n",
        *ways_in_and_out(),
        "\n## Every row that does something\n",
        *live_rows(),
        "\n## Every row that does nothing, and why\n",
        *dead_rows(),
    ]
    return written + mark + "\n".join(parts) + "\n"


def main() -> int:
    before = PAGE.read_text(encoding="utf-8")
    after = render(before)
    if "--check" in sys.argv:
        if before != after:
            print(f"{PAGE.name} is stale: run python tools/draw_state_machine.py")
        return int(before != after)
    PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
