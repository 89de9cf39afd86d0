"""The command line is keepalived's."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from halod import __version__
from halod.daemon.option_table import OPTIONS, Argument, Level, Option
from halod.daemon.options import DEFAULT_CONFIG, DEFAULT_RUN_DIR, Options, parse_options
from tests.capabilities import find_program

HALOD = Path(sys.executable).parent / "halod"
DEFAULTS = parse_options([])
OF_2_4 = {
    "log-file",
    "flush-log-file",
    "perf",
    "debug",
    "no-mem-check",
    "ignore-sigint",
}
"""Not in the help of Debian's 2.2.7: built only when asked for, or newer."""


def test_without_options_it_is_started_as_keepalived_is() -> None:
    assert (
        Options(
            config_file="/etc/keepalived/keepalived.conf",
            run_dir="/run/halod",
            foreground=False,
            log_console=False,
            log_detail=False,
            log_json=False,
            pid_file="/run/halod/halod.pid",
            vrrp_pid_file="/run/halod/vrrp.pid",
            checkers_pid_file="/run/halod/checkers.pid",
            config_test=False,
            config_id=None,
            signum=None,
            findings_file=None,
            all_config=False,
            log_facility=3,
            log_nowhere=False,
            umask=None,
            told=(),
        )
        == DEFAULTS
    )
    assert (DEFAULTS.config_file, DEFAULTS.run_dir) == (DEFAULT_CONFIG, DEFAULT_RUN_DIR)


# ---- the table beside keepalived's own help --------------------------------------------------


def keepalived_help() -> dict[str, tuple[str, bool]]:
    """Long name -> letter, and whether it shows a value."""
    keepalived = find_program("keepalived")
    assert keepalived is not None
    done = subprocess.run([keepalived, "--help"], capture_output=True, text=True, timeout=90)
    row = re.compile(r"^  (?:-(\w), |    )--([\w-]+)(\S*( id)?)", re.MULTILINE)
    text = done.stdout + done.stderr
    return {m[2]: (m[1] or "", bool(m[3])) for m in row.finditer(text)}


@pytest.mark.needs_keepalived
def test_every_option_of_keepalived_is_in_the_table_in_its_spelling() -> None:
    theirs = keepalived_help()
    assert len(theirs) >= 33
    ours = {
        name: (option.short, option.argument is not Argument.NONE)
        for name, option in OPTIONS.items()
        if option.level is not Level.OWN and name not in OF_2_4
    }
    assert ours == theirs


@pytest.mark.needs_keepalived
def test_keepalived_itself_must_have_a_value_where_the_table_says_so(tmp_path: Path) -> None:
    """Asked of its parser: the option stands last, so a value that it must have is missing."""
    keepalived = find_program("keepalived")
    assert keepalived is not None
    (tmp_path / "k.conf").write_text("global_defs {\n}\n")
    valued = [o for o in OPTIONS.values() if o.argument is not Argument.NONE]
    theirs = [o for o in valued if o.level is not Level.OWN and o.long not in OF_2_4]
    needing = set()
    for option in theirs:
        command = [keepalived, "-t", "-f", "k.conf", f"--{option.long}"]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=90, cwd=tmp_path
        )
        # keepalived 2.2.7 names the option by a pointer that it has not set: it may die of that.
        died = done.returncode == -signal.SIGSEGV
        if died or "Missing parameter" in done.stderr + done.stdout:
            needing.add(option.long)
    assert needing == {o.long for o in theirs if o.argument is Argument.REQUIRED}


TOLD = [option for name, option in OPTIONS.items() if name not in ("help", "version")]


@pytest.mark.parametrize("option", TOLD, ids=lambda option: option.long)
def test_each_option_is_done_told_or_refused(
    option: Option, capsys: pytest.CaptureFixture[str]
) -> None:
    takes = option.argument is not Argument.NONE
    value = {"log-facility": "3", "umask": "022"}.get(option.long, "x")
    spellings = [f"--{option.long}={value}" if takes else f"--{option.long}"]
    if option.short:
        spellings.append(f"-{option.short}{value if takes else ''}")
    for word in spellings:
        if option.level is Level.REFUSED:
            with pytest.raises(SystemExit) as ended:
                parse_options([word])
            assert ended.value.code == 1
            assert option.help in capsys.readouterr().err
            continue
        options = parse_options([word])
        told = [f"--{option.long} has no effect: {option.help}"]
        assert list(options.told) == (told if option.level is Level.WITHOUT_EFFECT else [])
        assert (options == DEFAULTS) == (option.level is Level.ALWAYS)


