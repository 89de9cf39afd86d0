"""Where the demo is played: it tells, observes, and remembers whether everything held.

Knows the terminal and the list of observations. Must not know what is played.
"""

import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from halod.lab.observation import Observation
from halod.lab.picture.story import LogLine, Scene, Seen
from halod.lab.timeline import ASCII, UNICODE, Chart, Mark, draw


class Stage:
    """One play of the demo on one terminal or pipe."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.title = ""
        self.seen: list[Seen] = []
        self.scenes: list[Scene] = []
        self.marks: list[Mark] = []
        self.begun_ns = self.start_ns = time.monotonic_ns()

    @property
    def held(self) -> bool:
        """Whether there were observations and every one held."""
        return bool(self.seen) and all(seen.observation.held for seen in self.seen)

    def part(self, title: str) -> None:
        """Begin a part: its own marks and its own drawing."""
        self.title = title
        self.marks = []
        self._print(Text("\n" + title, style="bold"))
        self._print(Text("=" * len(title), style="bold"))
        self.start_ns = time.monotonic_ns()

    def step(self, title: str) -> None:
        """Begin a step, by something that is done: it becomes a mark of the drawing."""
        self.marks.append(Mark(time.monotonic_ns(), title))
        elapsed_s = (time.monotonic_ns() - self.start_ns) / 1e9
        self._print(Text(f"\n[{elapsed_s:5.1f} s] {title}", style="bold cyan"))

    def tell(self, text: str) -> None:
        """Say what is going on, so that nobody waits in silence."""
        self._print(Text(f"          {text}", style="dim"))

    def observe(self, observation: Observation) -> bool:
        """Show and remember an observation; whether it held."""
        self.seen.append(Seen(time.monotonic_ns(), observation))
        verdict = Text("  held    " if observation.held else "  FAILED  ")
        verdict.stylize("bold green" if observation.held else "bold red")
        self._print(verdict + Text(f"must be seen: {observation.expected}"))
        style = "green" if observation.held else "red"
        self._print(Text("                  seen: ") + Text(observation.seen, style=style))
        if observation.note:
            self._print(Text(f"                  note: {observation.note}", style="dim"))
        return observation.held

    def conclude(self) -> None:
        """Say how many observations held, and how long the play took."""
        failed = sum(not seen.observation.held for seen in self.seen)
        total = len(self.seen)
        took_s = (time.monotonic_ns() - self.begun_ns) / 1e9
        text = f"{total - failed} of {total} observations held, in {took_s:.0f} s"
        self._print(Text(text, style="bold green" if self.held else "bold red"))

    def tell_page(self, path: Path) -> None:
        """Say where the same stands as a picture."""
        self._print(Text(f"as a picture, with the nodes' logs: {path}"))

    def show_log(self, title: str, text: str) -> None:
        """Show the end of a log, after a step that failed."""
        self._print(Text(f"          the end of {title}:", style="yellow"))
        for line in text.splitlines() or ["(it is empty)"]:
            self._print(Text(f"          | {line}", style="yellow"))

    def show_timeline(self, chart: Chart, log: tuple[LogLine, ...]) -> None:
        """Draw who held what, and remember the part for the page."""
        seen = tuple(seen for seen in self.seen if seen.at_ns >= chart.start_ns)
        self.scenes.append(Scene(self.title, chart, seen, log))
        wide = (self.console.encoding or "").lower().startswith("utf")
        width = min(self.console.width, 110)
        self._print(Text(""))
        self._print(draw(chart, width, UNICODE if wide else ASCII))
        self._print(Text(""))

    def _print(self, text: Text) -> None:
        # Soft wrap: a pipe must get whole lines, however narrow rich believes it to be.
        self.console.print(text, soft_wrap=True)
