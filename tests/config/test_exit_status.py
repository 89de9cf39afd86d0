"""The exit status of `halod -t` beside that of keepalived 2.2.7, over every file that there is.

Each difference has a reason, which follows from what halod tells of the file: a new difference
needs a new one. keepalived runs in a namespace that has every interface of these files.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from halod.cli.config_test import config_test
from halod.config.codes import Code
from halod.config.compile import Compiled, compile_text
from halod.config.host.scripts import program_of, programs_of, script_words
from halod.config.keepalived_status import NOT_COUNTED, status_of
from halod.config.meanings import MEANINGS
from halod.daemon.options import parse_options
from halod.kernel.host_facts import look_at_script
from halod.lab.namespace import Namespace
from halod.model.diagnostic import FindingSeverity
from tests.capabilities import ROOT, SHARED, find_program
from tests.config.files_in_memory import surroundings

CONFIG_ID = "high"
PATIENCE_S = 60.0
NEVER_ENDS = "94-circle"
"""A definition that leads back to itself: keepalived never comes back, and halod refuses it."""
INTERFACE = re.compile(
    r"\b(?:interface|dev|vmac_xmit_base|lvs_sync_daemon\w*)\s+([a-z][\w.:@-]{1,14})"
)
ALWAYS = ("eth0", "eth1", "eth2", "eth3", "eth0.1")
BLOCK = re.compile(r"^```conf\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAMPLES = Path("/usr/share/doc/keepalived/samples")

STRICTER_ALONE = {
    "keepalived.conf.track_interface": "it tracks its own interface, as it does anyway",
    "keepalived.conf.vrrp.routes": "old spellings of a route, which count",
    "keepalived.conf.vrrp.static_ipaddress": "old spellings of a route, which count",
    "keepalived.conf.vrrp.rules": "a rule, which halod does not act on yet",
}
"""What keepalived calls an error and halod does not, and why."""
ENDS_AT_ONCE = {"E006", "E009", "E101", "E201", "E203", "W403", "E120"}
"""keepalived ends with 2 at the first keyword that lacks its value; halod tells the rest too."""
HALOD_CANNOT = {"W401", "W403", "E204", "E011", "E013"}
"""halod does less than the file says, or would not start: 0 would be a lie."""
SILENT_IN_KEEPALIVED = {"E016", "E107", "E104"}
"""Words that it skips without a word; and what stands behind @halod, which it does not read."""


def files() -> dict[str, str]:
    found = {}
    for folder in (SHARED / "corpus" / "realworld", SAMPLES):
        for path in sorted(folder.glob("*conf*")):
            found[path.name] = path.read_bytes().decode(errors="surrogateescape")
    for page in sorted((ROOT / "tests" / "golden" / "config").glob("*.md")):
        for number, text in enumerate(BLOCK.findall(page.read_text(encoding="utf-8"))):
            if page.stem != NEVER_ENDS:
                found[f"{page.stem}.{number}"] = text
    return found


@contextmanager
def namespace_with(names: set[str]) -> Iterator[Namespace]:
    namespace = Namespace(f"halod-status-{os.getpid()}")
    namespace.create()
    try:
        lines = [f"link add {name} type bridge" for name in sorted(names)]
        namespace.ip_batch(lines)
        yield namespace
    finally:
        namespace.delete()


def keepalived_answers(namespace: Namespace, path: Path) -> int:
    """Its exit status."""
    keepalived = find_program("keepalived")
    assert keepalived is not None
    command = [*namespace.prefix, keepalived, "-t", "-i", CONFIG_ID, "-f", str(path)]
    return subprocess.run(command, capture_output=True, timeout=PATIENCE_S).returncode


def answers(texts: dict[str, str], folder: Path) -> dict[str, int]:
    """What keepalived says of each."""
    names = {name for text in texts.values() for name in INTERFACE.findall(text)}
    paths = {}
    for number, (name, text) in enumerate(texts.items()):
        paths[name] = folder / f"{number}.conf"
        paths[name].write_bytes(text.encode(errors="surrogateescape"))
    links = (names | {*ALWAYS}) - {"lo", "that"}
    with namespace_with(links) as namespace, ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda path: keepalived_answers(namespace, path), paths.values())
        return dict(zip(paths, found, strict=True))


def has_its_scripts(compiled: Compiled) -> bool:
    programs = {program_of(word) for word in programs_of(compiled.tree)}
    return any(shutil.which(program) for program in programs)


def is_here(program: str) -> bool:
    return not look_at_script(program).missing


def why_different(name: str, theirs: int, ours: int, compiled: Compiled) -> str:
    """The reason; empty: there is none."""
    weighty = (FindingSeverity.REFUSE, FindingSeverity.IGNORED)
    codes = {found.code for found in compiled.diagnostics if found.severity in weighty}
    if theirs == 2 and ours == 5 and codes & ENDS_AT_ONCE:
        return "keepalived ends at the first keyword without its value"
    if theirs in (0, 6) and ours == 5 and codes:
        silent = codes <= SILENT_IN_KEEPALIVED | HALOD_CANNOT
        halod = "E102" in codes or "E105" in codes
        return "halod ignores, or cannot do, what keepalived takes" if silent or halod else ""
    if theirs == 5 and ours == 6 and not has_its_scripts(compiled):
        return "keepalived looks for the scripts, which are not on this machine"
    if theirs == 5 and ours in (0, 6) and any(d.code == "W406" for d in compiled.diagnostics):
        return "it leaves out a tracker that stands below; halod tracks it, and notes that"
    if theirs in (5, 6) and ours in (0, 6):
        programs = [word.text.split()[0] for word in script_words(compiled.tree) if word.text]
        if theirs == 5 and not all(map(is_here, programs)):
            return "it has looked for the script; `haloctl check --host` does"
        return STRICTER_ALONE.get(name, "")
    return ""


@pytest.mark.needs_keepalived
@pytest.mark.needs_netns
@pytest.mark.needs_shared
def test_it_is_keepalived_s_or_there_is_a_reason(tmp_path: Path) -> None:
    texts = files()
    assert len(texts) > 80
    unexplained = {}
    equal = 0
    for name, theirs in answers(texts, tmp_path).items():
        compiled = compile_text(name, texts[name], surroundings(config_id=CONFIG_ID))
        ours = status_of(compiled, is_here)
        equal += theirs == ours
        if theirs != ours and not why_different(name, theirs, ours, compiled):
            told = [(d.code, d.severity.value) for d in compiled.diagnostics]
            unexplained[name] = (theirs, ours, told)
    assert unexplained == {}
    assert equal > len(texts) / 2


NOTES = {Code.SMALL_WEIGHT}
"""Notes by themselves, and risks where the file proves them."""
RISKS = {
    code.value: meaning.place.value.format(meaning.example)
    for code, meaning in MEANINGS.items()
    if meaning.example and meaning.severity is FindingSeverity.RISK
}


@pytest.mark.needs_keepalived
@pytest.mark.needs_netns
def test_a_risk_counts_where_keepalived_looks_for_it(tmp_path: Path) -> None:
    """By the example of its page. A new code that keepalived does not answer goes into
    NOT_COUNTED."""
    theirs = answers(RISKS, tmp_path)
    assert {code for code, status in theirs.items() if status in (0, 6)} == {
        code.value for code in NOT_COUNTED - NOTES
    }
    assert set(theirs.values()) == {0, 5, 6}
    assert [code for code, status in theirs.items() if status == 6] == ["W325"]


CLEAN = """vrrp_instance A {
interface eth0
virtual_router_id 1
priority 150
virtual_ipaddress {
192.0.2.9/24
}
}
"""


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (CLEAN, 0),
        (CLEAN.replace("192.0.2.9/24", "192.0.2.9/24\n192.0.2.9/24"), 0),
        (CLEAN.replace("priority 150", "priority 150;"), 5),
        (CLEAN.replace("interface eth0", ""), 5),
        ("", 5),
    ],
)
def test_the_status_of_a_file(
    text: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "k.conf"
    path.write_text(text)
    assert config_test(parse_options(["-t", "-f", str(path)])) == status
    assert capsys.readouterr().err == ""


def test_every_code_that_does_not_count_is_a_risk() -> None:
    severities = {MEANINGS[Code(code)].severity for code in NOT_COUNTED - NOTES}
    assert severities == {FindingSeverity.RISK}
