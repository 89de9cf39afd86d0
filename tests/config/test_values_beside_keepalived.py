"""What counts for each virtual server, real server and check, beside keepalived 2.2.7's own dump.

keepalived runs in a kernel that has IPVS, reads each file, and tells by SIGUSR1 what it holds: with
its defaults, and with what a check takes from its real server and that from its virtual server.
"""

import shutil
from pathlib import Path

import pytest

from halod.config.compile import compile_text
from halod.lab.uml import run_in_uml
from tests.capabilities import ROOT
from tests.kit.checker_dump import DUMP_SCRIPT, of_halod, of_keepalived

FOLDERS = (ROOT / "tests" / "golden" / "checks", ROOT / "tests" / "golden" / "lvs")
DEADLINE_S = 300.0
"""Two dozen starts of keepalived; alone they take 30 s."""


@pytest.mark.needs_uml
@pytest.mark.needs_keepalived
@pytest.mark.timeout(400)
def test_the_same_values_count(tmp_path: Path) -> None:
    for folder in FOLDERS:
        for file in folder.glob("*.conf"):
            shutil.copy(file, tmp_path)
    (tmp_path / "play.sh").write_text(DUMP_SCRIPT)
    run = run_in_uml(
        ["sh", str(tmp_path / "play.sh"), str(tmp_path)], tmp_path, deadline_s=DEADLINE_S
    )
    assert run.status == 0, run.output
    files = sorted(tmp_path.glob("*.conf"))
    assert len(files) > 20
    differing = {}
    for file in files:
        configuration = compile_text(file.name, file.read_text()).configuration
        assert configuration is not None
        theirs = of_keepalived(file.with_name(f"{file.name}.data").read_text())
        ours = of_halod(configuration)
        assert any(line.startswith("RIP") for line in theirs)
        if theirs != ours:
            differing[file.name] = (theirs, ours)
    assert differing == {}
