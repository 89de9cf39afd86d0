"""The notifier: who is told what, over a reload and to the end."""

from dataclasses import replace
from pathlib import Path

from halod.daemon.notifier.notifier import Notifier
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.mail import MailSettings
from halod.model.notice import Notice
from halod.model.notify_policy import Fifo, NotifyPolicy, NotifySettings
from halod.model.occasion import Occasion, Subject
from halod.model.sync_group import VrrpSyncGroup
from halod.model.vrrp import VrrpInstance
from tests.daemon.notifier.ground import Ground, play, script
from tests.kit.build import instance
from tests.kit.mail_server import MailServer, mail_server


def one(name: str, policy: NotifyPolicy) -> VrrpInstance:
    return replace(instance(name=name), notify=policy)


def said(name: str, occasion: Occasion, priority: int = 150) -> Notice:
    return Notice(Subject.INSTANCE, name, occasion, priority, "because")


def notifier(ground: Ground) -> Notifier:
    return Notifier(ground.resolve, ground.account, ground.clocks, ground.tell, ground.trouble)


def mail_to(server: MailServer, *, faults: bool) -> MailSettings:
    return MailSettings(to=("ops@example.org",), host="127.0.0.1", port=server.port, faults=faults)


def test_scripts_pipes_and_mail_of_one_life(tmp_path: Path) -> None:
    out = tmp_path / "out"
    note = script(tmp_path, "n.sh", f'echo "$*" >> {out}')
    lines = script(tmp_path, "r.sh", f'while read -r l; do echo "$l" >> {out}.lines; done < "$1"')
    every = Command((note, "any"))
    asked = NotifyPolicy(every=every, master=Command((note, "master")), mail=True)
    silent = NotifyPolicy()
    fifo = Fifo(path=str(tmp_path / "fifo"), script=Command((lines,)))
    ground = Ground()

    def configuration(server: MailServer, *instances: VrrpInstance) -> Configuration:
        return Configuration(
            router_id="lb01",
            mail=mail_to(server, faults=False),
            notify=NotifySettings(fifo=fifo),
            instances=instances,
        )

    async def scene() -> None:
        both = configuration(server, one("VI_1", asked), one("VI_2", silent))
        assert both.tells_anybody
        told = notifier(ground)
        told.adopt(both)
        for occasion in (Occasion.BACKUP, Occasion.MASTER, Occasion.FAULT):
            told.notice(said("VI_1", occasion))
        told.notice(said("VI_2", Occasion.BACKUP, 100))
        told.notice(said("VI_9", Occasion.BACKUP))
        # The end of VI_1 may come after the configuration without it.
        told.adopt(configuration(server, one("VI_2", silent)))
        told.notice(said("VI_1", Occasion.DELETED))
        assert told.figures()["told"] == 5
        await told.stop()

    with mail_server() as server:
        play(scene)
    assert out.read_text().splitlines() == [
        "any INSTANCE VI_1 BACKUP 150",
        "master",
        "any INSTANCE VI_1 MASTER 150",
        "any INSTANCE VI_1 FAULT 150",
        "any INSTANCE VI_1 FAULT 150",
    ]
    assert Path(f"{out}.lines").read_text().splitlines() == [
        'INSTANCE "VI_1" BACKUP 150',
        'INSTANCE "VI_1" MASTER 150',
        'INSTANCE "VI_1" FAULT 150',
        'INSTANCE "VI_2" BACKUP 100',
        'INSTANCE "VI_1" FAULT 150',
    ]
    assert server.subjects() == [
        "[lb01] VRRP Instance VI_1 - Entering BACKUP state",
        "[lb01] VRRP Instance VI_1 - Entering MASTER state",
        "[lb01] VRRP Instance VI_1 - Deleted",
    ]
    assert ground.told == []


def test_who_asks_for_nothing_needs_no_notifier() -> None:
    assert not Configuration(instances=(one("VI_1", NotifyPolicy()),)).tells_anybody
    only_mail = NotifyPolicy(mail=True)
    assert Configuration(instances=(one("VI_1", only_mail),)).tells_anybody
    pipe = NotifySettings(vrrp_fifo=Fifo(path="/run/fifo"))
    assert Configuration(notify=pipe).tells_anybody


def test_after_a_reload_pipes_tell_every_state_where_that_is_asked(tmp_path: Path) -> None:
    out = tmp_path / "out"
    reader = script(tmp_path, "r.sh", f'while read -r l; do echo "$l" >> {out}; done < "$1"')
    settings = NotifySettings(
        fifo=Fifo(path=str(tmp_path / "fifo"), script=Command((reader,))), states_on_reload=True
    )
    group = VrrpSyncGroup(name="G", members=("VI_1",))

    async def scene() -> None:
        told = notifier(Ground())
        instances = (one("VI_1", NotifyPolicy()), one("VI_2", NotifyPolicy()))
        told.adopt(Configuration(notify=settings, instances=instances, groups=(group,)))
        told.notice(said("VI_1", Occasion.BACKUP))
        told.notice(said("VI_2", Occasion.FAULT))
        told.notice(said("VI_1", Occasion.MASTER))
        told.notice(said("VI_1", Occasion.MASTER_RX_LOWER_PRI))
        told.notice(Notice(Subject.GROUP, "G", Occasion.MASTER, 0))
        told.adopt(Configuration(notify=settings, instances=instances[:1], groups=(group,)))
        await told.stop()

    play(scene)
    assert out.read_text().splitlines()[5:] == ['GROUP "G" MASTER 0', 'INSTANCE "VI_1" MASTER 150']
