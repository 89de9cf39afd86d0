"""The named pipe: made, owned, never waited for, and removed."""

import os
import stat
from pathlib import Path

import pytest

from halod.notify.fifo import LINES_MAX, FifoError, FifoWriter

LINE = b'INSTANCE "VI_1" MASTER 150\n'
US = os.geteuid(), os.getegid()


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "fifo")


def read_all(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    found = b""
    try:
        while piece := os.read(descriptor, 1 << 20):
            found += piece
    except BlockingIOError:
        pass
    os.close(descriptor)
    return found


def test_it_is_made_for_its_owner_alone_and_removed(path: str) -> None:
    writer = FifoWriter(path, *US)
    found = os.stat(path)
    assert stat.S_ISFIFO(found.st_mode)
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert (found.st_uid, found.st_gid) == US
    writer.close()
    assert not os.path.exists(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_it_belongs_to_whom_it_is_meant_for(path: str) -> None:
    writer = FifoWriter(path, 65534, 65534)
    assert (os.stat(path).st_uid, os.stat(path).st_gid) == (65534, 65534)
    writer.close()


def test_lines_wait_in_the_pipe_for_a_reader(path: str) -> None:
    writer = FifoWriter(path, *US)
    writer.write(LINE)
    writer.write(LINE)
    assert writer.unread == 2 * len(LINE)
    assert read_all(path) == LINE * 2
    assert (writer.unread, writer.waiting, writer.lost) == (0, 0, 0)
    writer.close()


def test_a_pipe_that_nobody_reads_holds_up_nobody_and_what_is_lost_is_counted(path: str) -> None:
    writer = FifoWriter(path, *US)
    written = 0
    while not writer.lost:
        writer.write(b"%07d\n" % written)
        written += 1
    assert writer.waiting == LINES_MAX
    assert writer.lost == 1
    first = read_all(path)
    writer.flush()
    second = read_all(path)
    assert writer.waiting == 0
    numbers = [int(line) for line in (first + second).split()]
    in_pipe = len(first) // 8
    # The oldest that waited behind the pipe is the one that is gone.
    assert numbers == [n for n in range(written) if n != in_pipe]
    writer.close()


def test_a_pipe_that_stood_there_is_used_and_stays(path: str) -> None:
    os.mkfifo(path, 0o640)
    writer = FifoWriter(path, *US)
    writer.write(LINE)
    assert read_all(path) == LINE
    writer.close()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640


def test_what_is_no_pipe_is_left_alone(path: str) -> None:
    Path(path).write_text("precious")
    with pytest.raises(FifoError, match="there is something else of that name"):
        FifoWriter(path, *US)
    assert Path(path).read_text() == "precious"


def test_a_link_is_not_followed(path: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", path)
    with pytest.raises(FifoError, match="it is a symbolic link"):
        FifoWriter(path, *US)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_pipe_of_somebody_else_is_not_written_to(path: str) -> None:
    os.mkfifo(path)
    os.chown(path, 65534, 65534)
    with pytest.raises(FifoError, match="it belongs to user 65534"):
        FifoWriter(path, *US)
    assert os.path.exists(path)


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(FifoError, match="No such file or directory"):
        FifoWriter(str(tmp_path / "no" / "fifo"), *US)
