"""What keywords of virtual servers, real servers and their checks are for, in keepalived.

Knows sentences. Must not know what halod makes of a keyword.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CHECKERS", "REAL_SERVER", "SSL", "VIRTUAL_SERVER"]

_ALPHA = "Takes a server for down until its first check succeeds."
_CONNECT_TIMEOUT = "How long a connection may take, in seconds; 5 by default."
_BEFORE_RETRY = "Seconds before a failed check is tried again."
_DELAY_LOOP = "Seconds between two checks; 60 by default."
_INHIBIT = "Sets the weight of a failed server to 0 in place of removing it."
_METHOD = "How packets reach the server: `NAT`, `DR` or `TUN`."
_RETRY = "How often a failed check is tried again before it counts."
_VIRTUALHOST = "The `Host:` of HTTP checks."
_WARMUP = "The longest random wait before the first check, so that not all begin at once."
_WEIGHT = "How much of the traffic a server gets."
_MAIL = "Sends mail when a server goes up or down."
_SNMP = "Name in SNMP."

VIRTUAL_SERVER: Mapping[str, str] = {
    "alpha": _ALPHA,
    "connect_timeout": _CONNECT_TIMEOUT,
    "delay_before_retry": _BEFORE_RETRY,
    "delay_loop": _DELAY_LOOP,
    "flag-1": "First flag of the scheduler, for schedulers of others.",
    "flag-2": "Second flag of the scheduler.",
    "flag-3": "Third flag of the scheduler.",
    "ha_suspend": "Stops the checks while the address of the virtual server is not held here.",
    "hashed": "Sets the flag of a service that hashes.",
    "hysteresis": "By how much the quorum must be passed, or missed, before that counts.",
    "inhibit_on_failure": _INHIBIT,
    "ip_family": "`inet` or `inet6`, for a virtual server by mark.",
    "lb_algo": "The old name of `lvs_sched`.",
    "lb_kind": "The old name of `lvs_method`.",
    "lvs_method": _METHOD,
    "lvs_sched": "Who gets the next connection: `rr`, `wrr`, `lc`, `wlc`, `sh`, `mh` and others.",
    "mh-fallback": "Lets the `mh` scheduler pass over servers that are down.",
    "mh-port": "Lets the `mh` scheduler hash the port as well.",
    "omega": "Runs the programs for lost servers and quorum when the daemon ends.",
    "ops": "Schedules each packet of UDP for itself.",
    "persistence_engine": "What else makes a client the same: `sip`.",
    "persistence_granularity": "The mask that makes clients one.",
    "persistence_timeout": "How long a client stays with its server, in seconds.",
    "protocol": "`TCP`, `UDP` or `SCTP`.",
    "quorum": "Sum of weights from which the virtual server counts as up.",
    "quorum_down": "A program that is run when the quorum is lost.",
    "quorum_up": "A program that is run when the quorum is reached.",
    "real_server": "An address and a port behind the virtual server, with its check.",
    "retry": _RETRY,
    "sh-fallback": "Lets the `sh` scheduler pass over servers that are down.",
    "sh-port": "Lets the `sh` scheduler hash the port as well.",
    "smtp_alert": _MAIL,
    "snmp_name": _SNMP,
    "sorry_server": "A server that stands in while the quorum is lost.",
    "sorry_server_inhibit": "Sets the weight of the sorry server to 0 in place of removing it.",
    "sorry_server_lvs_method": "How packets reach the sorry server.",
    "virtualhost": _VIRTUALHOST,
    "warmup": _WARMUP,
    "weight": _WEIGHT,
}

REAL_SERVER: Mapping[str, str] = {
    "alpha": _ALPHA,
    "connect_timeout": _CONNECT_TIMEOUT,
    "delay_before_retry": _BEFORE_RETRY,
    "delay_loop": _DELAY_LOOP,
    "inhibit_on_failure": _INHIBIT,
    "lthreshold": "Below so many connections a server that was full gets new ones again.",
    "lvs_method": _METHOD,
    "notify_down": "A program that is run when the server goes down.",
    "notify_up": "A program that is run when the server comes up.",
    "retry": _RETRY,
    "smtp_alert": _MAIL,
    "snmp_name": _SNMP,
    "uthreshold": "At so many connections the server is full.",
    "virtualhost": _VIRTUALHOST,
    "warmup": _WARMUP,
    "weight": _WEIGHT,
}

SSL: Mapping[str, str] = {
    "ca": "The certificate of who signs.",
    "certificate": "The certificate.",
    "key": "The key of the certificate.",
    "password": "The password of the key.",
}

CHECKERS: Mapping[str, Mapping[str, str]] = {
    "(checker or shared)": {
        "BFD_CHECK": "Checks a server by a BFD session.",
        "DNS_CHECK": "Checks a server by a DNS question.",
        "FILE_CHECK": "Checks a server by the number in a file.",
        "MISC_CHECK": "Checks a server by a program.",
        "PING_CHECK": "Checks a server by an ICMP echo.",
        "SMTP_CHECK": "Checks a server by an SMTP greeting.",
        "TCP_CHECK": "Checks a server by a TCP connection.",
        "UDP_CHECK": "Checks a server by a UDP packet, and its answer where one is asked for.",
        "enable_sni": "Names the host at the TLS handshake.",
        "fast_recovery": "Asks for all pages at once after a failure, and does not wait between "
        "them.",
        "http_protocol": "`1.0`, `1.0C` or `1.1`.",
        "nb_get_retry": "The old name of `retry`, in HTTP_GET and SSL_GET alone.",
        "sni_name": "The name at the TLS handshake, where it is not the virtual host.",
        "tls_compliant": "Ends a TLS connection with its closing alert.",
        "url": "A page that is asked for, and what its answer must be.",
        "virtualhost": _VIRTUALHOST,
    },
    "(checker or shared)/BFD_CHECK": {
        "alpha": _ALPHA,
        "name": "The `bfd_instance`.",
    },
    "(checker or shared)/DNS_CHECK": {
        "name": "The name that is asked for; the root by default.",
        "type": "The type of record; SOA by default.",
    },
    "(checker or shared)/FILE_CHECK": {
        "track_file": "The file.",
        "weight": "What its number is multiplied by.",
    },
    "(checker or shared)/MISC_CHECK": {
        "misc_dynamic": "Takes an exit status from 2 to 255 for a weight, less 2.",
        "misc_path": "The program, with its arguments in quotes.",
        "misc_timeout": "How long it may take, in seconds.",
        "user": "User and group of the program.",
    },
    "(checker or shared)/SMTP_CHECK": {
        "helo_name": "The name given to the mail server.",
        "host": "Another address or port to check, in place of the server's own.",
    },
    "(checker or shared)/UDP_CHECK": {
        "max_reply_length": "Longest answer that is right, in bytes.",
        "min_reply_length": "Shortest answer that is right, in bytes.",
        "payload": "What is sent, in hexadecimal digits; random bytes by default.",
        "require_reply": "Takes silence for a failure; digits behind it: how the answer must "
        "begin.",
    },
    "(checker or shared)/url": {
        "digest": "MD5 of the page, as `keepalived --genhash` prints it.",
        "path": "The page.",
        "regex": "A regular expression that must match the page.",
        "regex_max_offset": "Where in the page a match may begin at the latest.",
        "regex_min_offset": "Where in the page a match may begin at the earliest.",
        "regex_no_match": "Takes a match for a failure.",
        "regex_options": "Options of the regular expression, those of PCRE2.",
        "regex_stack": "First and largest stack for the match, in bytes.",
        "status_code": "Status codes that are right; 200 to 299 by default.",
        "tls_compliant": "Ends a TLS connection with its closing alert.",
        "virtualhost": _VIRTUALHOST,
    },
    "(every checker)": {
        "alpha": _ALPHA,
        "bind_if": "The link from which the check is made.",
        "bind_port": "The port from which the check is made.",
        "bindto": "The address from which the check is made.",
        "connect_ip": "Another address to check, in place of the server's own.",
        "connect_port": "Another port to check, in place of the server's own.",
        "connect_timeout": _CONNECT_TIMEOUT,
        "delay_before_retry": _BEFORE_RETRY,
        "delay_loop": _DELAY_LOOP,
        "fwmark": "Mark of the packets of the check.",
        "log_all_failures": "Logs each failure, not only the last that counts.",
        "retry": _RETRY,
        "warmup": _WARMUP,
    },
}
