"""What keywords of instances, sync groups and the top level are for, in keepalived.

Knows sentences. Must not know what halod makes of a keyword.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["AUTHENTICATION", "AUTH_HMAC", "SYNC_GROUP", "TOP_LEVEL", "VRRP_INSTANCE"]

TOP_LEVEL: Mapping[str, str] = {
    "SSL": "Certificates with which checks by SSL_GET identify themselves.",
    "bfd_instance": "A session of Bidirectional Forwarding Detection with a neighbour (RFC 5880).",
    "child_wait_time": "How long the parent waits for its processes to end, in seconds.",
    "garp_group": "Links that share a limit on how fast addresses are announced.",
    "global_defs": "What holds for the whole daemon.",
    "instance": "Name of this daemon among several on one machine.",
    "interface_up_down_delays": "How long a link must be up, or down, before that counts: link, "
    "seconds down, seconds up.",
    "linkbeat_interfaces": "Links whose state is asked for again and again.",
    "linkbeat_use_polling": "Asks for the state of links again and again, for old drivers.",
    "namespace_with_ipsets": "Uses ipsets in a network namespace, too.",
    "net_namespace": "The network namespace in which the daemon works.",
    "net_namespace_ipvs": "The network namespace in which IPVS works.",
    "static_ipaddress": "Addresses that are set at the start, whoever is master.",
    "static_routes": "Routes that are set at the start, whoever is master.",
    "static_rules": "Routing rules that are set at the start, whoever is master.",
    "track_file": "A file whose number moves the priority of those that track it.",
    "track_group": "Instances that go to FAULT when a static address, route or rule is gone.",
    "use_pid_dir": "Puts the files with process numbers into a folder of their own.",
    "virtual_server": "An address and a port of IPVS, and the real servers behind it.",
    "virtual_server_group": "Several addresses, ranges or marks as one virtual server.",
    "vrrp_instance": "A virtual router: its addresses, its peers, and how the master is elected.",
    "vrrp_script": "A program that is run again and again, for instances that track it.",
    "vrrp_sync_group": "Instances that are master together, or not at all.",
    "vrrp_track_file": "The old name of `track_file`.",
    "vrrp_track_process": "A process that must run, for instances that track it.",
}

_NOTIFY = "A program that is run when the {} {}."

SYNC_GROUP: Mapping[str, str] = {
    "global_tracking": "Given up: trackers of the group do it.",
    "group": "The instances of the group, one a line.",
    "notify": "A program that is run at every change, with kind, name, state and priority.",
    "notify_backup": _NOTIFY.format("group", "becomes BACKUP"),
    "notify_fault": _NOTIFY.format("group", "goes to FAULT"),
    "notify_master": _NOTIFY.format("group", "becomes MASTER"),
    "notify_priority_changes": "Tells changes of priority as well.",
    "notify_stop": _NOTIFY.format("group", "ends with the daemon"),
    "smtp_alert": "Sends mail at every change.",
    "sync_group_tracking_weight": "Lets members have trackers with weights, the same on all.",
    "track_bfd": "BFD sessions that all members track.",
    "track_file": "Files that all members track.",
    "track_interface": "Links that all members track.",
    "track_process": "Processes that all members track.",
    "track_script": "Scripts that all members track.",
}

AUTHENTICATION: Mapping[str, str] = {
    "auth_pass": "The password of PASS: 8 bytes, sent in the clear.",
    "auth_type": "`PASS`, a password in each advert, or `AH`, an authentication header before it.",
}

AUTH_HMAC: Mapping[str, str] = {
    "active_key": "Number of the key that signs.",
    "anti_replay": "How adverts that were heard before are told: `time` or `monotonic`.",
    "key": "A number from 1 to 255 and a secret of 32 to 64 bytes, the same on all nodes.",
    "mode": "`enforce`; or `permissive` and `receive-only`, which take adverts without a "
    "signature.",
    "time_window": "How far the clocks of nodes may differ, in seconds, with `anti_replay time`.",
}

VRRP_INSTANCE: Mapping[str, str] = {
    "accept": "Lets the addresses answer in strict mode; in version 3 alone.",
    "advert_int": "Seconds between two adverts of the master.",
    "auth_hmac": "A signature in each advert, newer and stronger than `authentication`.",
    "authentication": "A password in each advert, of version 2 alone.",
    "check_unicast_src": "Takes adverts from the addresses in `unicast_peer` alone.",
    "debug": "How much is logged, 0 to 4.",
    "dont_track_primary": "Does not go to FAULT when the instance's own link is down.",
    "down_timer_adverts": "How many adverts may be missing before a backup takes over, 1 to 100.",
    "garp_extra_if": "Announces addresses again and again on virtual links, or with `all` on "
    "every link.",
    "garp_lower_prio_delay": "When the second burst follows that answers a lower advert.",
    "garp_lower_prio_repeat": "Frames in a burst that answers a lower advert.",
    "garp_master_delay": "When the second burst follows after a takeover, in seconds.",
    "garp_master_refresh": "How often a master announces its addresses again, in seconds.",
    "garp_master_refresh_repeat": "Frames of such an announcement.",
    "garp_master_repeat": "Frames of the burst after a takeover.",
    "higher_prio_send_advert": "Lets a master send one advert more before it gives way.",
    "interface": "The link on which the peers are.",
    "kernel_rx_buf_size": "Receive buffer of the socket, in bytes.",
    "linkbeat_use_polling": "Asks for the state of the link again and again, for old drivers.",
    "lower_prio_no_advert": "Lets a master not answer adverts of lower priority.",
    "lvs_sync_daemon_interface": "The link of the sync daemon, which follows this instance.",
    "mcast_dst_ip": "The group to which the adverts of this instance go.",
    "mcast_src_ip": "The address from which adverts are sent to the group.",
    "native_ipv6": "Makes the instance one of IPv6; its addresses say that, too.",
    "no_accept": "Lets the addresses drop what is sent to them: they are for routing alone.",
    "no_virtual_ipaddress": "Says that the instance is meant to have no address.",
    "nopreempt": "Leaves a master alone that has a lower priority; needs `state BACKUP`.",
    "notify": "A program that is run at every change, with kind, name, state and priority.",
    "notify_backup": _NOTIFY.format("instance", "becomes BACKUP"),
    "notify_deleted": _NOTIFY.format("instance", "is gone after a reload"),
    "notify_fault": _NOTIFY.format("instance", "goes to FAULT"),
    "notify_master": _NOTIFY.format("instance", "becomes MASTER"),
    "notify_master_rx_lower_pri": "A program that is run when a master hears a lower advert.",
    "notify_priority_changes": "Tells changes of priority as well.",
    "notify_stop": _NOTIFY.format("instance", "ends with the daemon"),
    "old_unicast_checksum": "Reckons the checksum of unicast VRRPv3 as versions before 1.3.7 did.",
    "owner_ignore_adverts": "Lets the owner of the addresses (priority 255) hear no advert.",
    "preempt": "Takes over from a master with a lower priority: the default.",
    "preempt_delay": "How long a lower master is left alone first, in seconds.",
    "priority": "1 to 254: the highest is master. 255 owns the addresses.",
    "promote_secondaries": "Sets that flag of the link: other addresses of a network stay when "
    "one goes.",
    "skip_check_adv_addr": "Compares the addresses of an advert only when its sender is another "
    "one.",
    "smtp_alert": "Sends mail at every change.",
    "state": "`MASTER` or `BACKUP`: how the instance starts. The priority decides who is master.",
    "strict_mode": "Holds to the RFC; see `vrrp_strict`.",
    "thread_timer_expired": "The old name of `timer_expired_backup`.",
    "timer_expired_backup": "Becomes BACKUP when it was late so long that another may have taken "
    "over.",
    "track_bfd": "BFD sessions that move the priority, or are FAULT when they are down.",
    "track_file": "Files whose number moves the priority.",
    "track_interface": "Links that are FAULT when they are down, or move the priority by a weight.",
    "track_process": "Processes that are FAULT when they do not run, or move the priority.",
    "track_script": "Scripts that are FAULT when they fail, or move the priority by a weight.",
    "track_src_ip": "Goes to FAULT when the source address of the adverts is gone.",
    "unicast_fault_no_peer": "Goes to FAULT where unicast is meant and no peer is named.",
    "unicast_peer": "Addresses to which adverts are sent in place of the group, one a line.",
    "unicast_src_ip": "The address from which adverts are sent to the peers.",
    "unicast_ttl": "TTL of adverts to the peers.",
    "use_ipvlan": "Puts the addresses onto an ipvlan link of the instance's own.",
    "use_vmac": "Puts the addresses onto a link with the virtual MAC 00:00:5e:00:01:VRID.",
    "use_vmac_addr": "The same for addresses on other links than the instance's own.",
    "v3_checksum_as_v2": "Reckons the checksum of VRRPv3 on IPv4 without the pseudo-header.",
    "version": "Version of the adverts, 2 or 3.",
    "virtual_ipaddress": "The addresses that the master holds, and that stand in adverts.",
    "virtual_ipaddress_excluded": "Addresses that the master holds, and that stand in no advert.",
    "virtual_router_id": "Number of the virtual router on its link, 1 to 255, the same on all "
    "nodes.",
    "virtual_routes": "Routes that the master has.",
    "virtual_rules": "Routing rules that the master has.",
    "vmac_garp_intvl": "How often addresses on a virtual link are announced again.",
    "vmac_xmit_base": "Sends adverts from the link below the virtual one.",
    "vrf": "The VRF of the virtual link.",
}
