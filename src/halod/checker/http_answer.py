"""The answer of a web server as it comes: status, length, and the page through a digest or a text.

Knows the frame of HTTP/1 (RFC 9112). Must not know sockets, nor what is wanted. Bounded whatever
comes: HEAD_MAX bytes of head, PAGE_MAX of page, TEXT_MAX of them kept.

The page is taken as it stands on the wire, as keepalived takes it: in chunks it keeps their
lengths, so that digests and offsets of existing files hold.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from halod.checker.outcome import AnswerError, peer_text
from halod.model.printable import printable, shortened

__all__ = ["HEAD_MAX", "PAGE_MAX", "TEXT_MAX", "HttpAnswer"]

HEAD_MAX = 64 * 1024
"""Bytes of a head: nginx and Apache send at most 8 KiB in a line, and no server ten such lines."""
PAGE_MAX = 16 * 1024 * 1024
"""Bytes of a page that are read: one that is longer costs time and tells no more."""
TEXT_MAX = 1024 * 1024
"""Bytes of a page that a regular expression sees: kept for each check that is on its way."""

_STATUS = re.compile(rb"HTTP/\d\.\d +(\d{3})(?:[ \r]|$)")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation:[ \t]*([^\r\n]*)", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"


class HttpAnswer:
    """To one request."""

    __slots__ = (
        "_digest",
        "_head",
        "_keeps_text",
        "_text",
        "length",
        "location",
        "received",
        "status",
    )

    def __init__(self, *, digests: bool, keeps_text: bool) -> None:
        """`digests`: an MD5 of the page is wanted. `keeps_text`: the page itself is."""
        self._head = b""
        self._digest = hashlib.md5(usedforsecurity=False) if digests else None
        self._keeps_text = keeps_text
        self._text = bytearray() if keeps_text else b""
        self.status = 0
        """0: not known yet."""
        self.length: int | None = None
        """As `Content-Length` says."""
        self.received = 0
        """Bytes of the page so far."""
        self.location = ""
        """Where a redirection leads; escaped."""

    @property
    def is_complete(self) -> bool:
        """Whether the page is there as long as it said it would be."""
        return self.length is not None and self.received >= self.length

    @property
    def is_too_long(self) -> bool:
        """Whether more came than is read."""
        return self.received >= PAGE_MAX

    def take(self, data: bytes) -> None:
        """What came next. AnswerError where it is no HTTP."""
        if self.status:
            self.take_page(data)
            return
        head = self._head + data if self._head else data
        end = head.find(_END_OF_HEAD)
        while end >= 0:
            status = self._take_head(head[: end + 2])
            rest = head[end + 4 :]
            if status >= 200 or status == 101:
                self.status = status
                self._head = b""
                self.take_page(rest)
                return
            # Interim (RFC 9110, 15.2): the answer follows.
            head = rest
            end = head.find(_END_OF_HEAD)
        if len(head) > HEAD_MAX:
            raise AnswerError(f"a head of more than {HEAD_MAX // 1024} KiB, wanted a page")
        self._head = head

    def end(self) -> None:
        """The stream ended. AnswerError where that was in the head."""
        if not self.status:
            if not self._head:
                raise AnswerError("closed without a word, wanted an answer")
            raise AnswerError(f"closed within the head of its answer, which began {self.beginning}")

    @property
    def beginning(self) -> str:
        """Of a head that is not complete."""
        return peer_text(self._head)

    @property
    def digest(self) -> str:
        """MD5 of the page, as `digest` in the file."""
        assert self._digest is not None
        return self._digest.hexdigest()

    @property
    def text(self) -> bytes:
        """The first TEXT_MAX bytes of the page."""
        return bytes(self._text)

    def _take_head(self, head: bytes) -> int:
        """Its status."""
        found = _STATUS.match(head)
        if found is None:
            raise AnswerError(f"no HTTP: it began {peer_text(head)}")
        status = int(found[1])
        length = _LENGTH.search(head)
        self.length = int(length[1]) if length is not None else None
        if 300 <= status < 400 and (location := _LOCATION.search(head)) is not None:
            self._lead_to(location[1])
        return status

    def _lead_to(self, location: bytes) -> None:
        self.location = shortened(printable(location[:200].decode("utf-8", "replace")))

    def take_fields(self, fields: Mapping[bytes, bytes]) -> None:
        """Of HTTP/2, which has no text of a head."""
        status = fields.get(b":status", b"")
        if not (len(status) == 3 and status.isdigit()):
            raise AnswerError(f"an answer with status {peer_text(status)}")
        self.status = int(status)
        length = fields.get(b"content-length", b"")
        self.length = int(length) if length.isdigit() and len(length) <= 18 else None
        self._lead_to(fields.get(b"location", b""))

    def take_page(self, data: bytes) -> None:
        """What came of the page."""
        if self.length is not None and self.received + len(data) > self.length:
            data = data[: self.length - self.received]
        self.received += len(data)
        if self._digest is not None:
            self._digest.update(data)
        if self._keeps_text and len(self._text) < TEXT_MAX:
            assert isinstance(self._text, bytearray)
            self._text += data[: TEXT_MAX - len(self._text)]
