"""Each planted difference is found, and nothing else is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from halod.compare.adverts import dropped_adverts
from halod.compare.cluster import Router, Seat
from halod.compare.difference import Gravity
from halod.lab.tutorial_files import tutorial_text
from halod.model.vrrp import VrrpVersion
from tests.compare.golden import REWRITE, compared, goldens, nodes_of_files, read_golden

PAIRS_MIN = 15


@pytest.mark.parametrize("path", goldens(), ids=lambda path: path.stem)
def test_the_page_is_as_pinned(path: Path) -> None:
    golden = read_golden(path)
    found, rendering = compared(golden.files)
    if REWRITE:
        golden.rewrite(rendering)
        pytest.skip("written anew")
    assert rendering == golden.expected
    planted = 0 if golden.title.startswith("Nothing: ") else 1
    assert len(found.differences) == planted


def test_there_are_enough() -> None:
    titles = [read_golden(path).title for path in goldens()]
    planted = [title for title in titles if not title.startswith("Nothing: ")]
    assert len(planted) >= PAIRS_MIN
    assert len(titles) > len(planted)


@pytest.mark.parametrize("name", ["keepalived.conf", "keepalived-dual.conf"])
def test_the_tutorial_has_its_own_mistake_and_no_other(name: str) -> None:
    """The mask that lb01's second instance lacks."""
    found, rendering = compared({f"{lb}/{name}": tutorial_text(f"{lb}/{name}") for lb in NODES})
    sentences = [each.sentence for each in found.differences]
    assert "if lb01 dies, lb02 takes 192.168.178.3 after 3.61 s\n" in rendering
    if name == "keepalived.conf":
        assert sentences == []
        return
    assert [s.partition(":")[0] for s in sentences] == [
        "VI_2 has 192.168.178.4 as a /32 on lb01 and a /24 on lb02"
    ]
    assert "if lb02 dies, lb01 takes 192.168.178.4 after 3.61 s\n" in rendering
    assert "lb01/keepalived-dual.conf:32:3\n" in rendering


def test_half_of_the_tutorial_leaves_an_address_alone() -> None:
    files = {
        "lb01.conf": tutorial_text("lb01/keepalived.conf"),
        "lb02.conf": tutorial_text("lb02/keepalived-dual.conf"),
    }
    _, rendering = compared(files)
    assert "if lb02 dies, nobody takes 192.168.178.4\n" in rendering


NODES = ("lb01", "lb02")


@pytest.mark.parametrize("path", goldens(), ids=lambda path: path.stem)
def test_no_password_is_shown(path: Path) -> None:
    golden = read_golden(path)
    for secret in ("1111", "1112", "longsecre"):
        assert secret not in golden.expected


def test_a_checksum_of_the_other_kind_is_dropped() -> None:
    """RFC 9568, 5.2.8: with or without the pseudo-header."""
    text = tutorial_text("lb01/keepalived.conf").replace("state MASTER", "version 3")
    first, second = nodes_of_files({"a.conf": text, "b.conf": text.replace("lb01", "lb02")})
    instance = first.configuration.instances[0]
    assert instance.version is VrrpVersion.V3
    seats = (Seat(first, instance), Seat(second, replace(instance, checksum_v3_as_v2=True)))
    (found,) = dropped_adverts(Router(51, "ens33", seats))
    assert found.gravity is Gravity.BREAKS
    assert "v3_checksum_as_v2 on lb02 alone" in found.sentence
