"""A real nginx for checks to ask: HTTP/1 and HTTP/2, in the clear and over TLS."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from halod.lab.patience import wait_until
from tests.capabilities import find_program
from tests.kit.mail_server import Certificate

PAGE = "all is well\n"
BIG = 3_000_000

CONFIG = """\
user root;
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{h2c_port} http2;
        listen 127.0.0.1:{tls_port} ssl http2;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        root {folder}/pages;
        location /loop {{ return 302 /loop; }}
    }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """Where it listens."""

    port: int
    h2c_port: int
    """HTTP/2 alone."""
    tls_port: int


@contextmanager
def nginx(folder: Path, certificate: Certificate) -> Iterator[Nginx]:
    """Runs until the end of the block."""
    program = find_program("nginx")
    assert program is not None
    ports = Nginx(*_free_ports(3))
    pages = folder / "pages"
    pages.mkdir()
    (pages / "index.html").write_text(PAGE)
    (pages / "big").write_bytes(b"x" * BIG)
    config = folder / "nginx.conf"
    config.write_text(
        CONFIG.format(
            folder=folder,
            port=ports.port,
            h2c_port=ports.h2c_port,
            tls_port=ports.tls_port,
            certificate=certificate.file,
            key=certificate.key,
        )
    )
    command = [program, "-e", str(folder / "error.log"), "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        try:
            assert wait_until(lambda: _listens(ports.tls_port), 20)
            yield ports
        finally:
            running.terminate()


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0
