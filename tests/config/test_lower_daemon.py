"""What `global_defs` says of the daemon itself."""

import pytest

from halod.config.compile import Compiled, compile_text
from halod.model.command import Command
from halod.model.daemon_settings import DaemonSettings, OnceScript, ProcessNames
from halod.model.units import Duration

INSTANCE = (
    "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\n"
    "virtual_ipaddress {\n192.0.2.10/24\n}\n}\n"
)


def read(*lines: str) -> tuple[Compiled, DaemonSettings]:
    text = "\n".join(["global_defs {", *lines, "}", INSTANCE])
    compiled = compile_text("k.conf", text)
    assert compiled.configuration is not None
    return compiled, compiled.configuration.daemon


def test_names_of_processes() -> None:
    assert read()[1].names == ProcessNames()
    assert read("process_names")[1].names == ProcessNames(
        "halod", "halod_vrrp", "halod_scripts", "halod_lvs"
    )
    lines = "process_name one", "vrrp_process_name two", "process_names"
    assert read(*lines)[1].names == ProcessNames("one", "two", "halod_scripts", "halod_lvs")
    assert [d.code for d in read("process_name of_sixteen_bytes")[0].diagnostics] == ["E110"]


def test_processors_of_all_lines() -> None:
    compiled, daemon = read("vrrp_cpu_affinity 3 1", "vrrp_cpu_affinity 1 0")
    assert daemon.vrrp_cpus == (0, 1, 3)
    assert compiled.clean
    compiled, daemon = read("vrrp_cpu_affinity 2 1024 -1 x", "vrrp_cpu_affinity")
    assert daemon.vrrp_cpus == (2,)
    assert [d.code for d in compiled.diagnostics] == ["E103", "E102", "E102", "E101"]


def test_programs_that_are_run_once() -> None:
    _, daemon = read(
        'startup_script "/bin/up now" root',
        "startup_script_timeout 3",
        "shutdown_script /bin/down",
    )
    assert daemon.startup == OnceScript(
        Command(("/bin/up", "now"), "root", ""), Duration.seconds(3)
    )
    assert daemon.shutdown == OnceScript(Command(("/bin/down",), "", ""), Duration.seconds(10))
    assert [d.code for d in read("startup_script_timeout 0")[0].diagnostics] == ["E103"]


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("022", 0o022),
        ("0x12", 0o022),
        ("18", 0o022),
        ("0", 0),
        ("IWGRP|IWOTH", 0o022),
        ("IRUSR | IWUSR | IXUSR", 0o700),
        ("IWGRP|IWGRP", 0o020),
        ("01000", None),
        ("09", None),
        ("1_0", None),
        ("0x", None),
        ("IWALL", None),
    ],
)
def test_umask(text: str, mask: int | None) -> None:
    compiled, daemon = read(f"umask {text}")
    assert daemon.umask == mask
    assert [d.code for d in compiled.diagnostics] == ([] if mask is not None else ["E103"])


def test_the_file_of_a_reload() -> None:
    assert read()[1].reload_file is None
    assert read("reload_file")[1].reload_file == ""
    assert read("reload_file /run/k.reload")[1].reload_file == "/run/k.reload"
    compiled, daemon = read("reload_file k.reload")
    assert daemon.reload_file == "/k.reload"
    assert [d.code for d in compiled.diagnostics] == ["E110"]


def test_the_folder_for_what_reloads_read() -> None:
    assert read()[1].config_save_dir == ""
    assert read("config_save_dir /var/lib/saved")[1].config_save_dir == "/var/lib/saved"
    compiled, daemon = read("config_save_dir saved")
    assert daemon.config_save_dir == "/saved"
    assert [d.code for d in compiled.diagnostics] == ["E110"]


def test_what_else_global_defs_says() -> None:
    compiled, daemon = read(
        "iproute_usr_dir /opt/usr",
        "iproute_etc_dir /opt/etc",
        "data_use_instance",
        "fifo_write_vrrp_states_on_reload",
        "vrrp_delay_after_boot 15.23",
    )
    assert compiled.clean
    configuration = compiled.configuration
    assert configuration is not None
    assert (daemon.iproute_usr_dir, daemon.iproute_etc_dir) == ("/opt/usr", "/opt/etc")
    assert configuration.dumps.use_instance
    assert configuration.notify.states_on_reload
    assert configuration.instances[0].delay_after_boot == Duration.milliseconds(15230)


def test_the_time_of_a_reload() -> None:
    assert (read()[1].reload_time_file, read()[1].reload_repeat) == ("", False)
    compiled, daemon = read("reload_time_file /run/at", "reload_repeat")
    assert compiled.clean
    assert (daemon.reload_time_file, daemon.reload_repeat) == ("/run/at", True)
    assert read("reload_time_file at")[1].reload_time_file == "/at"
