"""The comparators of a local binary pattern."""
import profiles
from unit import Row, Unit

TAPS = 8


def comparator(bits):
    name = f"compare_int{bits}"

    def works(profile, cycles):
        draw = profiles.rng(name, profile)
        found = [{"enable": profiles.controls(draw, profile, cycle)["enable"],
                  "pivot": profiles.activation(draw, bits, profile),
                  "taps": profiles.packed([profiles.activation(draw, bits, profile) for _ in range(TAPS)], bits)}
                 for cycle in range(cycles)]
        return profiles.held(found, profile)

    def expected(found):
        outputs, code = [], 0
        for work in found:
            if work["enable"]:
                taps = [profiles.signed(work["taps"] >> bits * tap, bits) for tap in range(TAPS)]
                code = sum((value > work["pivot"]) << tap for tap, value in enumerate(taps))
            outputs.append({"code": code})
        return outputs

    note = f"a tap of {TAPS} that share a pivot, operand and code registers included"
    return Unit(name, "comparator", ["pe/comparator/rtl/comparator.v"], {"WIDTH": bits, "TAPS": TAPS}, works, expected,
                {"code": 2}, [Row(f"compare_registered_int{bits}", "cnn", bits, 1 / TAPS, True, note=note)],
                f"{TAPS} {bits}-bit taps against a pivot")


UNITS = [comparator(8), comparator(16)]
