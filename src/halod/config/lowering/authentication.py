"""The `authentication` block to a password or a key.

Knows keepalived's rules for PASS and AH. Must not show a secret in any message.
"""

from __future__ import annotations

from dataclasses import replace

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.vrrp_instance import AUTHENTICATION
from halod.config.reading import Values, read_section
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity, Label
from halod.model.vrrp import AhKey, Password, VrrpInstance, VrrpVersion

__all__ = ["with_secret"]

PASSWORD_BYTES_MAX = 8
"""Two words of Authentication Data (RFC 2338, 5.3.10)."""


def with_secret(
    instance: VrrpInstance, values: Values, findings: Findings, *, strict: bool
) -> VrrpInstance:
    """The instance with its password, or with its key."""
    secret = _lower_authentication(values, instance.version, findings, strict=strict)
    if isinstance(secret, AhKey):
        return replace(instance, ah_key=secret)
    return replace(instance, password=secret)


def _lower_authentication(
    values: Values, version: VrrpVersion, findings: Findings, *, strict: bool
) -> Password | AhKey | None:
    """The password of PASS, or the key of AH; None: adverts with neither.

    VRRPv3 has no passwords (RFC 9568, 9): keepalived drops the block and runs, and so does halod.
    It drops it beside `auth_hmac` and in strict mode, too.
    """
    blocks = [block for name, block in values.nested if name == "authentication"]
    if len(blocks) < len(values.nested):
        for block in blocks:
            findings.add(
                Code.WITHOUT_EFFECT,
                "`authentication` has nothing to do: `auth_hmac` signs the adverts",
                block.keyword.span,
                helps=("remove the block",),
            )
        return None
    if strict or version is VrrpVersion.V3:
        why = "version 3 of VRRP has no passwords"
        for block in blocks:
            findings.add(
                Code.WITHOUT_EFFECT,
                f"`authentication` has nothing to do: {'strict mode has none' if strict else why}",
                block.keyword.span,
                severity=FindingSeverity.IGNORED,
                helps=("remove the block",),
            )
        return None
    found: Password | AhKey | None = None
    before: Statement | None = None
    for block in blocks:
        if before is not None:
            findings.add(
                Code.KEYWORD_TWICE,
                "`authentication` stands twice in this block: this one counts",
                block.keyword.span,
                secondary=(Label(before.keyword.span, "without effect"),),
                helps=("remove one of them",),
            )
        before = block
        found = _lower_block(block, findings)
    return found


def _lower_block(block: Statement, findings: Findings) -> Password | AhKey | None:
    values = read_section(block.children, AUTHENTICATION, findings)
    kind = values.get("auth_type", str)
    secret = values.get("auth_pass", str)
    if kind is None or secret is None:
        missing = "auth_type" if kind is None else "auth_pass"
        misspelt = missing == "auth_pass" and any(child.is_secret for child in block.children)
        if not values.attempted(missing) and not misspelt:
            findings.add(
                Code.NO_AUTHENTICATION,
                f"there is no `{missing}` here: adverts carry no password",
                block.keyword.span,
                helps=(f"add `{missing}`, or remove the block",),
            )
        return None
    data = _bytes(secret, values.statement("auth_pass"), findings)
    return AhKey(data) if kind == "AH" else Password(data)


def _bytes(secret: str, statement: Statement, findings: Findings) -> bytes:
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
            notes=("keepalived cuts it in the same place, so its nodes still agree",),
            helps=(f"write {PASSWORD_BYTES_MAX} bytes at most, the same on all nodes",),
        )
    return data[:PASSWORD_BYTES_MAX]
