"""What is told of virtual servers that run as written, and hurt."""

from halod.config.compile import compile_text
from halod.model.diagnostic import Diagnostic, FindingSeverity

TCP_CHECK = "TCP_CHECK {\n}\n"
NFT = "global_defs {\n@halod lvs_engine nft\n}\n"


def told(servers: str, method: str = "NAT", head: str = "", more: str = "") -> list[Diagnostic]:
    text = (
        f"{head}virtual_server 192.0.2.10 80 {{\nlvs_sched rr\nlvs_method {method}\n"
        f"protocol TCP\n{more}{servers}}}\n"
    )
    return list(compile_text("k.conf", text).diagnostics)


def real(address: str = "10.1.0.1", port: str = "80", inside: str = TCP_CHECK) -> str:
    return f"real_server {address} {port} {{\n{inside}}}\n"


def test_a_server_without_a_check_is_told_once_a_virtual_server() -> None:
    servers = real(inside="") + real("10.1.0.2") + real("10.1.0.3", inside="")
    (found,) = told(servers)
    assert found.severity is FindingSeverity.NOTE
    assert found.message.startswith("2 of 3 real servers have no check")
    assert found.primary.span.line == 5
    assert told(real()) == []


def test_a_sorry_server_that_waits_for_ever() -> None:
    (found,) = told(real(inside=""), more="sorry_server 10.2.0.1 80\n")
    assert "the sorry server will never be used" in found.notes[0]
    (found,) = told(real(inside="") + real("10.1.0.2"), more="sorry_server 10.2.0.1 80\n")
    assert found.notes == ()


def test_a_check_that_is_left_out_is_told_once() -> None:
    (found,) = told(real(inside="MISC_CHECK {\n}\n"))
    assert found.code == "E203"


def test_a_virtual_server_behind_itself() -> None:
    (found,) = told(real("192.0.2.10"))
    assert (found.code, found.severity) == ("W362", FindingSeverity.RISK)
    assert found.primary.span.line == 5


def test_the_director_itself_may_serve_on_another_port() -> None:
    assert told(real("192.0.2.10", "8080")) == []
    assert [each.code for each in told(real("192.0.2.10"), "DR")] == ["W362"]


def test_what_nftables_cannot_do_is_told_where_it_was_chosen() -> None:
    (found,) = told(real(), "TUN", NFT)
    assert (found.code, found.severity) == ("W361", FindingSeverity.RISK)
    assert "TUN" in found.message
    assert told(real(), "TUN") == []
    assert told(real(), "NAT", NFT) == []


def test_what_it_does_otherwise_is_a_note() -> None:
    limited = real(inside=f"uthreshold 10\n{TCP_CHECK}")
    (found,) = told(limited, "NAT", NFT)
    assert (found.code, found.severity) == ("W361", FindingSeverity.NOTE)
    (found,) = told(limited, "TUN", NFT)
    assert found.severity is FindingSeverity.RISK
    assert "uthreshold" in found.notes[0]
