"""Text on the page: escaped, and times in the words of people. Pure.

Knows HTML's special signs and nothing of what is said. Names and log lines may be hostile: whatever
goes into the page goes through `text` or `json_inside`.
"""

import html
import json
from string import ascii_lowercase

from halod.model.printable import printable

MS = 1_000_000
S = 1_000_000_000


def text(said: str) -> str:
    """Safe as text and inside a quoted attribute; control signs are shown as such."""
    return html.escape(printable(said), quote=True)


def json_inside(tree: object) -> str:
    """JSON that may stand inside a script element: no sign in it can end the element."""
    said = json.dumps(tree, ensure_ascii=True, separators=(",", ":"))
    return said.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def length(nanoseconds: int) -> str:
    """How long something took: in milliseconds below a second."""
    if nanoseconds < 10 * MS:
        return f"{nanoseconds / MS:.1f} ms"
    if nanoseconds < S:
        return f"{nanoseconds / MS:.0f} ms"
    return f"{nanoseconds / S:.2f} s"


def instant(nanoseconds: int) -> str:
    """A time since the left edge, to the millisecond."""
    return f"{nanoseconds / S:.3f} s"


def letter(index: int) -> str:
    """The name of a step: a to z as in the terminal's drawing, then aa, ab and so on."""
    name = ""
    while index >= 0:
        index, place = divmod(index, len(ascii_lowercase))
        name = ascii_lowercase[place] + name
        index -= 1
    return name
