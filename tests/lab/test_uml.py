"""A kernel of its own for one program."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from halod.lab import uml
from halod.lab.uml import UmlError, run_in_uml

pytestmark = pytest.mark.needs_uml


def boot(exchange: Path, script: str, deadline_s: float = 60.0) -> uml.UmlRun:
    exchange.mkdir(exist_ok=True)
    return run_in_uml(["sh", "-c", script], exchange, deadline_s=deadline_s)


def test_status_output_and_files_come_out_and_nothing_else_does(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    outside.mkdir()
    script = (
        f"id -u; uname -r; echo seen >{inside}/file; echo unseen >{outside}/file;"
        f" cat {outside}/file; ip netns add a && ip -n a link add d0 type dummy && echo made;"
        " echo words >&2; exit 7"
    )
    run = boot(inside, script)
    assert run.status == 7
    words = run.output.split()
    assert (words[0], words[2:]) == ("0", ["unseen", "made", "words"])
    assert words[1] in {folder.name for folder in uml.MODULE_FOLDER.iterdir()}
    assert "IPVS: ipvs loaded" in run.console
    assert (inside / "file").read_text() == "seen\n"
    assert not list(outside.iterdir())


def test_several_at_once_do_not_see_each_other(tmp_path: Path) -> None:
    script = "ipvsadm -A -f {}; ipvsadm -Sn"
    with ThreadPoolExecutor() as pool:
        runs = pool.map(lambda n: boot(tmp_path / str(n), script.format(n)), (1, 2, 3))
        assert [run.output.split()[2] for run in runs] == ["1", "2", "3"]


def test_a_program_that_does_not_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uml, "BOOT_S", 0.5)
    with pytest.raises(UmlError, match=r"not done after 0\.1 s.*: sh -c while"):
        boot(tmp_path, "while :; do :; done", deadline_s=0.1)


def test_a_guest_that_does_not_find_its_way_out_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uml, "ENDING_S", 0.2)
    run = boot(tmp_path, f"echo done; echo 7 >{tmp_path}/status; while :; do :; done")
    assert (run.status, run.output) == (7, "done\n")


def test_a_path_that_a_mount_option_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UmlError, match="no spaces, commas"):
        boot(tmp_path / "a,b", "true")
