"""A virtual server from its file to answered requests: sick servers go out and come back, operators
drain, reloads and deaths of processes take nothing from the clients.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.lab.patience import stays_true, wait_until
from tests.kit.director import SERVICE, VIP, WITHIN_S, Director, make_director
from tests.kit.mail_server import mail_server
from tests.kit.node import START_S

pytestmark = [pytest.mark.needs_netns, pytest.mark.needs_nft, pytest.mark.timeout(120)]


@pytest.fixture
def director() -> Iterator[Director]:
    with make_director() as made:
        yield made


@pytest.fixture
def serving(director: Director) -> Director:
    director.start("-D")
    director.wait_up()
    return director


def names(director: Director) -> set[str]:
    return {web.name for web in director.webs}


def test_requests_through_the_vip_reach_all_servers_in_turn(serving: Director) -> None:
    answers = [serving.get() for _ in range(9)]
    assert [each.error for each in answers] == [""] * 9
    assert sorted(each.server for each in answers) == sorted([*names(serving)] * 3)
    status = serving.status()
    assert status["lvs_engine"]["name"] in ("ipvs", "nft")
    shown = serving.haloctl("status")
    assert shown.returncode == 0, shown.stdout
    assert SERVICE in shown.stdout


def test_a_killed_server_is_out_when_its_check_says_so_and_no_later_request_fails(
    serving: Director,
) -> None:
    victim, *others = serving.webs
    with serving.load() as load:
        assert wait_until(lambda: load.servers_since(0) == names(serving), WITHIN_S)
        victim.kill()
        serving.wait_server(victim, state="DOWN", weight_effective=None)
        out_s = time.monotonic()
        assert wait_until(lambda: len(load.since(out_s)) > 100, WITHIN_S)
        healed_s = time.monotonic()
        victim.start()
        serving.wait_server(victim, state="UP", weight_effective=1)
        assert wait_until(lambda: victim.name in load.servers_since(healed_s), WITHIN_S)
    while_out = [each for each in load.since(out_s) if each.began_s < healed_s]
    assert [each for each in load.since(out_s) if each.error] == []
    assert {each.server for each in while_out} == {web.name for web in others}
    why = serving.haloctl("why", victim.address)
    assert why.returncode == 0
    assert f"[{victim.address}]:80 of {SERVICE} is in because: " in why.stdout


def test_a_status_that_is_not_wanted_takes_it_out_and_why_tells(director: Director) -> None:
    director.write(
        check="HTTP_GET {\n url {\n path /\n status_code 200\n }\n connect_timeout 1\n"
        " retry 2\n delay_before_retry 0.1\n}"
    )
    director.start()
    director.wait_up()
    sick = director.webs[1]
    sick.answer(503)
    director.wait_server(sick, state="DOWN")
    told = director.haloctl("why")
    assert f"[{sick.address}]:80 of {SERVICE} is out because: status 503, wanted 200" in told.stdout
    assert "3 times" in told.stdout
    sick.answer(200)
    director.wait_server(sick, state="UP")


def test_programs_lines_and_mail_tell_of_it_in_order(director: Director) -> None:
    told, fifo = director.folder / "told", director.folder / "fifo"
    script = director.folder / "tell.sh"
    script.write_text(f'#!/bin/sh\necho "$*" >> {told}\n')
    script.chmod(0o755)
    os.mkfifo(fifo, 0o600)
    everything = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    with mail_server(namespace=director.namespace, port=2525) as mail:
        director.write(
            before=f"global_defs {{\n router_id lb01\n script_user root\n"
            f" lvs_notify_fifo {fifo}\n notification_email {{\n ops@example.org\n }}\n"
            " notification_email_from lb@example.org\n smtp_server 127.0.0.1 2525\n}",
            server=f'quorum 3\n quorum_up "{script} quorum up"\n quorum_down "{script} quorum down"'
            "\n smtp_alert",
            real=lambda web: (
                f'notify_up "{script} {web.name} up"\n notify_down "{script} {web.name} down"'
            ),
        )
        director.start()
        director.wait_up()
        first = director.webs[0]
        # Of the start a virtual server alone is told.
        mail.wait(1, WITHIN_S)
        told_lines(told, 1)
        lines = read_lines(everything, 1)
        first.kill()
        director.wait_server(first, state="DOWN")
        first.start()
        director.wait_server(first, state="UP")
        programs = told_lines(told, 5)
        mails = mail.wait(5, WITHIN_S)
        lines += read_lines(everything, 4)
        subjects = [str(each["Subject"]) for each in mails]
    service, real = f"[{VIP}]:tcp:80", f"[{first.address}]:tcp:80"
    assert programs[0] == "quorum up"
    assert sorted(programs[1:3]) == sorted([f"{first.name} down", "quorum down"])
    assert sorted(programs[3:]) == sorted([f"{first.name} up", "quorum up"])
    assert lines == [
        f"VS {service} UP",
        *(f"RS {real} {service} DOWN", f"VS {service} DOWN"),
        *(f"RS {real} {service} UP", f"VS {service} UP"),
    ]
    assert subjects == [
        f"[lb01] Virtualserver {service} - UP",
        f"[lb01] Realserver {real} of virtual server {service} - DOWN",
        f"[lb01] Virtualserver {service} - DOWN",
        f"[lb01] Realserver {real} of virtual server {service} - UP",
        f"[lb01] Virtualserver {service} - UP",
    ]
    assert "connection refused" in mails[1].get_content()
    os.close(everything)


def told_lines(path: Path, count: int) -> list[str]:
    assert wait_until(
        lambda: path.exists() and len(path.read_text().splitlines()) >= count, WITHIN_S
    )
    return path.read_text().splitlines()


def read_lines(descriptor: int, count: int) -> list[str]:
    found = ""

    def enough() -> bool:
        nonlocal found
        with contextlib.suppress(BlockingIOError):
            found += os.read(descriptor, 1 << 16).decode()
        return found.count("\n") >= count

    assert wait_until(enough, WITHIN_S), found
    return found.splitlines()


def test_draining_survives_reload_crash_and_restart_and_ends_by_itself(serving: Director) -> None:
    drained = serving.webs[2]
    order = ("server", "drain", f"{VIP}:80", drained.address)
    with serving.load() as load:
        done = serving.haloctl(*order)
        assert (done.returncode, done.stderr) == (0, "")
        ordered_s = time.monotonic()

        def still_drained() -> bool:
            shown = serving.server(drained)
            return (shown["admin"], shown["weight_effective"]) == ("draining", 0)

        assert still_drained()
        assert serving.haloctl("reload").returncode == 0
        assert still_drained()
        service = serving.child("service")
        os.kill(service, signal.SIGKILL)
        assert wait_until(lambda: serving.child("service") not in (0, service), WITHIN_S)
        serving.wait_server(drained, admin="draining", weight_effective=0)
        stopped_s = time.monotonic()
        assert serving.stop() == 0
        serving.start("-D", ready=False)
        serving.wait_up(drained)
        assert still_drained()
        back_s = time.monotonic()
        assert wait_until(lambda: len(load.servers_since(back_s)) == 2, WITHIN_S)
    while_drained = [e for e in load.since(ordered_s) if e.began_s + e.took_s < stopped_s]
    assert [each for each in while_drained if each.error] == []
    assert drained.name not in load.servers_since(ordered_s)
    ended = serving.haloctl(*order, "--for", "300ms")
    assert "for 0.3 s" in ended.stdout
    serving.wait_server(drained, admin="enabled", weight_effective=1)


def test_status_tells_when_a_server_that_drains_has_no_connection_left(serving: Director) -> None:
    """The guide has the operator wait for `active` to be 0 before he takes the server away."""
    connections = serving.client.call(
        lambda: [socket.create_connection((VIP, 80), 5.0) for _ in serving.webs]
    )
    drained = serving.webs[0]
    serving.wait_server(drained, active=1)
    assert serving.haloctl("server", "drain", f"{VIP}:80", drained.address).returncode == 0
    serving.wait_server(drained, active=1, weight_effective=0)
    for one in connections:
        one.close()
    serving.wait_server(drained, active=0)


def test_disabling_takes_it_out_whatever_its_checks_say(serving: Director) -> None:
    first = serving.webs[0]
    assert serving.haloctl("server", "disable", SERVICE, first.address).returncode == 0
    assert serving.server(first)["weight_effective"] is None
    assert first.name not in {serving.get().server for _ in range(6)}
    assert serving.haloctl("server", "enable", SERVICE, first.address).returncode == 0
    assert serving.server(first)["weight_effective"] == 1


def test_a_name_that_means_nobody_is_told(serving: Director) -> None:
    wrong = serving.haloctl("server", "drain", f"{VIP}:81", "10.77.0.11")
    assert wrong.returncode == 1
    assert f"did you mean '{VIP} 80 tcp'?" in wrong.stderr
    assert serving.haloctl("server", "drain", f"{VIP}:80", "10.77.0.1").returncode == 1
    assert serving.haloctl("server", "drain", f"{VIP}:80", "x", "--for", "soon").returncode == 2


def test_a_reload_changes_what_changed_and_breaks_nothing(serving: Director) -> None:
    kept = serving.webs[:2]
    with serving.load() as load:
        serving.write(webs=kept)
        assert serving.haloctl("reload").returncode == 0
        assert wait_until(lambda: len(serving.service()["real_servers"]) == 2, WITHIN_S)
        reloaded_s = time.monotonic()
        assert wait_until(lambda: len(load.since(reloaded_s)) > 50, WITHIN_S)
        serving.write()
        assert serving.haloctl("reload").returncode == 0
        serving.wait_up()
        again_s = time.monotonic()
        assert wait_until(lambda: load.servers_since(again_s) == names(serving), WITHIN_S)
    assert [each for each in load.requests if each.error] == []
    assert serving.webs[2].name not in {
        each.server for each in load.since(reloaded_s) if each.began_s < reloaded_s + 0.1
    }


def test_children_that_die_take_nothing_from_the_clients(serving: Director) -> None:
    victim = serving.webs[0]
    with serving.load() as load:
        for name in ("service", "checker"):
            before = serving.child(name)
            os.kill(before, signal.SIGKILL)
            assert wait_until(lambda: serving.child(name) not in (0, before), WITHIN_S)  # noqa: B023
        serving.wait_up()
        clean_s = time.monotonic()
        assert [each for each in load.requests if each.error] == []
        # And the new ones do their work: what one checker says the new service hears.
        victim.kill()
        serving.wait_server(victim, state="DOWN", weight_effective=None)
        out_s = time.monotonic()
        assert wait_until(lambda: len(load.since(out_s)) > 20, WITHIN_S)
    assert clean_s < out_s
    assert victim.name not in load.servers_since(out_s)
    assert "the table of virtual servers goes on as it is" in serving.log()


def test_a_new_service_hears_what_the_checker_found_meanwhile(serving: Director) -> None:
    """Both lose something: the service dies while it is frozen and a verdict is on its way."""
    victim = serving.webs[0]
    service = serving.child("service")
    os.kill(service, signal.SIGSTOP)
    victim.kill()
    assert stays_true(lambda: _pid_lives(service), 1.5)
    os.kill(service, signal.SIGKILL)
    serving.wait_server(victim, state="DOWN", weight_effective=None)
    assert victim.name not in {serving.get().server for _ in range(6)}


def _pid_lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_killed_as_a_whole_it_leaves_the_table_serving_and_its_successor_adopts_it(
    director: Director,
) -> None:
    """The VIP is the machine's own here: only the table is looked at."""
    director.namespace.ip("address", "add", f"{VIP}/24", "dev", "near")
    director.write(vrrp=False)
    director.start("-C", "-D")
    director.wait_up()
    down = director.webs[0]
    down.kill()
    director.wait_server(down, state="DOWN")
    with director.load() as load:
        for process in [p for p in director.namespace.members() if "halod" in p.command_line]:
            process.send(signal.SIGKILL)
        director.process.wait()
        killed_s = time.monotonic()
        assert wait_until(lambda: len(load.since(killed_s)) > 50, WITHIN_S)
        director.start("-C", "-D", ready=False)
        director.wait_log("1 were as wanted, and it took 0 operations", START_S)
        director.wait_server(down, state="DOWN", weight_effective=None)
    assert [each for each in load.requests if each.error] == []
    assert down.name not in {each.server for each in load.requests}
    assert director.status()["heartbeat_pid"] is None


