"""A file against machines that are values: each finding in its place, each once."""

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given

from halod.config.compile import compile_text
from halod.config.host.facts import HostFacts, ScriptFacts, StandingAddress
from halod.config.host.judge import with_host
from halod.lab.tutorial_files import tutorial_text
from halod.model.address import Link
from tests.config.test_any_text import any_text

CLEAN = tutorial_text("lb01/keepalived.conf")
VIP = IPv4Address("192.168.178.3")
ENS33 = Link("ens33", 2, True, b"\2\0\0\0\0\1", (IPv4Address("192.168.178.130"),))
WELL = HostFacts(links={"lo": replace(ENS33, name="lo"), "ens33": ENS33})


def told(facts: HostFacts, text: str = CLEAN) -> list[tuple[str, int, str]]:
    found = with_host(compile_text("k.conf", text), facts).diagnostics
    return [(d.code, d.primary.span.line, d.message) for d in found if d.code != "W326"]


def test_a_machine_that_fits_says_nothing() -> None:
    assert told(WELL) == []


def test_an_interface_that_is_not_there_is_told_once() -> None:
    facts = replace(WELL, links={"ens32": ENS33})
    assert told(facts) == [("H501", 7, "this machine has no interface `ens33`")]
    (found,) = with_host(compile_text("k.conf", CLEAN), facts).diagnostics
    assert found.fix is not None
    assert found.fix.title == "did you mean `ens32`?"


def test_the_interface_of_an_address() -> None:
    text = CLEAN.replace("dev ens33 label ens33:3", "dev ens34")
    assert told(WELL, text) == [("H501", 16, "this machine has no interface `ens34`")]


def test_a_link_that_is_not_ready() -> None:
    for link, why in (
        (replace(ENS33, running=False), "`ens33` is down, or has no carrier"),
        (replace(ENS33, addresses=()), "`ens33` has no IPv4 address of its own"),
    ):
        ((code, line, message),) = told(replace(WELL, links={"ens33": link}))
        assert (code, line) == ("H502", 7)
        assert message.startswith(why)


def test_an_address_that_stands_is_told_unless_it_is_ours() -> None:
    standing = StandingAddress("ens33", VIP, ours=False)
    ((code, line, message),) = told(replace(WELL, standing=(standing,)))
    assert (code, line) == ("H503", 16)
    assert message.startswith("192.168.178.3 stands on `ens33` already")
    assert told(replace(WELL, standing=(replace(standing, ours=True),))) == []


def test_scripts() -> None:
    text = CLEAN + 'vrrp_script a {\n    script "/x/check.sh -v"\n}\n'
    state = ScriptFacts("/x/check.sh")
    cases = {
        "H504": replace(state, missing=True),
        "H505": replace(state, executable=False),
        "H506": replace(state, open_to="/x is writable by everybody"),
    }
    for code, facts in cases.items():
        found = told(replace(WELL, scripts={"/x/check.sh": facts}), text)
        assert [(each[0], each[1]) for each in found] == [(code, 20)]
    assert told(replace(WELL, scripts={"/x/check.sh": state}), text) == []


@pytest.mark.parametrize("where", ["quorum_up", "quorum_down", "notify_up", "notify_down", "misc"])
def test_programs_of_virtual_servers(where: str) -> None:
    line = '"/x/act.sh -v"'
    own = f"MISC_CHECK {{\nmisc_path {line}\n}}\n" if where == "misc" else f"{where} {line}\n"
    of_service, of_server = (own, "") if where.startswith("quorum") else ("", own)
    service = f"lvs_sched rr\nlvs_method NAT\nprotocol TCP\n{of_service}"
    server = f"real_server 10.1.0.1 80 {{\nTCP_CHECK {{\n}}\n{of_server}}}\n"
    text = f"virtual_server 192.0.2.10 80 {{\n{service}{server}}}\n"
    state = ScriptFacts("/x/act.sh")
    assert told(replace(WELL, scripts={"/x/act.sh": state}), CLEAN + text) == []
    for code, facts in {
        "H504": replace(state, missing=True),
        "H505": replace(state, executable=False),
    }.items():
        found = told(replace(WELL, scripts={"/x/act.sh": facts}), CLEAN + text)
        assert [each[0] for each in found] == [code]


def test_what_is_for_a_shell_is_not_looked_for() -> None:
    text = CLEAN + 'vrrp_script a {\n    script "</dev/tcp/127.0.0.1/80"\n}\n'
    assert [code for code, *_ in told(replace(WELL, scripts={}), text)] == ["W317"]


def test_the_firewall_is_told_once_a_link() -> None:
    chain: dict[str, Any] = {"family": "ip", "table": "t", "name": "in", "hook": "input"}
    facts = replace(WELL, ruleset=({"chain": chain | {"policy": "drop"}},))
    second = CLEAN.replace("VI_1", "VI_2").replace("id 51", "id 52").replace("178.3", "178.4")
    ((code, line, message),) = told(facts, CLEAN + second.partition("}\n")[2])
    assert (code, line) == ("H507", 5)
    assert message == (
        "the firewall drops adverts that come in on `ens33`: this node hears no peer, and both "
        "are master"
    )


def test_another_daemon() -> None:
    sentence = "keepalived (pid 7, /k.conf) already runs VRID 51 on ens33"
    facts = replace(WELL, collision=sentence)
    assert told(facts) == [("H508", 5, sentence)]
    second = CLEAN.replace("VI_1", "VI_2").replace("id 51", "id 52").replace("178.3", "178.4")
    assert told(facts, CLEAN + second.partition("}\n")[2]) == [("H508", 5, sentence)], "once"


def test_an_address_of_another_daemon_follows_from_it() -> None:
    address = StandingAddress("ens33", IPv4Address("192.168.178.3"), ours=False)
    assert [code for code, _, _ in told(replace(WELL, standing=(address,)))] == ["H503"]
    both = replace(WELL, standing=(address,), collision="keepalived runs VRID 51")
    assert [code for code, _, _ in told(both)] == ["H508"]


def test_findings_stay_in_the_order_of_the_file() -> None:
    text = CLEAN.replace("priority 150", "priority 150;")
    codes = [each[0] for each in told(replace(WELL, links={}), text)]
    assert codes == ["H501", "E105"]


@given(any_text)
def test_no_text_is_too_odd_for_a_machine(text: str) -> None:
    before = compile_text("k.conf", text)
    after = with_host(before, replace(WELL, links={}))
    assert set(before.diagnostics) <= set(after.diagnostics)
    assert after.refused == before.refused
