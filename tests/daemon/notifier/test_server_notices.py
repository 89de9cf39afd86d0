"""Notices of servers: lines, programs in order, and mail with keepalived's subject."""

from pathlib import Path

from halod.model.balance_effect import ServerNotice, ServerSubject
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.notice import Notice
from halod.model.notify_policy import Fifo, NotifyPolicy, NotifySettings
from halod.model.occasion import Occasion, Subject
from tests.daemon.notifier.ground import Ground, play, script
from tests.daemon.notifier.test_notifier import mail_to, notifier, one
from tests.kit.mail_server import mail_server

TEXT = "=> CHECK failed on service <="
VIRTUAL, REAL = "[10.0.0.1]:tcp:80", "[10.0.0.9]:tcp:80"
SUBJECT = f"Realserver {REAL} of virtual server {VIRTUAL} - DOWN"


def test_lines_programs_and_mail_of_servers(tmp_path: Path) -> None:
    out = tmp_path / "out"
    note = script(tmp_path, "n.sh", f'[ $1 = slow ] && sleep 0.2; echo "$*" >> {out}')
    lines = script(tmp_path, "r.sh", 'while read -r l; do echo "$l" >> "$1.lines"; done < "$1"')

    def fifo(name: str) -> Fifo:
        return Fifo(path=str(tmp_path / name), script=Command((lines,)))

    def told(up: bool, *words: str, mail: str = "") -> ServerNotice:
        command = Command((note, *words)) if words else None
        return ServerNotice(ServerSubject.REAL, VIRTUAL, REAL, up, command, mail, "refused", TEXT)

    ground = Ground()

    async def scene() -> None:
        teller = notifier(ground)
        teller.adopt(
            Configuration(
                router_id="lb01",
                mail=mail_to(server, faults=True),
                notify=NotifySettings(
                    fifo=fifo("all"), vrrp_fifo=fifo("vrrp"), lvs_fifo=fifo("lvs")
                ),
                instances=(one("VI_1", NotifyPolicy()),),
            )
        )
        teller.server_notice(told(False, "slow", "down", mail=SUBJECT))
        teller.server_notice(told(True, "quick", "up"))
        teller.server_notice(
            ServerNotice(ServerSubject.VIRTUAL, VIRTUAL, "", False, None, "", "why")
        )
        teller.notice(Notice(Subject.INSTANCE, "VI_1", Occasion.MASTER, 150))
        await teller.stop()

    with mail_server() as server:
        play(scene)
        (mail,) = server.got
    of_servers = [f"RS {REAL} {VIRTUAL} DOWN", f"RS {REAL} {VIRTUAL} UP", f"VS {VIRTUAL} DOWN"]
    of_vrrp = ['INSTANCE "VI_1" MASTER 150']

    def read(name: str) -> list[str]:
        return (tmp_path / f"{name}.lines").read_text().splitlines()

    assert read("all") == of_servers + of_vrrp
    assert read("lvs") == of_servers
    assert read("vrrp") == of_vrrp
    assert out.read_text().splitlines() == ["slow down", "quick up"]
    assert mail["Subject"] == f"[lb01] {SUBJECT}"
    assert "=> CHECK failed on service <=" in mail.get_content()
    assert "Why: refused." in mail.get_content()
    assert ground.told == []
