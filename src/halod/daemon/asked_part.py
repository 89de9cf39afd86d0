"""The part of a configuration that the command line asks for.

Knows `-P` and `-C`. Must not know what is done with it.
"""

from __future__ import annotations

from dataclasses import replace

from halod.daemon.options import Options
from halod.model.configuration import Configuration, Statics

__all__ = ["asked_part"]


def asked_part(options: Options, configuration: Configuration) -> Configuration:
    """What the command line asks for: `-P` VRRP alone, `-C` virtual servers alone."""
    if options.vrrp_alone:
        return configuration.without_virtual_servers()
    if options.servers_alone:
        return replace(
            configuration,
            statics=Statics(),
            instances=(),
            groups=(),
            scripts=(),
            processes=(),
            link_delays=(),
        )
    return configuration
