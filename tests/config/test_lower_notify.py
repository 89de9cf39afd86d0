"""Notifications and mail: what a file asks for, and what stands in for what it does not say."""

import pytest

from halod.config.compile import Compiled, compile_text
from halod.model.command import Command
from halod.model.mail import MailSettings, MailTls
from halod.model.notify_policy import Fifo, NotifyPolicy, NotifySettings
from halod.model.units import Duration

INSTANCE = """
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    {own}
    virtual_ipaddress {{
        192.0.2.1/24
    }}
}}
"""
MAIL = "smtp_server 192.0.2.25\nnotification_email {\nops@example.org\n}"


def compiled(globals_: str, own: str = "") -> Compiled:
    return compile_text("k.conf", f"global_defs {{\n{globals_}\n}}\n{INSTANCE.format(own=own)}")


def told(found: Compiled) -> list[str]:
    return [f"{each.code} {each.message}" for each in found.diagnostics]


def policy_of(globals_: str, own: str) -> NotifyPolicy:
    found = compiled(globals_, own)
    assert found.configuration is not None
    assert told(found) == []
    return found.configuration.instances[0].notify


def settings_of(globals_: str) -> NotifySettings:
    found = compiled(globals_)
    assert found.configuration is not None
    assert told(found) == []
    return found.configuration.notify


def mail_of(globals_: str) -> MailSettings:
    found = compiled(globals_)
    assert found.configuration is not None
    return found.configuration.mail


def test_every_program_of_an_instance() -> None:
    names = {
        "notify": "every",
        "notify_master": "master",
        "notify_backup": "backup",
        "notify_fault": "fault",
        "notify_stop": "stop",
        "notify_deleted": "deleted",
        "notify_master_rx_lower_pri": "master_rx_lower_pri",
    }
    policy = policy_of("", "\n".join(f'{name} "/n.sh {name}" www-data adm' for name in names))
    for name, field in names.items():
        assert getattr(policy, field) == Command(("/n.sh", name), "www-data", "adm")


def test_notify_deleted_says_something_alone() -> None:
    assert not policy_of("", "").says_deleted
    alone = policy_of("", "notify_deleted")
    assert (alone.says_deleted, alone.deleted) == (True, None)
    with_program = policy_of("", 'notify_deleted "/n.sh gone"')
    assert with_program.says_deleted
    assert with_program.deleted == Command(("/n.sh", "gone"))


@pytest.mark.parametrize(
    ("globals_", "own", "wanted"),
    [
        ("", "", False),
        ("", "smtp_alert", True),
        ("smtp_alert", "", True),
        ("smtp_alert true", "smtp_alert off", False),
        ("smtp_alert_vrrp no", "", False),
        ("smtp_alert\nsmtp_alert_vrrp no", "", False),
        ("smtp_alert no\nsmtp_alert_vrrp", "", True),
    ],
)
def test_mail_is_sent_where_somebody_asks_for_it(globals_: str, own: str, wanted: bool) -> None:
    # One that says no keeps the note about mail that nobody asks for away.
    asked = f"{globals_}\n{MAIL}" if "smtp_alert" in globals_ + own else ""
    assert policy_of(asked, own).mail is wanted


@pytest.mark.parametrize(
    ("globals_", "own", "wanted"),
    [
        ("", "", False),
        ("vrrp_notify_priority_changes", "", True),
        ("vrrp_notify_priority_changes true", "notify_priority_changes false", False),
        ("", "notify_priority_changes", True),
    ],
)
def test_changes_of_priority(globals_: str, own: str, wanted: bool) -> None:
    assert policy_of(globals_, own).priority_changes is wanted


def test_pipes_and_their_programs() -> None:
    assert settings_of(
        'notify_fifo "/run/my fifo" www-data adm\n'
        'notify_fifo_script "/f.sh one" root\n'
        "vrrp_notify_fifo /run/vrrp\n@halod notify_timeout 5"
    ) == NotifySettings(
        fifo=Fifo(
            path="/run/my fifo",
            user="www-data",
            group="adm",
            script=Command(("/f.sh", "one"), "root"),
        ),
        vrrp_fifo=Fifo(path="/run/vrrp"),
        time_limit=Duration.seconds(5),
    )


def test_a_program_without_a_pipe_is_told() -> None:
    found = compiled('vrrp_notify_fifo_script "/f.sh"')
    (line,) = told(found)
    assert line.startswith("W402 `vrrp_notify_fifo_script` has nothing to read")
    assert not found.clean


def test_all_of_mail() -> None:
    assert mail_of(
        "notification_email {\na@example.org\nb@example.org\n}\n"
        "notification_email_from lb@example.org\nsmtp_server mail.example.org 587\n"
        "smtp_helo_name lb01.example.org\nsmtp_connect_timeout 5\nno_email_faults\nsmtp_alert\n"
        "@halod smtp_tls starttls\n@halod smtp_user lb01\n"
        "@halod smtp_password_file /etc/halod/smtp\n@halod smtp_ca_file /etc/halod/ca.pem"
    ) == MailSettings(
        to=("a@example.org", "b@example.org"),
        sender="lb@example.org",
        host="mail.example.org",
        port=587,
        hello="lb01.example.org",
        connect_timeout=Duration.seconds(5),
        faults=False,
        tls=MailTls.STARTTLS,
        ca_file="/etc/halod/ca.pem",
        user="lb01",
        password_file="/etc/halod/smtp",
    )


LOGIN = "@halod smtp_user lb01\n@halod smtp_password_file /etc/halod/smtp"


@pytest.mark.parametrize(
    ("lines", "tls", "port"),
    [
        ("", MailTls.NONE, 25),
        ("@halod smtp_tls smtps", MailTls.SMTPS, 465),
        (LOGIN, MailTls.STARTTLS, 25),
    ],
)
def test_tls_and_ports_that_nobody_wrote(lines: str, tls: MailTls, port: int) -> None:
    mail = mail_of(f"smtp_server 192.0.2.25\n{lines}")
    assert (mail.tls, mail.port) == (tls, port)


@pytest.mark.parametrize("port", ["0", "65536", "smtp", "25;"])
def test_a_port_that_is_none(port: str) -> None:
    found = compiled(f"smtp_server 192.0.2.25 {port}")
    assert told(found) == [f"E103 `{port}` is no port of `smtp_server`: 25 counts"]


def test_half_a_login_is_none() -> None:
    found = compiled("@halod smtp_user lb01")
    assert told(found) == [
        "E203 `smtp_user` stands without `smtp_password_file`: there is no login"
    ]
    assert not found.refused


def test_the_place_of_a_password_is_covered_in_every_excerpt() -> None:
    """It may be the password itself that stands there by a slip."""
    found = compiled("@halod smtp_password_file hunter2 hunter3")
    assert "hunter" not in repr(found.configuration)
    assert found.secrets
