"""The `authentication` block to a password.

Knows keepalived's rules for PASS. Must not show a secret in any message.
"""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.vrrp_instance import AUTHENTICATION
from halod.config.reading import Values, read_section
from halod.config.tree import Statement
from halod.model.vrrp import Password

__all__ = ["lower_authentication"]

PASSWORD_BYTES_MAX = 8
"""Two words of Authentication Data (RFC 2338, 5.3.10)."""


def lower_authentication(values: Values, findings: Findings) -> Password | None:
    """The password of PASS; None: adverts without one."""
    password = None
    for _, block in values.nested:
        password = _lower_block(block, findings)
    return password


def _lower_block(block: Statement, findings: Findings) -> Password | None:
    values = read_section(block.children, AUTHENTICATION, findings)
    kind = values.get("auth_type", str)
    secret = values.get("auth_pass", str)
    if kind == "AH":
        findings.add(
            Code.NOT_YET,
            "`auth_type AH` is not supported yet: peers would drop adverts without a signature",
            values.statement("auth_type").arguments[0].span,
            helps=("use `auth_type PASS` on all nodes",),
        )
        return None
    if kind is None or secret is None:
        missing = "auth_type" if kind is None else "auth_pass"
        if not values.attempted(missing):
            findings.add(
                Code.NO_AUTHENTICATION,
                f"there is no `{missing}` here: adverts carry no password",
                block.keyword.span,
                helps=(f"add `{missing}`, or remove the block",),
            )
        return None
    return _password(secret, values.statement("auth_pass"), findings)


def _password(secret: str, statement: Statement, findings: Findings) -> Password:
    data = secret.encode("utf-8", "surrogateescape")
    word = statement.arguments[0]
    if statement.cut_by_comment:
        findings.add(
            Code.PASSWORD_CUT,
            f"a comment begins inside the password: its first {len(data)} bytes count",
            word.span,
            helps=('put it in quotes: auth_pass "..."',),
        )
    if len(data) > PASSWORD_BYTES_MAX:
        findings.add(
            Code.PASSWORD_TRUNCATED,
            f"the password has {len(data)} bytes: the first {PASSWORD_BYTES_MAX} count",
            word.span,
            notes=("peers that cut it in the same place agree, as keepalived does",),
            helps=(f"write {PASSWORD_BYTES_MAX} bytes at most, the same on all nodes",),
        )
    return Password(data[:PASSWORD_BYTES_MAX])
