"""Looks at this machine for `haloctl check --host`: reads, and changes nothing.

Knows links, files and nft. Must not judge what it sees.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from halod.config.host.facts import ScriptFacts, StandingAddress
from halod.kernel.find_program import find_program
from halod.kernel.links import read_links
from halod.kernel.nft_program import SEARCH_PATH
from halod.kernel.program import SEARCH_PATH as SCRIPT_PATH
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.address import IpAddress, Link
from halod.wire import rtnetlink
from halod.wire.netlink import DecodeError
from halod.wire.rtnetlink import IFAPROT_HALOD, AddressMessage, Type

__all__ = ["look_at_addresses", "look_at_links", "look_at_ruleset", "look_at_script"]

ROOT_UIDS = frozenset({0})
NFT_DEADLINE_S = 10.0
"""A rule set of 100,000 elements is listed within a second."""
_LEGACY_TABLES = Path("/proc/net/ip_tables_names")


def look_at_links(virtual_addresses: Iterable[IpAddress]) -> dict[str, Link]:
    """By name; OSError: the kernel does not say."""
    requests = RtnetlinkSocket()
    try:
        return read_links(requests, frozenset(virtual_addresses))
    finally:
        requests.close()


def look_at_addresses(links: Mapping[str, Link]) -> tuple[StandingAddress, ...]:
    """Every address, with whether it is tagged as halod's."""
    names = {link.index: link.name for link in links.values()}
    requests = RtnetlinkSocket()
    found = []
    try:
        for message in requests.dump(Type.GETADDR):
            try:
                value = rtnetlink.decode(message)
            except DecodeError:
                continue
            if isinstance(value, AddressMessage) and value.index in names:
                ours = value.protocol == IFAPROT_HALOD
                found.append(StandingAddress(names[value.index], value.address, ours))
    finally:
        requests.close()
    return tuple(found)


def look_at_script(program: str, trusted: frozenset[int] = ROOT_UIDS) -> ScriptFacts:
    """A path, or a name that is looked for as keepalived does. `trusted`: who may change it."""
    path = program if "/" in program else find_program(program, SCRIPT_PATH)
    if path is None or not os.path.isfile(path):
        return ScriptFacts(path or program, missing=True)
    executable = bool(os.stat(path).st_mode & 0o111)
    return ScriptFacts(path, executable=executable, open_to=_open_to(Path(path), trusted))


def _open_to(path: Path, trusted: frozenset[int]) -> str:
    """The topmost part of the real path that others can change."""
    real = path.resolve()
    for part in (*reversed(real.parents), real):
        found = part.stat()
        if found.st_uid not in trusted:
            return f"{part} belongs to user {found.st_uid}"
        # In a sticky folder nobody can replace what is another's.
        sticky = part != real and found.st_mode & stat.S_ISVTX
        if found.st_mode & stat.S_IWOTH and not sticky:
            return f"{part} is writable by everybody"
        if found.st_mode & stat.S_IWGRP and found.st_gid != 0 and not sticky:
            return f"{part} is writable by group {found.st_gid}"
    return ""


def look_at_ruleset() -> tuple[tuple[Mapping[str, Any], ...], str | None]:
    """The rules of nftables, and why there is something that was not seen."""
    program = find_program("nft", SEARCH_PATH)
    if program is None:
        return (), "the firewall: there is no program nft"
    try:
        done = subprocess.run(
            [program, "-j", "list", "ruleset"],
            capture_output=True,
            text=True,
            timeout=NFT_DEADLINE_S,
            env={"PATH": SEARCH_PATH, "LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return (), f"the firewall: nft did not answer within {NFT_DEADLINE_S:g} s"
    except OSError as error:
        return (), f"the firewall: nft does not start: {error.strerror}"
    if done.returncode != 0:
        told = " ".join(done.stderr.split())
        return (), f"the firewall: {told:.200}"
    return tuple(json.loads(done.stdout)["nftables"]), _legacy()


def _legacy() -> str | None:
    """iptables-legacy has tables of its own that nft does not show."""
    try:
        tables = _LEGACY_TABLES.read_text().split()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"rules of iptables-legacy: {error.strerror}"
    return f"rules of iptables-legacy: {', '.join(tables)}" if tables else None
