"""What did not change stays the same object, from the file to the child that has it."""

import os
from dataclasses import replace

from halod.balance.names import virtual_names
from halod.daemon.model_memory import HandedDown, changed_model, read_model, write_model
from halod.daemon.parts import checked_over_network, checker_part, runner_part, service_part
from halod.daemon.per_server import PerServer
from halod.daemon.servers_here import fit_servers
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.virtual_server import VirtualServer
from tests.kit.servers import misc_check, real_server, virtual_server

ONE = virtual_server("10.0.0.1", real_server("10.1.0.1"))
TWO = virtual_server("10.0.0.2", real_server("10.1.0.2"), real_server("10.1.0.3"))
OTHER_TWO = replace(TWO, real_servers=TWO.real_servers[:1])
THREE = virtual_server("10.0.0.3", real_server("10.1.0.4"))


def configured(*servers: VirtualServer) -> Configuration:
    places = {server.title: f"k.conf:{line}" for line, server in enumerate(servers, 1)}
    return Configuration(virtual_servers=servers, places=places)


def handed(model: HandedDown) -> HandedDown:
    descriptor = os.dup(write_model(model))
    return read_model(descriptor)


def test_a_child_is_handed_what_changed_and_keeps_the_rest() -> None:
    first = service_part(configured(ONE, TWO))
    has = handed(HandedDown(first)).servers({})
    assert tuple(has.values()) == (ONE, TWO)

    part = service_part(configured(THREE, ONE, OTHER_TWO))
    before = {server.title: server for server in first.virtual_servers}
    model, now = changed_model(part, before)
    assert model.configuration.virtual_servers == (THREE, OTHER_TWO)
    assert tuple(now.values()) == part.virtual_servers

    got = handed(model)
    then = got.servers(has)
    assert tuple(then.values()) == part.virtual_servers
    assert then[ONE.title] is has[ONE.title]
    assert got.configuration.places[ONE.title] == "k.conf:2"


def test_where_all_go_but_one_no_other_is_left() -> None:
    part = configured(ONE)
    model, _ = changed_model(part, {each.title: each for each in (ONE, TWO)})
    assert model.configuration.virtual_servers == ()
    assert list(model.servers({ONE.title: ONE, TWO.title: TWO})) == [ONE.title]


def test_parts_of_what_concerns_a_child_as_a_whole_are_the_same_objects() -> None:
    mixed = virtual_server("10.0.0.9", real_server("10.1.0.9", checks=(misc_check("true"),)))
    whole = configured(ONE, mixed)
    parts = [checked_over_network(server) for server in whole.virtual_servers]
    assert checker_part(whole, parts).virtual_servers[0] is ONE
    assert parts[1] is None
    assert runner_part(whole).virtual_servers[0] is mixed
    assert not runner_part(whole).places
    fitted, _ = fit_servers(whole)
    assert fitted.virtual_servers[0] is ONE


def test_who_runs_programs_is_known_of_each() -> None:
    assert (ONE.runs_programs, ONE.tells_anybody, ONE.needs_runner) == (False, False, False)
    told = replace(ONE, quorum_up=Command(("/bin/true",)))
    assert told.runs_programs
    assert told.tells_anybody
    assert not told.needs_runner
    checked = virtual_server("10.0.0.9", real_server("10.1.0.9", checks=(misc_check("true"),)))
    assert checked.runs_programs
    assert checked.needs_runner
    assert not checked.tells_anybody


def test_what_was_worked_out_holds_for_the_very_object() -> None:
    asked: list[str] = []

    def work_out(server: VirtualServer) -> str:
        asked.append(server.name)
        return server.name

    names = PerServer(work_out)
    assert names.of((ONE, TWO)) == [ONE.name, TWO.name]
    assert names.of((TWO, ONE)) == [TWO.name, ONE.name]
    assert len(asked) == 2
    assert names.of((replace(ONE),)) == [ONE.name]
    assert len(asked) == 3
    names.of((TWO,))
    assert len(asked) == 4


def test_names_that_are_known_are_those_that_would_be_found() -> None:
    group = replace(ONE, name="group web")
    first = virtual_names((ONE, group))
    assert virtual_names((group, TWO, ONE), first) == virtual_names((group, TWO, ONE))
