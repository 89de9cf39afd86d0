"""Random lives against the oracle. A seed that failed goes into KEPT and stays there."""

import pytest

from tests.balance.random_play import RandomPlay

SEEDS = 60
STEPS = 80
KEPT: tuple[int, ...] = ()


@pytest.mark.parametrize("seed", [*range(SEEDS), *KEPT])
def test_a_life(seed: int) -> None:
    play = RandomPlay(seed)
    for _ in range(STEPS):
        play.step()
    play.settle()
