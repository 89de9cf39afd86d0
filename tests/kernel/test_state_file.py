"""The list of our addresses on disk: whole or not at all, and never a reason to stop."""

import json
import stat
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from halod.kernel.state_file import StateFile
from halod.model.address import Scope
from tests.kit.build import VIP, VIP2
from tests.kit.full_disk import full_disk, read_only

RICH = replace(VIP2, label="ens33:1", scope=Scope.LINK, broadcast=IPv4Address("192.168.178.255"))


@pytest.fixture
def state(tmp_path: Path) -> StateFile:
    return StateFile(tmp_path)


def test_what_was_written_is_read(state: StateFile) -> None:
    assert state.write([VIP, RICH]) is None
    assert state.read() == ((VIP, RICH), None)
    assert state.write([]) is None
    assert state.read() == ((), None)


def test_no_file_is_no_address(state: StateFile) -> None:
    assert state.read() == ((), None)


def test_nobody_else_can_read_it(state: StateFile, tmp_path: Path) -> None:
    state.write([VIP])
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_reader_sees_the_old_or_the_new_and_nothing_between(
    state: StateFile, tmp_path: Path
) -> None:
    state.write([VIP])
    with (tmp_path / "addresses.json").open() as before:
        state.write([VIP, VIP2] * 500)
        assert len(json.load(before)) == 1
    assert len(state.read()[0]) == 1000


def test_a_link_in_its_place_is_replaced_and_not_followed(state: StateFile, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "addresses.json").symlink_to(victim)
    assert state.write([VIP]) is None
    assert victim.read_text() == "precious"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "7",
        '"text"',
        "{}",
        "[7]",
        "[{}]",
        "[" * 100_000,
        '[{"address": "nonsense"}]',
        '[{"address": "192.0.2.1", "prefix_length": "x", "interface": "e", "label": null}]',
        "\xff\xfe",
    ],
)
def test_a_broken_file_counts_as_none_and_is_told(
    state: StateFile, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "addresses.json"
    file.write_bytes(text.encode("latin-1"))
    found, reason = state.read()
    assert found == ()
    assert reason == f"{file}: not what halod wrote: ignored"


def test_a_full_disk_is_told_and_keeps_what_was_there(tmp_path: Path) -> None:
    with full_disk(tmp_path) as disk:
        state = StateFile(disk.path)
        assert state.write([VIP]) is None
        disk.fill()
        assert state.write([VIP, VIP2] * 500) == (
            f"{disk.path}/addresses.json: No space left on device"
        )
        assert state.read() == ((VIP,), None)
        assert sorted(p.name for p in disk.path.iterdir()) == ["addresses.json", "filler"]
        disk.empty()
        assert state.write([VIP2]) is None


def test_a_disk_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with read_only(tmp_path) as path:
        state = StateFile(path)
        assert state.write([VIP]) == f"{path}/addresses.json: Read-only file system"
        assert state.read() == ((), None)


def test_a_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    state = StateFile(tmp_path / "gone")
    assert state.write([VIP]) == f"{tmp_path}/gone/addresses.json: No such file or directory"
