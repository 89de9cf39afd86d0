"""The language as keepalived itself reads it: the same lines, from the same places.

At the top level keepalived names the first word of every line that it does not know: so a file of
unknown words shows what it makes of definitions, conditions, sequences and includes.
"""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from halod.config.findings import Findings
from halod.config.language.expansion import Expansion
from halod.kernel.config_sources import surroundings_here
from tests.capabilities import find_program

CONFIG_ID = "lb01"
_UNKNOWN = re.compile(r"\((?:(.+): )?Line (\d+)\) Unknown keyword '(.*)'")
_END = "the_end"
"""The last line: what follows it in the output is the same again, by another process."""

TEXTS = {
    "definitions": """
$A=alpha
a_${A}
"b ${A} c"
x_$A
x_$A y
x_$A,y
$A$A
u_$UNDEF
$EMPTY=
e_${EMPTY}_e
$V =9
$W= 9  8
w_$W
w${W}w
$1A=3
f_$1A
$D=d1 d2
"$D"
""",
    "late": """
$B=${C}
$C=1
b_${B}
$C=2
b_${B}
$Y="a b"
$Y
$K=k#l
k_$K
$K="k#l"
$K
$K=k\\#l
k_$K
h\\#h
"h\\#h"
h\\\\#h
h_${_HASH}_x
"h_${_HASH}_x"
"h_${_BANG}_x"
i_${_INSTANCE}
p_${_PWD}
$_PWD=/x
p_${_PWD}
""",
    "conditions": """
@lb01 yes
@lb02 no
@^lb01 no
@^lb02 yes2
 @lb01 indented
@lb01
@ nothing
@^ everybody
@lb01 $P=240
@lb02 $P=200
p_$P
""",
    "several lines": """
$M= \\
  m1 \\
  # a comment

$M
$N=n0 \\
n1 \\
  \\
  n2
$N
z $N
zz$N
"q $N"
@lb01 $N
$O=$N
$O
$X= \\
 $IN=1 \\
 x_${IN} \\
 $N \\
 $IN=2 \\
 x_${IN} \\
 @lb02 no \\
 ~SEQ(I,1,2) s_${I}
$X
$X
after
""",
    "sequences": """
~SEQ(I,1,3) a${I}
~SEQ(I,3,1) b${I}
~SEQ(I,3) c${I}
~SEQ(I,-2) d${I}
~SEQ(I,0,5,17) e${I}
~SEQx(I,0x8,2,0xc) f${I}
~SEQ (I,1,2)g${I}
~SEQ(I,010) h${I}
~SEQ(I,1,2) ~SEQ(J,5,6) i${I}${J}
~SEQ( I , 1 , 2 ) j${I}
$LAST=2
~SEQ(I,1,$LAST) k${I}
~SEQ(I,1,${LAST}) l${I}
$S=~SEQ(I,1,2) m${I}
$S
$L=n0 \\
n_${I}
~SEQ(I,1,2) $L
~LST(I,a,b) o${I}
~LST({I,J},{a,b},{c,d}) p${I}${J}
~LST({I,J},{a,b},{c}) p${I}${J}
~LST(I,a,,b) q_${I}
~LST({I,   J},  {10,1},{20,4})  ~SEQ(K,168,2,170) r${K}.${I}.${J}
s_${I}
~FOO x
""",
    "sequences that are none": """
~SEQ(I,1,-1,3) a${I}
~SEQ(I,1,0,3) b${I}
~SEQ(I) c
~SEQ(I,x) d
~SEQ(I,1,2,3,4) e
~SEQx(I,-1,1) f
~LST(I) g
~LST({I,J},{a,b,c}) h
~LST(I, "a b", c) i
""",
}


def halod_reads(file: Path) -> list[tuple[str, int, str]]:
    """Name, line and first word of each line that is in force."""
    expansion = Expansion(surroundings_here(CONFIG_ID), Findings())
    lines = expansion.lines(str(file), file.read_text())
    words = [line.words[0] for line in lines]
    assert words[-1].text == _END
    assert not expansion.given_up
    return [(Path(word.span.file).name, word.span.line, word.text) for word in words]


def keepalived_reads(file: Path) -> list[tuple[str, int, str]]:
    keepalived = find_program("keepalived")
    assert keepalived is not None
    command = [keepalived, "-t", "-i", CONFIG_ID, "-f", file.name]
    done = subprocess.run(command, capture_output=True, text=True, cwd=file.parent, timeout=30)
    found = []
    for name, number, word in _UNKNOWN.findall(done.stderr):
        found.append((Path(name or file.name).name, int(number), word))
        if word == _END:
            return found
    raise AssertionError(f"keepalived did not read to the end: {done.stderr}")


@pytest.mark.needs_keepalived
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_same_lines_are_in_force(text: str, tmp_path: Path) -> None:
    file = tmp_path / "k.conf"
    file.write_text(f"{text}{_END}\n")
    assert halod_reads(file) == keepalived_reads(file)


PIECES = st.sampled_from(
    [
        *("\n$A=1\n", "\n$B=x${A}y\n", "\n$B=\n", "\n@lb01 ", "\n@lb02 ", "\n@^lb02 "),
        *("\n~SEQ(A,1,2) ", "\n~SEQx(B,9,11) ", "\n~LST(A,p,q) ", "\n~LST({A,B},{1,2}) "),
        *("\n$C= \\\n c1_${A} \\\n c2\n", "\n$C", "\n$A", "v_${B}", "v${A}", "\nx $C\n", "# "),
        *(" ", "\n", "word", "\\#", '"a b"'),
    ]
)
DEFINED = "$A=0\n$B=0\n$C=0\n"
"""An undefined name in braces is a word here and a block there: that is told, and not compared."""


@pytest.mark.needs_keepalived
@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(pieces=st.lists(PIECES, max_size=30))
def test_the_same_lines_whatever_is_mixed(
    pieces: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "".join(pieces)
    file = tmp_path_factory.mktemp("mixed") / "k.conf"
    file.write_text(f"{DEFINED}{text}\n\n{_END}\n")
    assert halod_reads(file) == keepalived_reads(file)


FILES = {
    "k.conf": "include conf.d/*.conf\ninclude conf.d/{b,no}.conf\ninclude missing.conf\n"
    "p_${_PWD}\nincluder conf.d\n$F=sub/c.conf\n@lb01 include conf.d/$F\ni_$I\n",
    "conf.d/b.conf": "$I=b\nin_b_${_PWD}\ninclude sub/*\n",
    "conf.d/a.conf": "in_a {\n",
    "conf.d/.hidden.conf": "hidden\n",
    "conf.d/sub/c.conf": "in_c_${I}\n}\n",
}


@pytest.mark.needs_keepalived
def test_the_same_files_are_included(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    file = tmp_path / "k.conf"
    file.write_text(f"{FILES['k.conf']}{_END}\n")
    braces = ("{", "}")
    assert [read for read in halod_reads(file) if read[2] not in braces] == [
        read for read in keepalived_reads(file) if read[2] not in braces
    ]
