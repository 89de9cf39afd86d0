"""The oracle of random lives finds what is broken on purpose."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from halod.balance import plan
from halod.balance.member import Member
from halod.balance.pool import Pool
from halod.engine import balance_engine, table_work
from halod.engine.held_table import HeldTable
from halod.model.virtual_server import LvsSettings, VirtualServer
from tests.balance.random_play import RandomPlay

SEEDS = 60
STEPS = 80


def fails(seed: int) -> bool:
    play = RandomPlay(seed)
    try:
        for _ in range(STEPS):
            play.step()
        play.settle()
    except (AssertionError, KeyError):
        return True
    return False


def backwards(patch: pytest.MonkeyPatch) -> None:
    """What is removed goes before what is added."""
    whole = plan.in_safe_order
    for module in (plan, table_work):
        patch.setattr(module, "in_safe_order", lambda *given: whole(*given)[::-1])


def drained_counts(patch: pytest.MonkeyPatch) -> None:
    counted = property(lambda member: member.weight if member.alive else 0)
    patch.setattr(Member, "counted", counted)


def gained_too_early(patch: pytest.MonkeyPatch) -> None:
    """A quorum without hysteresis."""
    whole = Pool.__init__

    def made(pool: Pool, config: VirtualServer, name: str, settings: LvsSettings) -> None:
        whole(pool, replace(config, hysteresis=0), name, settings)

    patch.setattr(Pool, "__init__", made)


def believes_all(patch: pytest.MonkeyPatch) -> None:
    """What was refused counts as taken."""
    patch.setattr(HeldTable, "refuse", lambda *_: None)
    patch.setattr(HeldTable, "observe", lambda *_: None)


def forgets(patch: pytest.MonkeyPatch) -> None:
    """A restart begins anew."""
    patch.setattr(balance_engine, "restore", lambda *_: frozenset())


@pytest.mark.parametrize(
    "broken", [backwards, drained_counts, gained_too_early, believes_all, forgets]
)
def test_it_is_found(
    broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    assert any(fails(seed) for seed in range(SEEDS))
