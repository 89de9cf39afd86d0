"""All fault scripts.

Data. Must not run anything.
"""

from __future__ import annotations

from tests.traces.deaths import DEATHS
from tests.traces.elections import ELECTIONS
from tests.traces.links import LINKS
from tests.traces.reloads import RELOADS
from tests.traces.trackers import TRACKERS

__all__ = ["SCRIPTS"]

SCRIPTS = (*DEATHS, *LINKS, *ELECTIONS, *RELOADS, *TRACKERS)
"""In the order of the page."""
