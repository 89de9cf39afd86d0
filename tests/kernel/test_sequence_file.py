"""The sequences of auth_hmac on disk: what one process noted, the next one finds."""

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from halod.kernel import sequence_file
from halod.kernel.sequence_file import SequenceFile
from halod.vrrp.sequence_memory import SENDERS_MAX

SOURCE = IPv4Address("192.0.2.1")


def test_it_outlives_its_process(tmp_path: Path) -> None:
    first = SequenceFile(tmp_path).slot("VI_1")
    assert (first.sent(), first.heard(SOURCE)) == (None, None)
    first.note_sent(7)
    first.note_heard(SOURCE, 2**64 - 1)
    first.note_heard(IPv6Address("fe80::1"), 9)
    again = SequenceFile(tmp_path)
    slot = again.slot("VI_1")
    assert (slot.sent(), slot.heard(SOURCE)) == (7, 2**64 - 1)
    assert slot.heard(IPv6Address("fe80::1")) == 9
    assert again.slot("VI_2").sent() is None
    assert (tmp_path / "sequences").stat().st_mode & 0o777 == 0o600


def test_who_was_heard_longest_ago_makes_room(tmp_path: Path) -> None:
    slot = SequenceFile(tmp_path).slot("VI_1")
    sources = [IPv4Address(int(SOURCE) + number) for number in range(SENDERS_MAX + 1)]
    for number, source in enumerate(sources[:-1], start=1):
        slot.note_heard(source, number)
    slot.note_heard(sources[0], 50)
    slot.note_heard(sources[-1], 60)
    marks = [slot.heard(source) for source in sources]
    assert marks == [50, None, *range(3, SENDERS_MAX + 1), 60]


def test_the_oldest_instance_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = sequence_file._SLOT_SIZE * 2
    monkeypatch.setattr(sequence_file, "_SIZE", size)
    file = SequenceFile(tmp_path)
    file.slot("one").note_sent(1)
    file.slot("two").note_sent(2)
    file.slot("three").note_sent(3)
    again = SequenceFile(tmp_path)
    assert [again.slot(name).sent() for name in ("two", "three", "one")] == [2, 3, None]


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"mine")
    (tmp_path / "sequences").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic links"):
        SequenceFile(tmp_path)
    assert (tmp_path / "target").read_bytes() == b"mine"
