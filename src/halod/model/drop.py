"""Why a received advert was not used: the peer is wrong, so it is counted and nothing changes.

Knows the names. The order of the checks stands in `halod.wire` and `halod.vrrp.admission`.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["DropReason"]


class DropReason(Enum):
    """One reason a dropped advert. The value is the name in status and metrics."""

    TOO_SHORT = "too_short"
    """Shorter than its header or than its address list asks for."""
    TOO_LONG = "too_long"
    """Longer than its address list asks for, beyond Ethernet padding."""
    BAD_TTL = "bad_ttl"
    """TTL below 255: it crossed a router (RFC 9568, 5.1.1.3). Unicast: outside the limits of its
    peer."""
    BAD_VERSION = "bad_version"
    """Neither the version of the instance nor one that we speak."""
    BAD_TYPE = "bad_type"
    """Not an ADVERTISEMENT (RFC 9568, 5.2.2)."""
    BAD_CHECKSUM = "bad_checksum"
    """RFC 9568, 5.2.8."""
    NO_INSTANCE = "no_instance"
    """A VRID that no instance on this link has: another cluster's."""
    AUTH_TYPE_MISMATCH = "auth_type_mismatch"
    """Another authentication type than ours (RFC 2338, 7.1)."""
    AUTH_FAILED = "auth_failed"
    """Another password than ours."""
    AUTH_HEADER_MALFORMED = "auth_header_malformed"
    """AH: a header that is for another protocol, of another length, or with an SPI that is not its
    source."""
    BAD_CHECK_VALUE = "bad_check_value"
    """AH: the check value is not that of this datagram: another `auth_pass`, or a forgery."""
    UNSIGNED = "unsigned"
    """`auth_hmac` is enforced here, and there is no signature."""
    TRAILER_MALFORMED = "trailer_malformed"
    """What stands behind the message is no trailer of auth_hmac."""
    STALE = "stale"
    """Signed at a time that is too far from ours: a replay, or clocks that do not agree."""
    UNKNOWN_KEY = "unknown_key"
    """Signed with a key that is not in the file."""
    BAD_HMAC = "bad_hmac"
    """The signature is not that of this message: another key, or a forgery."""
    REPLAYED = "replayed"
    """A signature of auth_hmac, or a sequence of AH, that came before, or older than that which
    came last."""
    INTERVAL_MISMATCH = "interval_mismatch"
    """v2: another advert interval than ours (RFC 3768, 7.1)."""
    INTERVAL_ZERO = "interval_zero"
    """v3: an advert interval of 0, which would count as dead at once."""
    OWN_SOURCE = "own_source"
    """Carries our own address as its source: our own packet, or an address used twice."""
    NOT_RUNNING = "not_running"
    """The instance is in INIT or FAULT."""
    WRONG_DESTINATION = "wrong_destination"
    """Sent to one address where the instance uses multicast, to another group, or to a group where
    it uses unicast."""
    OWNER_IGNORES = "owner_ignores"
    """It owns the addresses, and `owner_ignore_adverts` has it hear nobody."""
    NOT_A_PEER = "not_a_peer"
    """Unicast: its source is none of the peers, and `check_unicast_src` or a limit of a TTL asks
    for one."""
    QUARANTINED = "quarantined"
    """A heartbeat broke on exactly this advert: the driver drops it before the engine sees it."""
