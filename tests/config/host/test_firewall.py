"""What a rule set does to adverts; the kernel is asked the same in tests/kernel."""

from typing import Any

import pytest

from halod.config.host.firewall import PROTOCOLS_AH, Drop, drops_of

ACCEPT, DROP = {"accept": None}, {"drop": None}


def match(left: dict[str, Any], right: Any, op: str = "==") -> dict[str, Any]:
    return {"match": {"op": op, "left": left, "right": right}}


def meta(key: str, right: Any, op: str = "==") -> dict[str, Any]:
    return match({"meta": {"key": key}}, right, op)


def ip(name: str, right: Any, op: str = "==") -> dict[str, Any]:
    return match({"payload": {"protocol": "ip", "field": name}}, right, op)


def chain(name: str = "input", hook: str | None = "input", policy: str = "accept") -> Any:
    base = {"hook": hook, "policy": policy} if hook else {}
    return {"chain": {"family": "inet", "table": "t", "name": name, **base}}


def rule(*expr: dict[str, Any], chain: str = "input") -> Any:
    return {
        "rule": {"family": "inet", "table": "t", "chain": chain, "handle": 7, "expr": list(expr)}
    }


def dropped(*entries: Any) -> bool:
    return bool(drops_of(entries, "eth0"))


def test_a_rule_names_its_place() -> None:
    (found,) = drops_of([chain(), rule(ip("protocol", "vrrp"), DROP)], "eth0")
    assert found == Drop(True, "table inet t, chain input: rule with handle 7")
    (found,) = drops_of([chain("out", "output", "drop")], "eth0")
    assert found == Drop(False, "table inet t, chain out: its policy is drop")


@pytest.mark.parametrize(
    "condition",
    [
        ip("protocol", 112),
        ip("protocol", "vrrp"),
        meta("l4proto", {"set": ["tcp", "vrrp"]}),
        ip("daddr", "224.0.0.18"),
        ip("daddr", {"prefix": {"addr": "224.0.0.0", "len": 4}}),
        ip("daddr", {"range": ["224.0.0.1", "224.0.0.99"]}),
        ip("ttl", 1, "!="),
        meta("pkttype", "multicast"),
        meta("iifname", "eth0"),
        meta("iifname", "eth*"),
        match({"ct": {"key": "state"}}, {"set": ["invalid", "new"]}),
        match({"fib": {"result": "type", "flags": ["daddr"]}}, "multicast"),
    ],
    ids=str,
)
def test_a_condition_that_holds(condition: dict[str, Any]) -> None:
    assert dropped(chain(), rule(condition, DROP))
    assert not dropped(chain(policy="drop"), rule(condition, {"counter": None}, ACCEPT))


@pytest.mark.parametrize(
    "condition",
    [
        ip("protocol", "icmp"),
        ip("daddr", "224.0.0.1"),
        ip("daddr", {"prefix": {"addr": "10.0.0.0", "len": 8}}),
        ip("ttl", 255, "!="),
        meta("iifname", "lo"),
        meta("oifname", "eth0"),
        meta("nfproto", "ipv6"),
        match({"payload": {"protocol": "tcp", "field": "dport"}}, 22),
        match({"ct": {"key": "state"}}, ["established", "related"], "in"),
    ],
    ids=str,
)
def test_a_condition_that_does_not(condition: dict[str, Any]) -> None:
    assert not dropped(chain(), rule(condition, DROP))
    assert dropped(chain(policy="drop"), rule(condition, ACCEPT))


@pytest.mark.parametrize(
    "unknown",
    [
        ip("saddr", "192.0.2.1"),
        meta("mark", 1),
        {"limit": {"rate": 5}},
        {"xt": {"type": "match", "name": "string"}},
        ip("daddr", "@nowhere"),
    ],
    ids=str,
)
def test_what_cannot_be_judged_is_not_told(unknown: dict[str, Any]) -> None:
    assert not dropped(chain(), rule(unknown, DROP))
    assert not dropped(chain(policy="drop"), rule(unknown, ACCEPT))
    assert dropped(chain(policy="drop"), rule(unknown, DROP)), "dropped either way"


def test_jumps_returns_and_named_sets() -> None:
    named = {"set": {"family": "inet", "table": "t", "name": "s", "elem": ["vrrp"]}}
    sub = [chain("sub", None), rule(meta("l4proto", "@s"), {"return": None}, chain="sub")]
    sub += [rule(DROP, chain="sub")]
    jump = rule({"jump": {"target": "sub"}})
    assert not dropped(named, chain(), *sub, jump)
    assert dropped(named, chain(policy="drop"), *sub, jump)
    goto = rule({"goto": {"target": "sub"}})
    assert dropped(named, chain(policy="drop"), *sub, goto, rule(ACCEPT))
    assert not dropped(named, chain(policy="drop"), *sub, jump, rule(ACCEPT))
    loop = [chain("a", None), rule({"jump": {"target": "a"}}, chain="a")]
    assert not dropped(chain(), *loop, rule({"jump": {"target": "a"}}))


def test_a_map_of_verdicts() -> None:
    data = {"set": [["eth1", ACCEPT], ["eth0", DROP]]}
    assert dropped(chain(), rule({"vmap": {"key": {"meta": {"key": "iifname"}}, "data": data}}))
    other = {"vmap": {"key": {"meta": {"key": "iifname"}}, "data": {"set": [["eth1", DROP]]}}}
    assert not dropped(chain(), rule(other))
    unknown = {"vmap": {"key": {"meta": {"key": "mark"}}, "data": {"set": [[1, ACCEPT]]}}}
    assert not dropped(chain(policy="drop"), rule(unknown))


def test_other_families_devices_and_own_tables_do_not_count() -> None:
    def base(**changes: Any) -> Any:
        return {"chain": {**chain(policy="drop")["chain"], **changes}}

    assert not dropped(base(family="ip6"))
    assert not dropped(base(family="bridge"))
    assert not dropped(base(family="netdev", hook="ingress", dev="eth1"))
    assert dropped(base(family="netdev", hook="ingress", dev="eth0"))
    assert not dropped(base(family="netdev", hook="egress", dev="eth0", table="halod_eth0"))
    assert not dropped(base(hook="forward"))


def test_adverts_behind_an_auth_header_are_another_protocol() -> None:
    """RFC 4302, 2: protocol 51, and a rule that lets VRRP through does nothing for it."""
    rules = [chain(policy="drop"), rule(ip("protocol", "vrrp"), ACCEPT)]
    assert drops_of(rules, "eth0") == []
    assert len(drops_of(rules, "eth0", PROTOCOLS_AH)) == 1
    through = [*rules, rule(ip("protocol", "ah"), ACCEPT)]
    assert drops_of(through, "eth0", PROTOCOLS_AH) == []