# ---- spellings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (["-f", "/a"], ["--use-file", "/a"]),
        (["-f", "/a"], ["--use-file=/a"]),
        (["-f/a"], ["--use-file", "/a"]),
        (["-f", "/a"], ["--use", "/a"]),
        (["-P"], ["--vrrp"]),
        (["-n"], ["--dont-fork"]),
        (["-l"], ["--log-console"]),
        (["-D"], ["--log-detail"]),
        (["-nlD"], ["--dont-fork", "--log-console", "--log-detail"]),
        (["-nlDf", "/a"], ["--dont-fork", "-lD", "--use-file=/a"]),
        (["-p", "/p"], ["--pid", "/p"]),
        (["-p/p"], ["--pid=/p"]),
        (["-r", "/r"], ["--vrrp_pid", "/r"]),
        (["-i", "high"], ["--config-id", "high"]),
        (["-ihigh"], ["--config-id=high"]),
        (["-t"], ["--config-test"]),
        (["-t=/c"], ["--config-test=/c"]),
        (["-t/c"], ["--config-test=/c"]),
        (["-t", "-f", "/c"], ["--use-file=/c", "--config-test"]),
        (["-S", "local3"], ["--log-facility=3"]),
        (["-S3"], ["--log-facility", "local3"]),
        (["-u", "022"], ["--umask=0x12"]),
        (["-e"], ["--all-config"]),
        (["-G"], ["--no-syslog"]),
    ],
)
def test_short_and_long_forms_mean_the_same(short: list[str], long: list[str]) -> None:
    assert parse_options(short) == parse_options(long)
    assert parse_options(short) != DEFAULTS or short == ["-P"]


def test_the_file_behind_the_test_takes_the_findings() -> None:
    for words in (["-t=/log"], ["-t/log"], ["--config-test=/log"]):
        options = parse_options(["-f", "/k.conf", *words])
        assert options.config_test
        assert (options.config_file, options.findings_file) == ("/k.conf", "/log")
    assert parse_options(["-t"]).findings_file is None


def test_of_an_option_that_stands_twice_the_last_counts() -> None:
    assert parse_options(["-f", "/a", "--use-file=/b"]).config_file == "/b"


def test_values_that_are_none_are_told_and_the_daemon_starts() -> None:
    options = parse_options(["-S", "9", "-u", "999"])
    assert (options.log_facility, options.umask) == (3, None)
    assert [line[:20] for line in options.told] == ["no log facility 9: d", "no umask 999: it sta"]


def test_words_that_belong_to_no_option_are_told_as_keepalived_tells_them() -> None:
    options = parse_options(["stray", "-n", "--", "-D"])
    assert options.foreground
    assert not options.log_detail
    assert options.told == ("unexpected arguments, without effect: stray -D",)


def test_pid_files_follow_the_run_directory() -> None:
    options = parse_options(["--run-dir", "/tmp/a"])
    assert (options.pid_file, options.vrrp_pid_file) == ("/tmp/a/halod.pid", "/tmp/a/vrrp.pid")


