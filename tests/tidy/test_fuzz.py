"""`make fuzz` finds what is there to be found, and shows it again."""

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tools.fuzz import __main__ as fuzz
from tools.fuzz.balance_target import BalanceTarget
from tools.fuzz.config_target import ConfigTarget, Files
from tools.fuzz.config_text import corpus
from tools.fuzz.example import Target, Violation, randomness
from tools.fuzz.wire_target import SEEDS, WireTarget

from halod.config import printer
from halod.config.language import limits
from halod.wire import arp
from tests.capabilities import ROOT


@pytest.fixture(autouse=True)
def _limits_of_a_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The target lowers them for its own process: here they are given back."""
    for name in ("STEPS_MAX", "TEXT_MAX"):
        monkeypatch.setattr(limits, name, getattr(limits, name))


@contextmanager
def _signals() -> Iterator[None]:
    before = signal.signal(signal.SIGPROF, fuzz._too_slow)
    try:
        yield
    finally:
        signal.signal(signal.SIGPROF, before)


class _Fragile(Target[bytes]):
    """Breaks at a zero byte."""

    name = "fragile"
    share = 1.0

    def make(self, rng: random.Random) -> bytes:
        return rng.randbytes(50)

    def play(self, example: bytes) -> None:
        if 0 in example:
            raise ValueError("a zero byte")

    def show(self, example: bytes) -> str:
        return example.hex()

    def smaller(self, example: bytes) -> list[bytes]:
        return [example[:at] + example[at + 1 :] for at in range(len(example))]


class _Slow(_Fragile):
    def play(self, example: bytes) -> None:
        while example:
            pass


def test_an_example_follows_from_its_seed_and_number() -> None:
    for target in (ConfigTarget(), WireTarget(), BalanceTarget()):
        made = [target.make(randomness(7, target.name, number)) for number in range(30)]
        again = [target.make(randomness(7, target.name, number)) for number in range(30)]
        assert made == again
        assert len(set(map(str, made))) > 25


def test_a_crash_is_found_and_shrunk_to_what_it_takes() -> None:
    target, number = _Fragile(), 0
    with _signals():
        while (finding := fuzz._one(target, 1, number)) is None:
            number += 1
        assert finding.what.startswith("ValueError at test_fuzz.py:")
        example = target.make(randomness(1, target.name, number))
        assert fuzz._shrunk(target, example, finding) == b"\0"


def test_what_takes_too_long_is_found() -> None:
    with _signals():
        finding = fuzz._judge(_Slow(), b"x")
    assert finding is not None
    assert finding.what == "takes more than 1 s"


def test_a_layout_that_loses_a_sign_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = printer._format
    monkeypatch.setattr(printer, "_format", lambda *given: whole(*given).replace("\\", ""))
    text = "bfd_instance A {\nname \\#x\n}\n"
    with pytest.raises(Violation, match="loses or adds a sign"):
        ConfigTarget().play(Files(text))
    monkeypatch.undo()
    ConfigTarget().play(Files(text))


def test_a_decoder_that_reads_past_the_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    target = WireTarget()
    of_arp = next(at for at, (decode, _) in enumerate(SEEDS) if decode.__name__ == "_decode_arp")
    target.play((of_arp, bytes(41)))
    monkeypatch.setattr(arp, "decode", lambda frame: frame[41])
    with pytest.raises(IndexError):
        target.play((of_arp, bytes(41)))


@pytest.mark.needs_shared
def test_the_corpus_holds_the_real_files_and_ours() -> None:
    assert len(corpus()) > 100
    assert any("virtual_server" in text for text in corpus())


def test_as_it_is_typed() -> None:
    """A second of it, in the process that plays and under the parent that watches."""
    command = [sys.executable, "-m", "tools.fuzz", "--seconds", "1", "--seed", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("fuzz: seed 5, 1 s\n")
    assert "fuzz: 0 findings; at most " in done.stdout
