"""Where the demo is played: it tells, observes, and remembers whether everything held.

Knows the terminal and the list of observations. Must not know what is played.
"""

import time

from rich.console import Console
from rich.text import Text

from halod.lab.observation import Observation
from halod.lab.timeline import ASCII, UNICODE, Chart, Mark, draw


class Stage:
    """One play of the demo on one terminal or pipe."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.observations: list[Observation] = []
        self.marks: list[Mark] = []
        self.begun_ns = self.start_ns = time.monotonic_ns()

    @property
    def held(self) -> bool:
        """Whether there were observations and every one held."""
        return bool(self.observations) and all(seen.held for seen in self.observations)

    def part(self, title: str) -> None:
        """Begin a part: its own marks and its own drawing."""
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
        self.observations.append(observation)
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
        failed = sum(not seen.held for seen in self.observations)
        total = len(self.observations)
        took_s = (time.monotonic_ns() - self.begun_ns) / 1e9
        text = f"{total - failed} of {total} observations held, in {took_s:.0f} s"
        self._print(Text(f"\n{text}", style="bold green" if self.held else "bold red"))

    def show_log(self, title: str, text: str) -> None:
        """Show the end of a log, after a step that failed."""
        self._print(Text(f"          the end of {title}:", style="yellow"))
        for line in text.splitlines() or ["(it is empty)"]:
            self._print(Text(f"          | {line}", style="yellow"))

    def show_timeline(self, chart: Chart) -> None:
        """Draw who held what."""
        wide = (self.console.encoding or "").lower().startswith("utf")
        width = min(self.console.width, 110)
        self._print(Text(""))
        self._print(draw(chart, width, UNICODE if wide else ASCII))

    def _print(self, text: Text) -> None:
        # Soft wrap: a pipe must get whole lines, however narrow rich believes it to be.
        self.console.print(text, soft_wrap=True)