@pytest.mark.parametrize("option", ["-v", "--version"])
def test_the_version_is_told(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options([option])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"halod {__version__}\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_option(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options([option])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for each in OPTIONS.values():
        assert f" {each.spelling}" in told
    assert max(map(len, told.splitlines())) <= 100


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-tf", "k.conf"], "unexpected argument k.conf"),
        (["--frobnicate"], "Unknown option --frobnicate"),
        (["-f"], "Missing parameter for option -f"),
        (["--use-file"], "Missing parameter for option --use-file"),
        (["--config"], "Unknown option --config: is it --config-id, --config-test?"),
        (["-nlDz"], "Unknown option -z in -nlDz"),
        (["--dont-fork=1"], "--dont-fork takes no value"),
        (["-t", "stray.conf"], "unexpected argument stray.conf: name the configuration with -f"),
        (["--\x1b"], "Unknown option --"),
    ],
)
def test_a_mistake_ends_it_with_its_cause(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options(arguments)
    assert ended.value.code == 1
    page = capsys.readouterr().err
    assert told in page
    assert "\x1b" not in page


# ---- what the options do ---------------------------------------------------------------------


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [HALOD, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, cwd=cwd)


MISTAKE = """vrrp_instance A {
interface eth0
virtual_router_id 1
priority 150;
virtual_ipaddress {
192.0.2.9/24
}
}
"""


@pytest.mark.parametrize("spelling", ["-t{}", "-t={}", "--config-test={}"])
def test_findings_go_behind_what_the_file_has_already(spelling: str, tmp_path: Path) -> None:
    """As keepalived 2.2.7: appended, and a new file is for its owner alone."""
    (tmp_path / "k.conf").write_text(MISTAKE)
    log = tmp_path / "findings"
    for count in (1, 2):
        done = run("-f", "k.conf", spelling.format(log), cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (5, "", "")
        assert log.read_text().count("k.conf:4:10: ignored[E105]") == count
    assert log.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "k.conf").read_text() == MISTAKE


def test_findings_never_go_into_the_configuration(tmp_path: Path) -> None:
    """`-t=FILE` where `-t -f FILE` was meant: keepalived would write its findings into it."""
    (tmp_path / "k.conf").write_text(MISTAKE)
    (tmp_path / "link").symlink_to("k.conf")
    for name in ("k.conf", "link", "./k.conf"):
        done = run("-f", "k.conf", f"-t={name}", cwd=tmp_path)
        assert done.returncode == 1
        assert "name that with -f" in done.stderr
    assert (tmp_path / "k.conf").read_text() == MISTAKE


@pytest.mark.parametrize("log", ["no/folder", "/dev/full", ".", "a\udcffb/c"])
def test_findings_that_cannot_be_written_are_a_failure(log: str, tmp_path: Path) -> None:
    (tmp_path / "k.conf").write_text(MISTAKE)
    done = run("-f", "k.conf", f"-t={log}", cwd=tmp_path)
    assert done.returncode == 1
    assert "the findings cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_read_is_a_finding_too(tmp_path: Path) -> None:
    done = run("-f", "no.conf", "-tlog", cwd=tmp_path)
    assert (done.returncode, done.stdout + done.stderr) == (4, "")
    assert "no.conf: does not exist" in (tmp_path / "log").read_text()


def test_with_all_config_a_missing_include_refuses(tmp_path: Path) -> None:
    text = MISTAKE.replace(";", "").replace("priority", "include no.conf\npriority")
    (tmp_path / "k.conf").write_text(text)
    assert "risk[E011]" in run("-t", "-f", "k.conf", cwd=tmp_path).stdout
    done = run("-e", "-t", "-f", "k.conf", cwd=tmp_path)
    assert done.returncode == 5
    assert "refuse[E011]" in done.stdout


def test_what_has_no_effect_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "k.conf").write_text(MISTAKE.replace(";", ""))
    done = run("-V", "--snmp", "-t", "-f", "k.conf", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.count("has no effect: ") == 2
    assert "--dont-release-vrrp" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "net_namespace", "instance", "run_dir", "pid_file"),
    [
        ([], "", "", "/run/halod", "/run/halod/halod.pid"),
        ([], "blue", "", "/run/halod/blue", "/run/halod/blue/halod.pid"),
        ([], "", "one", "/run/halod/instance-one", "/run/halod/instance-one/halod.pid"),
        (["-p", "/x"], "blue", "one", "/run/halod/blue/instance-one", "/x"),
        (["--run-dir", "/here"], "blue", "one", "/here", "/here/halod.pid"),
    ],
)
def test_two_daemons_of_one_machine_have_run_directories_of_their_own(
    arguments: list[str], net_namespace: str, instance: str, run_dir: str, pid_file: str
) -> None:
    options = parse_options(arguments).placed(net_namespace, instance)
    assert (options.run_dir, options.pid_file) == (run_dir, pid_file)
