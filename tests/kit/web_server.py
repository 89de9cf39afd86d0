"""A web server of a test: says its name, with the status that a file holds. A program of its own.

Knows HTTP/1.1 with keep-alive. Must not know who asks. Run as `python FILE NAME STATUS-FILE PORT`.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    name, file = "", Path()

    def do_GET(self) -> None:
        body = f"{self.name}\n".encode()
        self.send_response(int(self.file.read_text()))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def main(name: str, file: str, port: str) -> None:
    _Page.name, _Page.file = name, Path(file)
    ThreadingHTTPServer(("0.0.0.0", int(port)), _Page).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
