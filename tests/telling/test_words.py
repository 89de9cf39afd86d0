"""Lines and arguments: what the reader of a FIFO and a script got from keepalived 2.2.7."""

from dataclasses import replace

import pytest

from halod.model.command import Command
from halod.model.notice import Notice
from halod.model.notify_policy import NotifyPolicy
from halod.model.occasion import Occasion, Subject
from halod.telling.words import as_told, commands_of, fifo_line

EVERY = Command(("/n.sh", "any"), "www-data")
MASTER = Command(("/n.sh", "master arg", "two"))
LOWER = Command(("/n.sh", "rxlower"))


def of_instance(occasion: Occasion, priority: int = 150) -> Notice:
    return Notice(Subject.INSTANCE, "VI_1", occasion, priority)


@pytest.mark.parametrize(
    ("notice", "line"),
    [
        (of_instance(Occasion.MASTER), b'INSTANCE "VI_1" MASTER 150\n'),
        (of_instance(Occasion.BACKUP, 110), b'INSTANCE "VI_1" BACKUP 110\n'),
        (of_instance(Occasion.FAULT), b'INSTANCE "VI_1" FAULT 150\n'),
        (of_instance(Occasion.STOP), b'INSTANCE "VI_1" STOP 150\n'),
        (of_instance(Occasion.DELETED), b'INSTANCE "VI_1" DELETED 150\n'),
        (of_instance(Occasion.MASTER_PRIORITY, 130), b'INSTANCE "VI_1" MASTER_PRIORITY 130\n'),
        (of_instance(Occasion.BACKUP_PRIORITY, 120), b'INSTANCE "VI_1" BACKUP_PRIORITY 120\n'),
        (
            of_instance(Occasion.MASTER_RX_LOWER_PRI, 120),
            b'INSTANCE "VI_1" MASTER_RX_LOWER_PRI 120\n',
        ),
        (Notice(Subject.GROUP, "VG1", Occasion.MASTER, 0), b'GROUP "VG1" MASTER 0\n'),
    ],
)
def test_a_line_of_a_fifo(notice: Notice, line: bytes) -> None:
    assert fifo_line(notice) == line


def test_a_name_that_is_no_text_makes_a_line_all_the_same() -> None:
    notice = Notice(Subject.INSTANCE, "VI_\udcff", Occasion.MASTER, 1)
    assert fifo_line(notice) == b'INSTANCE "VI_\\udcff" MASTER 1\n'


def test_notify_gets_four_more_arguments_after_the_program_of_the_state() -> None:
    policy = NotifyPolicy(every=EVERY, master=MASTER)
    first, second = commands_of(policy, of_instance(Occasion.MASTER))
    assert first == MASTER
    assert second.argv == ("/n.sh", "any", "INSTANCE", "VI_1", "MASTER", "150")
    assert second.user == "www-data"


def test_a_removed_instance_is_in_fault_for_who_does_not_ask_for_deleted() -> None:
    """Seen of keepalived 2.2.7: `notify` and the pipe get FAULT, and `notify_fault` is not run."""
    gone, fault = of_instance(Occasion.DELETED), Command(("/n.sh", "fault"))
    plain = NotifyPolicy(every=EVERY, fault=fault)
    (only,) = commands_of(plain, gone)
    assert only.argv[2:] == ("INSTANCE", "VI_1", "FAULT", "150")
    assert fifo_line(as_told(plain, gone)) == b'INSTANCE "VI_1" FAULT 150\n'
    asks = replace(plain, says_deleted=True)
    (only,) = commands_of(asks, gone)
    assert only.argv[2:] == ("INSTANCE", "VI_1", "DELETED", "150")
    assert as_told(asks, gone) == gone


def test_a_group_has_priority_0() -> None:
    (only,) = commands_of(NotifyPolicy(every=EVERY), Notice(Subject.GROUP, "VG1", Occasion.STOP, 0))
    assert only.argv[2:] == ("GROUP", "VG1", "STOP", "0")


def test_a_weaker_master_is_the_business_of_its_own_program_alone() -> None:
    policy = NotifyPolicy(every=EVERY, master_rx_lower_pri=LOWER)
    assert commands_of(policy, of_instance(Occasion.MASTER_RX_LOWER_PRI)) == (LOWER,)


def test_a_priority_is_told_to_no_program() -> None:
    policy = NotifyPolicy(every=EVERY, master=MASTER, priority_changes=True)
    assert commands_of(policy, of_instance(Occasion.MASTER_PRIORITY)) == ()


@pytest.mark.parametrize("occasion", Occasion)
def test_who_asked_for_nothing_is_told_nothing(occasion: Occasion) -> None:
    assert commands_of(NotifyPolicy(), of_instance(occasion)) == ()
