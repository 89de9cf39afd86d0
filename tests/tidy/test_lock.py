"""The check of the lock finds what it is there for."""

import pytest
from tools.check_lock import check

PROJECT: dict[str, object] = {
    "build-system": {"requires": ["hatchling>=1.26"]},
    "project": {"dependencies": ["click>=8.1"]},
    "dependency-groups": {"dev": []},
}
HASH = f"--hash=sha256:{'0' * 64}"
GOOD = f"click==8.2 \\\n    {HASH}\nhatchling==1.27 \\\n    {HASH} \\\n    {HASH}\n"


def test_a_good_lock_passes() -> None:
    assert check(PROJECT, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("click==8.2", "other==8.2", "click is in pyproject.toml and not in the lock"),
        ("click==8.2", "click==8.0", "click==8.0 is not >=8.1"),
        ("click==8.2", "click>=8.2", "not a pinned requirement: click>=8.2"),
        (f"click==8.2 \\\n    {HASH}", "click==8.2", "click has no hash"),
        ("click==8.2", "# from https://index.invalid\nclick==8.2", "names an address"),
        ("click==8.2", "click @ git+ssh", "names an address"),
        ("click==8.2", "--index-url x\nclick==8.2", "names an address"),
    ],
)
def test_a_bad_lock_is_found(old: str, new: str, finding: str) -> None:
    findings = check(PROJECT, GOOD.replace(old, new))
    assert any(text.startswith(finding) for text in findings), findings
