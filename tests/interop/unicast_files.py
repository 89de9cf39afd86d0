"""The tutorial's files with the adverts sent to each other instead of to a group."""

from collections.abc import Callable

from tests.kit.pair import LB01, LB02, tutorial_config

__all__ = ["unicast_config"]

PASSWORD = "    authentication {\n        auth_type PASS\n        auth_pass 1111\n    }\n"


def unicast_config(
    version: int, *, behind_peer: str = "", more_peers: str = "", more: str = ""
) -> Callable[[str], str]:
    """`behind_peer`: words behind the peer; `more_peers`, `more`: lines of the list and the
    instance."""

    def config(host: str) -> str:
        source, peer = (LB01, LB02) if host == "lb01" else (LB02, LB01)
        text = tutorial_config(host)
        if version == 3:
            assert PASSWORD in text
            text = text.replace(PASSWORD, "    version 3\n")
        return text.replace(
            "    virtual_ipaddress {",
            f"    unicast_src_ip {source}\n"
            f"    unicast_peer {{\n        {peer} {behind_peer}\n{more_peers}    }}\n"
            f"{more}    virtual_ipaddress {{",
        )

    return config
