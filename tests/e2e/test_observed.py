"""`track_process` and `track_file` on real nodes: what the runner sees moves the addresses."""

import os
import shutil
import subprocess
from pathlib import Path

from halod.lab.lab import Lab
from tests.kit.pair import NEEDS_LAB, VIP, WITHIN_S, changed, start_pair

pytestmark = NEEDS_LAB


def test_the_addresses_follow_a_process(lab: Lab, tmp_path: Path) -> None:
    program = tmp_path / f"trk{os.getpid()}e"
    shutil.copy("/bin/sleep", program)
    block = f"vrrp_track_process chk {{\n    process {program.name}\n}}\n"
    process = subprocess.Popen([program, "120"])
    try:
        pair = start_pair(
            lab,
            "halod",
            "halod",
            changed(
                (
                    "vrrp_instance VI_1 {",
                    f"{block}vrrp_instance VI_1 {{\n    track_process {{\n        chk\n    }}\n",
                ),
                only="lb01",
            ),
        )
        process.kill()
        process.wait()
        pair.lb01.expect_state("FAULT", r"process chk does not run as wanted \(0 of 1 run\)")
        lab.wait_for_owner(VIP, "lb02", WITHIN_S)
        why = pair.lb01.haloctl("why").stdout
        assert "process chk does not run as wanted (0 of 1 run)" in why
        assert "process chk" in pair.lb01.haloctl("status").stdout
        process = subprocess.Popen([program, "120"])
        pair.lb01.expect_state("BACKUP", "process chk runs again: listening for a master first")
        lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    finally:
        process.kill()
        process.wait()


def test_the_priority_follows_a_file(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "load"
    block = f"track_file load {{\n    file {file}\n    weight 2\n    init_file\n}}\n"
    pair = start_pair(
        lab,
        "halod",
        "halod",
        changed(
            (
                "vrrp_instance VI_1 {",
                f"{block}vrrp_instance VI_1 {{\n    track_file {{\n        load\n    }}\n",
            ),
            only="lb01",
        ),
    )
    assert file.read_text() == "0\n"
    file.write_text("3\n")
    pair.lb01.log.expect(r"Changing effective priority from 150 to 156: file load says 3")
    assert pair.lb01.haloctl_json()["instances"][0]["priority"] == 156
    file.write_text("-40\n")
    pair.lb01.log.expect(r"Changing effective priority from 156 to 70: file load says -40")
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    file.write_text("-200\n")
    pair.lb01.expect_state("FAULT", r"file load says -200")
    file.unlink()
    pair.lb01.expect_state("BACKUP", "file load says 0 again")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
