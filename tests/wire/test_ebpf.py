"""Instructions as bytes: against images that the kernel's own tools print (RFC 9669, 3 and 4)."""

import pytest

from halod.wire.ebpf import FRAME, Assembler, Jump, Register, Size

R0, R1, R2 = Register.R0, Register.R1, Register.R2


def image(code: Assembler) -> list[str]:
    data = code.assemble()
    assert len(data) % 8 == 0
    return [data[place : place + 8].hex() for place in range(0, len(data), 8)]


def test_moves_and_exit() -> None:
    code = Assembler()
    code.move(Register.R6, R1)
    code.frame_address(R2, -16)
    code.exit(-1)
    assert image(code) == [
        "bf16000000000000",  # r6 = r1
        "bfa2000000000000",  # r2 = r10
        "07020000f0ffffff",  # r2 += -16
        "b7000000ffffffff",  # r0 = -1
        "9500000000000000",  # exit
    ]


@pytest.mark.parametrize(
    ("size", "load", "store", "value"),
    [
        (Size.BYTE, "7110fcff00000000", "730afcff00000000", "720afcff07000000"),
        (Size.WORD, "6110fcff00000000", "630afcff00000000", "620afcff07000000"),
        (Size.DOUBLE, "7910fcff00000000", "7b0afcff00000000", "7a0afcff07000000"),
    ],
)
def test_memory(size: Size, load: str, store: str, value: str) -> None:
    code = Assembler()
    code.load(size, R0, R1, -4)
    code.store(size, FRAME, -4, R0)
    code.store_value(size, FRAME, -4, 7)
    assert image(code) == [load, store, value]


def test_a_map_takes_two_instructions_and_a_call_one() -> None:
    code = Assembler()
    code.load_map(R1, 5)
    code.call(125)
    assert image(code) == ["1811000005000000", "0000000000000000", "850000007d000000"]


def test_jumps_count_from_the_next_instruction() -> None:
    code = Assembler()
    code.jump_if(R0, Jump.EQUAL, 8, "end")
    code.jump_if_register(R0, Jump.GREATER_OR_EQUAL, R1, "end")
    code.jump("end")
    code.exit(2)
    code.label("end")
    code.exit(0)
    assert image(code)[:3] == ["1500040008000000", "3d10030000000000", "0500020000000000"]


def test_a_jump_backwards_is_our_own_mistake() -> None:
    code = Assembler()
    code.label("again")
    code.jump("again")
    with pytest.raises(AssertionError, match="no loops"):
        code.assemble()
