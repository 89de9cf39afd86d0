"""The lab: hosts as network namespaces, real programs in them, faults, and who held the VIP when.

For tests and people alike; nothing in the daemon may import it. Tests use it so:

    from halod.lab.lab import Lab
    from halod.lab.topology import tutorial_topology
    from halod.lab.tutorial_files import tutorial_text

    with Lab(tutorial_topology()) as lab:
        lb01 = lab.balancer("lb01", "halod", tutorial_text("lb01/keepalived.conf"))
        lb02 = lab.balancer("lb02", "keepalived", tutorial_text("lb02/keepalived.conf"))
        lb01.start()
        lb02.start()
        lab.wait_for_owner("192.168.178.3", "lb01", within_s=6)
        report = lab.probe("192.168.178.3", seconds=8, during=lb01.kill_heartbeat)
        assert report.outage_s < 0.65
        assert report.two_owners_s == 0

Read `topology.py`, then `lab.py`, then `faults.py`.
"""
