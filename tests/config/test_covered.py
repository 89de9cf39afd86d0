"""The files of a configuration as they were read: whole, and without a secret."""

from __future__ import annotations

from halod.config.compile import compile_text
from halod.config.covered import covered_sources
from halod.config.language.surroundings import Surroundings
from tests.config.files_in_memory import FilesInMemory

MAIN = """$WORD = geheim22 \\
    geheim33
include auth.conf
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    authentication {
        auth_type PASS
        auth_pass XZJXZJ ! of old: JZX
    }
}
"""
INCLUDED = """vrrp_instance VI_2 {
    authentication {
        auth_pass ${WORD}
    }
}
"""


def test_a_definition_that_no_secret_uses_is_shown() -> None:
    text = "$VIP = 192.0.2.9\nvrrp_instance VI_1 {\n    priority 100\n}\n"
    shown = covered_sources(compile_text("/etc/k.conf", text))
    assert shown.startswith("# /etc/k.conf\n$VIP = 192.0.2.9\n")


def test_each_file_stands_below_its_name_and_shows_no_secret() -> None:
    files = FilesInMemory({"/etc/k.conf": MAIN, "/etc/auth.conf": INCLUDED})
    text = covered_sources(compile_text("/etc/k.conf", MAIN, Surroundings(loader=files)))
    assert text.startswith("# /etc/k.conf\n$WORD =*")
    assert "\n# /etc/auth.conf\nvrrp_instance VI_2 {\n" in text
    assert "        auth_pass ****** ***" in text, "the comment may have it too"
    for secret in ("XZJ", "JZX", "geheim"):
        assert secret not in text
    assert len(text.splitlines()) == len(MAIN.splitlines()) + len(INCLUDED.splitlines()) + 2
