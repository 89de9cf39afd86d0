"""Real nginx on a host, with the tutorial's configuration files unchanged.

Knows what nginx needs around those files: a prefix, mime.types, a main file for web servers whose
published file is a bare `server` block. Must not write to the machine's own nginx folders: the
compiled-in ones are covered by the host's, for its nginx alone.
"""

import shutil
import socket
from pathlib import Path

from halod.lab.command import PACKAGES
from halod.lab.errors import LabError
from halod.lab.machine import Machine
from halod.lab.patience import wait_until

NGINX = "nginx"
"""The name under which a machine remembers it; its log is nginx.log."""

START_WITHIN_S = 10.0
"""Seconds within which nginx must accept connections; it takes 30 ms when the machine is idle."""

MIME_TYPES = """types {
    text/html   html htm;
    text/plain  txt;
}
"""

WEB_MAIN = """worker_processes 1;
events { worker_connections 1024; }
http {
    include mime.types;
    default_type application/octet-stream;
    log_format main '$remote_addr - $remote_user [$time_local] "$request" '
                    '$status $body_bytes_sent "$http_referer" '
                    '"$http_user_agent" "$http_x_forwarded_for"';
    include server.conf;
}
"""
"""nginx 1.16's packaged main file, as far as the tutorial's fragment needs it: it uses `main`."""

COMPILED_IN = (Path("/var/lib/nginx"), Path("/var/log/nginx"))
"""Folders that Debian's nginx writes to whatever its prefix: temporary files, the access log."""


def start_proxy(machine: Machine, config: bytes) -> None:
    """Run nginx with a whole nginx.conf, byte for byte as given."""
    prefix = make_prefix(machine)
    (prefix / "conf" / "nginx.conf").write_bytes(config)
    start(machine, prefix)


def start_web_server(machine: Machine, server_block: bytes, index: bytes) -> None:
    """Run nginx with a `server` block, byte for byte as given, that serves one page."""
    prefix = make_prefix(machine)
    (prefix / "conf" / "nginx.conf").write_text(WEB_MAIN)
    (prefix / "conf" / "server.conf").write_bytes(server_block)
    pages = prefix / "html" / "www"
    pages.mkdir(parents=True, exist_ok=True)
    (pages / "index.html").write_bytes(index)
    start(machine, prefix)


def restart(machine: Machine) -> None:
    """Run it again with the files that it had, as after a power-on; nothing when it had none."""
    prefix = machine.directory / "nginx"
    if prefix.exists() and machine.program(NGINX) is None:
        start(machine, prefix)


def make_prefix(machine: Machine) -> Path:
    """The folder that nginx takes relative paths from."""
    prefix = machine.directory / "nginx"
    for name in (
        "conf",
        "logs",
        "html",
        *(f"{path.name}-{path.parent.name}" for path in COMPILED_IN),
    ):
        (prefix / name).mkdir(parents=True, exist_ok=True)
    (prefix / "conf" / "mime.types").write_text(MIME_TYPES)
    return prefix


def start(machine: Machine, prefix: Path) -> None:
    """Run nginx in the foreground on a prepared prefix and wait until it accepts connections."""
    executable = shutil.which("nginx")
    if executable is None:
        raise LabError("nginx is not installed", f"apt-get install {PACKAGES['nginx']}")
    settings = (
        # Workers of root: the lab's folder may be one that nobody else may enter.
        f"daemon off; user root; pid {prefix}/nginx.pid; lock_file {prefix}/nginx.lock;"
    )
    private = {
        path: prefix / f"{path.name}-{path.parent.name}" for path in COMPILED_IN if path.is_dir()
    }
    command = [executable, "-p", f"{prefix}/", "-c", f"{prefix}/conf/nginx.conf", "-g", settings]
    machine.start(NGINX, command, private)
    wait_until(lambda: accepts(machine) or machine.program(NGINX) is None, START_WITHIN_S)
    if not accepts(machine):
        raise LabError(
            f"nginx on {machine.name} did not start; it said:\n{machine.log_tail(NGINX)}"
        )


def accepts(machine: Machine) -> bool:
    """Whether something accepts connections on port 80 of the host."""

    def connect() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", 80), timeout=1.0):
                return True
        except OSError:
            return False

    return machine.namespace.call(connect)
