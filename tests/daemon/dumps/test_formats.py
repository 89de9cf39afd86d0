"""The dumps have the names, the types and the lines of keepalived 2.2.7, and no secret."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from halod.daemon.dumps.data_dump import data_dump
from halod.daemon.dumps.figures import Figures, figures_of
from halod.daemon.dumps.files import dump_path, write_dump
from halod.daemon.dumps.json_dump import HIDDEN, json_dump
from halod.daemon.dumps.signal_names import SIGNAL_NAMES, signal_number
from halod.daemon.dumps.stats_dump import stats_dump
from halod.model.address import Scope
from halod.model.configuration import Configuration
from halod.model.unicast import Unicast, UnicastPeer
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion
from tests.capabilities import SHARED
from tests.kit.build import LB02, LB03, VIP, VIP2, instance

DUMPS = SHARED / "corpus" / "keepalived-2.2.7-dumps"
SCRIPTS = {"script_backup", "script_master", "script_stop", "script"}
"""Keys of the corpus for notify scripts, which this configuration has not."""
NOW_S = 1_800_000_000.25
VIEW: dict[str, Any] = {
    "instances": [
        {
            "name": "VI_1",
            "state": "MASTER",
            "holds_addresses": True,
            "own_address": "192.168.178.130",
            "in_state_s": 10.5,
            "adverts_received": 3,
            "adverts_sent": 8,
            "term": 1,
            "masterships_ended": 0,
            "resignations_sent": 0,
            "resignations_received": 2,
            "adverts_dropped": {"too_short": 1, "too_long": 2, "bad_ttl": 4, "auth_failed": 5},
        }
    ]
}


def configured(**changes: Any) -> Configuration:
    label = replace(VIP, label="ens33:3")
    return Configuration(instances=(instance(addresses=(label,), **changes),))


def figures(view: dict[str, Any] = VIEW, **changes: Any) -> tuple[Figures, ...]:
    return figures_of(configured(**changes), view, {}, NOW_S)


def kinds(value: object) -> object:
    """The types in a value; whole numbers and others are one kind to a reader of JSON."""
    if isinstance(value, dict):
        return {key: kinds(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return {str(kinds(inner)) for inner in value}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


@pytest.mark.needs_shared
def test_json_has_the_keys_the_order_and_the_types_of_keepalived() -> None:
    theirs = json.loads((DUMPS / "keepalived.json").read_text())
    ours = json.loads(json_dump(figures(), 1))
    for name in SCRIPTS:
        del theirs[0]["data"][name]
    assert kinds(ours) == kinds(theirs)
    for part in ("data", "stats"):
        assert list(ours[0][part]) == list(theirs[0][part])
    assert ours[0]["data"]["auth_data"] == HIDDEN
    same = (
        "auth_type",
        "version",
        "adver_int",
        "garp_rep",
        "garp_delay",
        "vrid",
        "state",
        "accept",
    )
    assert {n: ours[0]["data"][n] for n in same} == {n: theirs[0]["data"][n] for n in same}


@pytest.mark.needs_shared
def test_stats_has_the_lines_of_keepalived() -> None:
    theirs = (DUMPS / "keepalived.stats").read_text()
    assert re.sub(r"\d+$", "N", stats_dump(figures()).decode(), flags=re.MULTILINE) == re.sub(
        r"\d+$", "N", theirs, flags=re.MULTILINE
    )


@pytest.mark.needs_shared
def test_every_line_of_data_is_one_of_keepalived() -> None:
    theirs = {_name(line) for line in (DUMPS / "keepalived.data").read_text().splitlines()}
    ours = [_name(line) for line in data_dump(configured(), figures()).decode().splitlines()]
    assert set(ours) <= theirs
    wanted = ("State", "Wantstate", "Interface", "Virtual Router ID", "Gratuitous ARP delay")
    assert {f"   {name}" for name in wanted} <= set(ours), "what exporters read"


def _name(line: str) -> str:
    return re.split(r"\s+=|\s\d|\s\(|:", line)[0]


def test_counters_stand_for_what_they_say() -> None:
    counters = figures()[0].counters
    assert counters["packet_len_err"] == 3
    assert counters["ip_ttl_err"] == 4
    assert counters["auth_failure"] == 5
    assert (counters["advert_rcvd"], counters["advert_sent"]) == (3, 8)
    assert counters["pri_zero_rcvd"] == 2


def test_counters_begin_anew_when_they_are_cleared() -> None:
    cleared = {each.config.name: each.counters for each in figures()}
    assert set(figures_of(configured(), VIEW, cleared, NOW_S)[0].counters.values()) == {0}
    shown = {**VIEW["instances"][0], "adverts_sent": 2, "adverts_received": 5}
    counters = figures_of(configured(), {"instances": [shown]}, cleared, NOW_S)[0].counters
    assert counters["advert_sent"] == 2, "it was restarted, and has sent two"
    assert counters["advert_rcvd"] == 2


def test_version_2_names_the_list() -> None:
    one, two = (json.loads(json_dump(figures(), version)) for version in (1, 2))
    assert two == {"vrrp": one}


def test_a_backup_shows_its_master() -> None:
    heard = {"master": "192.0.2.7", "master_priority": 150, "master_interval_s": 0.5}
    view = {"instances": [{"name": "VI_1", "state": "BACKUP", **heard}]}
    (one,) = figures(view, version=VrrpVersion.V3, advert_interval=Duration.milliseconds(250))
    data = json.loads(json_dump((one,), 1))[0]["data"]
    assert (data["state"], data["master_priority"], data["vipset"]) == (1, 150, False)
    assert (data["adver_int"], data["master_adver_int"]) == (0.25, 0.5)
    assert "Master router = 192.0.2.7" in data_dump(configured(), (one,)).decode()


def test_addresses_are_written_as_keepalived_writes_them() -> None:
    broadcast = replace(VIP2, broadcast=VIP.address, scope=Scope.LINK, label="ens33:1")
    single = replace(VIP, prefix_length=32)
    (one,) = figures_of(
        Configuration(instances=(instance(addresses=(single, broadcast)),)), VIEW, {}, NOW_S
    )
    assert json.loads(json_dump((one,), 1))[0]["data"]["vips"] == [
        "192.168.178.3 dev ens33 scope global set",
        "192.168.178.4/24 brd 192.168.178.3 dev ens33 scope link label ens33:1 set",
    ]


STRANGE: tuple[Any, ...] = (None, [], {}, "x", -1.5, True, 1e300, nan, inf, 10**400)


def hostile() -> Iterator[Any]:
    yield {}
    yield {"instances": "no"}
    yield {"instances": [1, None, {"name": ["VI_1"]}]}
    for name in VIEW["instances"][0]:
        for value in STRANGE:
            yield {"instances": [{**VIEW["instances"][0], name: value}]}


def test_no_view_breaks_a_dump() -> None:
    """A child is less trusted than the supervisor."""
    for view in hostile():
        found = figures_of(configured(), view, {}, NOW_S)
        json.loads(json_dump(found, 1))
        assert stats_dump(found)
        assert data_dump(configured(), found)


def test_no_dump_holds_a_password() -> None:
    for dump in (
        json_dump(figures(), 1),
        stats_dump(figures()),
        data_dump(configured(), figures()),
    ):
        assert b"1111" not in dump


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("", "/var/tmp/x/keepalived.json"),
        ("/run/a.json", "/run/a.json"),
        ("/run/halod/", "/run/halod/keepalived.json"),
        ("other.json", "/var/tmp/x/other.json"),
    ],
)
def test_where_a_dump_goes(asked: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/var/tmp/x")
    assert str(dump_path(asked, "keepalived.json")) == path


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "keepalived.json"
    victim.write_text("untouched")
    path.symlink_to(victim)
    assert write_dump(path, b"[]") is None
    assert victim.read_text() == "untouched"
    assert not path.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_others_may_change_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    assert "others may replace" in str(write_dump(tmp_path / "a", b""))
    tmp_path.chmod(0o1777)
    assert write_dump(tmp_path / "a", b"") is None, "/tmp itself"
    assert "No such file" in str(write_dump(tmp_path / "b" / "a", b""))


def test_signal_numbers_are_those_of_keepalived() -> None:
    numbers = {name: signal_number(name) for name in SIGNAL_NAMES}
    assert numbers == {
        "STOP": 15,
        "RELOAD": 1,
        "DATA": 10,
        "STATS": 12,
        "STATS_CLEAR": 63,
        "JSON": 36,
    }
    assert signal_number("TDATA") is None


def test_unicast_has_its_own_lines() -> None:
    peers = (UnicastPeer(LB02, 64), UnicastPeer(LB03))
    text = data_dump(Configuration(), figures(unicast=Unicast(peers=peers, ttl=64))).decode()
    assert "Multicast address" not in text
    lines = text.splitlines()
    begin = lines.index("   Unicast TTL = 64")
    assert lines[begin + 1 : begin + 5] == [
        "   Check unicast src : yes",
        "   Unicast Peer :",
        "     192.168.178.131 min_ttl 64 max_ttl 255",
        "     192.168.178.132 min_ttl 0 max_ttl 255",
    ]
