"""halod and keepalived on one host: refused on the same virtual router, fine on another."""

import pytest

from halod.lab.errors import LabError
from halod.lab.lab import Lab
from halod.lab.node_program import KEEPALIVED
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from tests.kit.pair import LISTENED, NEEDS_KEEPALIVED, VIP, WITHIN_S, changed, set_up_pair

pytestmark = NEEDS_KEEPALIVED

OTHER_VIP = "192.168.178.4"


def start_keepalived(lab: Lab, config: str) -> ProcessId:
    """A keepalived on lb01, beside whatever the lab starts there."""
    machine = lab.machine("lb01")
    file, run_dir = machine.directory / "beside.conf", machine.directory / "beside"
    file.write_text(config)
    run_dir.mkdir(mode=0o700)
    return machine.start("beside", KEEPALIVED.command(file, run_dir))


def test_halod_refuses_to_start_beside_it_and_names_it(lab: Lab) -> None:
    pair = set_up_pair(lab, "halod", "halod")
    keepalived = start_keepalived(lab, changed()("lb01"))
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], WITHIN_S)
    with pytest.raises(LabError):
        pair.lb01.balancer.start()
    pair.lb01.log.expect(
        rf"keepalived \(pid {keepalived.pid}, .*/beside.conf\) already runs VRID 51 on ens33: "
        r"stop it first \(systemctl stop keepalived\)"
    )
    pair.lb01.log.silent_about("Traceback")
    assert lab.owners(VIP) == ["lb01"]


def test_another_virtual_router_is_no_quarrel(lab: Lab) -> None:
    pair = set_up_pair(lab, "halod", "halod")
    other = changed(("virtual_router_id 51", "virtual_router_id 77"), ("178.3/24", "178.4/24"))
    start_keepalived(lab, other("lb01"))
    pair.lb01.balancer.start()
    pair.lb01.expect_state("MASTER", LISTENED)
    assert wait_until(lambda: sorted(lab.machine("lb01").vips()) == [VIP, OTHER_VIP], WITHIN_S)
    # Each hears the other's adverts for a VRID that it does not have, and says nothing of it.
    pair.lb01.log.silent_about("ignored")


def test_a_reload_onto_its_virtual_router_is_refused(lab: Lab) -> None:
    pair = set_up_pair(lab, "halod", "halod")
    other = changed(("virtual_router_id 51", "virtual_router_id 77"), ("178.3/24", "178.4/24"))
    keepalived = start_keepalived(lab, other("lb01"))
    pair.lb01.balancer.start()
    pair.lb01.expect_state("MASTER", LISTENED)
    pair.lb01.edit(lambda text: text.replace("virtual_router_id 51", "virtual_router_id 77"))
    refused = pair.lb01.haloctl("reload")
    assert refused.returncode == 5
    assert f"keepalived (pid {keepalived.pid}" in refused.stdout + refused.stderr
    pair.lb01.expect_no_change()
    assert VIP in lab.machine("lb01").vips()
