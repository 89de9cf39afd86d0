"""Files that people really run: each is read to its end, and no word of keepalived is unknown.

What is told about each is pinned in tests/golden, one line a finding. REWRITE_GOLDEN=1 writes it
anew: read the difference before you commit it.
"""

from collections import Counter
from pathlib import Path

import pytest

from halod.config.compile import Compiled, compile_text
from halod.config.keywords.known import KNOWN
from halod.config.render_concise import render_concise
from halod.config.render_full import render_full
from halod.config.summary import summary
from halod.kernel.config_file import read_config
from tests.capabilities import SHARED
from tests.config.files_in_memory import surroundings
from tests.config.golden import FOLDER, REWRITE

REAL_WORLD = sorted((SHARED / "corpus" / "realworld").glob("*"))
SAMPLES_FOLDER = Path("/usr/share/doc/keepalived/samples")
SAMPLES = sorted(SAMPLES_FOLDER.glob("keepalived.conf*"))
KEYWORDS = SHARED / "corpus" / "keywords-2.4.3.tsv"

UNKNOWN = {
    # dpvs, a fork of keepalived, has these.
    "daddr_group_name",
    "deny_address_group",
    "establish_timeout",
    "laddr_group_name",
    "dpdk_interface",
    "local_address_group",
    # keepalived had this once.
    "nat_mask",
    # Slips of their authors; `nb_get_retry` belongs into HTTP_GET, and not into TCP_CHECK, and
    # `garp_master_delay` not into global_defs.
    "connetc_port",
    "garp_master_delay",
    "nb_get_retry",
    "vvrp_script",
}
"""What is rightly called unknown in the files of the corpus: keepalived does not know it either,
see test_planned.py."""
NOT_KNOWN = ("E004", "E007")
"""Unknown, or unknown in its place."""
UNKNOWN_IN_SAMPLES = {"keepalived.conf.vrrp.lvs_syncd": {"VI_2", "VI_3"}}
"""An old layout of a sync group, which keepalived's own sample still has."""


def compiled(path: Path) -> Compiled:
    text = read_config(str(path))
    assert isinstance(text, str)
    return compile_text(path.name, text, surroundings(config_id="high"))


def pinned(path: Path, folder: str) -> None:
    """What is told about a file is what was read and found right."""
    found = compiled(path)
    told = f"{render_concise(found)}{summary(found)}\n"
    golden = FOLDER.parent / folder / f"{path.name}.txt"
    if REWRITE:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(told)
        pytest.skip("written anew")
    assert told == golden.read_text()


def told_unknown(found: Compiled) -> set[str]:
    messages = [d.message for d in found.diagnostics if d.code in NOT_KNOWN]
    return {message.split("`")[1] for message in messages}


@pytest.mark.needs_shared
@pytest.mark.parametrize("path", REAL_WORLD, ids=lambda path: path.name)
def test_a_file_of_the_real_world_is_read(path: Path) -> None:
    found = compiled(path)
    assert render_full(found) or found.clean
    assert told_unknown(found) <= UNKNOWN
    per_place = Counter((d.primary.span.line, d.primary.span.column) for d in found.diagnostics)
    assert max(per_place.values(), default=0) <= 1, "two findings in one place are a cascade"


@pytest.mark.needs_shared
@pytest.mark.parametrize("path", REAL_WORLD, ids=lambda path: path.name)
def test_what_is_told_of_a_file_of_the_real_world(path: Path) -> None:
    pinned(path, "realworld")


@pytest.mark.needs_keepalived
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_what_is_told_of_a_sample(path: Path) -> None:
    pinned(path, "samples")


@pytest.mark.needs_shared
def test_the_corpus_is_there() -> None:
    assert len(REAL_WORLD) >= 20
    assert {name for path in REAL_WORLD for name in told_unknown(compiled(path))} == UNKNOWN


@pytest.mark.needs_keepalived
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_of_keepalived_is_read(path: Path) -> None:
    found = compiled(path)
    assert told_unknown(found) == UNKNOWN_IN_SAMPLES.get(path.name, set())
    syntax = [d for d in found.diagnostics if d.code.startswith("E0") and d.code not in NOT_KNOWN]
    assert syntax == []


@pytest.mark.needs_keepalived
def test_the_samples_are_there() -> None:
    if not SAMPLES_FOLDER.parent.parent.joinpath("bash").is_dir():
        pytest.skip("this machine installs no documentation: Debian's samples are not played")
    assert len(SAMPLES) >= 25


def rows() -> list[tuple[str, str]]:
    lines = [line for line in KEYWORDS.read_text().splitlines() if not line.startswith("#")]
    return [(section, keyword) for section, _, keyword in (line.partition("\t") for line in lines)]


def in_its_section(section: str, keyword: str) -> str:
    """A file with the keyword where keepalived knows it."""
    path = [] if section == "(top level)" else section.split("/")
    if section.startswith(("(checker", "(every")):
        around = ["virtual_server", "real_server"]
        if len(path) == 2:
            inside = ["HTTP_GET", "url"] if path[1] == "url" else path[1:]
        else:
            inside = [] if keyword.endswith("_CHECK") else ["HTTP_GET"]
        path = around + inside
    heads = "".join(f"{name} A {{\n" for name in path)
    return f"{heads}{keyword}\n" + "}\n" * len(path)


@pytest.mark.needs_shared
def test_no_keyword_of_keepalived_is_called_unknown() -> None:
    table = rows()
    assert len(table) > 400
    for section, keyword in table:
        found = compile_text("k.conf", in_its_section(section, keyword))
        about = [d.message for d in found.diagnostics if d.code in ("E004", "E007")]
        assert about == [], f"{keyword} in {section}"


@pytest.mark.needs_shared
def test_the_table_of_keywords_is_that_of_the_corpus() -> None:
    table: dict[str, set[str]] = {}
    for section, keyword in rows():
        table.setdefault(section, set()).add(keyword)
    assert {name: set(words) for name, words in KNOWN.items()} == table


def test_a_section_that_does_nothing_yet_is_told_once() -> None:
    found = compile_text("k.conf", "bfd_instance a {\nneighbor_ip 192.0.2.1\nmin_rx 10\n}\n")
    nothing, block = found.diagnostics
    assert block.message == "halod does not act on the block `bfd_instance` yet"
    assert "there is nothing to do" in nothing.message
