"""SMTP_CHECK against a real mail server, and against peers that are none."""

import asyncio
from dataclasses import replace

import pytest

from halod.checker.attempt import ask_once
from halod.checker.smtp_check import REPLY_MAX
from halod.model.check import SmtpCheck
from halod.model.units import Duration
from tests.checker.peers import LONG, SHORT, TIMING, Talk, peer, says, silent, to
from tests.kit.mail_server import mail_server

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def check(port: int, timeout: Duration = LONG) -> SmtpCheck:
    return SmtpCheck(timing=TIMING, connection=to(port, timeout=timeout), hello="lb01.example.org")


def talk(*replies: bytes) -> Talk:
    """The first at once, each other after a line."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, reply in enumerate(replies):
            if number:
                await reader.readline()
            writer.write(reply)
            await writer.drain()

    return speak


async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A greeting without an end."""
    while True:
        writer.write(b"220-and one more line\r\n" * 100)
        await writer.drain()


def test_a_mail_server() -> None:
    with mail_server() as server:
        found = ask_once(check(server.port))
    assert (found.up, found.words) == (True, "greeted, and took HELO")


def test_several_hosts_of_which_one_is_wrong() -> None:
    with mail_server() as server, peer(talk(b"554 no service\r\n")) as other:
        both = replace(check(server.port), hosts=(to(server.port), to(other)))
        found = ask_once(both)
    assert found.up is False
    assert found.words == f"greeting '554 no service', wanted 220 (host [127.0.0.1]:{other})"


@pytest.mark.parametrize(
    ("peer_talk", "up", "words"),
    [
        (
            talk(b"220-one\r\n220-two\r\n220 three\r\n", b"250-a\r\n250 b\r\n", b"221 x\r\n"),
            True,
            "",
        ),
        (talk(b"220 x\n", b"250 x\n"), True, ""),
        (
            talk(b"220 x\r\n", b"550 no\x1b[2J\r\n"),
            False,
            "answer to HELO '550 no�[2J', wanted 250",
        ),
        (talk(b"2200 x\r\n"), False, "greeting '2200 x', wanted 220"),
        (talk(b"220 x"), False, "closed before its greeting"),
        (says(b"", reads_first=False), False, "closed before its greeting"),
        (silent, False, "no greeting within 300 ms"),
        (talk(b"x" * 2 * REPLY_MAX), False, "greeting of more than 16 KiB, wanted one line"),
        (chatter, False, "greeting of more than 16 KiB, wanted one line"),
    ],
)
def test_peers(peer_talk: Talk, up: bool, words: str) -> None:
    with peer(peer_talk) as port:
        found = ask_once(check(port, SHORT if peer_talk is silent else LONG))
    assert found.up is up, found
    assert found.words.startswith(words)
