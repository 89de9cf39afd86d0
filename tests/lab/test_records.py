"""Lines of measuring programs, while these still write."""

from pathlib import Path

import pytest

from halod.lab.errors import LabError
from halod.lab.records import GrowingRecords, read_records


def test_each_line_is_read_once_and_not_before_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "prober.log"
    path.write_bytes(b'{"a": 1}\n{"a": 2')
    growing = GrowingRecords(path)
    assert growing.more() == [{"a": 1}]
    assert growing.more() == []
    with path.open("ab") as file:
        file.write(b'}\n{"a": "\xc3\xa4"}\n')
    assert growing.more() == [{"a": 2}, {"a": "ä"}]
    assert read_records([path, path]) == [{"a": 1}, {"a": 2}, {"a": "ä"}] * 2


def test_a_program_that_crashed_is_told_with_its_words(tmp_path: Path) -> None:
    path = tmp_path / "prober.log"
    path.write_text('{"a": 1}\nTraceback\nNameError: x\n')
    with pytest.raises(LabError, match=r"(?s)prober on .*NameError: x"):
        GrowingRecords(path).more()
