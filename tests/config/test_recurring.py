"""A line that is kept for its next round reads as if it were read anew: words, places, findings."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from halod.config.compile import compile_text
from halod.config.findings import Findings
from halod.config.language.expansion import Expansion
from halod.config.lexer import Line
from halod.model.diagnostic import Diagnostic
from tests.config.files_in_memory import surroundings

BODIES = st.lists(
    st.sampled_from(
        [
            *("a", "${I}", "x${I}", "${I}y", "${J}.${I}", "${K}", "$I", "$J", "$K,", "${U}", "$U"),
            *(" ", " ", " \\\n", " \\\n", "{", "}", '"', '"', "#", "\\#", "!", "include ", "i"),
            *("$K=", "$I=z", "@lb01 ", "@lb02 ", "@halod ", "~SEQ(L,1,2) ", "${L}", "~", "-", "r"),
            *("random_seed ", "${_HASH}", "${_RANDOM}", "\ue000", "\u3000", "pass", "auth_pass "),
        ]
    ),
    max_size=14,
).map("".join)
HEADS = st.sampled_from(
    [
        "~SEQ(I,1,3) ",
        "~SEQ(J,8,11) ~SEQ(I,1,2) ",
        "~SEQx(I,14,17) ",
        "~LST({I,J},{a,b},{include,},{~SEQ(L,{#,$K}) ",
        "~LST(I,a,b.c,d) ~SEQ(J,-1,1) ",
        "~SEQ(I,1,2) ~SEQ(J,1,${I}) ",
    ]
)
VALUES = st.sampled_from(["k", "", "a b", '"q r"', "k#l", "~SEQ(L,1,2) s", "$I", "i${I}", "\\#"])


def read(text: str, kept_max: int) -> tuple[list[Line], tuple[Diagnostic, ...]]:
    findings = Findings()
    here = surroundings({"1.conf": "one\n"}, config_id="lb01")
    expansion = Expansion(here, findings, kept_max=kept_max)
    lines = list(expansion.lines("k.conf", text))
    return lines, findings.in_order()


@settings(max_examples=300, deadline=None)
@given(head=HEADS, value=VALUES, body=BODIES)
@example(head="~SEQ(I,1,3) ", value="k", body='a "x ${I}" {$K \\\n${I}.${K} {')
@example(head="~LST(I,nclude,b) ", value="k", body="x \\\ni${I} 1.conf")
def test_each_round_reads_the_same_as_anew(head: str, value: str, body: str) -> None:
    text = f"$K={value}\n$V= \\\n{body}\n\n{head}$V\n{head}{body}\n"
    anew = read(text, kept_max=0)
    assert read(text, kept_max=16_384) == anew
    assert read(text, kept_max=2) == anew, "also where little is kept"


def test_instances_of_a_sequence_are_told_apart_by_the_rules() -> None:
    """They stand in one place of the file; each has its own VRID, and none is its own double."""
    body = "interface eth0\nvirtual_router_id {}\nvirtual_ipaddress {{\n192.0.2.{}/24\n}}\n}}\n"
    text = "$V= \\\nvrrp_instance V${N} { \\\n" + body.format("${N}", "${N}").replace("\n", " \\\n")
    assert compile_text("k.conf", f"{text}\n\n~SEQ(N,1,5) $V\n").clean
    same = text.replace("id ${N}", "id 7")
    (found,) = compile_text("k.conf", f"{same}\n\n~SEQ(N,1,2) $V\n").diagnostics
    assert found.message == "`V1` and `V2` both have virtual_router_id 7 on eth0"
