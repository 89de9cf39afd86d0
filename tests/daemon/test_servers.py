"""Virtual servers in the supervisor: names that operators type, programs that exist, parts."""

import json
import os
import pwd
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halod.daemon.asked_part import asked_part
from halod.daemon.hearing import Nonsense, understand
from halod.daemon.options import parse_options
from halod.daemon.parts import (
    checked_over_network,
    checker_part,
    is_checked_in_checker,
    runner_part,
)
from halod.daemon.server_names import UnknownServerError, find_servers
from halod.daemon.server_notice_message import server_notice_message
from halod.daemon.servers_here import fit_servers
from halod.model.balance_effect import ServerNotice, ServerSubject
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.endpoint import Protocol
from halod.model.script import ScriptSettings
from halod.model.virtual_server import LvsSettings
from tests.kit.build import instance
from tests.kit.servers import misc_check, real_server, tcp_check, virtual_server

US = pwd.getpwuid(os.geteuid()).pw_name
WEB = virtual_server("10.0.0.1", real_server("10.0.0.8"), real_server("10.0.0.9"))
DNS_TCP = virtual_server("10.0.0.1", real_server("10.0.0.8", 53), port=53)
DNS_UDP = virtual_server("10.0.0.1", real_server("10.0.0.8", 53), port=53, protocol=Protocol.UDP)
SIX = virtual_server("2001:db8::1", real_server("2001:db8::8"), real_server("2001:db8::8", 81))
GROUP = replace(WEB, name="group web", services=())
ALL = (WEB, DNS_TCP, DNS_UDP, SIX, GROUP)

# ---- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("virtual", "real", "found"),
    [
        ("10.0.0.1:80", "10.0.0.9", "10.0.0.1 80 tcp [10.0.0.9]:80"),
        ("10.0.0.1 80", "10.0.0.9:80", "10.0.0.1 80 tcp [10.0.0.9]:80"),
        ("  10.0.0.1   80 tcp ", "10.0.0.9 80", "10.0.0.1 80 tcp [10.0.0.9]:80"),
        ("[10.0.0.1]:tcp:53", "[10.0.0.8]:53", "10.0.0.1 53 tcp [10.0.0.8]:53"),
        ("10.0.0.1 53 udp", "10.0.0.8", "10.0.0.1 53 udp [10.0.0.8]:53"),
        ("[2001:db8::1]:80", "[2001:db8::8]:81", "2001:db8::1 80 tcp [2001:db8::8]:81"),
        ("web", "10.0.0.8", "group web tcp [10.0.0.8]:80"),
    ],
)
def test_a_server_is_found_by_what_people_write(virtual: str, real: str, found: str) -> None:
    server, real_server = find_servers(ALL, virtual, real)
    assert f"{server.title} {real_server.endpoint}" == found


@pytest.mark.parametrize(
    ("virtual", "real", "told"),
    [
        ("10.0.0.1:53", "10.0.0.8", "may be '10.0.0.1 53 tcp', '10.0.0.1 53 udp': name one"),
        ("2001:db8::1 80", "2001:db8::8", "may be '[2001:db8::8]:80', '[2001:db8::8]:81'"),
        ("10.0.0.1:81", "10.0.0.8", "no virtual server '10.0.0.1:81': did you mean '10.0.0.1 80"),
        ("10.0.0.1:80", "10.0.0.7", "no real server of 10.0.0.1 80 tcp '10.0.0.7': did you mean"),
        ("?", "10.0.0.7", "no virtual server '?': there is '10.0.0.1 80 tcp', "),
    ],
)
def test_who_is_not_meant_for_certain_is_told(virtual: str, real: str, told: str) -> None:
    with pytest.raises(UnknownServerError) as error:
        find_servers(ALL, virtual, real)
    assert told in str(error.value)


# ---- messages ------------------------------------------------------------------------------

NOTICE = ServerNotice(
    ServerSubject.REAL,
    "[10.0.0.1]:tcp:80",
    "[10.0.0.9]:tcp:80",
    False,
    Command(("/bin/tell", "a b"), "www", "web"),
    "Realserver [10.0.0.9]:tcp:80 of virtual server [10.0.0.1]:tcp:80 - DOWN",
    "connection refused",
    "=> CHECK failed on service <=",
)


