"""The fault scripts of which `make test` plays some: one of each kind; `make traces` plays all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.pair import NEEDS_KEEPALIVED
from tests.traces.catalogue import SCRIPTS
from tests.traces.judge import wrongs_of
from tests.traces.script import Script

pytestmark = [*NEEDS_KEEPALIVED, pytest.mark.timeout(300)]

SOME = [script for script in SCRIPTS if script.always]


@pytest.mark.parametrize("script", SOME, ids=lambda script: script.id)
def test_both_do_the_same_but_for_what_is_meant(script: Script, tmp_path: Path) -> None:
    wrongs = wrongs_of(script, tmp_path)
    assert not wrongs, "\n" + "\n".join(wrongs)
