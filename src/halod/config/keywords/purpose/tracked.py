"""What keywords of scripts, processes, files, BFD and announcement groups are for, in keepalived.

Knows sentences. Must not know what halod makes of a keyword.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "BFD_INSTANCE",
    "GARP_GROUP",
    "TRACK_FILE",
    "TRACK_GROUP",
    "TRACK_PROCESS",
    "VRRP_SCRIPT",
]

VRRP_SCRIPT: Mapping[str, str] = {
    "fall": "So many failures in a row count as one.",
    "init_fail": "Takes the script for failed until it was run.",
    "interval": "Seconds between two runs; 1 by default.",
    "rise": "So many successes in a row count as one.",
    "script": "The program, with its arguments in quotes. No shell reads it (W317).",
    "timeout": "How long a run may take, in seconds; the interval by default.",
    "user": "User and group of the program.",
    "weight": "What a success (above 0) or a failure (below 0) adds to the priority; with 0, the "
    "default, a failure is FAULT.",
}

TRACK_PROCESS: Mapping[str, str] = {
    "delay": "Sets both `fork_delay` and `terminate_delay`.",
    "fork_delay": "How long, after a fork, enough processes must run before that counts.",
    "full_command": "Compares the whole command, not only the short name of the process.",
    "param_match": "How parameters are compared: `initial` or `partial`.",
    "process": "The process, and its parameters.",
    "quorum": "So many processes must run; 1 by default.",
    "quorum_max": "No more than so many may run.",
    "terminate_delay": "How long too few processes must run before that counts.",
    "weight": "What it adds to the priority, 1 by default; with 0 its absence is FAULT.",
}

TRACK_FILE: Mapping[str, str] = {
    "file": "The path of the file.",
    "init_file": "Makes the file with this number at the start, where it is not there.",
    "weight": "What its number is multiplied by; 1 by default.",
}

TRACK_GROUP: Mapping[str, str] = {
    "group": "The instances, one a line.",
}

GARP_GROUP: Mapping[str, str] = {
    "garp_interval": "The least time between two gratuitous ARPs, in seconds.",
    "gna_interval": "The least time between two neighbour advertisements, in seconds.",
    "interface": "The only link of the group.",
    "interfaces": "The links of the group, one a line.",
}

BFD_INSTANCE: Mapping[str, str] = {
    "checker": "Tells the session to the process of the health checks alone.",
    "hoplimit": "The hop limit of packets to the neighbour, for IPv6.",
    "idle_tx": "Milliseconds between two packets while the session is down.",
    "max_hops": "How many hops a packet may have taken; 255: any number.",
    "min_rx": "Milliseconds between two packets that this node can take.",
    "min_tx": "Milliseconds between two packets that this node can send.",
    "multihop": "Uses the port of sessions over several hops (RFC 5883).",
    "multiplier": "So many packets may be missing before the session is down.",
    "neighbor_ip": "The address of the neighbour.",
    "neighbour_ip": "The same in British spelling.",
    "passive": "Waits for the neighbour to begin.",
    "source_ip": "The address from which packets are sent.",
    "ttl": "The TTL of packets to the neighbour, for IPv4.",
    "vrrp": "Tells the session to the VRRP process alone.",
    "weight": "What it adds to the priority; with 0 a session that is down is FAULT.",
}
