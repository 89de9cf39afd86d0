"""Finding the tutorial's line in what `ip addr show` prints."""

import pytest

from halod.lab.observation import AddressLine

WANTED = AddressLine("192.168.178.3/24", "ens33:3", secondary=True)
HOST_ROUTE = AddressLine("192.168.178.4/32", "ens33:4", secondary=False)


@pytest.mark.parametrize(
    "line",
    [
        "inet 192.168.178.3/24 scope global secondary ens33:3",
        "inet 192.168.178.3/24 brd 192.168.178.255 scope global secondary dynamic ens33:3",
    ],
)
def test_flags_in_between_do_not_matter(line: str) -> None:
    assert WANTED.find(f"2: ens33@if3: <UP>\n    {line}\n       valid_lft 3sec\n") == line


@pytest.mark.parametrize(
    "line",
    [
        "inet 192.168.178.3/32 scope global ens33:3",
        "inet 192.168.178.3/24 scope global secondary ens33",
        "inet 192.168.178.30/24 scope global secondary ens33:3",
        "inet 192.168.178.3/24 scope host secondary ens33:3",
        "inet 192.168.178.3/24 scope global ens33:3",
        "",
    ],
)
def test_other_lines_are_not_it(line: str) -> None:
    assert WANTED.find(f"2: ens33@if3: <UP>\n    {line}\n") is None


def test_the_tutorials_words() -> None:
    assert str(WANTED) == "inet 192.168.178.3/24 scope global secondary ens33:3"
    assert str(HOST_ROUTE) == "inet 192.168.178.4/32 scope global ens33:4"
