"""The road from a text to a configuration: lex, parse, lower, check.

Knows the order. Must not read files: the text is given, and who reads what it includes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.top_level import (
    BLOCK_ENDS,
    SECTION_NAMES,
    SECTION_STARTS,
    TOP_LEVEL,
    WITHOUT_BLOCK,
)
from halod.config.keywords.virtual_server import SSL
from halod.config.language.comments import BLANKS
from halod.config.language.expansion import Expansion
from halod.config.language.includes import INCLUDE
from halod.config.language.surroundings import Surroundings
from halod.config.lexer import source_lines
from halod.config.lowering.global_defs import Globals, lower_globals
from halod.config.lowering.instance import Lowered, lower_instance
from halod.config.lowering.link_delays import lower_link_delays
from halod.config.lowering.lvs import lower_tls_identity
from halod.config.lowering.observed import Observed, lower_observed
from halod.config.lowering.pacing import lower_pacing, tell_slow_pace
from halod.config.lowering.script import lower_scripts
from halod.config.lowering.server_group import lower_server_groups
from halod.config.lowering.shared import Shared
from halod.config.lowering.statics import lower_statics
from halod.config.lowering.sync_daemon import settle_sync_daemon
from halod.config.lowering.sync_group import lower_sync_groups
from halod.config.lowering.virtual_server import (
    PlacedServer,
    ServerGlobals,
    lower_virtual_servers,
)
from halod.config.lowering.vmac import VmacNames
from halod.config.lowering.whereabouts import lower_table_place, lower_whereabouts
from halod.config.memory import Memory
from halod.config.parser import Shape, parse
from halod.config.reading import Values, read_section
from halod.config.rules.on_servers import rules_on_servers
from halod.config.rules.on_the_tree import rules_on_the_tree
from halod.config.rules.same_address import same_address
from halod.config.rules.same_vrid import same_vrid
from halod.config.rules.script_security import script_security
from halod.config.rules.tracked import tracked_scripts
from halod.config.rules.zero_weight import zero_weight
from halod.config.secret_places import secret_places
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.config.unreadable import tell_unreadable
from halod.model.configuration import Configuration
from halod.model.diagnostic import Diagnostic, FindingSeverity, Label, Span
from halod.model.virtual_server import LvsEngine, LvsSettings

__all__ = ["Compiled", "compile_text"]


SHAPE = Shape(SECTION_STARTS, BLOCK_ENDS, WITHOUT_BLOCK, SECTION_NAMES)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of one text."""

    file: str
    text: str
    diagnostics: tuple[Diagnostic, ...]
    """From the top of the file to its end."""
    secrets: frozenset[Span]
    """What no excerpt may show."""
    configuration: Configuration | None
    """None: refused."""
    sources: Mapping[str, str]
    """Every file that was read, included ones too, by the name that places have."""
    surroundings: Surroundings
    """For whoever changes the text and reads it again."""
    tree: tuple[Statement, ...] = ()
    """What the text says, statement by statement: for those who look beyond the model."""

    @property
    def refused(self) -> bool:
        """Whether a daemon must neither start nor reload with it."""
        return self.configuration is None

    @property
    def clean(self) -> bool:
        """Nothing but notes: what `-t` answers with 0."""
        return all(d.severity is FindingSeverity.NOTE for d in self.diagnostics)


ALONE = Surroundings()


def compile_text(
    file: str, text: str, surroundings: Surroundings = ALONE, memory: Memory | None = None
) -> Compiled:
    """Everything that one reading of a text tells; never raises for any text.

    `memory`: of readings before, of this file or another: the answer is the same, and sooner there.
    """
    findings = Findings()
    memory = memory or Memory()
    memory.begin()
    expansion = Expansion(surroundings, findings, memory.bodies)
    lines = list(expansion.lines(file, text))
    unreadable = tell_unreadable(expansion.sources, lines, findings) or expansion.given_up
    # What a place to fill in stands for is not known: braces count for nothing.
    tree = parse(lines, SHAPE, Findings() if unreadable else findings, memory.bodies)
    configuration = None if unreadable else _lower(file, text, tree, surroundings, memory, findings)
    diagnostics = findings.in_order()
    refused = any(d.severity is FindingSeverity.REFUSE for d in diagnostics)
    return Compiled(
        file,
        text,
        diagnostics,
        secret_places(tree) | expansion.secrets,
        None if refused else configuration,
        expansion.sources,
        surroundings,
        tuple(tree),
    )


