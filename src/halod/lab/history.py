"""The life of a running lab as a story, from what its programs have written in its folder.

Knows which program writes where. So any process can tell it, not only the lab's owner.
"""

import time
from pathlib import Path

from halod.lab import http_prober, owner_watch, prober
from halod.lab.diary import read_deeds
from halod.lab.lab import SWITCH, Lab
from halod.lab.node_log import between, read_logs
from halod.lab.ownership import holdings
from halod.lab.page_file import now_in_words
from halod.lab.picture.story import Scene, Story
from halod.lab.records import read_changes, read_probes, read_requests
from halod.lab.timeline import Chart
from halod.lab.topology import Role


def lab_story(lab: Lab, last_s: float | None = None) -> Story:
    """What has happened in the lab since it came up, or in its last seconds."""
    end_ns = time.monotonic_ns()
    client = lab.machine(lab.topology.client.name).directory
    changes = read_changes(written_by(lab.directory.host_path(SWITCH), owner_watch.__name__))
    probes = read_probes(written_by(client, prober.__name__))
    requests = read_requests(written_by(client, http_prober.__name__))
    start_ns = min((change.at_ns for change in changes), default=end_ns - 1)
    if last_s is not None:
        start_ns = max(start_ns, end_ns - int(last_s * 1e9))
    vips = {probe.vip for probe in probes}.union(*(change.held for change in changes))
    chart = Chart(
        start_ns=start_ns,
        end_ns=end_ns,
        hosts=tuple(host.name for host in lab.topology.with_role(Role.BALANCER)),
        vips=tuple(sorted(vips)),
        holdings=tuple(held for held in holdings(changes, end_ns) if held.end_ns > start_ns),
        probes=tuple(probe for probe in probes if probe.sent_ns >= start_ns),
        requests=tuple(request for request in requests if request.sent_ns >= start_ns),
        marks=tuple(deed for deed in read_deeds(lab.directory.path) if deed.at_ns >= start_ns),
    )
    log = between(read_logs(lab.machines.values()), start_ns, end_ns)
    nodes = ", ".join(f"{host} runs {node.program.name}" for host, node in lab.balancers.items())
    scene = Scene(f"Lab {lab.directory.lab_id}", chart, (), log)
    return Story(f"halod: lab {lab.directory.lab_id}", nodes, now_in_words(), (scene,))


def written_by(folder: Path, module: str) -> list[Path]:
    """The files of a measuring program's runs on one host, oldest first."""
    return sorted(folder.glob(f"{module.rsplit('.', 1)[-1]}-*.log"))
