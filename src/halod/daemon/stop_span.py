"""How long the daemon waits at its stop for those who are told of it.

Knows one span. Both ends of the wait need it, and the supervisor loads no mail for it.
"""

from __future__ import annotations

__all__ = ["STOP_WITHIN_S"]

STOP_WITHIN_S = 5.0
"""What the last scripts and mails get: long enough for a script of a few commands, and short beside
the patience of whoever stops the daemon."""