def test_a_clean_stop_removes_what_it_made_and_minus_i_does_not(director: Director) -> None:
    director.namespace.ip("address", "add", f"{VIP}/24", "dev", "near")
    director.write(vrrp=False)
    for options, stays in ((("-C",), False), (("-C", "-I"), True), (("-C",), False)):
        director.start(*options)
        director.wait_up()
        assert director.get().error == ""
        engine = director.status()["lvs_engine"]["name"]
        assert director.stop() == 0
        assert (director.get(0.5).error == "") is stays, options
        if engine == "nft":
            assert ("halod_lvs" in director.namespace.run("nft", "list", "tables")) is stays


def test_vrrp_alone_has_no_virtual_servers(director: Director) -> None:
    director.start("-P")
    status = director.status()
    assert status["virtual_servers"] == []
    assert (status["service_pid"], status["checker_pid"]) == (None, None)
    assert status["heartbeat_pid"]


def test_status_is_json_and_names_what_is_wrong(serving: Director) -> None:
    for web in serving.webs:
        web.kill()
    for web in serving.webs:
        serving.wait_server(web, state="DOWN")
    shown = serving.haloctl("status")
    assert shown.returncode == 1
    assert f"alarm: {SERVICE} has lost its quorum" in shown.stdout
    answer = json.loads(serving.haloctl("status", "--json").stdout)
    (server,) = answer["virtual_servers"]
    assert (server["state"], server["quorum"], server["weight_up"]) == ("DOWN", 1, 0)
    assert {each["last_failure"][:18] for each in server["real_servers"]} == {"connection refused"}


