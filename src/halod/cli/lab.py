"""`haloctl lab`: hosts to play with, to break, and the demo. Arguments in, sentences out.

Knows the command line and how an operator's error looks. Must not make or break anything itself.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console

from halod.lab import fault_list, keeper
from halod.lab.demo import play_demo
from halod.lab.demolition import sweep
from halod.lab.directory import LabDirectory, all_states, base_directory
from halod.lab.errors import LabError
from halod.lab.history import lab_story
from halod.lab.lab import Lab
from halod.lab.lvs_lab import Method
from halod.lab.lvs_play import play_lvs
from halod.lab.lvs_uml import play_in_uml
from halod.lab.node_program import node_program
from halod.lab.page_file import default_page, write_page
from halod.lab.status import describe
from halod.lab.topology import Role, tutorial_topology
from halod.lab.unprivileged import (
    WORSE,
    in_users_namespace,
    is_ordinary_user,
    run_as_root_of_a_namespace,
    run_in_namespaces_of,
)

F = TypeVar("F", bound=Callable[..., object])


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the lab cannot do into an error line and a suggestion, never a traceback."""
    try:
        yield
    except LabError as error:
        suggestion = f"\nHint: {error.suggestion}" if error.suggestion else ""
        raise click.ClickException(f"{error}{suggestion}") from error
    except KeyboardInterrupt:
        raise click.ClickException("interrupted; the lab was ended") from None


def node_options(words: tuple[str, ...]) -> dict[str, str]:
    """What each balancer runs: `--node keepalived` for all, `--node lb02=keepalived` for one."""
    topology = tutorial_topology()
    balancers = [host.name for host in topology.with_role(Role.BALANCER)]
    programs = dict.fromkeys(balancers, "halod")
    for word in words:
        host, equals, program = word.rpartition("=")
        node_program(program)
        if not equals:
            programs = dict.fromkeys(balancers, program)
        elif topology.host(host).role is not Role.BALANCER:
            raise LabError(f"{host} has no VRRP node", f"name one of {', '.join(balancers)}")
        else:
            programs[host] = program
    for program in programs.values():
        # Better now than after the hosts were made.
        if node_program(program).find() is None:
            raise LabError(f"{program} is not installed", node_program(program).install)
    return programs


def the_lab(lab_id: str | None) -> LabDirectory:
    """The lab that is meant, from where its hosts can be reached."""
    directory = find_lab(lab_id)
    if is_ordinary_user() and (owner := directory.read().owner).alive:
        run_in_namespaces_of(owner.pid, directory.base)
    return directory


def get_rights() -> None:
    """What it takes to make a lab: an ordinary user goes on as root of a namespace."""
    if is_ordinary_user():
        base = base_directory()
        # From in there, what another namespace of this user has left cannot be reached.
        sweep(base)
        run_as_root_of_a_namespace(base)


def find_lab(lab_id: str | None) -> LabDirectory:
    """The lab that is meant: the one named, or the only one that runs."""
    base = base_directory()
    if lab_id is not None:
        return LabDirectory(lab_id, base)
    running = [lab for lab, state in all_states(base) if state.owner.alive]
    if not running:
        raise LabError("no lab runs", "start one: `haloctl lab up`")
    if len(running) > 1:
        names = ", ".join(lab.lab_id for lab in running)
        raise LabError(f"several labs run: {names}", "say which one: `--lab NAME`")
    return running[0]


node_option = click.option(
    "--node",
    "nodes",
    multiple=True,
    metavar="[HOST=]PROGRAM",
    help="What the balancers run: halod (default) or keepalived; HOST=PROGRAM for one of them.",
)
lab_option = click.option(
    "--lab", "lab_id", metavar="NAME", help="Which lab; not needed while only one runs."
)


def page_option(name: str | None) -> Callable[[F], F]:
    """The option for the page that a command writes; without a name it is the lab's."""
    usual = default_page(name or "lab-NAME")
    return click.option(
        "--page",
        type=click.Path(dir_okay=False, path_type=Path),
        default=None if name is None else usual,
        metavar="FILE",
        help=f"Where the picture of it goes, an HTML page; {usual} unless given.",
    )


@click.group()
def lab() -> None:
    """Hosts as network namespaces on one switch: play with them, break them, watch the VIP."""


@lab.command()
@node_option
@click.option("--dual", is_flag=True, help="The tutorial's two instances instead of one.")
@click.option(
    "--lvs",
    type=click.Choice(["nat", "dr"]),
    help="The two balancers as LVS directors, three web servers behind them.",
)
@click.option("--idle", is_flag=True, help="Do not start the VRRP nodes.")
@click.option("--name", metavar="NAME", help="Name of the lab; made up when not given.")
def up(nodes: tuple[str, ...], dual: bool, lvs: str | None, idle: bool, name: str | None) -> None:
    """Start the tutorial's five hosts; they run until `lab down`."""
    with plain_errors():
        if lvs and dual:
            raise LabError("--lvs and --dual are two labs", "leave one of them out")
        play = lvs or ("dual" if dual else "single")
        get_rights()
        directory = keeper.start(node_options(nodes), play, idle=idle, lab_id=name)
        if in_users_namespace():
            click.echo(WORSE)
        click.echo(f"lab {directory.lab_id} is up")
        click.echo(describe(Lab.attach(directory)))
        click.echo("try: haloctl lab shell client, haloctl lab break power-off lb01")


