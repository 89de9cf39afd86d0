"""`haloctl server`: takes a real server out of service in peace, and brings it back.

Knows how to ask. Must not judge: the daemon knows which servers there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from halod.cli.ask import ask, run_dir_option
from halod.cli.spans import span

__all__ = ["server", "span_of"]

F = TypeVar("F", bound=Callable[..., object])

_SPAN = re.compile(r"(\d+(?:\.\d+)?) *(ms|s|min|m|h|d)?\Z")
_UNITS = {None: 1.0, "s": 1.0, "ms": 0.001, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


class _Span(click.ParamType[float]):
    """`60s`, `5min`, `2h`, `90` seconds."""

    name = "span"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = span_of(str(value))
        if found is None:
            self.fail(f"{value!r} is no span of time: 60s, 5min, 2h", param, ctx)
        return found


def span_of(text: str) -> float | None:
    """Seconds; None: it is no span."""
    found = _SPAN.match(text.strip())
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    return seconds or None


@click.group()
def server() -> None:
    """Take a real server out of service in peace, or bring it back.

    VIRTUAL and REAL are named as `haloctl status` or the file does: `10.0.0.1:80`, `'10.0.0.1 80'`,
    `10.0.0.9:80`, or `10.0.0.9` where that is one server alone.

    An order holds over a reload and a restart, until `enable`, the end of `--for`, or a reboot.
    """


def _order(function: F) -> F:
    decorated = click.argument("real")(run_dir_option(function))
    return click.argument("virtual")(decorated)


_for_option = click.option(
    "--for",
    "for_s",
    type=_Span(),
    metavar="SPAN",
    help="Enable it again after that: 60s, 5min, 2h. Default: it stays so.",
)


@server.command()
@_order
@_for_option
def drain(virtual: str, real: str, run_dir: str, for_s: float | None) -> None:
    """No new connections for REAL; those that it has end in peace.

    Its weight is 0 at once. `haloctl status` shows how many connections are left.
    """
    names = _ask("drain", virtual, real, run_dir, for_s)
    click.echo(f"{names} drains{_until(for_s)}: it gets no new connection")


@server.command()
@_order
@_for_option
def disable(virtual: str, real: str, run_dir: str, for_s: float | None) -> None:
    """Take REAL out of the table, whatever its checks say. Its connections break."""
    names = _ask("disable", virtual, real, run_dir, for_s)
    click.echo(f"{names} is out of the table{_until(for_s)}")


@server.command()
@_order
def enable(virtual: str, real: str, run_dir: str) -> None:
    """REAL serves again, if its checks say so."""
    names = _ask("enable", virtual, real, run_dir, None)
    click.echo(f"{names} is in service again, as its checks say")


def _ask(order: str, virtual: str, real: str, run_dir: str, for_s: float | None) -> str:
    answer = ask(
        run_dir, "server", order=order, virtual_server=virtual, real_server=real, for_s=for_s
    )
    return f"{answer['real_server']} of {answer['virtual_server']}"


def _until(for_s: float | None) -> str:
    return "" if for_s is None else f" for {span(for_s)}"