def test_what_the_kernel_refuses_is_told_and_tried_again_while_the_rest_serves(
    director: Director,
) -> None:
    """A server behind DR that no route leads to, until one does."""
    director.write()
    text = director.config_file.read_text().replace("lb_kind NAT", "lb_kind DR")
    lost = " real_server 10.99.0.9 80 {\n weight 1\n }\n}\n"
    director.config_file.write_text(text.rstrip().removesuffix("}") + lost)
    line = text[: text.index("virtual_server")].count("\n") + 1
    director.start("-D")
    director.wait_up()
    assert wait_until(lambda: bool(director.service()["alarm"]), WITHIN_S), director.log()
    alarm = director.service()["alarm"]
    assert "[10.99.0.9]:80" in alarm
    assert "no way to 10.99.0.9" in alarm
    assert f"keepalived.conf:{line}" in director.log()
    assert director.haloctl("status").returncode == 1
    director.namespace.ip("address", "add", "10.99.0.1/24", "dev", "br0")
    assert wait_until(lambda: director.service()["alarm"] is None, WITHIN_S), director.log()
    (found,) = [
        each for each in director.service()["real_servers"] if "10.99.0.9" in each["address"]
    ]
    assert found["weight_effective"] == 1


def test_a_machine_that_does_not_forward_is_told_as_long_as_it_does_not(serving: Director) -> None:
    subject = "virtual servers by NAT"
    assert subject not in serving.status()["troubles"]
    serving.namespace.set_kernel_value("net/ipv4/ip_forward", "0")
    assert wait_until(lambda: subject in serving.status()["troubles"], WITHIN_S)
    assert "sysctl -w net.ipv4.ip_forward=1" in serving.status()["troubles"][subject]
    serving.namespace.set_kernel_value("net/ipv4/ip_forward", "1")
    assert wait_until(lambda: subject not in serving.status()["troubles"], WITHIN_S)


