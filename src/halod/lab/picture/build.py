"""The page: a story in, one HTML document out, which asks nobody for anything. Pure.

Knows the order of the page. What is escaped is escaped in `words.py`.
"""

from halod.lab.picture import data, lists, plot
from halod.lab.picture.story import Scene, Story
from halod.lab.picture.words import json_inside, text

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
"""The page forbids itself to fetch anything, whatever a hostile name has smuggled in."""

HATCH = (
    '<svg width="0" height="0" aria-hidden="true" class="hidden"><defs><pattern id="hatch" '
    'width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hatch" width="1.5" height="6"/></pattern></defs></svg>'
)
"""What lies where nobody can have answered yet."""

LEGEND = (
    ('<i class="host0"></i><i class="host1"></i>', "a host held the VIP, or answered"),
    ('<i class="two"></i>', "two hosts held it at once"),
    ('<i class="nobody"></i>', "nobody answered"),
    ('<i class="waiting"></i>', "nobody answered yet"),
    ('<i class="dot fine"></i>', "a request"),
    ('<i class="dot waited"></i>', "one that waited over 0.2 s"),
    ('<i class="dot failed"></i>', "one that failed"),
    ('<b class="badge">a</b>', "something was done"),
)


def build_page(story: Story, style: str, script: str) -> str:
    """The whole document; `style` and `script` are the package's own files."""
    scenes = "".join(scene_html(scene, f"scene{index}") for index, scene in enumerate(story.scenes))
    tree = {f"scene{index}": data.scene_tree(scene) for index, scene in enumerate(story.scenes)}
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{text(story.title)}</title>\n<style>\n{style}</style></head>\n"
        f"<body>{HATCH}{header(story)}<main>{scenes}</main>\n"
        f'<script type="application/json" id="data">{json_inside(tree)}</script>\n'
        f"<script>\n{script}</script></body></html>\n"
    )


def header(story: Story) -> str:
    """The heading, whether everything held, and what the colours mean."""
    seen = story.seen
    held = sum(one.observation.held for one in seen)
    verdict = ""
    if seen:
        kind, sign = ("good", "✓") if held == len(seen) else ("bad", "✗")
        words = f"{held} of {len(seen)} observations held"
        verdict = (
            f'<p class="verdict-all {kind}"><span aria-hidden="true">{sign}</span> {words}</p>'
        )
    legend = "".join(f"<li>{sign} {text(words)}</li>" for sign, words in LEGEND)
    links = "".join(
        f'<a href="#scene{index}">{text(scene.title)}</a>'
        for index, scene in enumerate(story.scenes)
    )
    nav = f'<nav aria-label="Parts">{links}</nav>' if len(story.scenes) > 1 else ""
    return (
        f'<header><div><h1>{text(story.title)}</h1><p class="summary">{text(story.summary)}</p>'
        f'<p class="made">{text(story.made_at)}</p></div>{verdict}{nav}'
        f'<ul class="legend" aria-label="Legend">{legend}</ul></header>'
    )


def scene_html(scene: Scene, name: str) -> str:
    """A part: figures, drawing, what was done and said, and the tables."""
    zoom = "".join(
        f'<button type="button" data-zoom="{factor}" aria-pressed="{str(factor == 1).lower()}">'
        f"{factor}×</button>"
        for factor in (1, 2, 4, 8)
    )
    return (
        f'<article id="{name}"><div class="head"><h2>{text(scene.title)}</h2>'
        f'<div class="zoom" role="group" aria-label="Zoom">{zoom}</div></div>'
        f"{lists.figures(scene)}{plot.drawing(scene, name)}"
        f'<div class="columns">{lists.steps(scene)}{lists.log(scene, name)}</div>'
        f"{lists.tables(scene)}</article>"
    )
