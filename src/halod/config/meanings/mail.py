"""W35: risks of mail.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["MAIL"]

_SERVER = "smtp_server 192.0.2.25\n"
_RECIPIENTS = "notification_email {\n    ops@example.org\n}\n"

MAIL: dict[Code, Meaning] = {
    Code.MAIL_NOWHERE: Meaning(
        severity=FindingSeverity.RISK,
        title="mail that goes nowhere",
        meaning="`smtp_alert` asks for a mail at each change of state. It is sent through "
        "`smtp_server` to the addresses in `notification_email`, and one of them is missing.",
        why="You wait for mails that are never written, under keepalived and under halod.",
        remedy="Add what is missing to global_defs, or remove `smtp_alert`.",
        example=f"smtp_alert\n{_RECIPIENTS}",
        instead=f"smtp_alert\n{_RECIPIENTS}{_SERVER}",
        place=Place.GLOBALS,
    ),
    Code.MAIL_UNASKED: Meaning(
        severity=FindingSeverity.NOTE,
        title="nothing asks for mail",
        meaning="There are recipients and a mail server. A mail is sent at a change of state only "
        "where `smtp_alert` asks for it: in global_defs for all, or in an instance.",
        why="Older guides leave it out, and their readers wait for mails that never come.",
        remedy="Add `smtp_alert`, or remove the settings.",
        example=f"{_RECIPIENTS}{_SERVER}",
        instead=f"{_RECIPIENTS}{_SERVER}smtp_alert\n",
        place=Place.GLOBALS,
    ),
    Code.LOGIN_IN_CLEAR: Meaning(
        severity=FindingSeverity.RISK,
        title="a login without TLS",
        meaning="With `@halod smtp_tls none` the name and the password of the mail server go over "
        "the network as they are. Without that line a login brings `starttls` with it.",
        why="Whoever can listen on the way can send mail in your name.",
        remedy="Write `starttls`, or `smtps` where the server wants TLS from the beginning.",
        example="@halod smtp_tls none\n@halod smtp_user lb01\n"
        "@halod smtp_password_file /etc/halod/smtp",
        instead="@halod smtp_tls smtps\n@halod smtp_user lb01\n"
        "@halod smtp_password_file /etc/halod/smtp",
        place=Place.GLOBALS,
    ),
}
