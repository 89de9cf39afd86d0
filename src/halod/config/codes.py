"""Every code that a finding can carry, in families, and what is said about each.

Knows the codes. Their meanings stand in `meanings`, one file a family: the reference page of the
diagnostics and `haloctl explain` are made from those alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.diagnostic import FindingSeverity

__all__ = ["FAMILIES", "Code", "Meaning", "Place"]


class Code(Enum):
    """E0 syntax, E1 value, E2 reference, H5 this machine, W3 risk, W4 compatibility.

    A number is never reused.
    """

    OPEN_BLOCK = "E001"
    STRAY_CLOSE = "E002"
    OPEN_QUOTE = "E003"
    UNKNOWN_KEYWORD = "E004"
    BLOCK_EXPECTED = "E005"
    STRAY_OPEN = "E006"
    MISPLACED = "E007"
    NOT_TEXT = "E008"
    TEMPLATE = "E009"
    TOO_MANY = "E010"
    NOT_INCLUDED = "E011"
    BAD_SEQUENCE = "E012"
    EXPANSION_LIMIT = "E013"
    UNDEFINED = "E014"
    CUT_OFF = "E015"
    TWO_ON_A_LINE = "E016"
    MISSING_VALUE = "E101"
    NOT_A_NUMBER = "E102"
    OUT_OF_RANGE = "E103"
    UNKNOWN_WORD = "E104"
    PUNCTUATION = "E105"
    BAD_ADDRESS = "E106"
    EXTRA_WORD = "E107"
    BAD_INTERFACE = "E108"
    BAD_LABEL = "E109"
    BAD_TEXT = "E110"
    OTHER_FAMILY = "E111"
    INCOMPLETE_ROUTE = "E120"
    SAME_VRID = "E201"
    SAME_NAME = "E202"
    INCOMPLETE = "E203"
    NOTHING_TO_DO = "E204"
    TOO_MANY_ADDRESSES = "E205"
    NO_SUCH_INSTANCE = "E206"
    NO_SUCH_TRACKER = "E207"
    NO_SUCH_INTERFACE = "H501"
    LINK_NOT_READY = "H502"
    ADDRESS_STANDS = "H503"
    SCRIPT_MISSING = "H504"
    SCRIPT_NOT_EXECUTABLE = "H505"
    SCRIPT_WRITABLE = "H506"
    FIREWALL_DROPS = "H507"
    OTHER_DAEMON = "H508"
    SOURCE_NOT_HERE = "H509"
    PREEMPT_CLEARED = "W301"
    PASSWORD_TRUNCATED = "W302"
    NO_MASK = "W303"
    SAME_ADDRESS = "W304"
    NO_AUTHENTICATION = "W305"
    INTERVAL_ROUNDED = "W306"
    KEYWORD_TWICE = "W307"
    NO_ADDRESS = "W308"
    PASSWORD_CUT = "W309"
    SMALL_WEIGHT = "W310"
    ZERO_WEIGHT = "W311"
    WEIGHT_NOPREEMPT = "W312"
    STRICT_BLOCKS = "W313"
    UNICAST_ALONE = "W314"
    NOT_A_HOST = "W315"
    OTHER_BROADCAST = "W316"
    SHELL_SIGNS = "W317"
    GROUP_WEIGHT = "W318"
    GROUP_PRIORITIES = "W319"
    PEER_IS_SELF = "W320"
    FEW_MEMBERS = "W321"
    NOT_LINK_LOCAL = "W322"
    NO_SCRIPT_SECURITY = "W325"
    NOT_TRACKED = "W326"
    NO_PREFERENCE = "W330"
    SLOW_PACE = "W340"
    MAIL_NOWHERE = "W350"
    MAIL_UNASKED = "W351"
    LOGIN_IN_CLEAR = "W352"
    NOT_CHECKED = "W360"
    UNFIT_FOR_NFT = "W361"
    SERVER_IS_ITSELF = "W362"
    PLANNED = "W401"
    WITHOUT_EFFECT = "W402"
    NOT_YET = "W403"
    BARE_OWN_KEYWORD = "W404"
    BYTE_ORDER_MARK = "W405"
    LATE_TRACKER = "W406"
    CHAIN_VERIFIED = "W407"


FAMILIES = {
    "E0": "Syntax: braces, quotes, names",
    "E1": "Values",
    "E2": "What belongs together",
    "H5": "This machine: `haloctl check --host`",
    "W3": "Risks: it runs as written, and may hurt",
    "W4": "Compatibility with keepalived",
}
"""First two signs of a code -> what its family is about."""


class Place(Enum):
    """Where an example stands: what is around it in a file that is otherwise without fault."""

    FILE = "{}"
    GLOBALS = (
        "global_defs {{\n{}\n}}\n"
        "vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\n"
        "virtual_ipaddress {{\n192.0.2.10/24\n}}\n}}\n"
    )
    INSTANCE = (
        "vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\n{}\n"
        "virtual_ipaddress {{\n192.0.2.10/24\n}}\n}}\n"
    )
    LINK = (
        "vrrp_instance VI_1 {{\nvirtual_router_id 51\n{}\n"
        "virtual_ipaddress {{\n192.0.2.10/24\n}}\n}}\n"
    )
    ADDRESSES = (
        "vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\n"
        "virtual_ipaddress {{\n{}\n}}\n}}\n"
    )
    ROUTES = (
        "vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\n"
        "virtual_ipaddress {{\n192.0.2.10/24\n}}\nvirtual_routes {{\n{}\n}}\n}}\n"
    )
    RULES = (
        "vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\n"
        "virtual_ipaddress {{\n192.0.2.10/24\n}}\nvirtual_rules {{\n{}\n}}\n}}\n"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a code stands for, for the person who got it."""

    severity: FindingSeverity
    """Where nothing else is said at the finding."""
    title: str
    """A few words, lower case."""
    meaning: str
    """What halod found, and what it makes of it."""
    why: str
    """Why it matters."""
    remedy: str
    """What to do."""
    example: str
    """A fragment that yields this code; empty where it would be a book."""
    instead: str
    """The same without the mistake; empty where there is no such thing to write."""
    place: Place = Place.INSTANCE
    """Where both fragments stand."""
