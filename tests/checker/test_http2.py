"""HTTP/2 with a real nginx, in the clear and over TLS, and with peers that speak something else."""

import hashlib
from collections.abc import Iterator

import pytest

from halod.checker.attempt import ask_once
from halod.model.check import HttpPage
from tests.checker.nginx import PAGE, Nginx, nginx
from tests.checker.peers import http_check, peer, says
from tests.kit.mail_server import Certificate, make_certificate

DIGEST = hashlib.md5(PAGE.encode()).hexdigest()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def server(certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with nginx(tmp_path_factory.mktemp("nginx"), certificate) as running:
        yield running


@pytest.mark.needs_nginx
@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("version", ["1.0", "1.0C", "1.1", "2"])
def test_a_page_of_nginx(server: Nginx, version: str, tls: bool) -> None:
    port = {
        (False, False): server.port,
        (False, True): server.tls_port,
        (True, False): server.h2c_port,
        (True, True): server.tls_port,
    }[version == "2", tls]
    good = http_check(port, HttpPage(digest=DIGEST, regex="is well"), version=version, tls=tls)
    assert ask_once(good).words == "status 200, regex matches at 4"
    missing = http_check(port, HttpPage(path="/missing"), version=version, tls=tls)
    assert ask_once(missing).words == "status 404, wanted 200-299"
    moved = http_check(port, HttpPage(path="/loop"), version=version, tls=tls)
    assert "status 302 to " in ask_once(moved).words
    big = http_check(port, HttpPage(path="/big"), version=version, tls=tls)
    assert ask_once(big).up is True


def test_a_peer_that_speaks_something_else() -> None:
    with peer(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        found = ask_once(http_check(port, version="2"))
    assert found.up is False
    assert found.words.endswith("it began 'HTTP/1.1 400 Bad Request'")


def test_a_peer_whose_tls_has_no_http2(certificate: Certificate) -> None:
    with peer(says(b""), certificate.context()) as port:
        found = ask_once(http_check(port, version="2", tls=True))
    assert found.up is False
    assert found.words.startswith("the server does not offer HTTP/2")
