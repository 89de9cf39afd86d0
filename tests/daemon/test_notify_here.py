"""Notify scripts on this machine: found and given a user, or left out and told."""

import os
import pwd
from dataclasses import replace
from pathlib import Path

from halod.daemon.notify_here import fit_notify
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.notify_policy import Fifo, NotifyPolicy, NotifySettings
from halod.model.script import ScriptSettings
from halod.model.sync_group import VrrpSyncGroup
from tests.kit.build import instance

US = pwd.getpwuid(os.geteuid()).pw_name
NOBODY = "there is no user nobody-here on this machine"
SETTINGS = ScriptSettings(user=US)


def program(folder: Path, mode: int = 0o755) -> str:
    path = folder / "n.sh"
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return str(path)


def telling(policy: NotifyPolicy) -> Configuration:
    return Configuration(
        programs=SETTINGS,
        instances=(
            replace(instance(), notify=policy),
            replace(instance(name="VI_2"), notify=policy),
        ),
        groups=(VrrpSyncGroup(name="VG_1", members=("VI_1", "VI_2"), notify=policy),),
    )


def test_every_program_gets_a_path_and_a_user() -> None:
    before = NotifyPolicy(
        every=Command(("true", "any")),
        stop=Command(("/bin/true",)),
        mail=True,
        priority_changes=True,
    )
    fitted, told = fit_notify(telling(before))
    assert told == []
    policies = [each.notify for each in fitted.instances]
    policies += [each.notify for each in fitted.groups]
    assert len(policies) == 3
    for policy in policies:
        every, stop = policy.every, policy.stop
        assert every is not None
        assert stop is not None
        assert Path(every.argv[0]).is_absolute()
        assert (every.argv[1:], every.user, stop.user) == (("any",), US, US)
        assert (policy.mail, policy.priority_changes) == (True, True)
        assert policy.master is None


def test_what_cannot_run_is_left_out_and_the_rest_stays(tmp_path: Path) -> None:
    missing = Command((str(tmp_path / "missing"),))
    nobody = Command(("/bin/true",), user="nobody-here")
    policy = NotifyPolicy(every=Command(("/bin/true",)), master=missing, fault=nobody)
    fitted, told = fit_notify(telling(policy))
    notify = fitted.instances[0].notify
    assert notify.every is not None
    assert (notify.master, notify.fault) == (None, None)
    assert told == [
        f"notify_master of VI_1 is left out: {tmp_path}/missing is not there. Mend it, and reload",
        f"notify_fault of VI_1 is left out: {NOBODY}. Mend it, and reload",
    ]


def test_arguments_are_not_told(tmp_path: Path) -> None:
    command = Command((program(tmp_path, 0o644), "--token", "hunter2"))
    _, told = fit_notify(telling(NotifyPolicy(backup=command)))
    assert len(told) == 1
    assert "hunter2" not in told[0]


def test_a_pipe_belongs_to_the_user_of_scripts_and_its_program_may_be_left_out(
    tmp_path: Path,
) -> None:
    pipe = Fifo(path="/run/one", script=Command((str(tmp_path / "missing"),)))
    own = Fifo(path="/run/two", user="www-data", group="adm")
    asked = NotifySettings(fifo=pipe, vrrp_fifo=own)
    fitted, told = fit_notify(Configuration(programs=SETTINGS, notify=asked))
    assert fitted.notify.fifo == Fifo(path="/run/one", user=US)
    assert fitted.notify.vrrp_fifo == own
    assert told == [
        f"notify_fifo_script is left out: {tmp_path}/missing is not there. Mend it, and reload"
    ]
