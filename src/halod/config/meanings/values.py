"""E1: the values of keywords.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["VALUES"]

DEFAULT_COUNTS = "The finding says what counts in its place."

VALUES: dict[Code, Meaning] = {
    Code.MISSING_VALUE: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a value is missing",
        meaning=f"The keyword needs a value and has none. {DEFAULT_COUNTS} Where nothing can, the "
        "file is refused.",
        why="keepalived ends with status 2 here: it does not start, and on a reload it dies and "
        "leaves its addresses behind.",
        remedy="Write the value, or remove the line.",
        example="priority",
        instead="priority 150",
    ),
    Code.NOT_A_NUMBER: Meaning(
        severity=FindingSeverity.IGNORED,
        title="no number",
        meaning=f"The keyword needs a number, and nothing else in the word. {DEFAULT_COUNTS} "
        "`virtual_router_id` has no default: there the file is refused.",
        why="The default is often that of the peer: two nodes with priority 100 let the higher "
        "address decide.",
        remedy="Write the number alone. A remark begins with `#` or `!`.",
        example="priority high",
        instead="priority 150",
    ),
    Code.OUT_OF_RANGE: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a number out of range",
        meaning=f"The number is outside the range of the keyword. {DEFAULT_COUNTS} "
        "`virtual_router_id` has no default: there the file is refused.",
        why="VRRP has one byte for VRID and priority (RFC 9568, 5.2.3 and 5.2.4).",
        remedy="Choose a number from the range that the finding names.",
        example="priority 256",
        instead="priority 254",
    ),
    Code.UNKNOWN_WORD: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a word that the keyword does not know",
        meaning=f"The keyword takes one of a few words, in exactly this spelling. {DEFAULT_COUNTS}",
        why="keepalived says the same to `state master`, and starts as BACKUP.",
        remedy="Write one of the words that the finding names.",
        example="state master",
        instead="state MASTER",
    ),
    Code.PUNCTUATION: Meaning(
        severity=FindingSeverity.IGNORED,
        title="punctuation",
        meaning="`keepalived.conf` has no `=`, no `;` and no `,`: a keyword, a blank, a value. "
        f"Blanks, digits and letters are ASCII. {DEFAULT_COUNTS}",
        why="The sign becomes a part of the word. A no-break or full-width blank from a web page "
        "or a Chinese keyboard looks right and is not.",
        remedy="Write what the finding proposes.",
        example="priority 150;",
        instead="priority 150",
    ),
    Code.BAD_ADDRESS: Meaning(
        severity=FindingSeverity.IGNORED,
        title="no address",
        meaning="The word is no IPv4 address that a machine can hold. The line has no effect.",
        why="The virtual address is held by nobody.",
        remedy="Write four numbers from 0 to 255 and a prefix length. Names are not resolved.",
        example="192.0.2.256/24",
        instead="192.0.2.10/24",
        place=Place.ADDRESSES,
    ),
    Code.EXTRA_WORD: Meaning(
        severity=FindingSeverity.IGNORED,
        title="more words than the keyword takes",
        meaning="The words from here to the end of the line have no effect.",
        why="A remark without `#`, or a second value that you count on.",
        remedy="Remove them, or write `#` before them.",
        example="priority 150 # the master\n    advert_int 1 second",
        instead="priority 150 # the master\n    advert_int 1 # second",
    ),
    Code.BAD_INTERFACE: Meaning(
        severity=FindingSeverity.REFUSE,
        title="an interface that cannot be",
        meaning="No interface can have this name, or VRRP makes no sense on it. Whether it exists "
        "on this machine is no question of the file.",
        why="Nobody would hear the adverts.",
        remedy="Name the link on which the peers are, as `ip link` shows it.",
        example="interface lo",
        instead="interface eth0",
        place=Place.LINK,
    ),
    Code.BAD_LABEL: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a label that the kernel does not take",
        meaning="A label has 1 to 15 bytes that can be printed. The address is held without it.",
        why="keepalived leaves out the whole address.",
        remedy="Write a shorter one, by custom `interface:number`.",
        example="192.0.2.10/24 label eth0:virtual-web",
        instead="192.0.2.10/24 label eth0:web",
        place=Place.ADDRESSES,
    ),
    Code.BAD_TEXT: Meaning(
        severity=FindingSeverity.RISK,
        title="a text that cannot be printed",
        meaning="The value has bytes that are no UTF-8, or control characters. They are read as "
        "escapes, `\\xd6` for example.",
        why="Logs, status and mail show the escapes.",
        remedy="Save the file as UTF-8; remove control characters.",
        example='router_id "lb\x0101"',
        instead='router_id "lb01"',
        place=Place.GLOBALS,
    ),
    Code.OTHER_FAMILY: Meaning(
        severity=FindingSeverity.IGNORED,
        title="an address of the other family",
        meaning="An advert carries addresses of one family, that of the first in "
        "`virtual_ipaddress` (RFC 9568, 5.2.9). The line has no effect, as in keepalived.",
        why="The address is held by nobody.",
        remedy="Give the other family an instance of its own, with a VRID of its own, and tie both "
        "together in a `vrrp_sync_group`.",
        example="192.0.2.10/24\n        2001:db8::10/64",
        instead="192.0.2.10/24",
        place=Place.ADDRESSES,
    ),
    Code.INCOMPLETE_ROUTE: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a route or rule that leads nowhere",
        meaning="A route has neither `via` nor `dev`, or a rule has no table and says nothing else "
        "that is to be done. The line has no effect.",
        why="The kernel would refuse it on becoming MASTER, when it is wanted.",
        remedy="Write `via` and the gateway, or `dev` and the interface; of a rule `table` and its "
        "number.",
        example="192.0.2.0/24 metric 5",
        instead="192.0.2.0/24 via 198.51.100.1 dev eth0 metric 5",
        place=Place.ROUTES,
    ),
}
