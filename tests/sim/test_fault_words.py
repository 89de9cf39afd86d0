"""Faults as an operator writes them."""

import pytest

from halod.model.units import Duration
from halod.sim.fault import (
    Crash,
    Cut,
    Fault,
    HeartbeatDies,
    LinkDown,
    OneWay,
    Pause,
    PauseMachine,
    Restart,
    Stop,
    end_of,
)
from halod.sim.fault_words import FAULT_WORDS, FaultWordError, read_duration, read_fault
from tests.sim.clusters import seconds

NODES = ("lb01", "lb02", "lb-east", "lb-east-2")
T, D = seconds(10), seconds(4)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("lb01@10s", Crash("lb01", T)),
        ("crash:lb01@10", Crash("lb01", T)),
        ("stop:lb01@10s", Stop("lb01", T)),
        ("restart:lb-east@10s", Restart("lb-east", T)),
        ("hang:lb01@10s", HeartbeatDies("lb01", T, hangs=True)),
        ("pause:lb01@10s+4s", Pause("lb01", T, D)),
        ("suspend:lb01@10s+4s", PauseMachine("lb01", T, D, clock_runs_on=True)),
        ("link:lb02@10s+4s", LinkDown("lb02", T, D)),
        ("cut:lb01-lb02@10000ms+4s", Cut("lb01", "lb02", T, D)),
        ("cut:lb-east-lb-east-2@10s+4s", Cut("lb-east", "lb-east-2", T, D)),
        ("oneway:lb02>lb01@10s+4s", OneWay("lb02", "lb01", T, D)),
    ],
)
def test_faults(text: str, fault: Fault) -> None:
    assert read_fault(text, NODES) == fault


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        ("lb03@10s", "there is no node `lb03`", "did you mean lb02?"),
        ("web@10s", "there is no node `web`", "there are: lb01, lb02, lb-east, lb-east-2"),
        ("puase:lb01@10s+1s", "there is no fault `puase`", "did you mean pause?"),
        ("lb01", "does not say when", "write NODE@T"),
        ("stop:lb01", "does not say when", "write stop:NODE@T"),
        ("lb01@soon", "`soon` is no time", "write 10s, 1.5s, 500ms or 2m"),
        ("pause:lb01@10s", "`pause` wants a duration", "write pause:NODE@T+D"),
        ("stop:lb01@10s+4s", "`stop` has no duration", "write stop:NODE@T"),
        ("cut:lb01@10s+4s", "wants two nodes", "write cut:A-B@T+D"),
        ("cut:lb01-lb01@10s+4s", "wants two nodes", "write cut:A-B@T+D"),
        ("oneway:lb01>lb2@10s+4s", "there is no node `lb2`", "did you mean lb02?"),
    ],
)
def test_mistakes_are_told_with_a_suggestion(text: str, message: str, suggestion: str) -> None:
    with pytest.raises(FaultWordError, match=message) as raised:
        read_fault(text, NODES)
    assert raised.value.suggestion == suggestion


@pytest.mark.parametrize("word", FAULT_WORDS)
def test_every_form_in_the_help_can_be_read(word: str) -> None:
    form = FAULT_WORDS[word].form
    text = form.replace("NODE", "lb01").replace("A", "lb01").replace("B", "lb02")
    fault = read_fault(text.replace("T", "1s").replace("+D", "+2s"), NODES)
    assert fault.at == seconds(1)
    assert end_of(fault) == (seconds(3) if "+D" in form else seconds(1))


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("500ms", Duration.milliseconds(500)),
        ("1.5s", Duration.milliseconds(1500)),
        ("2m", Duration.seconds(120)),
        ("2min", Duration.seconds(120)),
        ("7", Duration.seconds(7)),
    ],
)
def test_durations(text: str, duration: Duration) -> None:
    assert read_duration(text) == duration


@pytest.mark.parametrize("text", ["", "s", "-1s", "1h", "1 s s", "nan"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(FaultWordError):
        read_duration(text)
