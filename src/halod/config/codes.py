"""Every code that a finding can carry, in families, with what it means.

Knows meanings. The reference page of the diagnostics is made from this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.diagnostic import FindingSeverity

__all__ = ["MEANINGS", "Code", "Meaning"]


class Code(Enum):
    """E0 syntax, E1 value, E2 reference, W3 risk, W4 compatibility."""

    OPEN_BLOCK = "E001"
    STRAY_CLOSE = "E002"
    OPEN_QUOTE = "E003"
    UNKNOWN_KEYWORD = "E004"
    BLOCK_EXPECTED = "E005"
    STRAY_OPEN = "E006"
    MISPLACED = "E007"
    MISSING_VALUE = "E101"
    NOT_A_NUMBER = "E102"
    OUT_OF_RANGE = "E103"
    UNKNOWN_WORD = "E104"
    PUNCTUATION = "E105"
    BAD_ADDRESS = "E106"
    EXTRA_WORD = "E107"
    BAD_INTERFACE = "E108"
    BAD_LABEL = "E109"
    SAME_VRID = "E201"
    SAME_NAME = "E202"
    INCOMPLETE = "E203"
    NOTHING_TO_DO = "E204"
    TOO_MANY_ADDRESSES = "E205"
    PREEMPT_CLEARED = "W301"
    PASSWORD_TRUNCATED = "W302"
    NO_MASK = "W303"
    SAME_ADDRESS = "W304"
    NO_AUTHENTICATION = "W305"
    INTERVAL_ROUNDED = "W306"
    KEYWORD_TWICE = "W307"
    NO_ADDRESS = "W308"
    PASSWORD_CUT = "W309"
    PLANNED = "W401"
    WITHOUT_EFFECT = "W402"
    NOT_YET = "W403"
    BARE_OWN_KEYWORD = "W404"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for."""

    severity: FindingSeverity
    """Where nothing else is said at the finding."""
    explanation: str


MEANINGS: dict[Code, Meaning] = {
    Code.OPEN_BLOCK: Meaning(
        FindingSeverity.RISK,
        "A block has no closing brace. It is taken as closed where the next section "
        "begins, or at the end of the file. keepalived swallows the sections that follow.",
    ),
    Code.STRAY_CLOSE: Meaning(FindingSeverity.IGNORED, "A closing brace that closes nothing."),
    Code.OPEN_QUOTE: Meaning(
        FindingSeverity.REFUSE, "A quoted string ends on the line on which it began."
    ),
    Code.UNKNOWN_KEYWORD: Meaning(
        FindingSeverity.IGNORED,
        "No keyword of keepalived 2.4.3 in this place has this name. Words are case-sensitive.",
    ),
    Code.BLOCK_EXPECTED: Meaning(
        FindingSeverity.IGNORED, "The keyword opens a block: what belongs to it stands in braces."
    ),
    Code.STRAY_OPEN: Meaning(
        FindingSeverity.IGNORED, "A brace opens a block behind a keyword that has none."
    ),
    Code.MISPLACED: Meaning(FindingSeverity.IGNORED, "The keyword exists, in another section."),
    Code.MISSING_VALUE: Meaning(
        FindingSeverity.IGNORED, "The keyword needs a value. keepalived ends with status 2 here."
    ),
    Code.NOT_A_NUMBER: Meaning(
        FindingSeverity.IGNORED, "The keyword needs a number, and nothing else on it."
    ),
    Code.OUT_OF_RANGE: Meaning(
        FindingSeverity.IGNORED, "The number is outside the range of the keyword."
    ),
    Code.UNKNOWN_WORD: Meaning(
        FindingSeverity.IGNORED, "The keyword takes one of a few words, in exactly this spelling."
    ),
    Code.PUNCTUATION: Meaning(
        FindingSeverity.IGNORED,
        "`keepalived.conf` has no `=` and no `;`: a keyword, a blank, a value.",
    ),
    Code.BAD_ADDRESS: Meaning(FindingSeverity.IGNORED, "The word is no address that can be held."),
    Code.EXTRA_WORD: Meaning(FindingSeverity.IGNORED, "More words than the keyword takes."),
    Code.BAD_INTERFACE: Meaning(
        FindingSeverity.REFUSE, "No interface can have this name, or VRRP makes no sense on it."
    ),
    Code.BAD_LABEL: Meaning(FindingSeverity.IGNORED, "Linux holds labels of 1 to 15 bytes."),
    Code.SAME_VRID: Meaning(
        FindingSeverity.REFUSE,
        "Two instances with one virtual_router_id on one interface take each other for their peer.",
    ),
    Code.SAME_NAME: Meaning(
        FindingSeverity.IGNORED,
        "Two instances with one name: the second is left out, as keepalived does.",
    ),
    Code.INCOMPLETE: Meaning(
        FindingSeverity.REFUSE, "An instance needs an `interface` and a `virtual_router_id`."
    ),
    Code.NOTHING_TO_DO: Meaning(
        FindingSeverity.REFUSE, "The file has no `vrrp_instance`: there is nothing to do."
    ),
    Code.TOO_MANY_ADDRESSES: Meaning(
        FindingSeverity.REFUSE,
        "An advert counts its addresses in one byte: 255 at most (RFC 9568, 5.2.5).",
    ),
    Code.PREEMPT_CLEARED: Meaning(
        FindingSeverity.RISK,
        "A router that starts as MASTER or owns the addresses always takes "
        "over: `nopreempt` and `preempt_delay` have no effect on it, as in keepalived.",
    ),
    Code.PASSWORD_TRUNCATED: Meaning(
        FindingSeverity.RISK, "VRRPv2 has room for 8 bytes of password; the rest is not sent."
    ),
    Code.NO_MASK: Meaning(
        FindingSeverity.NOTE, "An address without a mask is a /32, as in keepalived."
    ),
    Code.SAME_ADDRESS: Meaning(FindingSeverity.RISK, "An address stands twice."),
    Code.NO_AUTHENTICATION: Meaning(
        FindingSeverity.RISK, "`auth_type PASS` and `auth_pass` work only together."
    ),
    Code.INTERVAL_ROUNDED: Meaning(
        FindingSeverity.RISK, "VRRPv2 counts whole seconds (RFC 3768, 5.3.7)."
    ),
    Code.KEYWORD_TWICE: Meaning(
        FindingSeverity.RISK, "The keyword stands twice in one block; the last one counts."
    ),
    Code.NO_ADDRESS: Meaning(
        FindingSeverity.RISK, "An instance without an address elects a master that holds nothing."
    ),
    Code.PASSWORD_CUT: Meaning(
        FindingSeverity.RISK, "`!` and `#` begin a comment, in a password too."
    ),
    Code.PLANNED: Meaning(
        FindingSeverity.IGNORED, "keepalived knows the keyword; halod does not act on it yet."
    ),
    Code.WITHOUT_EFFECT: Meaning(
        FindingSeverity.IGNORED,
        "The keyword is accepted, and there is nothing for it to do in halod.",
    ),
    Code.NOT_YET: Meaning(
        FindingSeverity.REFUSE,
        "halod cannot do this yet, and to run without it would put other packets on "
        "the wire, or leave addresses without an owner.",
    ),
    Code.BARE_OWN_KEYWORD: Meaning(
        FindingSeverity.RISK,
        "halod's own keywords stand behind `@halod`, so that keepalived skips "
        "them and one file serves both.",
    ),
}
