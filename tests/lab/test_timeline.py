"""The drawing of who held what, as plain text."""

from halod.lab.ownership import Holding
from halod.lab.report import Probe, Request
from halod.lab.timeline import ASCII, UNICODE, Chart, Mark, draw

VIP = "192.0.2.3"
S = 1_000_000_000
WIDTH = 10 + 2 + 40


def lines(chart: Chart) -> list[str]:
    return [line.rstrip() for line in draw(chart, WIDTH, ASCII).plain.splitlines()]


def request(at_s: int, wait_s: float, error: str | None = None) -> Request:
    server = "web01" if error is None else None
    return Request("www", VIP, at_s * S, int(wait_s * S), server, error, 0)


CHART = Chart(
    start_ns=0,
    end_ns=40 * S,
    hosts=("lb01", "lb02"),
    vips=(VIP,),
    holdings=(Holding("lb01", VIP, 0, 10 * S), Holding("lb02", VIP, 12 * S, 40 * S)),
    probes=tuple(Probe(VIP, at * S, None if at in (10, 11) else "x", 0) for at in range(40)),
    requests=(request(8, 0.003), request(9, 2.0), request(10, 10.0, "no answer")),
    marks=(Mark(10 * S, "power lb01 off"), Mark(10 * S, "look")),
)


def test_a_whole_drawing() -> None:
    assert lines(CHART) == [
        "192.0.2.3",
        "  lb01      ##########..............................",
        "  lb02      ............############################",
        "  answers   ----------xx----------------------------",
        "  requests  ........-wx.............................",
        "                      ab",
        "            0 s       10 s      20 s      30 s",
        "  a   10.0 s  power lb01 off",
        "  b   10.0 s  look",
        "  # held the VIP   + part of the column   - answered   w waited over 0.2 s   x lost",
    ]


def test_two_owners_are_shouted() -> None:
    both = Chart(
        0,
        40 * S,
        ("a", "b"),
        (VIP,),
        (Holding("a", VIP, 0, 40 * S), Holding("b", VIP, 20 * S, 22 * S)),
    )
    assert "  two owners                    !!" in lines(both)


def test_a_short_holding_is_not_lost_between_columns() -> None:
    brief = Chart(0, 40 * S, ("a",), (VIP,), (Holding("a", VIP, 5 * S, 5 * S + 1000),))
    assert lines(brief)[1] == "  a         .....+.................................."


def test_nothing_at_all_can_be_drawn() -> None:
    empty = Chart(0, 1, ("a",), (VIP,), ())
    assert draw(empty, 20, UNICODE).plain.splitlines()[1].startswith("  a")