def test_ha_suspend_checks_only_while_the_address_is_held_here(director: Director) -> None:
    director.write(server="ha_suspend", vrrp=False)
    director.start("-C", "-D")
    victim = director.webs[0]
    assert wait_until(director.answers_at_all, START_S), director.log()
    assert wait_until(lambda: director.service().get("suspended") is True, WITHIN_S)
    victim.kill()
    assert stays_true(lambda: director.server(victim)["state"] != "DOWN", 1.5)
    director.namespace.ip("address", "add", f"{VIP}/24", "dev", "near")
    director.wait_server(victim, state="DOWN")
    assert director.service()["suspended"] is False
    director.namespace.ip("address", "del", f"{VIP}/24", "dev", "near")
    assert wait_until(lambda: director.service()["suspended"] is True, WITHIN_S)


def test_the_signal_for_data_writes_keepalived_s_file_of_servers(director: Director) -> None:
    director.environment = {**os.environ, "TMPDIR": str(director.folder)}
    director.start()
    director.wait_up()
    director.process.send_signal(signal.SIGUSR1)
    path = director.folder / "keepalived_check.data"
    assert wait_until(path.exists, WITHIN_S), director.log()
    text = path.read_text()
    assert f" VS VIP = {VIP}, VPORT = 80\n" in text
    assert text.count("   alive = 1\n   RS set = 1\n") == len(director.webs)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_table_stands_in_another_namespace_and_servers_are_asked_from_here(
    director: Director,
) -> None:
    """The client's, which has no way to the servers' network but over the director."""
    elsewhere = director.client
    engine = "global_defs {\n @halod lvs_engine nft\n}"
    director.write(
        before=f"net_namespace_ipvs {elsewhere.name}\n{engine}", server="ha_suspend", vrrp=False
    )
    director.start("-C", "-D", ready=False)
    # The address that counts is here, as VRRP is.
    assert wait_until(director.answers_at_all, START_S), director.log()
    assert wait_until(lambda: director.service().get("suspended") is True, WITHIN_S), director.log()
    director.namespace.ip("address", "add", f"{VIP}/24", "dev", "near")
    director.wait_up()
    down = director.webs[0]
    down.kill()
    director.wait_server(down, state="DOWN", weight_effective=None)
    listed = elsewhere.run("nft", "list", "ruleset")
    assert "halod_lvs" in listed
    assert down.address not in listed
    assert director.webs[1].address in listed
    assert "halod_lvs" not in director.namespace.run("nft", "list", "ruleset")
    assert "virtual servers by NAT" in director.status()["troubles"]  # nobody forwards there
    director.write(vrrp=False)
    refused = director.haloctl("reload")
    assert refused.returncode != 0
    assert "is now not set: that takes a restart" in refused.stderr
    assert director.stop() == 0
    assert VIP not in elsewhere.run("nft", "list", "ruleset")


def test_a_namespace_that_is_not_there_is_named(director: Director) -> None:
    director.write(before="net_namespace_ipvs not-there", vrrp=False)
    director.start("-C", ready=False)
    director.wait_log("net_namespace_ipvs not-there: there is no /run/netns/not-there", START_S)
