"""Real processes and real files: found, counted, read, whatever stands in their place."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from halod.kernel.number_file import make_file, read_number
from halod.kernel.process_list import count_processes
from halod.lab.patience import wait_until
from halod.model.track_file import VrrpTrackFile
from halod.model.track_process import ParameterMatch, VrrpTrackProcess


@contextmanager
def process(path: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A copy of sleep(1) under a name of its own."""
    if not path.exists():
        shutil.copy("/bin/sleep", path)
    started = subprocess.Popen([path, *arguments])
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def count(tracked: VrrpTrackProcess) -> int:
    return count_processes([tracked])[tracked.name]


def test_processes_are_counted_by_their_name(tmp_path: Path) -> None:
    program = tmp_path / f"trk{os.getpid()}"
    tracked = VrrpTrackProcess(name="x", command=program.name)
    assert count(tracked) == 0
    with process(program, "60"), process(program, "60"):
        assert wait_until(lambda: count(tracked) == 2, 5)
    assert wait_until(lambda: count(tracked) == 0, 5)


def test_a_long_name_is_compared_as_far_as_the_kernel_keeps_it(tmp_path: Path) -> None:
    program = tmp_path / f"trk{os.getpid()}-and-a-long-name"
    with process(program, "60"):
        tracked = VrrpTrackProcess(name="x", command=program.name)
        assert wait_until(lambda: count(tracked) == 1, 5)


def test_a_zombie_does_not_run(tmp_path: Path) -> None:
    program = tmp_path / f"trk{os.getpid()}z"
    tracked = VrrpTrackProcess(name="x", command=program.name)
    with process(program, "60") as started:
        assert wait_until(lambda: count(tracked) == 1, 5)
        started.kill()
        os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOWAIT)
        assert count(tracked) == 0


def test_command_lines_are_compared_word_by_word(tmp_path: Path) -> None:
    program = tmp_path / f"trk{os.getpid()}c"
    whole = VrrpTrackProcess(name="w", command=str(program), parameters=("60", "1"))
    first = VrrpTrackProcess(
        name="f", command=str(program), parameters=("60",), match=ParameterMatch.PARTIAL
    )
    other = VrrpTrackProcess(name="o", command=program.name, full_command=True)
    with process(program, "60", "1"):
        assert wait_until(lambda: count(whole) == 1, 5)
        assert count_processes([whole, first, other]) == {"w": 1, "f": 1, "o": 0}


def test_a_file_is_read_and_none_is_0(tmp_path: Path) -> None:
    path = tmp_path / "number"
    assert read_number(str(path)) == 0
    path.write_text("-7\n")
    assert read_number(str(path)) == -7


def test_what_is_no_file_is_0_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_number(str(tmp_path / "pipe")) == 0
    assert read_number(str(tmp_path)) == 0


def test_a_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "number"
    wanted = VrrpTrackFile(name="x", path=str(path), init_value=5)
    assert make_file(wanted) is None
    assert path.read_text() == "5\n"
    path.write_text("9")
    assert make_file(wanted) is None
    assert path.read_text() == "9"
    over = VrrpTrackFile(name="x", path=str(path), init_value=0, overwrites=True)
    assert make_file(over) is None
    assert path.read_text() == "0\n"
    assert make_file(VrrpTrackFile(name="x", path="/no/such/folder/x", init_value=1)) is not None


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """The folder may be anybody's, and the runner is root."""
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "number").symlink_to("victim")
    over = VrrpTrackFile(name="x", path=str(tmp_path / "number"), init_value=0, overwrites=True)
    assert make_file(over) is not None
    assert (tmp_path / "victim").read_text() == "mine"
