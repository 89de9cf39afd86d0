"""Included files as they lie on a disk, and what a file may ask of the machine."""

import os
import socket
from pathlib import Path

import pytest

from halod.config.compile import compile_text
from halod.config.language.surroundings import Absent
from halod.kernel.config_sources import FilesOnDisk, surroundings_here

INSTANCE = "vrrp_instance {} {{\ninterface eth0\nvirtual_router_id {}\n{}\n}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "conf.d" / "deeper").mkdir(parents=True)
    for name in ("b.conf", "a.conf", ".hidden.conf", "Z.conf", "note.txt"):
        (tmp_path / "conf.d" / name).write_text(f"# {name}\n")
    return tmp_path


def test_a_pattern_stands_for_files_in_the_order_of_their_bytes(folder: Path) -> None:
    disk = FilesOnDisk()
    names = ["conf.d/Z.conf", "conf.d/a.conf", "conf.d/b.conf"]
    assert disk.match("conf.d/*.conf", str(folder)) == names
    assert disk.match("conf.d/[ab].conf", str(folder)) == names[1:]
    assert disk.match(f"{folder}/conf.d/?.conf", "/") == [f"{folder}/{name}" for name in names]
    assert "conf.d/deeper" not in disk.match("conf.d/*", str(folder))
    assert list(disk.match("no-such-folder/*", str(folder))) == []
    assert list(disk.match("a\0*", str(folder))) == []


def test_a_folder_with_signs_of_a_pattern_in_its_name(tmp_path: Path) -> None:
    odd = tmp_path / "[x]*"
    odd.mkdir()
    (odd / "a.conf").touch()
    assert FilesOnDisk().match("*.conf", str(odd)) == ["a.conf"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.conf", "does not exist"),
        ("conf.d", "is a directory"),
        ("run.conf", "is executable, so it is no configuration"),
        ("a\0b", "is no name of a file"),
    ],
)
def test_what_is_not_read_says_why(folder: Path, name: str, reason: str) -> None:
    (folder / "run.conf").touch(mode=0o755)
    found = FilesOnDisk().read(f"{folder}/{name}")
    assert isinstance(found, Absent)
    assert found.reason == reason
    assert found.suggestion


def test_a_file_includes_from_its_own_folder(folder: Path) -> None:
    """Not from that of the command, nor from that of the file that includes it."""
    (folder / "k.conf").write_text("include conf.d/a.conf\n" + INSTANCE.format("V", 1, ""))
    (folder / "conf.d" / "a.conf").write_text("include deeper/*.conf\n")
    (folder / "conf.d" / "deeper" / "c.conf").write_text(
        INSTANCE.format("W", 2, "priority 300 ${_PWD}")
    )
    text = (folder / "k.conf").read_text()
    found = compile_text(str(folder / "k.conf"), text, surroundings_here())
    assert found.configuration is not None
    assert [each.name for each in found.configuration.instances] == ["W", "V"]
    told = next(d for d in found.diagnostics if d.code == "E103")
    assert told.primary.span.file == str(folder / "conf.d" / "deeper" / "c.conf")
    assert told.primary.span.line == 4
    assert set(found.sources) == {
        str(folder / name) for name in ("k.conf", "conf.d/a.conf", "conf.d/deeper/c.conf")
    }


def test_without_an_id_it_is_the_name_of_the_machine() -> None:
    assert surroundings_here().config_id == socket.gethostname().partition(".")[0]
    assert surroundings_here("high").config_id == "high"


def test_the_environment_is_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALOD_TEST_NAME", "lb07")
    text = "global_defs {\nrouter_id ${_ENV HALOD_TEST_NAME}\n}\n" + INSTANCE.format("V", 1, "")
    found = compile_text("k.conf", text, surroundings_here())
    assert found.configuration is not None
    assert found.configuration.router_id == "lb07"


def test_numbers_differ_from_start_to_start_and_a_seed_holds_them() -> None:
    def drawn(head: str) -> set[str]:
        names = set()
        for _ in range(4):
            text = head + INSTANCE.format("V_${_RANDOM 1 1000000000}", 1, "")
            found = compile_text("k.conf", text, surroundings_here())
            assert found.configuration is not None
            names.add(found.configuration.instances[0].name)
        return names

    assert len(drawn("")) > 1
    assert len(drawn("global_defs {\nrandom_seed 7\n}\n")) == 1


def test_a_folder_is_shown_as_the_kernel_knows_it(folder: Path) -> None:
    os.symlink(folder / "conf.d", folder / "link")
    assert FilesOnDisk().absolute(str(folder / "link")) == os.path.realpath(folder / "conf.d")
