"""One virtual server: its real servers, its quorum, its sorry server.

Knows what follows from verdicts and orders, and in which order it is told. Must not know the
kernel's table; `touched` says whose place in it may have changed.

The order is keepalived's: first the real server that changed (program, line, mail), then the quorum
that is gained or lost by it. A quorum is gained at quorum + hysteresis and lost below quorum -
hysteresis or at 0; when it is lost the sorry server takes the place of all others.
"""

from __future__ import annotations

from halod.balance.member import CheckState, Member
from halod.balance.names import check_kind, check_outcome, real_name
from halod.balance.outbox import BalanceOutbox
from halod.model.balance_effect import ServerNotice, ServerSubject
from halod.model.balance_event import Admin, Verdict
from halod.model.balance_fact import (
    CheckChangedInside,
    OrderGiven,
    QuorumChanged,
    ServerChanged,
    SorryServerSwapped,
    WeightChanged,
)
from halod.model.endpoint import Endpoint
from halod.model.units import Duration, Instant
from halod.model.virtual_server import LvsSettings, VirtualServer

__all__ = ["Pool"]


class Pool:
    """The machine of one virtual server."""

    __slots__ = (
        "all_touched",
        "config",
        "members",
        "name",
        "quorum_up",
        "settings",
        "sorry_serves",
        "suspended",
        "title",
        "told_down",
        "touched",
        "weight_up",
    )

    def __init__(self, config: VirtualServer, name: str, settings: LvsSettings) -> None:
        """`name`: see `names.virtual_names`."""
        self.config = config
        self.title = config.title
        self.name = name
        self.settings = settings
        self.members: dict[Endpoint, Member] = {
            server.endpoint: Member(server, real_name(server.endpoint, config.protocol))
            for server in config.real_servers
        }
        self.weight_up = 0
        """Of the servers that are up."""
        self.quorum_up = False
        self.sorry_serves = False
        self.told_down = False
        """Whether programs know that the quorum is lost: where it never was, nobody is told."""
        self.suspended = False
        """`ha_suspend`: it is not checked now."""
        self.touched: list[Member] = []
        """Whose place in the table may have changed since somebody looked."""
        self.all_touched = True
        """All of them, and the sorry server."""

    @property
    def sorry_name(self) -> str:
        """As keepalived writes it; empty: there is none."""
        sorry = self.config.sorry_server
        return real_name(sorry.endpoint, self.config.protocol) if sorry else ""

    # ---- its beginning -----------------------------------------------------------------------

    def begin(self, now: Instant, out: BalanceOutbox, *, known: frozenset[Endpoint]) -> None:
        """The start, or a reload: what its servers are now, and what follows from it.

        `known`: servers whose first state has been told before.
        """
        self.recount()
        for endpoint, member in self.members.items():
            if endpoint not in known:
                member.was_alive = member.alive
                member.since = now
                if member.alive and self.settings.init_notifies:
                    self._tell_server(member, out, "it is added", mail="")
            elif member.alive != member.was_alive:
                self._server_changed(member, now, out, member.why(), mail="")
        self._weigh(out, initial=True)
        self.all_touched = True

    def recount(self) -> None:
        """The weight that is up, from the servers as they are."""
        self.weight_up = sum(member.counted for member in self.members.values())

    # ---- what happens to it ------------------------------------------------------------------

    def take(
        self, member: Member, number: int, verdict: Verdict, now: Instant, out: BalanceOutbox
    ) -> None:
        """A check came to a verdict."""
        state = member.checks[number]
        first, counted, weight = not state.known, member.counted, member.weight
        changed = member.take(number, verdict, now)
        self.weight_up += member.counted - counted
        why = verdict.detail or check_kind(state.check) + (
            " succeeded" if verdict.up else " failed"
        )
        if member.weight != weight and verdict.up:
            self._weight_changed(member, weight, why, out)
        if not changed:
            # As keepalived: what began pessimistically (`alpha`) tells once that it was right.
            if first and not verdict.up and not member.told_down:
                self._tell_server(member, out, why, mail="")
        elif member.alive != member.was_alive:
            self._server_changed(member, now, out, why, mail=self._mail_of(state))
        else:
            self._check_changed(member, state, verdict.detail, why, out)
        self._weigh(out)

    def order(
        self,
        member: Member,
        admin: Admin,
        lasting: Duration | None,
        now: Instant,
        out: BalanceOutbox,
        *,
        expired: bool = False,
    ) -> None:
        """An operator's order, or the end of one."""
        ends = now + lasting if lasting is not None and admin is not Admin.ENABLED else None
        counted = member.counted
        if admin is member.admin and ends == member.admin_ends:
            return
        member.order(admin, ends)
        self.weight_up += member.counted - counted
        self.touched.append(member)
        span = lasting if ends is not None else None
        title, name = self.title, self.name
        out.facts.append(OrderGiven(title, name, member.name, admin, span, expired))
        if member.alive != member.was_alive:
            disabled = not member.alive
            why = "an operator disabled it" if disabled else "an operator enabled it"
            if expired:
                why = "the time for which an operator disabled it is over"
            mail = "=> Disabled by an operator <=" if disabled else "=> Enabled again <="
            self._server_changed(member, now, out, why, mail=mail)
        self._weigh(out)

    # ---- what follows ------------------------------------------------------------------------

    def _weight_changed(self, member: Member, old: int, why: str, out: BalanceOutbox) -> None:
        self.touched.append(member)
        title = self.title
        changed = WeightChanged(
            title, self.name, member.name, old, member.weight, member.was_alive, why
        )
        out.facts.append(changed)

    def _server_changed(
        self, member: Member, now: Instant, out: BalanceOutbox, why: str, *, mail: str
    ) -> None:
        """It came up or went down."""
        member.was_alive = member.alive
        member.since = now
        self.touched.append(member)
        out.facts.append(
            ServerChanged(
                self.title,
                self.name,
                member.name,
                member.alive,
                member.config.inhibit_on_failure and member.admin is not Admin.DISABLED,
                why,
            )
        )
        self._tell_server(member, out, why, mail=mail)

    def _check_changed(
        self, member: Member, state: CheckState, detail: str, why: str, out: BalanceOutbox
    ) -> None:
        """One of several checks, and the server is what it was."""
        kind = check_kind(state.check)
        title = self.title
        out.facts.append(
            CheckChangedInside(
                title, self.name, member.name, kind, state.up, detail, member.failing
            )
        )
        if member.config.mail and self.settings.checker_mails:
            notice = self._server_notice(member, why, self._mail_of(state), mail_only=True)
            out.notices.append(notice)

    def _weigh(self, out: BalanceOutbox, *, initial: bool = False) -> None:
        """Is the quorum gained or lost?"""
        config, weight = self.config, self.weight_up
        if not self.quorum_up:
            if weight >= config.quorum + config.hysteresis:
                self.quorum_up = True
                self._quorum_changed(out, initial=initial)
            elif initial and config.sorry_server and not self.sorry_serves:
                self._quorum_changed(out, initial=True)
        elif not weight or weight < config.quorum - config.hysteresis:
            self.quorum_up = False
            self._quorum_changed(out, initial=False)

    def _quorum_changed(self, out: BalanceOutbox, *, initial: bool) -> None:
        config, up = self.config, self.quorum_up
        changed = QuorumChanged(
            self.title, self.name, up, initial, config.quorum, config.hysteresis, self.weight_up
        )
        out.facts.append(changed)
        sorry = config.sorry_server
        if sorry is not None and self.sorry_serves == up:
            self.sorry_serves = not up
            self.all_touched = True
            out.facts.append(
                SorryServerSwapped(self.title, self.name, self.sorry_name, not up, sorry.inhibit)
            )
        if up or not self.told_down:
            out.notices.append(self.quorum_notice(changed.why(), changed.mail_text()))
        self.told_down = not up

    # ---- who is told -------------------------------------------------------------------------

    def _mail_of(self, state: CheckState) -> str:
        return check_outcome(state.check, up=state.up)

    def _tell_server(self, member: Member, out: BalanceOutbox, why: str, *, mail: str) -> None:
        member.told_down = not member.was_alive
        out.notices.append(self._server_notice(member, why, mail))

    def _server_notice(
        self, member: Member, why: str, mail: str, *, mail_only: bool = False
    ) -> ServerNotice:
        """`mail`: first line of it; empty: there is none."""
        up, config = member.was_alive, member.config
        command = config.notify_up if up else config.notify_down
        word = "UP" if up else "DOWN"
        subject = f"Realserver {member.name} of virtual server {self.name} - {word}"
        return ServerNotice(
            ServerSubject.REAL,
            self.name,
            member.name,
            up,
            None if mail_only else command,
            subject if mail and config.mail else "",
            why,
            mail,
            mail_only,
        )

    def quorum_notice(self, why: str, mail: str) -> ServerNotice:
        """Of the quorum as it is."""
        up, config = self.quorum_up, self.config
        command = config.quorum_up if up else config.quorum_down
        word = "UP" if up else "DOWN"
        subject = f"Virtualserver {self.name} - {word}" if config.mail else ""
        return ServerNotice(ServerSubject.VIRTUAL, self.name, "", up, command, subject, why, mail)

    def leave(self, member: Member, out: BalanceOutbox, *, why: str, mail: str) -> None:
        """A server goes for good: if it is up it goes down, and that is told."""
        if member.was_alive:
            member.was_alive = False
            self._tell_server(member, out, why, mail=mail)
