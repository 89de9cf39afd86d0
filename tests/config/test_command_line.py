"""Command lines as keepalived 2.2.7 takes them apart: each row is what its script was given."""

import pytest

from halod.config.command_line import OpenQuote, split_command

SEEN = [
    (r"""a 'b c' d\ e x'y'z""", ["a", "b c", "d", "e", "xyz"]),
    (r"""\\n tab\\tx \\'q\\'""", ["\n", "tab\tx", "'q'"]),
    (r"""'a\tb' x\\y \x41\101 \q""", ["a\tb", "xy", "AA", "q"]),
    ("a '' b", ["a", "", "b"]),
    ("$HOME *.py > x", ["$HOME", "*.py", ">", "x"]),
    ("# c", ["#", "c"]),
    ("a ! b", ["a", "!", "b"]),
    ("  ", []),
]


@pytest.mark.parametrize(("text", "words"), SEEN, ids=[text for text, _ in SEEN])
def test_a_command_is_taken_apart_as_keepalived_does(text: str, words: list[str]) -> None:
    assert split_command(f"/x.sh {text}") == ("/x.sh", *words)


@pytest.mark.parametrize("text", ["/x.sh 'a", '/x.sh a"b', "'"])
def test_an_open_quote_makes_no_sense(text: str) -> None:
    with pytest.raises(OpenQuote):
        split_command(text)
