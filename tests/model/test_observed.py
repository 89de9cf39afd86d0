"""What counts as a process that is looked for, and what a file's text counts for."""

import pytest

from halod.model.track_file import number_in
from halod.model.track_process import ParameterMatch, VrrpTrackProcess


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("-5\n", -5), (" 7 \n", 7), ("12x", 12), ("abc", 0), ("", 0), ("9" * 20, 2**31 - 1)],
)
def test_a_number_is_read_as_keepalived_does(text: str, number: int) -> None:
    """Seen with keepalived 2.2.7: `12x` is 12, `abc` and an empty file are 0."""
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("parameters", "match", "line", "fits"),
    [
        ((), None, ("nginx", "-g", "x"), True),
        (("-g",), None, ("nginx", "-g", "x"), False),
        (("-g", "x"), None, ("nginx", "-g", "x"), True),
        (("-g",), ParameterMatch.PARTIAL, ("nginx", "-g", "x"), True),
        (("-g", "xy"), ParameterMatch.PARTIAL, ("nginx", "-g", "xyz"), False),
        (("-g", "xy"), ParameterMatch.INITIAL, ("nginx", "-g", "xyz"), True),
        (("-g", "xy"), ParameterMatch.INITIAL, ("nginx", "-g"), False),
        ((), ParameterMatch.PARTIAL, ("nginx",), True),
        ((), ParameterMatch.INITIAL, ("nginx", "-g"), False),
        ((), None, ("/usr/sbin/nginx",), False),
        ((), None, (), False),
    ],
)
def test_a_command_line_fits(
    parameters: tuple[str, ...], match: ParameterMatch | None, line: tuple[str, ...], *, fits: bool
) -> None:
    tracked = VrrpTrackProcess(name="x", command="nginx", parameters=parameters, match=match)
    assert tracked.fits(line) is fits


def test_as_many_as_are_wanted() -> None:
    at_least = VrrpTrackProcess(name="x", command="nginx", quorum=2)
    assert [at_least.is_met(count) for count in range(4)] == [False, False, True, True]
    one = VrrpTrackProcess(name="x", command="nginx", quorum_max=1)
    assert [one.is_met(count) for count in range(4)] == [False, True, False, False]
