"""One mail to a real mail server: in the clear, over TLS, with a login, and refused."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from halod.model.mail import MailSettings, MailTls
from halod.model.units import Duration, Instant
from halod.notify.smtp import Outcome, SmtpTry
from halod.telling.letter import Letter
from halod.telling.mailbag import Queued
from tests.kit.mail_server import (
    PASSWORD,
    USER,
    Certificate,
    MailServer,
    mail_server,
    make_certificate,
)

LETTER = Letter("[lb01] VRRP Instance VI_1 - Entering MASTER state", "=> line <=\n\nWhy: x.\n")
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
MAIL = Queued(LETTER, Instant(7), 1_795_745_583.0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    path.chmod(0o600)
    return str(path)


def settings(server: MailServer) -> MailSettings:
    return MailSettings(
        to=("ops@example.org", "second@example.org"),
        sender="lb@example.org",
        host="127.0.0.1",
        port=server.port,
        hello="lb01.example.org",
        connect_timeout=Duration.seconds(5),
    )


def send(wanted: MailSettings) -> Outcome:
    return SmtpTry(MAIL, wanted).run()


def test_a_mail_in_the_clear() -> None:
    with mail_server() as server:
        assert send(settings(server)) == Outcome(delivered=True)
    (mail,) = server.got
    assert mail["Subject"] == LETTER.subject
    assert mail["From"] == "lb@example.org"
    assert mail["To"] == "ops@example.org, second@example.org"
    assert mail["Date"].datetime.timestamp() == MAIL.written
    assert mail["Message-ID"].startswith("<halod.7.")
    assert mail.get_content().splitlines() == LETTER.text.splitlines()
    assert server.recipients == [["ops@example.org", "second@example.org"]]
    assert server.hellos == ["lb01.example.org"]


def test_the_sender_is_root_of_this_machine_where_nothing_else_is_said() -> None:
    with mail_server() as server:
        assert send(replace(settings(server), sender="")).delivered
    assert server.got[0]["From"] == f"root@{socket.gethostname()}"


def test_starttls_and_a_login(certificate: Certificate, password_file: str) -> None:
    with mail_server(certificate, login=True) as server:
        wanted = replace(
            settings(server),
            host="localhost",
            tls=MailTls.STARTTLS,
            ca_file=str(certificate.file),
            user=USER,
            password_file=password_file,
        )
        assert send(wanted) == Outcome(delivered=True)
    assert server.encrypted == [True]
    assert server.logins == [USER]


def test_smtps_and_a_login(certificate: Certificate, password_file: str) -> None:
    with mail_server(certificate, smtps=True, login=True) as server:
        wanted = replace(
            settings(server),
            tls=MailTls.SMTPS,
            ca_file=str(certificate.file),
            user=USER,
            password_file=password_file,
        )
        assert send(wanted) == Outcome(delivered=True)
    assert server.encrypted == [True]


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(certificate: Certificate) -> None:
    with mail_server(certificate) as server:
        outcome = send(replace(settings(server), tls=MailTls.STARTTLS))
        assert (outcome.delivered, outcome.permanent) == (False, False)
        assert outcome.words == "its certificate does not hold: self-signed certificate"
    assert server.got == []


def test_a_certificate_of_another_name_is_not_trusted(tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "DNS:mail.example.org")
    with mail_server(other, smtps=True) as server:
        outcome = send(replace(settings(server), tls=MailTls.SMTPS, ca_file=str(other.file)))
        assert not outcome.delivered
        assert "IP address mismatch" in outcome.words


def test_nothing_is_sent_in_the_clear_where_starttls_is_missing(password_file: str) -> None:
    with mail_server() as server:
        wanted = replace(
            settings(server), tls=MailTls.STARTTLS, user=USER, password_file=password_file
        )
        outcome = send(wanted)
        assert outcome.words == "STARTTLS extension not supported by server"
    assert (server.got, server.logins) == ([], [])


def test_a_wrong_password_is_told_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("hunter2")
    path.chmod(0o600)
    with mail_server(login=True) as server:
        outcome = send(replace(settings(server), user=USER, password_file=str(path)))
    assert outcome == Outcome(False, f"it refused the login of {USER}: 535")


def test_a_password_file_that_others_can_read_is_not_used(password_file: str) -> None:
    Path(password_file).chmod(0o640)
    with mail_server(login=True) as server:
        outcome = send(replace(settings(server), user=USER, password_file=password_file))
    assert outcome.words == (
        f"smtp_password_file: others can read {password_file} (chmod 600 {password_file})"
    )
    assert server.logins == []


def test_one_recipient_of_two_is_refused() -> None:
    with mail_server() as server:
        server.refuse_recipient = {"second@example.org": "550 no such user"}
        outcome = send(settings(server))
    assert outcome.delivered
    assert outcome.words == "the mail server refused second@example.org: 550 no such user"
    assert server.recipients == [["ops@example.org"]]


@pytest.mark.parametrize(
    ("reply", "permanent"), [("550 no such user", True), ("451 try later", False)]
)
def test_every_recipient_is_refused(reply: str, permanent: bool) -> None:
    with mail_server() as server:
        wanted = settings(server)
        server.refuse_recipient = dict.fromkeys(wanted.to, reply)
        assert send(wanted) == Outcome(False, f"it refused every recipient: {reply}", permanent)


@pytest.mark.parametrize(("reply", "permanent"), [("554 spam", True), ("452 disk full", False)])
def test_the_mail_is_refused(reply: str, permanent: bool) -> None:
    with mail_server() as server:
        server.refuse_mail = reply
        assert send(settings(server)) == Outcome(False, f"it refused the mail: {reply}", permanent)


def test_a_server_that_is_away() -> None:
    with mail_server() as server:
        wanted = settings(server)
    assert send(wanted) == Outcome(False, "Connection refused")


def test_a_server_that_does_not_exist() -> None:
    outcome = send(MailSettings(to=("ops@example.org",), host="mail.invalid"))
    assert outcome.words.startswith("there is no such host")


@contextmanager
def listener(answer: bytes) -> Iterator[int]:
    """Takes connections, says this, and then nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connections.append(connection)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for connection in connections:
                connection.close()


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with listener(b"") as port:
        wanted = MailSettings(
            to=("ops@example.org",),
            host="127.0.0.1",
            port=port,
            connect_timeout=Duration.seconds(1),
        )
        assert send(wanted).words == "no answer within 1.000 s"


def test_a_server_that_refuses_to_talk() -> None:
    with listener(b"554 \x1b[31mgo\taway\r\n") as port:
        wanted = MailSettings(to=("ops@example.org",), host="127.0.0.1", port=port)
        words = send(wanted).words
    assert words == "it refused to talk: 554 \N{REPLACEMENT CHARACTER}[31mgo away"


def test_what_takes_too_long_is_ended_from_outside() -> None:
    with mail_server() as server:
        server.delay_s = 60.0
        trying = SmtpTry(MAIL, settings(server))
        found: list[Outcome] = []
        thread = threading.Thread(target=lambda: found.append(trying.run()))
        thread.start()
        while thread.is_alive():
            trying.abort()
            thread.join(0.01)
        server.delay_s = 0.0
    assert [outcome.delivered for outcome in found] == [False]
