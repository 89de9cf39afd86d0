"""Words that stand for something: a script, a template or a reader was to fill them in.

Knows how such places are written. Must not know what belongs there.
"""

from __future__ import annotations

import re

__all__ = ["PLACE", "is_place"]

PLACE = "it looks like a place that was to be filled in"
_PLACE = re.compile(
    r"""
    <[^<>]+> (?:/\S*)?                          # <VIP>, <VIP>/24
  | [x*]{1,4} (?:[.:] [x*]{1,4}){2,7} (?:/\S*)?  # xxx.xxx.xxx.xxx/xx
  | [A-Z][A-Z0-9]* (?:_[A-Z0-9]+)+ (?:/\S*)?     # VIP_1/16, KEEPALIVED_VIRTUAL_IPS_ROW_1
  | ([%@_#]{1,2}) [A-Za-z][A-Za-z0-9_]* \1 (?:/\S*)?  # %VIP%, @VIP@, __VIP__
    """,
    re.VERBOSE,
)
LENGTH_MAX = 64
"""No name of a place is longer."""


def is_place(text: str) -> bool:
    """Whether nobody would write this word for a value."""
    return len(text) <= LENGTH_MAX and _PLACE.fullmatch(text) is not None
