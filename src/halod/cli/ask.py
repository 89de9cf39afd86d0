"""Asks a running daemon over its control socket.

Knows one line out and one line in, and the errors an operator can make. Must not know the answers.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import click

from halod.daemon.control_path import CONTROL_SOCKET_NAME, socket_address
from halod.daemon.options import DEFAULT_RUN_DIR

__all__ = ["ask", "run_dir_option"]

DEADLINE_S = 5.0
"""A daemon that does not answer by then is not well."""

run_dir_option = click.option(
    "--run-dir",
    default=DEFAULT_RUN_DIR,
    show_default=True,
    help="run directory of the daemon that is asked",
)


def ask(run_dir: str, command: str, **more: object) -> dict[str, Any]:
    """The answer to a command and what belongs to it; ends the program with a cause and a
    suggestion where there is none."""
    path = Path(run_dir) / CONTROL_SOCKET_NAME
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(DEADLINE_S)
            with socket_address(path) as address:
                connection.connect(address)
            connection.sendall(json.dumps({"command": command, **more}).encode() + b"\n")
            with connection.makefile("rb") as reader:
                line = reader.readline()
    except FileNotFoundError:
        raise click.ClickException(
            f"no halod answers: {path} does not exist. {_others(path.parent)}"
        ) from None
    except ConnectionRefusedError:
        raise click.ClickException(
            f"no halod answers at {path}: it was killed and left its socket behind"
        ) from None
    except PermissionError:
        raise click.ClickException(f"{path} is for root and halod's own user: try sudo") from None
    except TimeoutError:
        raise click.ClickException(
            f"halod did not answer within {DEADLINE_S:g} s: is it stopped (SIGSTOP) or starved?"
        ) from None
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
    answer: dict[str, Any] = json.loads(line) if line else {"error": "no answer"}
    if "error" in answer:
        raise click.ClickException(str(answer["error"]))
    return answer


def _others(run_dir: Path) -> str:
    """With `net_namespace` or `instance` the run directory stands below."""
    below = (*run_dir.glob(f"*/{CONTROL_SOCKET_NAME}"), *run_dir.glob(f"*/*/{CONTROL_SOCKET_NAME}"))
    found = sorted(str(each.parent) for each in below)
    if not found:
        return "Is it running, and with this --run-dir?"
    return f"Which one do you mean: {' or '.join(f'--run-dir {each}' for each in found)}?"
