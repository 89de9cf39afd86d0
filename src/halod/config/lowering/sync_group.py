"""`vrrp_sync_group` blocks to groups, and what they make of their members.

Knows keepalived's rules about members and weights. Must not know what a group does at work.

A tracker of the group is one of each member. A weight of a member's own counts only where the group
has `sync_group_tracking_weight`: the members must agree, and weights would set them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.keywords.vrrp_sync_group import VRRP_SYNC_GROUP
from halod.config.lexer import Word
from halod.config.lowering.instance import Lowered
from halod.config.lowering.notify import NotifyGlobals, lower_notify
from halod.config.lowering.observed import Observed
from halod.config.lowering.script import Scripts
from halod.config.lowering.shared import Shared
from halod.config.lowering.track_interface import lower_track_interface
from halod.config.lowering.track_script import lower_track_script
from halod.config.reading import read_section
from halod.config.scalars import clean_text
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.model.diagnostic import Label
from halod.model.sync_group import VrrpSyncGroup
from halod.model.tracking import Tracked, TrackerKind
from halod.model.vrrp import VrrpInstance

__all__ = ["lower_sync_groups"]


@dataclass(frozen=True, slots=True)
class _LoweredGroup:
    group: VrrpSyncGroup
    trackers: tuple[Tracked, ...]
    """Of the group's own blocks."""
    weights_count: bool
    """Whether those of a member's own trackers do."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What a group may name."""

    instances: Mapping[str, Lowered]
    taken: dict[str, Word]
    """Instances that are in a group already, and where."""
    scripts: Scripts
    observed: Observed
    notify: NotifyGlobals


def lower_sync_groups(
    blocks: Sequence[Statement],
    instances: Mapping[str, Lowered],
    shared: Shared,
    notify: NotifyGlobals,
    findings: Findings,
) -> tuple[tuple[VrrpSyncGroup, ...], dict[str, Lowered]]:
    """The groups, and the instances with what the groups bring them."""
    names: dict[str, Word] = {}
    members: dict[str, Word] = {}
    found = dict(instances)
    groups = []
    for block in blocks:
        name = _name_of(block, names, findings)
        if name is None:
            continue
        names[name.text] = name
        lowered = _lower(
            block, name, _Around(found, members, shared.scripts, shared.observed, notify), findings
        )
        if lowered is None:
            continue
        groups.append(lowered.group)
        for member in lowered.group.members:
            each = found[member]
            found[member] = replace(each, instance=_with_group(each.instance, lowered))
    return tuple(groups), found


def _name_of(block: Statement, names: Mapping[str, Word], findings: Findings) -> Word | None:
    if not block.arguments:
        findings.add(
            Code.MISSING_VALUE,
            "a `vrrp_sync_group` needs a name: this one has no effect",
            block.keyword.span,
            helps=("write `vrrp_sync_group VG_1 {`",),
        )
        return None
    name = block.arguments[0]
    for extra in block.arguments[1:2]:
        findings.add(
            Code.EXTRA_WORD,
            f"`{extra.shown}` has no effect: a group has one name",
            extra.span,
            notes=("keepalived leaves the group out",),
        )
    if name.text in names:
        findings.add(
            Code.SAME_NAME,
            f"there is a `vrrp_sync_group {name.shown}` already: this one has no effect",
            name.span,
            secondary=(Label(names[name.text].span, "first defined here"),),
            helps=("give it another name",),
        )
        return None
    return name


def _lower(
    block: Statement, name: Word, around: _Around, findings: Findings
) -> _LoweredGroup | None:
    stray = [child for child in block.children if child.name in around.instances]
    for child in stray:
        findings.add(
            Code.MISPLACED,
            f"`{child.shown_name}` means nothing in `vrrp_sync_group`: the line has no effect",
            child.keyword.span,
            helps=("it is an instance: it belongs into `group { ... }`",),
        )
    rest = [child for child in block.children if child not in stray]
    values = read_section(rest, VRRP_SYNC_GROUP, findings)
    named = list(_words(values.get("group", list) or []))
    members = _members(named, around.instances, around.taken, findings)
    if len(named) < 2 and not stray:
        # Where one of several is of no use that is told, and it is the mistake.
        _few_members(name, members, findings)
    if not members:
        return None
    links = lower_track_interface(values.get("track_interface", list) or [], "", (), findings)
    entries = values.get("track_script", list) or []
    scripts = lower_track_script(entries, around.scripts, findings)
    return _LoweredGroup(
        VrrpSyncGroup(
            name=clean_text(name, findings),
            members=members,
            notify=lower_notify(values, around.notify),
        ),
        (
            *links,
            *(each.tracked for each in scripts),
            *around.observed.trackers(values, findings),
        ),
        values.has("sync_group_tracking_weight"),
    )


def _members(
    named: Sequence[Word],
    instances: Mapping[str, Lowered],
    taken: dict[str, Word],
    findings: Findings,
) -> tuple[str, ...]:
    """An instance that is in a group already stays in that one."""
    found = []
    for word in named:
        if word.text not in instances:
            findings.add(
                Code.NO_SUCH_INSTANCE,
                f"there is no `vrrp_instance {word.shown}`: the line has no effect",
                word.span,
                fix=did_you_mean(word.span, closest(word.text, instances)),
            )
        elif word.text in taken:
            findings.add(
                Code.SAME_NAME,
                f"`{word.shown}` is in a sync group already: this line has no effect",
                word.span,
                secondary=(Label(taken[word.text].span, "it stands here already"),),
                helps=("name each instance once",),
            )
        else:
            taken[word.text] = word
            found.append(word.text)
    return tuple(found)


def _words(lines: Sequence[Statement]) -> Iterator[Word]:
    """keepalived takes several names on a line."""
    for line in lines:
        yield from (line.keyword, *line.arguments)


def _few_members(name: Word, members: tuple[str, ...], findings: Findings) -> None:
    what = f"has `{members[0]}` alone" if members else "has no member, and no effect"
    findings.add(
        Code.FEW_MEMBERS,
        f"the sync group `{name.shown}` {what}",
        name.span,
        helps=("name two instances or more in `group { ... }`, one a line",),
    )


def _with_group(instance: VrrpInstance, lowered: _LoweredGroup) -> VrrpInstance:
    own = tuple(t for t in instance.trackers if lowered.weights_count or t.weight == 0)
    minded = {tracked.tracker for tracked in own}
    more = tuple(
        tracked
        for tracked in lowered.trackers
        if tracked.tracker not in minded and not _is_own_link(tracked, instance)
    )
    return replace(instance, trackers=own + more)


def _is_own_link(tracked: Tracked, instance: VrrpInstance) -> bool:
    kind, name = tracked.tracker.kind, tracked.tracker.name
    return kind is TrackerKind.INTERFACE and name == instance.interface
