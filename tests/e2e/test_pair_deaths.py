"""Deaths that cost no more than a clean stop, and a start on what a dead one has left."""

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.pair import (
    LB01,
    LB02,
    NEEDS_LAB,
    SILENT,
    SKEW_S,
    TAKEOVER_S,
    VIP,
    WITHIN_S,
    Node,
    changed,
    outage_of,
    set_up_pair,
    start_pair,
)

pytestmark = NEEDS_LAB

NO_LEASE = changed(("advert_int 1", "advert_int 1\n    @halod vip_lease off"))
"""Nothing but a start or a release removes what a killed node leaves."""


def test_a_supervisor_that_dies_alone_is_a_clean_stop(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod")
    report = lab.probe(VIP, 2.0, during=pair.lb01.balancer.kill_parent, until="lb02")
    assert report.outage_s == outage_of(SKEW_S)
    assert report.two_owners_s == 0
    assert report.answered_by == ["lb01", "lb02"]
    pair.lb02.expect_state("MASTER", rf"{LB01} resigned \(priority 0\)")
    assert wait_until(lambda: lab.machine("lb01").namespace.members() == [], 10.0)
    told = pair.lb01.haloctl("status")
    assert told.returncode == 1
    assert "was killed and left its socket behind" in told.stderr


def test_a_start_on_leftovers_removes_them_and_listens_first(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", NO_LEASE)
    pair.lb01.balancer.kill_all()
    assert lab.machine("lb01").vips() == [VIP]
    pair.lb01.balancer.start()
    pair.lb01.log.expect(rf"removed what an earlier halod left: {VIP}/24 dev ens33")
    pair.lb01.expect_state("BACKUP", "started: listening for a master first")
    assert lab.machine("lb01").vips() == []
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    pair.lb02.expect_state("MASTER", SILENT)
    lab.wait_for_owner(VIP, "lb01", TAKEOVER_S + 2)
    pair.lb01.expect_state("MASTER", rf"{LB02} is MASTER with priority 100, below")


def test_release_removes_what_a_killed_node_left_and_only_then(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", NO_LEASE)

    def release() -> tuple[int, str]:
        done = pair.lb01.haloctl("release", "-f", str(pair.lb01.balancer.config_path))
        return done.returncode, done.stdout + done.stderr

    status, text = release()
    assert status == 1
    assert "runs and holds its addresses by right: stop it instead" in text
    assert pair.owners() == ["lb01"]
    pair.lb01.balancer.kill_all()
    assert release() == (0, f"removed {VIP}/24 dev ens33\n")
    assert lab.machine("lb01").vips() == []
    assert release() == (0, "nothing was left\n")


def start_second(node: Node, config: str) -> str:
    """Starts another halod on a host that has one; what it said where it did not stay."""
    machine = node.balancer.machine
    file, run_dir = machine.directory / "second.conf", machine.directory / "second"
    file.write_text(config)
    run_dir.mkdir(mode=0o700)
    second = machine.start("second", node.balancer.program.command(file, run_dir))
    assert wait_until(lambda: "ready: " in machine.log_tail("second") or not second.alive, WITHIN_S)
    return "" if second.alive else machine.log_tail("second")


def test_two_daemons_on_different_virtual_routers_live_together(lab: Lab) -> None:
    pair = set_up_pair(lab, "halod", "halod")
    pair.lb01.balancer.start()
    second = changed(("virtual_router_id 51", "virtual_router_id 77"), ("178.3/24", "178.4/24"))
    assert start_second(pair.lb01, second("lb01")) == ""
    assert wait_until(
        lambda: sorted(lab.machine("lb01").vips()) == [VIP, "192.168.178.4"], WITHIN_S
    )


def test_the_same_virtual_router_is_refused_and_its_holder_named(lab: Lab) -> None:
    pair = set_up_pair(lab, "halod", "halod")
    pair.lb01.balancer.start()
    holder = pair.lb01.balancer.parent
    assert holder is not None
    said = start_second(pair.lb01, changed()("lb01"))
    assert f"(pid {holder.pid}) already runs VRID 51 on ens33: stop it first" in said
    pair.lb01.log.silent_about("Traceback|rror")
