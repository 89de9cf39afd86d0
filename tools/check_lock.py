"""Checks requirements.lock: every dependency of pyproject.toml in it, pinned, hashed, no address.

    python tools/check_lock.py [FOLDER]

`make lock` writes the lock anew; this says, without a network, when that was forgotten.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?![0-9a-f])")


def read_lock(text: str) -> tuple[dict[str, Version], list[str]]:
    """The pinned versions by name, and what is wrong with the text itself."""
    pinned: dict[str, Version] = {}
    findings = []
    if re.search(r"://|@\s|--(extra-)?index|--find-links", text):
        findings.append("names an address: a lock has versions and hashes only")
    for block in text.replace("\\\n", " ").splitlines():
        line = block.strip()
        if not line or line.startswith("#"):
            continue
        match = PINNED.match(line)
        if match is None:
            findings.append(f"not a pinned requirement: {line[:60]}")
            continue
        if not HASH.search(line):
            findings.append(f"{match['name']} has no hash")
        pinned[canonicalize_name(match["name"])] = Version(match["version"])
    return pinned, findings


def wanted(project: dict[str, object]) -> Iterator[str]:
    """Every requirement that pyproject.toml states, that of the build included."""
    match project:
        case {
            "build-system": {"requires": [*build]},
            "project": {"dependencies": [*run]},
            "dependency-groups": {"dev": [*develop]},
        }:
            yield from (str(text) for text in (*build, *run, *develop))
        case _:
            raise ValueError("pyproject.toml lacks build-system, dependencies or the dev group")


def check(project: dict[str, object], lock: str) -> list[str]:
    """Everything wrong between the two."""
    pinned, findings = read_lock(lock)
    for text in wanted(project):
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            findings.append(f"pyproject.toml: {error}")
            continue
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            findings.append(f"{requirement.name} is in pyproject.toml and not in the lock")
        elif not requirement.specifier.contains(version, prereleases=True):
            findings.append(f"{requirement.name}=={version} is not {requirement.specifier}")
    return findings


def main(arguments: list[str]) -> int:
    """Prints the findings; 1 when there are any."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    findings = check(project, (folder / "requirements.lock").read_text())
    bootstrap = folder / "tools" / "bootstrap.lock"
    findings += [f"{bootstrap.name}: {text}" for text in read_lock(bootstrap.read_text())[1]]
    for finding in findings:
        print(f"requirements.lock: {finding}", file=sys.stderr)
    if findings:
        print("requirements.lock: run `make lock`", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
