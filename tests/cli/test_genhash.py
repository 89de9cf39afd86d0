"""`haloctl genhash`: what keepalived's genhash prints, and what HTTP_GET wants."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from halod.checker.attempt import ask_once
from halod.cli.haloctl import main
from halod.model.check import HttpPage
from tests.capabilities import find_program
from tests.checker.nginx import PAGE, Nginx, nginx
from tests.checker.peers import http_check, peer, says
from tests.kit.mail_server import make_certificate

DIGEST = hashlib.md5(PAGE.encode()).hexdigest()
HALOD = Path(sys.executable).parent / "halod"


def genhash(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["genhash", *arguments])


def asking(port: int, path: str = "/") -> tuple[str, ...]:
    return ("-s", "127.0.0.1", "-p", str(port), "-u", path)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    folder = tmp_path_factory.mktemp("nginx")
    with nginx(folder, make_certificate(folder)) as running:
        yield running


@pytest.mark.needs_nginx
@pytest.mark.parametrize("version", ["1.0", "1.0c", "1.1", "2"])
def test_the_digest_of_a_page(server: Nginx, version: str) -> None:
    port = server.h2c_port if version == "2" else server.port
    assert genhash(*asking(port), "-P", version).stdout == f"{DIGEST}\n"
    assert genhash(*asking(server.tls_port), "-S", "-P", version).stdout == f"{DIGEST}\n"


@pytest.mark.needs_nginx
@pytest.mark.needs_keepalived
@pytest.mark.parametrize("path", ["/", "/big", "/missing", "/loop"])
def test_keepaliveds_prints_the_same(server: Nginx, path: str) -> None:
    program = find_program("genhash")
    assert program is not None
    theirs = subprocess.run([program, *asking(server.port, path)], capture_output=True, text=True)
    ours = genhash(*asking(server.port, path))
    assert ours.stdout == theirs.stdout
    check = http_check(
        server.port, HttpPage(path=path, digest=ours.stdout.strip(), status_codes=((100, 999),))
    )
    assert ask_once(check).up is True


def test_a_page_in_chunks_is_taken_as_it_stands_on_the_wire() -> None:
    body = b"5\r\nhello\r\n0\r\n\r\n"
    with peer(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)) as port:
        assert genhash(*asking(port)).stdout == hashlib.md5(body).hexdigest() + "\n"


def test_more_is_told_beside_it() -> None:
    with peer(says(b"HTTP/1.1 200 OK\r\n\r\nhello")) as port:
        result = genhash(*asking(port), "-v")
    assert result.stderr.startswith("status 200, 5 bytes, after ")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (asking(1), 1, "no page from [127.0.0.1]:1/: connection refused, after "),
        (("-s", "web", "-p", "80", "-u", "/"), 2, "server should be an IP address, not web"),
        (("-s", "127.0.0.1", "-p", "80"), 2, "Missing option '-u'"),
    ],
)
def test_no_page(arguments: tuple[str, ...], status: int, told: str) -> None:
    result = genhash(*arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    assert told in result.stderr


def test_the_daemons_program_does_it_as_keepalived_does() -> None:
    with peer(says(b"HTTP/1.1 200 OK\r\n\r\nhello")) as port:
        command = [str(HALOD), "--genhash", *asking(port)]
        done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, hashlib.md5(b"hello").hexdigest() + "\n")
