"""`haloctl vrid`: which virtual router ids are in use on a link.

Knows the table and the exit status. Must not judge an advert.
"""

from __future__ import annotations

import math
import os
import socket
import sys

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from halod.cli.config_id import config_id_option
from halod.compare.heard import HeardRouter, heard_routers
from halod.config.compile import compile_text
from halod.config.suggest import closest
from halod.daemon.options import DEFAULT_CONFIG
from halod.kernel.advert_listener import AdvertListener
from halod.kernel.config_file import FileProblem, read_config
from halod.kernel.config_sources import surroundings_here
from halod.model.printable import printable
from halod.model.vrrp import VrrpInstance

__all__ = ["vrid"]

LISTEN_S = 4.0
"""Three adverts of the usual interval of 1 s are in it, whenever it begins."""
LISTEN_MAX_S = 3600.0


@click.command()
@click.argument("interface")
@click.option(
    "--for",
    "span_s",
    type=click.FloatRange(0.1, LISTEN_MAX_S),
    default=LISTEN_S,
    show_default=True,
    help="seconds to listen; longer than the longest advert_int of the link",
)
@click.option(
    "-f", "--use-file", "file", help=f"compare with this file (default: {DEFAULT_CONFIG})"
)
@config_id_option
def vrid(interface: str, span_s: float, file: str | None, config_id: str | None) -> None:
    """Listen on INTERFACE for VRRP adverts of IPv4, and list the VRIDs in use.

    Needs root (CAP_NET_RAW); sends nothing but the request to hear the group 224.0.0.18.

    Exit status: 0 no collision with the file, 1 a collision.
    """
    instances = _instances(file, interface, config_id)
    listener = _listener(interface)
    try:
        packets = [(heard.event, heard.ours) for heard in listener.hear(span_s)]
    except KeyboardInterrupt:
        raise click.Abort from None
    except OSError as error:
        raise click.ClickException(f"{interface}: {error.strerror}") from None
    finally:
        listener.close()
    routers = heard_routers(packets, instances or ())
    console = Console(highlight=False, soft_wrap=True)
    if not routers:
        click.echo(f"no VRRP advert was heard on {interface} within {span_s:g} s")
    else:
        console.print(_table(routers))
        for router in (each for each in routers if each.collides):
            line = f"VRID {router.virtual_router_id} of {router.source} {router.relation}"
            console.print(Text(line, "red"))
    _tell_unheard(instances, routers, span_s)
    if any(router.collides for router in routers):
        _tell_free(instances or (), routers)
        sys.exit(1)


def _listener(interface: str) -> AdvertListener:
    try:
        return AdvertListener(interface)
    except PermissionError:
        raise click.ClickException("hearing a link needs root (CAP_NET_RAW): try sudo") from None
    except OSError as error:
        names = [name for _, name in socket.if_nameindex()]
        if interface in names:
            raise click.ClickException(f"{interface}: {error.strerror}") from None
        guess = closest(interface, names)
        hint = f"did you mean {guess}?" if guess else f"there is {', '.join(names)}"
        raise click.ClickException(f"there is no interface {interface}: {hint}") from None


def _instances(
    file: str | None, interface: str, config_id: str | None
) -> tuple[VrrpInstance, ...] | None:
    """Those of the file on this link; None: there is no file to compare with."""
    if file is None and not os.path.exists(DEFAULT_CONFIG):
        return None
    path = file or DEFAULT_CONFIG
    text = read_config(path)
    if isinstance(text, FileProblem):
        raise click.ClickException(printable(text.sentence()))
    configuration = compile_text(path, text, surroundings_here(config_id)).configuration
    if configuration is None:
        raise click.ClickException(
            f"{printable(path)}: halod would not start with it\n"
            f"Hint: `haloctl check {printable(path)}` says why"
        )
    return tuple(i for i in configuration.instances if i.interface == interface)


def _table(routers: list[HeardRouter]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("vrid", "version", "prio", "every", "sender", "addresses", "in the file"):
        table.add_column(name, header_style="dim")
    for router in routers:
        told = Text("collides", "bold red") if router.collides else Text(router.relation)
        table.add_row(str(router.virtual_router_id), *_said(router), told)
    return table


def _said(router: HeardRouter) -> tuple[str, ...]:
    if router.advert is None:
        return "?", "?", "?", str(router.source), f"no advert: {router.fault}"
    advert = router.advert
    return (
        str(advert.version.value),
        str(advert.priority),
        f"{advert.interval.as_seconds():g} s",
        str(router.source),
        "\n".join(map(str, advert.addresses)) or "none",
    )


def _tell_free(instances: tuple[VrrpInstance, ...], routers: list[HeardRouter]) -> None:
    taken = {router.virtual_router_id for router in routers}
    taken |= {instance.virtual_router_id for instance in instances}
    after = max(router.virtual_router_id for router in routers if router.collides)
    # The nearest number above, and beyond the last again from the first.
    free = next((v for v in [*range(after + 1, 256), *range(1, after)] if v not in taken), None)
    if free is not None:
        click.echo(
            f"free on this link, as far as was heard: {free}; all nodes of a cluster have the same"
        )


def _tell_unheard(
    instances: tuple[VrrpInstance, ...] | None, routers: list[HeardRouter], span_s: float
) -> None:
    if instances is None:
        click.echo("nothing to compare with: name the configuration with -f FILE")
        return
    heard = {router.virtual_router_id for router in routers}
    for instance in instances:
        if instance.virtual_router_id not in heard:
            interval_s = instance.advert_interval.as_seconds()
            longer = f"--for {math.ceil(3 * interval_s)}"
            late = f": adverts come every {interval_s:g} s, so listen longer, {longer}"
            click.echo(
                f"VRID {instance.virtual_router_id} ({instance.name}) was not heard"
                + (late if span_s < 2 * interval_s else "")
            )
