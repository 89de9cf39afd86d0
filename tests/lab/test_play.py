"""What the demo reads from `ip addr show`."""

from halod.lab.play import lifetime_s, shown_addresses

SHOWN = """\
2: ens33@if9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP
    inet 192.168.178.130/24 brd 192.168.178.255 scope global ens33
       valid_lft forever preferred_lft forever
    inet 192.168.178.3/24 scope global secondary dynamic ens33:3
       valid_lft 9sec preferred_lft 9sec
"""


def test_the_lifetime_is_that_of_the_address_asked_for() -> None:
    assert lifetime_s(SHOWN, "192.168.178.3/24") == 9
    assert lifetime_s(SHOWN, "192.168.178.130/24") == 0
    assert lifetime_s(SHOWN, "192.168.178.4/32") == 0


def test_addresses_in_a_few_words() -> None:
    assert shown_addresses(SHOWN) == "192.168.178.130/24 (ens33), 192.168.178.3/24 (ens33:3)"
