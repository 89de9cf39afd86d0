"""E0: braces, quotes and the names of keywords.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["SYNTAX"]

_INSTANCE = (
    "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n"
    "    virtual_ipaddress {\n        192.0.2.10/24\n    }\n}\n"
)
_SERVERS = _INSTANCE.replace("{", "{{").replace("}", "}}") + (
    "virtual_server 192.0.2.10 80 {{\n    lb_algo rr\n    lb_kind DR\n    protocol TCP\n"
    "    real_server 192.0.2.21 80 {{\n        TCP_CHECK {{\n        }}\n    }}\n"
    "    {}real_server 192.0.2.22 80 {{\n        TCP_CHECK {{\n        }}\n    }}\n}}\n"
)

SYNTAX: dict[Code, Meaning] = {
    Code.OPEN_BLOCK: Meaning(
        severity=FindingSeverity.RISK,
        title="a block is not closed",
        meaning="A block has no closing brace. It is taken as closed where the next keyword can "
        "only stand outside it, or at the end of the file.",
        why="keepalived reads on, and loses the sections that follow: after a way back to it, "
        "their addresses would be held by nobody.",
        remedy="Close the block where the finding says that it was taken as closed.",
        example=_INSTANCE.removesuffix("}\n"),
        instead=_INSTANCE,
        place=Place.FILE,
    ),
    Code.STRAY_CLOSE: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a closing brace closes nothing",
        meaning="There is no block open where this brace stands. It is skipped.",
        why="Often a block above was closed too early, and its last lines stand outside it, "
        "without effect.",
        remedy="Look above for a `{` that is missing or a `}` that came too early; else remove it.",
        example=f"{_INSTANCE}}}\n",
        instead=_INSTANCE,
        place=Place.FILE,
    ),
    Code.OPEN_QUOTE: Meaning(
        severity=FindingSeverity.REFUSE,
        title="a quote is not closed",
        meaning='A string in `"` ends on the line on which it began. Nothing escapes a `"` inside '
        "it; `'` and a backslash are plain characters.",
        why="What follows the quote may belong to the value or not: with a password, a wrong "
        "guess splits the pair.",
        remedy="Close the quote.",
        example='router_id "lb01',
        instead='router_id "lb01"',
        place=Place.GLOBALS,
    ),
    Code.UNKNOWN_KEYWORD: Meaning(
        severity=FindingSeverity.IGNORED,
        title="unknown keyword",
        meaning="No keyword of keepalived 2.4.3 in this place has this name. The line, or the "
        "whole block, has no effect. Words are case-sensitive. The file is refused where this "
        "is its only virtual router.",
        why="keepalived logs it and runs on, with a default in place of the value that you meant.",
        remedy="Correct the name: the finding names the nearest one, where there is one.",
        example="advert_interval 1",
        instead="advert_int 1",
    ),
    Code.BLOCK_EXPECTED: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a block is missing, or its opening brace",
        meaning="The keyword opens a block: what belongs to it stands in braces. Values on its "
        "line have no effect. Where the lines that follow can only stand in it, the brace alone "
        "is missing: the block is taken as opened, and that is a risk.",
        why="Values behind the keyword are not read. Without the brace keepalived loses a whole "
        "section; 2.2.7 dies of it where it is a `virtual_server`.",
        remedy="Write the keyword, `{`, one entry a line, and `}`.",
        example="authentication PASS 1111",
        instead="authentication {\n    auth_type PASS\n    auth_pass 1111\n}",
    ),
    Code.STRAY_OPEN: Meaning(
        severity=FindingSeverity.IGNORED,
        title="an opening brace opens nothing",
        meaning="A brace stands behind a keyword that has no block, or behind no keyword at all. "
        "In the first case nothing inside has an effect; in the second the brace is skipped.",
        why="keepalived may skip the whole block, and what follows it.",
        remedy="Remove the braces, or name what the block is.",
        example="priority {\n    150\n}",
        instead="priority 150",
    ),
    Code.MISPLACED: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a keyword in another section than its own",
        meaning="The keyword exists, but means nothing where it stands. It has no effect.",
        why="The value that you meant is not in force.",
        remedy="Move the line into the section that the finding names.",
        example="router_id lb01",
        instead="priority 150",
    ),
    Code.NOT_TEXT: Meaning(
        severity=FindingSeverity.REFUSE,
        title="the file is no text",
        meaning="The file holds a zero byte. Nothing else in it is judged.",
        why="A disk that lost power leaves blocks of zero bytes where the file was; a text in "
        "UTF-16 has one beside each letter.",
        remedy="Write the file again, as UTF-8.",
        example="priority 150\0",
        instead="priority 150",
    ),
    Code.TEMPLATE: Meaning(
        severity=FindingSeverity.REFUSE,
        title="the file is a template",
        meaning="The file has places like `{{ vip }}` that a tool fills in. Nothing else in it is "
        "judged.",
        why="The tool did not run, or not with this file.",
        remedy="Check the file that the template makes.",
        example="priority {{ priority }}",
        instead="priority 150",
    ),
    Code.TOO_MANY: Meaning(
        severity=FindingSeverity.REFUSE,
        title="more findings than a configuration can have",
        meaning="halod gives up after 5,000 findings.",
        why="The file is probably no `keepalived.conf`.",
        remedy="Name the right file.",
        example="",
        instead="",
        place=Place.FILE,
    ),
    Code.NOT_INCLUDED: Meaning(
        severity=FindingSeverity.RISK,
        title="a file that is not included",
        meaning="`include` names a file that is not there or cannot be read. The rest runs without "
        "it; a pattern with `*` that matches nothing is no mistake. With `includem`, `includew`, "
        "`includeb`, `includea` or an `include_check` that asks for it, the file is refused.",
        why="What stands in that file is not in force. keepalived says so in its log alone.",
        remedy="Correct the name: a relative one begins in the folder of the file that includes "
        "it, and quotes are part of a name.",
        example="include no-such-file.conf",
        instead="",
        place=Place.INSTANCE,
    ),
    Code.BAD_SEQUENCE: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a sequence that cannot be read",
        meaning="`~SEQ(NAME, START, STEP, END)` repeats the rest of its line for each number, and "
        "`~LST(NAME, VALUE, VALUE)` for each value. This one is neither: the line has no effect.",
        why="What the line would have been repeated to is missing.",
        remedy="Correct what the finding names. START and STEP may be left out.",
        example="~SEQ(N, 1, -1, 3) garp_master_repeat ${N}",
        instead="~SEQ(N, 3, 3) garp_master_repeat ${N}",
    ),
    Code.EXPANSION_LIMIT: Meaning(
        severity=FindingSeverity.REFUSE,
        title="a file that grows without end",
        meaning="Definitions, sequences or included files make more of the file than halod reads. "
        "The finding says which limit was reached, and where. The limits: 2,000,000 lines, "
        "128 MiB of text, 1,000 included files, 32 of them or of definitions within each other, "
        "65,536 characters a line. 65,024 instances of 14 lines by `~SEQ` are about half of that, "
        "and take some 300 MiB while they are checked.",
        why="A name that stands for itself, or a file that includes itself, never ends: it would "
        "take all memory. keepalived hangs or dies.",
        remedy="Break the circle, or make the file smaller.",
        example="$A=${A} 1\n    priority ${A}",
        instead="$A=150\n    priority ${A}",
    ),
    Code.UNDEFINED: Meaning(
        severity=FindingSeverity.RISK,
        title="a name that is not defined",
        meaning="`$NAME` or `${NAME}` stands outside quotes, and nothing above defines it. It "
        "stays as it stands. For `${_ENV NAME}` the environment has no such variable: nothing "
        "stands in its place.",
        why="The keyword gets the name in place of the value that you meant.",
        remedy="Define it above: `$NAME=VALUE`. Names are case-sensitive.",
        example="virtual_ipaddress {\n        192.0.2.11/24 label ${LABEL}\n    }",
        instead="$LABEL=eth0:1\n    virtual_ipaddress {\n        192.0.2.11/24 label ${LABEL}\n"
        "    }",
    ),
    Code.CUT_OFF: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a block ends too early",
        meaning="Behind the closing brace of a block stand keywords that belong into it and mean "
        "nothing outside, and further on a brace closes nothing. None of them has an effect.",
        why="keepalived logs each of them, and each line of theirs, as unknown: in a long list "
        "of servers the brace is hard to find.",
        remedy="Remove the brace if it is one too many, or move the lines before it.",
        example=_SERVERS.format("}\n    "),
        instead=_SERVERS.format(""),
        place=Place.FILE,
    ),
    Code.TWO_ON_A_LINE: Meaning(
        severity=FindingSeverity.IGNORED,
        title="two keywords on one line",
        meaning="A keyword stands behind the value of another one, on its line. A line holds one "
        "keyword: the second is a word too many, and has no effect. A semicolon separates "
        "nothing.",
        why="keepalived passes over it without a word: with `auth_pass`, adverts carry no "
        "password, and a peer that has one drops them.",
        remedy="Give each keyword a line of its own. Braces may stand on one line.",
        example="priority 150 advert_int 2",
        instead="priority 150\n    advert_int 2",
    ),
}
