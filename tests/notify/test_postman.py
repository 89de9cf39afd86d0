"""The postman: a mail server that is away, slow or unwilling delays nobody and loses nothing."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from halod.model.fact import Severity
from halod.model.mail import MailSettings
from halod.model.units import Duration, Instant
from halod.notify.postman import Postman
from halod.telling.letter import Letter
from tests.kit.mail_server import mail_server


@dataclass
class World:
    """Clocks and ears of a postman."""

    ahead: Duration = Duration.seconds(0)
    """How much the clock was put forward: waits of minutes are over at once."""
    told: list[tuple[Severity, str]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def postman(self) -> Postman:
        return Postman(
            lambda: Instant(time.monotonic_ns()) + self.ahead,
            time.time,
            lambda severity, text: self.told.append((severity, text)),
            lambda subject, text: self.troubles.append(text),
        )


def settings(port: int) -> MailSettings:
    return MailSettings(
        to=("ops@example.org",),
        sender="lb@example.org",
        host="127.0.0.1",
        port=port,
        connect_timeout=Duration.seconds(1),
    )


def letter(number: int) -> Letter:
    return Letter(f"mail {number}", "text\n")


async def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.005)


def play(script: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await script()

    asyncio.run(run())


def test_mails_arrive_in_their_order() -> None:
    world = World()

    async def script() -> None:
        postman = world.postman()
        postman.adopt(settings(server.port))
        for number in range(3):
            postman.post(letter(number))
        await until(lambda: postman.figures()["sent"] == 3)
        assert postman.figures() == {"waiting": 0, "sent": 3, "lost": 0, "failures": 0}

    with mail_server() as server:
        play(script)
    assert server.subjects() == ["mail 0", "mail 1", "mail 2"]
    assert world.told == []


def test_a_server_that_was_away_gets_them_all_when_it_is_back() -> None:
    world = World()
    with mail_server() as gone:
        port = gone.port

    async def script() -> None:
        postman = world.postman()
        postman.adopt(settings(port))
        for number in range(3):
            postman.post(letter(number))
        await until(lambda: postman.figures()["failures"] == 1)
        assert postman.figures()["waiting"] == 3
        world.ahead = Duration.seconds(300)
        postman.post(letter(3))  # looks at the clock anew
        with mail_server(port=port) as server:
            await until(lambda: postman.figures()["sent"] == 4, 20)
        assert server.subjects() == [f"mail {number}" for number in range(4)]

    play(script)
    assert world.troubles[0] == "mail server 127.0.0.1: Connection refused"
    assert world.troubles[-1] == ""
    assert (Severity.NOTICE, "mail server 127.0.0.1 takes mail again") in world.told


def test_a_slow_server_delays_nobody() -> None:
    world = World()

    async def script() -> None:
        postman = world.postman()
        postman.adopt(replace(settings(server.port), connect_timeout=Duration.seconds(5)))
        begun = time.monotonic()
        for number in range(3):
            postman.post(letter(number))
        await asyncio.sleep(0)
        assert postman.figures()["sent"] == 0, "the caller waited"
        await until(lambda: postman.figures()["sent"] == 3, 20)
        assert time.monotonic() - begun > 3 * 0.3

    with mail_server() as server:
        server.delay_s = 0.3
        play(script)
    assert server.subjects() == ["mail 0", "mail 1", "mail 2"]


def test_a_mail_that_is_refused_for_good_holds_up_none() -> None:
    world = World()

    async def script() -> None:
        postman = world.postman()
        postman.adopt(settings(server.port))
        server.refuse_mail = "554 spam"
        postman.post(letter(0))
        await until(lambda: postman.figures()["failures"] == 1)
        postman.post(letter(1))
        server.refuse_mail = ""
        world.ahead = Duration.seconds(300)
        postman.post(letter(2))
        await until(lambda: postman.figures()["sent"] == 3)
        assert postman.figures()["lost"] == 0

    with mail_server() as server:
        play(script)
    assert sorted(server.subjects()) == ["mail 0", "mail 1", "mail 2"]
    assert world.troubles[0] == "mail server 127.0.0.1: it refused the mail: 554 spam"


def test_other_settings_are_tried_at_once() -> None:
    world = World()

    async def script() -> None:
        postman = world.postman()
        postman.adopt(replace(settings(server.port), port=1))
        postman.post(letter(0))
        await until(lambda: postman.figures()["failures"] == 1)
        postman.adopt(settings(server.port))
        await until(lambda: postman.figures()["sent"] == 1)

    with mail_server() as server:
        play(script)
    assert server.subjects() == ["mail 0"]


def test_settings_without_a_server_give_up_what_waits_and_say_so() -> None:
    world = World()

    async def script() -> None:
        postman = world.postman()
        postman.adopt(replace(settings(1)))
        postman.post(letter(0))
        await until(lambda: postman.figures()["failures"] == 1)
        postman.adopt(MailSettings())
        assert postman.figures()["lost"] == 1
        postman.post(letter(1))
        assert postman.figures()["waiting"] == 0

    play(script)
    assert world.told == [(Severity.ERROR, "1 mail given up: there is no mail server now")]


def test_a_stop_waits_for_what_can_be_sent() -> None:
    world = World()

    async def script() -> None:
        postman = world.postman()
        postman.adopt(settings(server.port))
        for number in range(2):
            postman.post(letter(number))
        await postman.stop(10.0)
        assert postman.figures()["sent"] == 2

    with mail_server() as server:
        server.delay_s = 0.1
        play(script)
    assert world.told == []


@pytest.mark.parametrize("delay_s", [0.0, 30.0])
def test_a_stop_waits_for_no_server_for_long_and_tells_what_is_left(
    delay_s: float,
) -> None:
    world = World()

    async def script() -> None:
        postman = world.postman()
        reach = settings(server.port) if delay_s else replace(settings(server.port), port=1)
        postman.adopt(replace(reach, connect_timeout=Duration.seconds(30)))
        postman.post(letter(0))
        begun = time.monotonic()
        await postman.stop(0.3 if delay_s else 60)
        assert time.monotonic() - begun < 5

    with mail_server() as server:
        server.delay_s = delay_s
        play(script)
        server.delay_s = 0
    assert world.told == [(Severity.ERROR, "1 mail not sent before the stop")]
