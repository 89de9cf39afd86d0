"""From a file to a configuration that may run, with what must be said about it.

Knows the exit statuses of keepalived. Must not start anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from halod.config.compile import Compiled, compile_text
from halod.config.covered import covered_sources
from halod.config.memory import Memory
from halod.config.places import instance_block, last_of
from halod.config.render_concise import concise_line
from halod.daemon.asked_part import asked_part
from halod.daemon.exit_codes import EXIT_CONFIG, EXIT_NO_CONFIG
from halod.daemon.notify_here import fit_notify
from halod.daemon.once_scripts import fit_once
from halod.daemon.options import Options
from halod.daemon.scripts_here import fit_scripts
from halod.daemon.servers_here import fit_servers
from halod.kernel.collector import made_to_stay, without_collector
from halod.kernel.config_file import FileProblem, read_config
from halod.kernel.config_sources import surroundings_here
from halod.model.configuration import Configuration
from halod.model.diagnostic import FindingSeverity
from halod.model.fact import Severity
from halod.model.printable import printable

__all__ = ["Loaded", "configuration_of", "load_configuration"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One reading of the file."""

    configuration: Configuration | None
    """None: refused, or not readable."""
    findings: tuple[str, ...]
    """One concise line each: FILE:LINE:COLUMN: severity[CODE] message."""
    refusals: tuple[str, ...] = ()
    """Those of them that make it unfit to run."""
    notes: tuple[str, ...] = ()
    """What is worth knowing, and no mistake."""
    status: int = 0
    """Exit status of a daemon that cannot start with it."""
    places: Mapping[str, str] = field(default_factory=dict)
    """FILE:LINE:COLUMN of the interface of each instance, by its name."""
    sources: str = ""
    """The files as they were read, secrets covered, where `config_save_dir` wants them."""

    def told(self) -> Iterator[tuple[Severity, str]]:
        """Log lines."""
        yield from ((Severity.WARNING, line) for line in self.findings)
        yield from ((Severity.INFO, line) for line in self.notes)

    def reasons(self) -> list[str]:
        """Why it was refused, and then what else is wrong with it."""
        return [*self.refusals, *(line for line in self.findings if line not in self.refusals)]


def configuration_of(options: Options, memory: Memory | None = None) -> Loaded:
    """The one that the command line names, as it can run on this machine.

    `memory`: of readings before; what it remembers comes as the same objects.
    """
    loaded = load_configuration(
        options.config_file, options.config_id, all_files=options.all_config, memory=memory
    )
    if loaded.configuration is None:
        return loaded
    loaded = _in_namespace(loaded, loaded.configuration, options.namespace)
    assert loaded.configuration is not None
    configuration, told = fit_scripts(asked_part(options, loaded.configuration))
    configuration, also = fit_notify(configuration)
    configuration, servers = fit_servers(configuration)
    configuration, once = fit_once(configuration)
    findings = (*loaded.findings, *told, *also, *servers, *once)
    return replace(loaded, configuration=configuration, findings=findings)


def _in_namespace(loaded: Loaded, configuration: Configuration, name: str | None) -> Loaded:
    """`-s` overrides the file, and says so."""
    before = configuration.net_namespace
    if name is None:
        return loaded
    note = f"net_namespace {before} has no effect: -s says {name}"
    notes = (*loaded.notes, note) if before not in ("", name) else loaded.notes
    return replace(loaded, configuration=replace(configuration, net_namespace=name), notes=notes)


def load_configuration(
    path: str,
    config_id: str | None = None,
    *,
    all_files: bool = False,
    memory: Memory | None = None,
) -> Loaded:
    """Reads and compiles; nothing else happens: no DNS, no netlink."""
    text = read_config(path)
    if isinstance(text, FileProblem):
        return Loaded(None, (printable(text.sentence()),), status=EXIT_NO_CONFIG)
    with without_collector() if memory is None else made_to_stay():
        surroundings = surroundings_here(config_id, all_files=all_files)
        compiled = compile_text(path, text, surroundings, memory)
    lines: dict[FindingSeverity, list[str]] = {severity: [] for severity in FindingSeverity}
    findings = []
    for found in compiled.diagnostics:
        line = printable(concise_line(found))
        lines[found.severity].append(line)
        if found.severity is not FindingSeverity.NOTE:
            findings.append(line)
    return Loaded(
        compiled.configuration,
        tuple(findings),
        tuple(lines[FindingSeverity.REFUSE]),
        tuple(lines[FindingSeverity.NOTE]),
        EXIT_CONFIG if compiled.refused else 0,
        _places(compiled),
        _sources(compiled),
    )


def _sources(compiled: Compiled) -> str:
    wanted = compiled.configuration and compiled.configuration.daemon.config_save_dir
    return covered_sources(compiled) if wanted else ""


def _places(compiled: Compiled) -> dict[str, str]:
    found = {}
    for instance in compiled.configuration.instances if compiled.configuration else ():
        block = instance_block(compiled.tree, instance.name)
        span = None if block is None else last_of(block, "interface")
        where = f"{span.file}:{span.line}:{span.column}" if span else compiled.file
        found[instance.name] = printable(where)
    return found