@lab.command()
@click.argument("name", required=False)
@page_option(None)
def down(name: str | None, page: Path | None) -> None:
    """End a lab: its processes, its namespaces, its files. What happened in it stays as a page."""
    with plain_errors():
        directory = the_lab(name)
        try:
            if directory.read().owner.alive:
                tell_lab(directory, page, None)
        finally:
            keeper.end(directory)
            click.echo(f"lab {directory.lab_id} is down")


@lab.command()
@lab_option
@click.option("--last", "last_s", type=click.FloatRange(min=0.1), metavar="SECONDS")
@page_option(None)
def report(lab_id: str | None, last_s: float | None, page: Path | None) -> None:
    """Draw what has happened since `lab up`, or in the last SECONDS, as a page."""
    with plain_errors():
        tell_lab(the_lab(lab_id), page, last_s)


def tell_lab(directory: LabDirectory, page: Path | None, last_s: float | None) -> None:
    """Write the page of a running lab and say where it is."""
    page = page or default_page(f"lab-{directory.lab_id}")
    write_page(lab_story(Lab.attach(directory), last_s), page)
    click.echo(f"what happened, as a picture: {page}")


@lab.command()
@lab_option
def status(lab_id: str | None) -> None:
    """Show hosts, what runs on them, who holds the VIP, what is broken."""
    with plain_errors():
        directory = the_lab(lab_id)
        described = describe(Lab.attach(directory))
        click.echo(f"lab {directory.lab_id}\n{described}")


@lab.command(context_settings={"ignore_unknown_options": True})
@lab_option
@click.argument("host")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def shell(lab_id: str | None, host: str, command: tuple[str, ...]) -> None:
    """Open a shell on HOST, or run COMMAND there."""
    with plain_errors():
        machine = Lab.attach(the_lab(lab_id)).machine(host)
        # No profile: it would set the machine's own prompt again.
        wanted = list(command) or ["bash", "--norc", "--noprofile"]
        environment = {**os.environ, "PS1": f"[{host}]# "}
    status = subprocess.run([*machine.namespace.prefix, *wanted], env=environment, check=False)
    sys.exit(status.returncode)


def fault_help(function: Callable[..., None]) -> Callable[..., None]:
    """Let `lab break --help` list the faults, from the very table that performs them."""
    width = max(len(name) for name in fault_list.FAULTS)
    lines = [f"{name:<{width}}  {fault.help}" for name, fault in fault_list.FAULTS.items()]
    function.__doc__ = (
        "Do FAULT to HOST, or mend it.\n\n\b\n" + "\n".join(lines) + "\n\n"
        "Faults between two hosts want the other one as well: break partition lb01 lb02."
    )
    return function


@lab.command(name="break")
@lab_option
@click.argument("fault")
@click.argument("host", required=False)
@click.argument("other", required=False)
@fault_help
def break_(lab_id: str | None, fault: str, host: str | None, other: str | None) -> None:
    with plain_errors():
        running = Lab.attach(the_lab(lab_id))
        try:
            click.echo(fault_list.perform(running, fault, host, other))
        finally:
            running.release()


@lab.command()
@click.option(
    "--method",
    type=click.Choice(["nat", "dr", "both"]),
    default="both",
    show_default=True,
    help="How packets reach the web servers.",
)
@click.option(
    "--kernel",
    type=click.Choice(["own", "uml"]),
    default="own",
    show_default=True,
    help="Where it is played: this machine's kernel, or Debian's user-mode-linux with real IPVS.",
)
@page_option("lvs")
def lvs(method: str, kernel: str, page: Path) -> None:
    """Play virtual servers: two directors balance over three web servers, which die and come back.

    Exit status 0 only if everything was seen as it must be.
    """
    methods = tuple(Method) if method == "both" else (Method(method),)
    with plain_errors():
        if kernel == "uml":
            click.echo("booting a kernel of its own: nothing is shown until it ends")
            played = play_in_uml(method, page)
            click.echo(played.output, nl=False)
            click.echo(f"that picture is here: {page}")
            sys.exit(played.status)
        get_rights()
        held = play_lvs(Console(highlight=False), node_options(()), methods, page)
    sys.exit(0 if held else 1)


@lab.command()
@node_option
@page_option("index")
def demo(nodes: tuple[str, ...], page: Path) -> None:
    """Play the tutorial, parts 1 to 4; exit status 0 only if everything was seen as it must be."""
    with plain_errors():
        get_rights()
        held = play_demo(Console(highlight=False), node_options(nodes), page)
    sys.exit(0 if held else 1)
