"""What `global_defs` says of the process that asks servers."""

import pytest

from halod.config.compile import compile_text
from halod.model.virtual_server import LvsSettings

SERVER = (
    "virtual_server 192.0.2.10 80 {\nlvs_sched rr\nlvs_method NAT\nprotocol TCP\n"
    "real_server 10.1.0.1 80 {\nTCP_CHECK {\n}\n}\n}\n"
)


def settings(lines: str) -> LvsSettings | None:
    found = compile_text("k.conf", f"global_defs {{\n{lines}\n}}\n{SERVER}")
    assert found.configuration is not None
    assert found.clean, found.diagnostics
    return found.configuration.lvs


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("checker_process_name asks", "asks"),
        ("lvs_process_name older", "older"),
        ("lvs_process_name older\nchecker_process_name asks", "asks"),
        ("process_names", "halod_check"),
        ("process_names\nchecker_process_name asks", "asks"),
    ],
)
def test_its_name(lines: str, name: str) -> None:
    found = settings(lines)
    assert found is not None
    assert found.process_name == name


def test_its_processors_are_those_of_all_lines() -> None:
    found = settings("checker_cpu_affinity 1 0\nchecker_cpu_affinity 3")
    assert found is not None
    assert found.checker_cpus == (0, 1, 3)


def test_what_is_for_keepalived_alone_is_accepted() -> None:
    lines = "checker_priority -5\nchecker_rt_priority 20\nchecker_no_swap\nchecker_rlimit_rttime 9"
    assert settings(f"{lines}\nlvs_netlink_monitor_rcv_bufs 65536") is None
