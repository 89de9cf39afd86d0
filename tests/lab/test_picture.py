"""The page: well-formed, self-contained, complete, and safe from whatever stands in a log."""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from halod.lab.picture.build import build_page
from halod.lab.picture.lists import ROWS_MAX, table
from halod.lab.picture.story import Story
from halod.lab.picture.words import instant, json_inside, length, letter
from tests.lab.stories import VIP, story

VOID = frozenset({"meta", "input", "br"})
PACKAGE = files("halod.lab.picture")
STYLE = PACKAGE.joinpath("style.css").read_text(encoding="utf-8")
SCRIPT = PACKAGE.joinpath("script.js").read_text(encoding="utf-8")


class Page(HTMLParser):
    """Parses a page, and fails where an element is closed that is not the open one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append((self.open[-1] if self.open else "", data))

    def text(self) -> str:
        """What a reader sees."""
        return "".join(data for tag, data in self.words if tag not in ("script", "style"))

    def data(self) -> Any:
        """The JSON inside."""
        return json.loads(next(data for tag, data in self.words if tag == "script"))

    def shape(self) -> list[tuple[str, list[str]]]:
        """Its elements and the names of their attributes."""
        return [(tag, sorted(attributes)) for tag, attributes in self.elements]


def page(told: Story) -> Page:
    return Page(build_page(told, STYLE, SCRIPT))


def test_the_page_tells_everything() -> None:
    seen = page(story())
    text = seen.text()
    for wanted in (
        "halod: a lab",
        "lb01 runs www",
        "1 of 2 observations held",
        "lb02 has www",
        "longest outage of 192.0.2.3",
        "two owners of 192.0.2.3",
        "2 of 3",
        "5 times",
        "9.0 to 10.0 s",
        "keepalived's clock shows whole seconds",
    ):
        assert wanted in text


def test_the_tables_say_what_the_drawing_shows() -> None:
    whole = build_page(story(), STYLE, SCRIPT)
    rows = re.findall(r"<tr>(.*?)</tr>", whole[whole.index("<details>") :])
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert [VIP, "lb01", "4.000 s", "10.200 s", "6.20 s"] in cells
    assert [VIP, "nobody", "10.000 s", "10.600 s", "600 ms"] in cells
    assert ["www", VIP, "10.000 s", "2.00 s", "web01", "1"] in cells


def test_a_long_table_ends_and_says_so() -> None:
    told = table("caption", ("one", "two"), [("a", "b")] * (ROWS_MAX + 7))
    assert told.count("<td>a</td>") == ROWS_MAX
    assert "and 7 more" in told


def test_every_bar_stands_where_its_time_is() -> None:
    bars = [
        (float(str(attributes["x"])[:-1]), float(str(attributes["width"])[:-1]))
        for tag, attributes in page(story()).elements
        if tag == "rect" and "%" in str(attributes.get("x"))
    ]
    # lb01 held from 4 s to 10.2 s of 20 s; both from 10 s to 10.2 s; silence of 0.6 s at 10 s.
    assert (20.0, 31.0) in bars
    assert (50.0, 1.0) in bars
    assert (50.0, 3.0) in bars


def test_the_script_gets_the_same_in_seconds() -> None:
    scene = page(story()).data()["scene0"]
    assert scene["seconds"] == 20.0
    assert scene["steps"] == [[1.0, "a", "start www"], [10.0, "b", "stop www"]]
    assert scene["vips"][0]["held"] == [["lb01", 4.0, 10.2], ["lb02", 10.0, 20.0]]
    assert scene["vips"][0]["answers"][:2] == [[None, 0.0, 4.0], ["lb01", 4.0, 10.0]]


def test_ids_are_unique_and_what_refers_to_them_finds_them() -> None:
    told = story()
    seen = page(Story(told.title, told.summary, told.made_at, told.scenes * 2))
    ids = [attributes["id"] for _tag, attributes in seen.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    for _tag, attributes in seen.elements:
        assert attributes.get("aria-labelledby", ids[0]) in ids
        assert str(attributes.get("href", f"#{ids[0]}")).removeprefix("#") in ids


def test_nothing_is_fetched_from_anywhere() -> None:
    whole = build_page(story(), STYLE, SCRIPT)
    assert "://" not in whole
    assert not re.search(r"@import|url\((?!#)|\b(src|srcset|action)=|fetch\(|XMLHttp", whole)
    policy = next(
        str(attributes["content"])
        for tag, attributes in page(story()).elements
        if tag == "meta" and "http-equiv" in attributes
    )
    assert policy.startswith("default-src 'none'")


HOSTILE = (
    "</script><script>alert(1)</script>\"'><img src=x onerror=y>&lt;<!--]]>\u2028\x1b[2J\u202e"
)


@given(name=st.text(min_size=1, max_size=40), line=st.text(max_size=60))
@example(name=HOSTILE, line=HOSTILE)
def test_no_name_and_no_log_line_changes_the_shape_of_the_page(name: str, line: str) -> None:
    hostile = page(story(name, line))
    assert hostile.shape() == page(story("www", "said")).shape()
    assert hostile.data()["scene0"]["seconds"] == 20.0


def test_a_hostile_line_is_read_as_text() -> None:
    assert "<img src=x onerror=y>" in page(story(line=HOSTILE)).text()


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_inside_is_the_same_json_and_ends_no_element(tree: object) -> None:
    said = json_inside(tree)
    assert json.loads(said) == tree
    assert not set("<>&\u2028\u2029") & set(said)


def test_a_scene_in_which_nothing_happened_is_a_page_too() -> None:
    told = story()
    chart = told.scenes[0].chart
    empty = type(chart)(chart.start_ns, chart.start_ns + 1, chart.hosts, chart.vips, ())
    bare = type(told.scenes[0])("nothing", empty)
    assert "nothing" in page(Story("a lab", "", "", (bare,))).text()


@pytest.mark.parametrize(
    ("index", "name"), [(0, "a"), (25, "z"), (26, "aa"), (51, "az"), (52, "ba"), (701, "zz")]
)
def test_steps_have_letters(index: int, name: str) -> None:
    assert letter(index) == name


def test_times_in_words() -> None:
    assert [length(ns) for ns in (0, 1_234_567, 12_345_678, 999_000_000, 1_234_567_890)] == [
        "0.0 ms",
        "1.2 ms",
        "12 ms",
        "999 ms",
        "1.23 s",
    ]
    assert instant(1_234_567_890) == "1.235 s"