def test_a_notice_comes_as_it_was_sent() -> None:
    for notice in (NOTICE, replace(NOTICE, command=None), replace(NOTICE, mail_only=True)):
        assert understand(json.loads(json.dumps(server_notice_message(notice)))) == notice


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "INSTANCE"},
        {"up": 1},
        {"command": ["root", "root"]},
        {"command": ["root", "root", 7]},
        {"command": ["root", "root", *["x"] * 300]},
        {"virtual_server": "x" * 1025},
        {"mail_subject": None},
        {"mail_only": 1},
    ],
)
def test_nonsense_is_no_notice(change: dict[str, Any]) -> None:
    assert isinstance(understand({**server_notice_message(NOTICE), **change}), Nonsense)


# ---- programs ------------------------------------------------------------------------------


def test_programs_are_found_given_a_user_or_left_out_and_told(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    servers = (
        replace(
            virtual_server(
                "10.0.0.1",
                real_server("10.0.0.8", notify_down=Command((missing,))),
                real_server(
                    "10.0.0.9",
                    notify_up=Command(("true", "x")),
                    checks=(misc_check(missing), misc_check("true"), tcp_check("10.0.0.9")),
                ),
            ),
            quorum_down=Command((missing,)),
        ),
    )
    fitted, told = fit_servers(
        Configuration(programs=ScriptSettings(user=US), virtual_servers=servers)
    )
    (server,) = fitted.virtual_servers
    first, second = server.real_servers
    assert (server.quorum_down, first.notify_down) == (None, None)
    assert second.notify_up is not None
    assert second.notify_up.argv[1:] == ("x",)
    assert second.notify_up.argv[0].endswith("/true")
    assert second.notify_up.user == US
    assert len(second.checks) == 2
    assert [line.partition(" is left out")[0] for line in told] == [
        "quorum_down of 10.0.0.1 80 tcp",
        "notify_down of [10.0.0.8]:80 of 10.0.0.1 80 tcp",
        "MISC_CHECK of [10.0.0.9]:80 of 10.0.0.1 80 tcp",
    ]
    assert "the server counts as well without it" in told[2]


# ---- parts ---------------------------------------------------------------------------------


def test_each_child_gets_its_part_and_names_of_checks_stay() -> None:
    mixed = real_server("10.0.0.9", checks=(tcp_check("10.0.0.9"), misc_check("true")))
    plain = real_server("10.0.0.8")
    server = virtual_server("10.0.0.1", plain, mixed)
    whole = Configuration(instances=(instance(),), virtual_servers=(server, WEB))
    (of_runner,) = runner_part(whole).virtual_servers
    assert of_runner.real_servers == (mixed,)
    assert {name for name, _, _ in of_runner.checks()} < {name for name, _, _ in server.checks()}
    parts = [checked_over_network(each) for each in whole.virtual_servers]
    of_checker = checker_part(whole, parts)
    assert (of_checker.instances, of_checker.virtual_servers) == ((), (server, WEB))
    assert whole.needs_runner
    assert not Configuration(virtual_servers=(WEB,)).needs_runner
    assert is_checked_in_checker(whole)
    only = virtual_server("10.0.0.1", real_server("10.0.0.9", checks=(misc_check("true"),)))
    assert not is_checked_in_checker(Configuration(virtual_servers=(only,)))


def test_the_command_line_may_ask_for_a_part_alone() -> None:
    whole = Configuration(instances=(instance(),), virtual_servers=(WEB,), lvs=LvsSettings())
    taken = {
        words: asked_part(parse_options(words.split()), whole)
        for words in ("", "-P", "-C", "-P -C", "-n")
    }
    assert [bool(each.instances) for each in taken.values()] == [True, True, False, True, True]
    assert [bool(each.virtual_servers) for each in taken.values()] == [
        *(True, False, True, True, True)
    ]
    assert taken["-P"].lvs is None
