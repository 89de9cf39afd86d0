"""What the lab says when it cannot do what was asked: one sentence, and what to do about it.

Knows nothing of terminals: `cli/lab.py` turns a LabError into the operator's error line.
"""

from difflib import get_close_matches


class LabError(Exception):
    """The lab cannot go on; the reader is an operator, so no traceback is wanted.

    `suggestion` is what the operator may do next, one sentence, empty when nothing is known.
    """

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.suggestion = suggestion


def unknown_name(kind: str, name: str, known: list[str]) -> LabError:
    """The error for a name that is not one of `known`, with a "did you mean" where one is near."""
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        suggestion = f"did you mean {near[0]}?"
    elif known:
        suggestion = f"there are: {', '.join(known)}"
    else:
        suggestion = ""
    return LabError(f"there is no {kind} {name}", suggestion)
