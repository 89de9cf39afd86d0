"""The tutorial's configurations, byte for byte as published; the package carries them as data.

Knows where they lie in the package; must not change a byte of them.
"""

from importlib.resources import files

from halod.lab.errors import unknown_name

TUTORIAL_FILES: tuple[str, ...] = (
    "lb01/keepalived.conf",
    "lb01/keepalived-dual.conf",
    "lb01/nginx.conf",
    "lb02/keepalived.conf",
    "lb02/keepalived-dual.conf",
    "lb02/nginx.conf",
    "web01/index.html",
    "web01/nginx-server.conf",
    "web02/index.html",
    "web02/nginx-server.conf",
)
"""Every file, as HOST/NAME."""


def tutorial_bytes(name: str) -> bytes:
    """The file's bytes, unchanged; LabError when the tutorial has no such file."""
    if name not in TUTORIAL_FILES:
        raise unknown_name("file of the tutorial", name, list(TUTORIAL_FILES))
    return files("halod.lab").joinpath("tutorial", name).read_bytes()


def tutorial_text(name: str) -> str:
    """The file as text (UTF-8)."""
    return tutorial_bytes(name).decode()
