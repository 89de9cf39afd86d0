"""One file through every renderer, and what is the same in all of them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from halod.config.compile import Compiled, compile_text
from halod.config.findings import FINDINGS_MAX, NOTES_MAX
from halod.config.render_concise import render_concise
from halod.config.render_full import FINDINGS_SHOWN, NO_COLOUR, TERMINAL_COLOUR, render_full
from halod.config.render_github import render_github
from halod.config.render_json import render_json
from tests.config.golden import REWRITE

FOLDER = Path(__file__).parents[1] / "golden" / "renderers"


def colours_told(compiled: Compiled) -> str:
    return render_full(compiled, TERMINAL_COLOUR).replace("\x1b", "␛")


def as_json(compiled: Compiled) -> str:
    return json.dumps(render_json(compiled), indent=2, ensure_ascii=False) + "\n"


RENDERERS: dict[str, Callable[[Compiled], str]] = {
    "full.txt": render_full,
    "full-colour.txt": colours_told,
    "concise.txt": render_concise,
    "github.txt": render_github,
    "json.json": as_json,
}


def compiled_input() -> Compiled:
    return compile_text("input.conf", (FOLDER / "input.conf").read_text())


@pytest.mark.parametrize("name", RENDERERS)
def test_the_rendering_is_as_pinned(name: str) -> None:
    rendering = RENDERERS[name](compiled_input())
    if REWRITE:
        (FOLDER / name).write_text(rendering)
        pytest.skip("written anew")
    assert rendering == (FOLDER / name).read_text()


def test_colours_alone_differ() -> None:
    coloured = render_full(compiled_input(), TERMINAL_COLOUR)
    for code in [*TERMINAL_COLOUR.severities.values(), TERMINAL_COLOUR.frame]:
        assert code in coloured
    for code in [*TERMINAL_COLOUR.severities.values()]:
        coloured = coloured.replace(code, "")
    for code in (TERMINAL_COLOUR.frame, TERMINAL_COLOUR.bold, TERMINAL_COLOUR.end):
        coloured = coloured.replace(code, "")
    assert coloured == render_full(compiled_input(), NO_COLOUR)


@pytest.mark.parametrize("name", RENDERERS)
def test_every_finding_is_in_every_renderer(name: str) -> None:
    compiled = compiled_input()
    rendering = RENDERERS[name](compiled)
    assert len(compiled.diagnostics) >= 6
    for found in compiled.diagnostics:
        assert found.message in rendering
        assert found.code in rendering


@pytest.mark.parametrize("name", ["full.txt", "full-colour.txt", "concise.txt", "github.txt"])
def test_nothing_is_printed_for_a_clean_file(name: str) -> None:
    text = "vrrp_instance A {\ninterface e\nvirtual_router_id 1\nvirtual_ipaddress {\n"
    assert RENDERERS[name](compile_text("k.conf", f"{text}192.0.2.1/24\n}}\n}}\n")) == ""


def test_of_many_findings_the_heaviest_are_shown() -> None:
    block = "vrrp_instance A {\ninterface lo\nvirtual_router_id 1\n}\n"
    compiled = compile_text("k.conf", "nonsense\n" * 100 + block)
    page = render_full(compiled)
    assert page.count("unknown keyword `nonsense`") == FINDINGS_SHOWN - 1
    assert "refuse[E108]" in page
    assert page.endswith("and 52 more: `haloctl check --format concise` has them all\n")
    assert len(render_concise(compiled).splitlines()) == 102


def test_a_file_of_another_kind_is_given_up() -> None:
    compiled = compile_text("k.conf", "nonsense\n" * (3 * FINDINGS_MAX))
    assert compiled.refused
    assert len(compiled.diagnostics) == FINDINGS_MAX + 1
    assert [d.code for d in compiled.diagnostics if d.code != "E004"] == ["E010"]


def test_a_sound_file_is_not_given_up_for_its_many_notes() -> None:
    """Each address without a mask is worth a note; keepalived runs such a file."""
    text = "".join(
        f"vrrp_instance V{block} {{\ninterface e{block}\nvirtual_router_id 1\n"
        "virtual_ipaddress {\n"
        + "".join(f"10.{block}.{number}.1\n" for number in range(200))
        + "}\n}\n"
        for block in range(40)
    )
    compiled = compile_text("k.conf", text)
    assert not compiled.refused
    assert len(compiled.diagnostics) == NOTES_MAX + 1
    assert compiled.diagnostics[-1].message == f"more than {NOTES_MAX} notes: the rest is not told"


def test_no_renderer_passes_a_terminal_s_escape_on() -> None:
    """Found by `make fuzz`: a log of a workflow is read in terminals too."""
    compiled = compile_text("k.conf", "\x1b[31mx\x13 {\n}\n")
    for render in (render_full, render_concise, render_github):
        page = render(compiled)
        assert page
        assert all(sign.isprintable() or sign == "\n" for sign in page)