def _lower(
    file: str,
    text: str,
    tree: Sequence[Statement],
    surroundings: Surroundings,
    memory: Memory,
    findings: Findings,
) -> Configuration:
    top = read_section(tree, TOP_LEVEL, findings)
    net_namespace, instance_name = lower_whereabouts(top, findings)
    globals_ = lower_globals([b for name, b in top.nested if name == "global_defs"], findings)
    scripts = lower_scripts([b for name, b in top.nested if name == "vrrp_script"], findings)
    observed = lower_observed(top, findings)
    names = VmacNames(globals_.vmac_prefix, globals_.vmac_addr_prefix)
    shared = Shared(surroundings.loader, scripts, observed, names)
    statics = lower_statics(top, globals_.default_interface, shared.preferences, findings)
    lowered = _lower_instances(top, globals_, shared, findings)
    if not any(statement.name in ("vrrp_instance", "virtual_server") for statement in tree):
        _nothing_to_do(file, text.strip(), tree, findings)
    blocks = [block for name, block in top.nested if name == "vrrp_sync_group"]
    groups, lowered = lower_sync_groups(blocks, lowered, shared, globals_.notify, findings)
    found = list(lowered.values())
    same_vrid(found, findings)
    same_address(found, findings)
    zero_weight(found, findings)
    whole = len(found) == sum(statement.name == "vrrp_instance" for statement in tree)
    used = tracked_scripts(scripts, found, findings, whole=whole)
    script_security(used, globals_.programs, findings)
    rules_on_the_tree(tree, found, findings)
    blocks = [block for name, block in top.nested if name == "garp_group"]
    pacing = lower_pacing(blocks, globals_.pace, findings)
    instances = tuple(each.instance for each in found)
    tell_slow_pace(pacing, instances, globals_.pace_place, findings)
    servers = _lower_servers(top, globals_, observed, memory, findings)
    minded = {tracked.tracker for each in found for tracked in each.instance.trackers}
    return Configuration(
        net_namespace=net_namespace,
        instance=instance_name,
        router_id=globals_.router_id,
        daemon=globals_.daemon,
        mail=globals_.mail,
        notify=globals_.notify.settings,
        dumps=globals_.dumps,
        statics=statics,
        programs=globals_.programs,
        scripts=tuple(each.script for each in used),
        processes=tuple(p for p in observed.processes.values() if p.tracker in minded),
        files=tuple(f for f in observed.files.values() if f.tracker in minded),
        instances=instances,
        pacing=pacing,
        link_delays=lower_link_delays(top.get("interface_up_down_delays", list) or [], findings),
        groups=groups,
        lvs=_lower_lvs(top, globals_, found, findings),
        virtual_servers=tuple(each.server for each in servers),
        places={each.server.title: each.place for each in servers},
    )


def _lower_lvs(
    top: Values, globals_: Globals, found: list[Lowered], findings: Findings
) -> LvsSettings | None:
    settings = lower_table_place(top, globals_.lvs, findings)
    return settle_sync_daemon(settings, globals_.sync_daemon_place, found, findings)


def _lower_servers(
    top: Values, globals_: Globals, observed: Observed, memory: Memory, findings: Findings
) -> list[PlacedServer]:
    identity = None
    for name, block in top.nested:
        if name == "SSL":
            identity = lower_tls_identity(read_section(block.children, SSL, findings))
    groups = lower_server_groups(
        [block for name, block in top.nested if name == "virtual_server_group"], findings
    )
    mail = globals_.server_mail
    common = ServerGlobals(
        groups=groups,
        identity=identity,
        files=observed.files,
        log_all_failures=globals_.log_all_failures,
        mail_real=mail is not False,
        mail_virtual=bool(mail),
    )
    blocks = [block for name, block in top.nested if name == "virtual_server"]
    engine = globals_.lvs.engine if globals_.lvs else LvsEngine.AUTO
    memory.around((common, engine))
    servers = lower_virtual_servers(blocks, common, memory, findings)
    rules_on_servers(servers, engine, memory, findings)
    return servers


def _lower_instances(
    top: Values, globals_: Globals, shared: Shared, findings: Findings
) -> dict[str, Lowered]:
    lowered: dict[str, Lowered] = {}
    names: dict[str, Span] = {}
    blocks = [block for name, block in top.nested if name == "vrrp_instance"]
    for block in blocks:
        if block.arguments and block.arguments[0].text in names:
            _same_name(block, names, findings)
            continue
        if block.arguments:
            names[block.arguments[0].text] = block.arguments[0].span
        instance = lower_instance(block, globals_, shared, findings)
        if instance is not None:
            lowered[instance.instance.name] = instance
    return lowered


def _same_name(block: Statement, names: dict[str, Span], findings: Findings) -> None:
    name = block.arguments[0]
    findings.add(
        Code.SAME_NAME,
        f"there is a `vrrp_instance {name.shown}` already: this one has no effect",
        name.span,
        secondary=(Label(names[name.text], "first defined here"),),
        helps=("give it another name",),
    )


def _nothing_to_do(file: str, text: str, tree: Sequence[Statement], findings: Findings) -> None:
    """A misspelt block or a missing file that was told already weighs more, and stays alone."""
    for statement in tree:
        span = statement.keyword.span
        told = findings.has(Code.UNKNOWN_KEYWORD, span)
        if told and closest(statement.name, ("vrrp_instance",)):
            note = "the file has no other `vrrp_instance`: there is nothing to do"
            findings.refuse(Code.UNKNOWN_KEYWORD, span, note)
            return
    missing = findings.first(Code.NOT_INCLUDED)
    if missing is not None:
        note = "without it there is no `vrrp_instance`: there is nothing to do"
        findings.refuse(Code.NOT_INCLUDED, missing, note)
        return
    what = "has no `vrrp_instance`" if tree else "has nothing but comments" if text else "is empty"
    if any(INCLUDE.match(line.lstrip(BLANKS)) for line in source_lines(text)):
        what = "has no `vrrp_instance`, nor has what it includes"
    place = tree[-1].keyword.span if tree else Span(file, 1, 1, 1)
    helps = ("add a `vrrp_instance`; `haloctl lab demo` plays a working pair",)
    findings.add(Code.NOTHING_TO_DO, f"the file {what}: there is nothing to do", place, helps=helps)
