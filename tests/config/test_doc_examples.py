"""Every configuration that the documentation shows: clean for halod, and for keepalived.

keepalived passes over what stands behind `@halod`. The pages of the reference are made from
`halod.config.meanings`: what they show as right is tried from there.
"""

import re
import subprocess
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from halod.config.compile import compile_text
from halod.config.keywords.known import KNOWN
from halod.config.meanings import MEANINGS
from tests.capabilities import ROOT, find_program
from tests.config.files_in_memory import surroundings

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
FENCE = re.compile(r"^ *```([^\n`]*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
MADE = {"diagnostics.md"}
"""Shows mistakes as well."""
HEADS = {*KNOWN["(top level)"], *KNOWN["vrrp_instance"], *KNOWN["global_defs"]} - {"debug", "state"}
SCRIPTS = "/usr/local/sbin"
SCRIPT = re.compile(rf"{SCRIPTS}/[a-z.]+")
"""What an operator would write; here it is an empty file."""
INTERFACES = ("ens33", "eth0")
KEY = {"/etc/keepalived/vrrp.key": "hex:" + "0123456789abcdef" * 4 + "\n"}
"""What a guide lets its reader make."""


def examples(*languages: str) -> list[ParameterSet]:
    return [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in PAGES
        for number, (language, text) in enumerate(FENCE.findall(page.read_text()), start=1)
        if language in languages
    ]


EXAMPLES = examples("conf")
HERE_ALONE = ("conf keepalived-2.4", "conf needs-dns")
"""keepalived is not asked: Debian has 2.2.7, and it looks a mail server's name up as it reads."""
REMEDIES = [
    pytest.param(meaning.place.value.format(meaning.instead), id=code.value)
    for code, meaning in MEANINGS.items()
    if meaning.instead
]


def test_there_is_something_to_try() -> None:
    assert EXAMPLES
    assert len(REMEDIES) > len(MEANINGS) / 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_configuration_stands_there_without_its_name(page: Path) -> None:
    """A block that is not called `conf` would not be tried."""
    if page.name in MADE:
        return
    for language, text in FENCE.findall(page.read_text()):
        heads = [line.split()[0] for line in text.splitlines() if line.strip()]
        told = [head for head in heads if head in HEADS or head.startswith("@halod")]
        assert language in ("conf", *HERE_ALONE) or not told, (
            f"{told} in a block called {language!r}"
        )


@pytest.mark.parametrize("text", [*EXAMPLES, *examples(*HERE_ALONE)])
def test_an_example_is_clean(text: str) -> None:
    assert compile_text("k.conf", text, surroundings(KEY)).diagnostics == ()


@pytest.mark.needs_netns
@pytest.mark.needs_keepalived
@pytest.mark.parametrize("text", [*EXAMPLES, *REMEDIES])
def test_keepalived_says_nothing_about_it(text: str, tmp_path: Path) -> None:
    file = tmp_path / "k.conf"
    file.write_text(text)
    keepalived, unshare = find_program("keepalived"), find_program("unshare")
    assert keepalived is not None
    assert unshare is not None
    links = [
        f"ip link add {name} type veth peer name far{number} && ip link set {name} up"
        f" && ip addr add 192.0.2.{number}/24 dev {name}"
        for number, name in enumerate(INTERFACES, start=1)
    ]
    named = sorted(set(SCRIPT.findall(text)))
    there = [f"mount -t tmpfs none {SCRIPTS}", *(f"install -m 755 /dev/null {n}" for n in named)]
    script = " && ".join([*links, *there, f"exec {keepalived} -t -f {file}"])
    command = [unshare, "--map-root-user", "--net", "--mount", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
