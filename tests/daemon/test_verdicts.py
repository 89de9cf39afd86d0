"""Verdicts between processes: none is lost, none is sent for nothing, nonsense is no verdict."""

import json
import subprocess
import sys

import pytest

from halod.daemon.verdict_message import BATCH_MAX, VerdictBatch, verdicts_in, verdicts_message
from halod.daemon.verdict_outbox import VerdictOutbox
from halod.model.balance_event import Verdict

WELL = Verdict("10.0.0.1 80 tcp [10.0.0.9]:80 0", up=True)
ILL = Verdict(WELL.check, up=False, detail="connection refused, after 0.2 ms")


def sent(outbox: VerdictOutbox) -> VerdictBatch:
    message = outbox.next()
    assert message is not None
    batch = verdicts_in(json.loads(json.dumps(message)))
    assert batch is not None
    return batch


def test_a_batch_comes_back_as_it_was_sent() -> None:
    batch = VerdictBatch(7, (WELL, ILL, Verdict("b", up=True, weight=-253)))
    assert verdicts_in(json.loads(json.dumps(verdicts_message(batch)))) == batch


@pytest.mark.parametrize(
    "row",
    [
        ["a", 1, None, ""],
        ["a", True, "1", ""],
        ["a", True, 65536, ""],
        ["a" * 1025, True, None, ""],
        ["a", True, None],
        [None, True, None, ""],
        "abcd",
    ],
)
def test_nonsense_is_no_batch(row: object) -> None:
    assert verdicts_in({"type": "verdicts", "batch": 1, "verdicts": [row]}) is None


def test_a_batch_has_a_bound_and_its_details_are_escaped_and_cut_off() -> None:
    good = ["a", True, None, "\x1b[2J" + "x" * 5000]
    message = {"type": "verdicts", "batch": 1, "verdicts": [good] * BATCH_MAX}
    batch = verdicts_in(message)
    assert batch is not None
    assert "\x1b" not in batch.verdicts[0].detail
    assert len(batch.verdicts[0].detail) < 400
    assert verdicts_in({**message, "verdicts": [good] * (BATCH_MAX + 1)}) is None


def test_the_next_batch_waits_until_the_last_one_was_taken() -> None:
    outbox = VerdictOutbox()
    assert outbox.next() is None
    for number in range(BATCH_MAX + 1):
        outbox.say(Verdict(f"c{number}", up=True))
    first = sent(outbox)
    assert len(first.verdicts) == BATCH_MAX
    assert outbox.next() is None
    outbox.taken(first.number + 1)
    assert outbox.next() is None
    outbox.taken(first.number)
    second = sent(outbox)
    assert [v.check for v in second.verdicts] == [f"c{BATCH_MAX}"]
    outbox.taken(second.number)
    assert outbox.next() is None


def test_of_one_check_the_last_word_alone_waits() -> None:
    outbox = VerdictOutbox()
    outbox.say(WELL)
    first = sent(outbox)
    for _ in range(1000):
        outbox.say(ILL)
        outbox.say(WELL)
    outbox.say(ILL)
    outbox.taken(first.number)
    assert sent(outbox).verdicts == (ILL,)


def test_a_new_service_is_told_everything_again_whatever_was_under_way() -> None:
    outbox = VerdictOutbox()
    outbox.say(WELL)
    outbox.say(Verdict("b", up=True))
    lost = sent(outbox)
    outbox.say(ILL)
    outbox.repeat()
    again = sent(outbox)
    assert {v.check: v.up for v in again.verdicts} == {WELL.check: False, "b": True}
    outbox.taken(lost.number)
    assert outbox.next() is None
    outbox.taken(again.number)
    assert outbox.next() is None


def test_checks_that_are_gone_are_forgotten() -> None:
    outbox = VerdictOutbox()
    outbox.say(WELL)
    outbox.say(Verdict("b", up=True))
    outbox.keep(["b"])
    assert [v.check for v in sent(outbox).verdicts] == ["b"]
    outbox.repeat()
    assert [v.check for v in sent(outbox).verdicts] == ["b"]


def test_the_heartbeat_loads_nothing_of_virtual_servers() -> None:
    code = "import halod.daemon.heartbeat, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = {name for name in done.stdout.split() if name.startswith("halod.")}
    forbidden = ("balance", "checker", "virtual_server", "service_table", "model.check")
    assert {name for name in found if any(word in name for word in forbidden)} == set()
    assert "halod.model.configuration" in found
