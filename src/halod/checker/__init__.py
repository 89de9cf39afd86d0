"""Health checks: each asks a server once, in bounded time and memory, and decides nothing."""
