"""Mails: subjects and first lines are those that an SMTP server got from keepalived 2.2.7."""

import pytest

from halod.model.notice import Notice
from halod.model.occasion import Occasion, Subject
from halod.telling.letter import letter_of

NO_OWNER = "=> VRRP Instance is no longer owning VRRP VIPs <="
SEEN = [
    (
        *(Subject.INSTANCE, "VI_1", Occasion.MASTER),
        *("VRRP Instance VI_1 - Entering MASTER state",),
        "=> VRRP Instance is now owning VRRP VIPs <=",
    ),
    (
        *(Subject.INSTANCE, "VI_1", Occasion.BACKUP),
        *("VRRP Instance VI_1 - Entering BACKUP state", NO_OWNER),
    ),
    (
        *(Subject.INSTANCE, "VI_1", Occasion.FAULT),
        *("VRRP Instance VI_1 - Entering FAULT state", NO_OWNER),
    ),
    (
        *(Subject.INSTANCE, "VI_1", Occasion.DELETED),
        *("VRRP Instance VI_1 - Deleted", "=> VRRP Deleted at reload <="),
    ),
    (
        *(Subject.GROUP, "VG1", Occasion.FAULT),
        "VRRP Group VG1 - Entering FAULT state",
        "=> All VRRP group instances are now in FAULT state <=",
    ),
]


@pytest.mark.parametrize(("subject", "name", "occasion", "title", "line"), SEEN)
def test_a_change_of_state(
    subject: Subject, name: str, occasion: Occasion, title: str, line: str
) -> None:
    letter = letter_of(Notice(subject, name, occasion, 0), "lbA")
    assert letter is not None
    assert letter.subject == f"[lbA] {title}"
    assert letter.text == f"{line}\n"


def test_the_cause_stands_below() -> None:
    notice = Notice(
        *(Subject.INSTANCE, "VI_1", Occasion.MASTER, 150),
        "no advert from 192.0.2.2 for 3.4 s",
    )
    letter = letter_of(notice, "lbA")
    assert letter is not None
    assert letter.text.splitlines() == [
        "=> VRRP Instance is now owning VRRP VIPs <=",
        "",
        "Why: no advert from 192.0.2.2 for 3.4 s.",
        "Priority: 150.",
    ]


@pytest.mark.parametrize(
    "occasion",
    [Occasion.MASTER_RX_LOWER_PRI, Occasion.MASTER_PRIORITY, Occasion.BACKUP_PRIORITY],
)
def test_what_changes_no_state_is_no_mail(occasion: Occasion) -> None:
    assert letter_of(Notice(Subject.INSTANCE, "VI_1", occasion, 1), "lbA") is None
