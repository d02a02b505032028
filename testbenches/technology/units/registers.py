"""Registers, clocked and gated."""
import profiles
from unit import Row, Unit

BITS = 64


def works(profile, cycles):
    draw = profiles.rng("registers", profile)
    found = []
    for cycle in range(cycles):
        enable = profiles.controls(draw, profile, cycle)["enable"]
        words = [profiles.activation(draw, 8, profile) for _ in range(BITS // 8)]
        found.append({"enable": enable, "word": profiles.packed(words, 8)})
    return profiles.held(found, profile)


def expected(found):
    outputs, kept = [], 0
    for work in found:
        kept = work["word"] if work["enable"] else kept
        outputs.append({"kept": kept})
    return outputs


UNITS = [Unit("registers_64", "registers", ["testbenches/technology/rtl/registers.v"], {"BITS": BITS}, works, expected,
              {"kept": 1},
              [Row("register_bit_clock", "cnn", 1, 1 / BITS, True, "clock", "clock pin and net of a clocked bit"),
               Row("register_bit_data", "cnn", 1, 1 / BITS, part="data", note="a bit written, without its clock"),
               Row("register_bit_gated", "idle", 1, 1 / BITS, note="a bit behind a clock gate that is shut")],
              f"{BITS} bits behind an enable")]
