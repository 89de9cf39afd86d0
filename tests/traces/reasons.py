"""Why halod is not the same as keepalived 2.2.7 in what the traces show: each reason once.

Texts for docs/reference/differences.md. Must not know scripts.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Reason"]


class Reason(Enum):
    """What halod does, what keepalived does, and why."""

    LEASE = (
        "The lease. The addresses of a daemon that is dead or frozen fall silent by themselves "
        "before a peer takes over. keepalived's stay, beside those of the peer "
        "(docs/explanation/lease.md)."
    )
    WAKES = (
        "Waking. One that was frozen for longer than its lease resigns and listens before it does "
        "anything else. keepalived goes on as MASTER, in a burst of what it did not do meanwhile."
    )
    CHILD = (
        "A dead VRRP process. halod's supervisor resigns for it and frees its addresses, and the "
        "peer takes over within its skew time; it takes about half a second to start another one. "
        "keepalived starts another one at once, which takes the addresses down and listens: "
        "nobody resigns, and whether the peer takes over depends on the moment."
    )
    PARENT = (
        "A dead parent. With halod's, the process that tells ends too, so nobody is told STOP; "
        "the adverts and the addresses are the same."
    )
    HEALING = (
        "Two masters that find each other. The weaker one says one advert more before it goes, so "
        "that the stronger one knows, and announces the addresses again, at once and when the "
        "other is silent: clients that followed the weaker one come back at once. keepalived does "
        "this where `higher_prio_send_advert` asks for it, or the stronger one happens to hear the "
        "weaker one first; else clients are lost for 4 to 6 s "
        "(docs/explanation/measured.md)."
    )
    RESIGNED = (
        "A resignation that a MASTER hears. The one that resigns may have had clients: halod "
        "announces the addresses again. keepalived answers with an advert alone."
    )
    MUTE = (
        "Adverts that cannot be sent. A MASTER whose own firewall refuses its adverts goes to "
        "FAULT, gives up the addresses and tries again after a minute: the peers take over, and "
        "two would own them. keepalived goes on as MASTER and does not notice."
    )
    DELETED_BY_HAND = (
        "An address that somebody takes away. halod puts it back at once, three times in 10 s. "
        "keepalived resigns, becomes BACKUP and then MASTER again."
    )
    ADDRESS_LIST = (
        "Address lists that differ. halod takes the advert and tells it, as keepalived does from "
        "2.3.3 on. 2.2.7 drops it, so that both are MASTER until the lists agree: an address "
        "cannot be added to a pair without that."
    )
    RELOAD = (
        "A file that cannot be used, at a reload. halod says why and goes on with the old one. "
        "keepalived ends, and leaves its addresses behind."
    )
    STARTUP = (
        "`vrrp_startup_delay`. halod enters BACKUP when it begins to listen; the time to MASTER is "
        "the same. keepalived says BACKUP at once."
    )
    OWN_SOURCE = (
        "The own address. After its interface was away, a unicast instance of keepalived announces "
        "its source address, once. halod leaves that to the kernel and to ARP."
    )
    GROUP_ORDER = (
        "The order within a sync group. At the start halod tells its instances in the order of the "
        "file, keepalived in the other one; the group comes last with both."
    )
    GROUP_RESIGNS = (
        "A sync group that steps down. Members that were not overtaken themselves resign, so that "
        "a peer without a group follows at once. keepalived's go in silence."
    )
    LAST_WORD = (
        "A master that is overtaken says one advert more before it goes, and the new one announces "
        "its addresses once more after that: see the healing of two masters."
    )
    MUTE_BESIDE = (
        "Two masters that drop each other's adverts, as with different passwords or address lists. "
        "halod's both keep their pace. One of keepalived's falls silent as MASTER; which one, is "
        "chance."
    )
    ONE_MORE = (
        "A reload. keepalived sends one advert of each instance at once, of those too that the new "
        "file does not have. halod's adverts keep their pace."
    )
    NEW_ALONE = (
        "An address that a reload adds. halod announces it alone; keepalived all of them again."
    )

    @property
    def number(self) -> int:
        """Of the page, from 1."""
        return list(Reason).index(self) + 1
