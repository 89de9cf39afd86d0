"""`-i`: one file for all nodes, in every command that reads a configuration."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from halod.cli.haloctl import main
from halod.lab.tutorial_files import tutorial_text

HALOCTL = Path(sys.executable).parent / "haloctl"
SECRET = "XZJXZJXZ"
ONE = f"""\
@lb01 $PRIORITY=150
@lb02 $PRIORITY=100
@lb03 $PRIORITY=100;
global_defs {{
    @^lb01 vrrp_version 2
}}
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    priority ${{PRIORITY}}
    advert_int 1
    authentication {{
        auth_type PASS
        @lb01 auth_pass {SECRET}
        @^lb01 auth_pass {SECRET}
    }}
    virtual_ipaddress {{
        192.0.2.9/24
        @lb02 192.0.2.10/24
    }}
}}
"""


def haloctl(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def one(tmp_path: Path) -> Path:
    path = tmp_path / "one.conf"
    path.write_text(ONE)
    return path


def test_a_file_for_others_says_so_and_does_not_hide_it(one: Path) -> None:
    found = haloctl("check", "-i", "lb09", one)
    assert f"{one}: has lines behind @lb01, @lb02, @lb03, and was read for lb09" in found.output
    assert "has lines behind" not in haloctl("check", "-i", "lb01", one).output


def test_compare_takes_one_file_for_all_nodes(one: Path) -> None:
    found = haloctl("compare", "-i", "lb01", "-i", "lb02", one)
    assert found.exit_code == 1
    assert "priority lb01 150, lb02 100" in found.output
    assert "192.0.2.10" in found.output


def test_compare_takes_an_id_for_each_file(one: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.conf"
    other.write_text(ONE.replace("        @lb02 192.0.2.10/24\n", ""))
    found = haloctl("compare", "-i", "lb01", "-i", "lb02", one, other)
    assert found.exit_code == 0, found.output
    assert "the files fit together" in found.output


@pytest.mark.parametrize("command", ["compare", "sim"])
def test_ids_that_belong_to_no_file_are_a_mistake(command: str, one: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.conf"
    other.write_text(ONE)
    found = haloctl(command, "-i", "lb01", one, other)
    assert found.exit_code == 2
    assert "2 files and 1 ids: give -i once for each file" in found.output


def test_the_same_node_twice_is_a_mistake(one: Path) -> None:
    assert haloctl("compare", "-i", "lb01", "-i", "lb01", one).exit_code == 2
    assert haloctl("sim", "-i", "lb01", "-i", "lb01", one).exit_code == 1


def test_sim_plays_one_file_for_all_nodes(one: Path) -> None:
    found = haloctl("sim", "-i", "lb01", "-i", "lb02", one, "--for", "10s")
    assert found.exit_code == 0, found.output
    assert "lb01" in found.output
    assert "BROKEN" not in found.output


def test_fmt_lays_it_out_alike_for_every_node(one: Path) -> None:
    pages = {haloctl("fmt", "-i", config_id, one).output for config_id in ("lb01", "lb02", "lb03")}
    assert pages == {ONE}


def test_a_diff_shows_no_password_of_another_node(one: Path) -> None:
    text = ONE.replace("advert_int 1", "advert_int    1;")
    one.write_text(text)
    for config_id in ("lb01", "lb02", "lb09"):
        for command in (["check", "--diff"], ["fmt", "--diff"]):
            found = haloctl(*command, "-i", config_id, one)
            assert "advert_int" in found.output
            assert SECRET not in found.output
            assert " auth_pass ********" in found.output


def test_diff_and_fix_are_for_the_lines_of_this_id(one: Path) -> None:
    one.write_text(ONE.replace("@^lb01 vrrp_version 2", "@lb02 vrrp_version = 2"))
    assert "-    @lb02 vrrp_version" not in haloctl("check", "--diff", "-i", "lb01", one).output
    assert "+    @lb02 vrrp_version 2" in haloctl("check", "--diff", "-i", "lb02", one).output
    haloctl("check", "--fix", "-i", "lb02", one)
    assert one.read_text() == ONE.replace("@^lb01 vrrp_version 2", "@lb02 vrrp_version 2")


def test_what_a_definition_holds_is_left_to_a_person(one: Path) -> None:
    """`100;` of lb03: the name may be used elsewhere, where a semicolon belongs."""
    found = haloctl("check", "--fix", "--unsafe-fixes", "-i", "lb03", one)
    assert found.exit_code == 5
    assert "is no number for `priority`" in found.output
    assert one.read_text() == ONE


def test_vrid_and_release_read_the_lines_of_this_id() -> None:
    for command in ("vrid", "release"):
        assert "-i, --config-id ID" in haloctl(command, "--help").output


# ---- files that include others ---------------------------------------------------------------

SLIP = tutorial_text("lb01/keepalived.conf").replace("priority 150", "priority 150;")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """k.conf includes a global section, and an instance whose body is a fragment."""
    begin = SLIP.index("vrrp_instance")
    body = SLIP.index("    virtual_router_id")
    end = SLIP.rindex("}")
    (tmp_path / "globals.conf").write_text(SLIP[:begin])
    (tmp_path / "body.conf").write_text(SLIP[body:end])
    main = f"include globals.conf\n$WHO=x\n{SLIP[begin:body]}include body.conf\n}}\n"
    (tmp_path / "k.conf").write_text(main)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HALOCTL, *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_fixes_go_into_the_file_in_which_the_mistake_is(folder: Path) -> None:
    before = texts(folder)
    shown = run(folder, "check", "--diff", "k.conf")
    assert shown.returncode == 5
    assert shown.stdout.startswith("--- body.conf\n+++ body.conf (after)\n")
    assert "-    priority 150;\n+    priority 150\n" in shown.stdout
    assert "1111" not in shown.stdout
    assert texts(folder) == before
    done = run(folder, "check", "--fix", "k.conf")
    assert done.stderr == "body.conf:2:14: fixed[E105] write `150`\n"
    assert done.returncode == 0, done.stdout
    assert texts(folder) == {
        **before,
        "body.conf": before["body.conf"].replace("150;", "150"),
    }


def test_a_file_that_cannot_be_written_leaves_the_others_told(folder: Path) -> None:
    (folder / "other name.conf").hardlink_to(folder / "body.conf")
    before = texts(folder)
    done = run(folder, "check", "--fix", "k.conf")
    assert done.returncode == 5
    assert "body.conf: has another name (a hard link)" in done.stderr
    assert texts(folder) == before


def test_fmt_changes_the_named_file_alone_and_expands_nothing(folder: Path) -> None:
    text = (folder / "k.conf").read_text()
    (folder / "k.conf").write_text(text.replace("    interface", "  interface"))
    before = texts(folder)
    assert run(folder, "fmt", "--write", "k.conf").returncode == 0
    after = texts(folder)
    assert after.pop("k.conf").split() == before.pop("k.conf").split()
    assert after == before


def test_fmt_of_a_fragment(folder: Path) -> None:
    (folder / "body.conf").write_text("priority   150\nvirtual_ipaddress {\n192.0.2.1/24\n}\n")
    done = run(folder, "fmt", "body.conf")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "priority 150\nvirtual_ipaddress {\n    192.0.2.1/24\n}\n"


def test_fix_and_fmt_lose_no_byte_of_definitions_and_sequences(tmp_path: Path) -> None:
    text = (
        b"$V= \\\n  vrrp_instance V${N} {\t\\\n   interface  eth0 \\\n virtual_router_id ${N} \\\n"
        b" virtual_ipaddress { \\\n 192.0.2.${N}/24 \\\n } \\\n }\n\n~SEQ(N,1,3)   $V\r\n"
        b"$B=a \\#b \xff\xfe\n# a comment \xe4\nvrrp_instance X {\ninterface eth0\n"
        b"virtual_router_id = 9\nvirtual_ipaddress {\n192.0.2.99/24\n}\n}"
    )
    path = tmp_path / "k.conf"
    path.write_bytes(text)
    assert run(tmp_path, "check", "--fix", "k.conf").returncode in (0, 5)
    assert path.read_bytes() == text.replace(b"virtual_router_id = 9", b"virtual_router_id 9")
    mended = path.read_bytes()
    assert run(tmp_path, "fmt", "--write", "k.conf").returncode == 0
    assert b"".join(path.read_bytes().split()) == b"".join(mended.split())
    assert path.read_bytes().startswith(mended[: mended.index(b"\n\n")])
