"""Exit statuses of a daemon that does not start, as keepalived's (keepalived(8))."""

from __future__ import annotations

from typing import Final

__all__ = ["EXIT_CONFIG", "EXIT_FATAL", "EXIT_NO_CONFIG", "EXIT_NO_PERMISSION"]

EXIT_FATAL: Final = 1
EXIT_CONFIG: Final = 2
EXIT_NO_PERMISSION: Final = 4
EXIT_NO_CONFIG: Final = 6
