"""A keepalived whose file is more than one text is still seen to collide, or not to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.config.compile import compile_text
from halod.daemon.neighbours import find_collision
from halod.model.configuration import Configuration
from tests.kernel.test_other_daemons import keepalived
from tests.kit.build import ETH
from tests.kit.host import Host, make_host

pytestmark = [pytest.mark.needs_netns, pytest.mark.needs_keepalived]


def instance(vrid: int | str) -> str:
    return f"vrrp_instance A {{\n interface {ETH}\n virtual_router_id {vrid}\n}}\n"


BY_ID = f"@high $VRID=51\n@^high $VRID=52\n{instance('${VRID}')}"


@pytest.fixture
def host() -> Iterator[Host]:
    with make_host() as made:
        yield made


def ours() -> Configuration:
    configuration = compile_text("k.conf", instance(51)).configuration
    assert configuration is not None
    return configuration


@pytest.mark.parametrize(
    ("text", "included", "options", "collides"),
    [
        ("include a.conf\n", 51, [], True),
        ("include a.conf\n", 52, [], False),
        (BY_ID, 52, [], False),
        (BY_ID, 52, ["-i", "high"], True),
        (BY_ID, 52, ["--config-id=high"], True),
        (BY_ID, 52, ["-Di", "high"], True),
    ],
)
def test_what_keepalived_runs(
    host: Host, tmp_path: Path, text: str, included: int, options: list[str], collides: bool
) -> None:
    (tmp_path / "a.conf").write_text(instance(included))
    (tmp_path / "k.conf").write_text(text)
    with keepalived(host, tmp_path, "-f", "k.conf", *options):
        told = host.call(lambda: find_collision(ours()))
    assert (told is not None) == collides
    assert not collides or f"VRID 51 on {ETH}" in str(told)


def test_what_cannot_be_known_is_a_collision(host: Host, tmp_path: Path) -> None:
    """A file that it included and that is gone: what it runs is not known any more."""
    (tmp_path / "a.conf").write_text(instance(51))
    (tmp_path / "k.conf").write_text(f"include a.conf\n{instance(52).replace(' A ', ' B ')}")
    with keepalived(host, tmp_path, "-f", "k.conf"):
        (tmp_path / "a.conf").unlink()
        told = host.call(lambda: find_collision(ours()))
    assert "already runs here" in str(told)
