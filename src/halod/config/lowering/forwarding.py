"""`lvs_method` and its like, and where a server is reached.

Knows words of keepalived. Must not know which server they are for.
"""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.address_words import bare_address
from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.lexer import Word
from halod.config.reading import Values
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity, Span
from halod.model.endpoint import Endpoint
from halod.model.virtual_server import Forwarding, Method, Tunnel

__all__ = ["lower_endpoint", "lower_forwarding"]

PORT_MAX = 65535
_MEANT = {
    "direct": "DR",
    "dsr": "DR",
    "gateway": "DR",
    "gatewaying": "DR",
    "masq": "NAT",
    "masquerading": "NAT",
    "ipip": "TUN",
    "tunnel": "TUN",
    "tunneling": "TUN",
}
"""Of `ipvsadm`, and of people."""
_CHECKSUMS = {"nocsum": 0, "csum": 1, "remcsum": 2}
_TUNNELS = {tunnel.name.lower(): tunnel for tunnel in Tunnel}
_WORDS = ("type", "port", *_CHECKSUMS)


def lower_forwarding(values: Values, names: Sequence[str], findings: Findings) -> Forwarding | None:
    """By the first of these keywords that stands there; None: none does, or it says nothing."""
    for name in names:
        if values.has(name):
            return _read(values.statement(name), findings)
    return None


def _read(statement: Statement, findings: Findings) -> Forwarding | None:
    if not statement.arguments:
        findings.add(
            Code.MISSING_VALUE,
            f"`{statement.name}` has no value: the line has no effect",
            statement.keyword.span,
            helps=("write NAT, DR or TUN",),
        )
        return None
    first, *rest = statement.arguments
    try:
        method = Method(first.text)
    except ValueError:
        meant = _MEANT.get(first.text.lower()) or closest(
            first.text, [each.value for each in Method]
        )
        _ignore(first, "is no way to reach a server", findings, meant)
        return None
    return _with_tunnel(method, first.span, rest, findings)


def _with_tunnel(
    method: Method, span: Span, words: Sequence[Word], findings: Findings
) -> Forwarding | None:
    tunnel, port, flags = Tunnel.IPIP, 0, 0
    rest = iter(words)
    for word in rest:
        if word.text in _CHECKSUMS:
            flags = _CHECKSUMS[word.text]
            continue
        value = next(rest, None) if word.text in ("type", "port") else None
        if value is None:
            _ignore(word, "means nothing here", findings, closest(word.text, _WORDS))
            return None
        if word.text == "type" and value.text in _TUNNELS:
            tunnel = _TUNNELS[value.text]
        elif word.text == "port" and (number := _port(value)):
            port = number
        else:
            _ignore(value, f"is no {word.text} of a tunnel", findings, None)
            return None
    wrong = None
    if (tunnel is Tunnel.GUE) != bool(port):
        wrong = "a tunnel of type gue needs a port, and no other has one"
    elif tunnel is Tunnel.IPIP and flags:
        wrong = "a tunnel of type ipip has no checksums"
    elif tunnel is Tunnel.GRE and flags == _CHECKSUMS["remcsum"]:
        wrong = "a tunnel of type gre has no remote checksums"
    if wrong:
        findings.add(
            Code.WITHOUT_EFFECT,
            f"{wrong}: the line has no effect",
            span,
            severity=FindingSeverity.IGNORED,
        )
        return None
    return Forwarding(method, tunnel, port, flags)


def _ignore(word: Word, what: str, findings: Findings, meant: str | None) -> None:
    findings.add(
        Code.UNKNOWN_WORD,
        f"`{word.shown}` {what}: the line has no effect",
        word.span,
        fix=did_you_mean(word.span, meant),
    )


def _port(word: Word) -> int | None:
    text = word.text
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= PORT_MAX):
        return None
    return int(text)


def lower_endpoint(
    words: Sequence[Word], port_default: int, what: str, place: Span, findings: Findings
) -> Endpoint | None:
    """`ADDRESS [PORT]`; None: it names nobody, which is told."""
    if not words:
        findings.add(
            Code.MISSING_VALUE,
            f"{what} needs an address: it is left out",
            place,
            severity=FindingSeverity.IGNORED,
        )
        return None
    address = bare_address(words[0], findings)
    if address is None:
        findings.add(
            Code.BAD_ADDRESS,
            f"`{words[0].shown}` is no address: {what} is left out",
            words[0].span,
            severity=FindingSeverity.IGNORED,
        )
        return None
    port = port_default
    if len(words) > 1:
        number = _port(words[1])
        if number is None:
            findings.add(
                Code.OUT_OF_RANGE,
                f"`{words[1].shown}` is no port: {what} is left out",
                words[1].span,
                severity=FindingSeverity.IGNORED,
                helps=("a port is a number from 1 to 65535",),
            )
            return None
        port = number
    for extra in words[2:3]:
        findings.add(Code.EXTRA_WORD, f"`{extra.shown}` has no effect", extra.span)
    return Endpoint(address, port)
