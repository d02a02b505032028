"""Units that add a product, shift or value to a sum, a slot a cycle: mac, shift_add, ternary_add, dot."""
import math

import profiles
from unit import Row, Unit

LATENCY = {"psum": 2}


def summed(product, psum_bits):
    """`expected` of a unit whose slots add product(work) to the sum."""
    def expected(works):
        outputs, psum = [], 0
        for work in works:
            if work["enable"]:
                psum = (0 if work["start"] else psum) + product(work)
            outputs.append({"psum": psum & (1 << psum_bits) - 1})
        return outputs
    return expected


def slots(name, operands):
    """`works` of a unit whose operands are operands(draw, profile)."""
    def works(profile, cycles):
        draw = profiles.rng(name, profile)
        found = [{**profiles.controls(draw, profile, cycle), **operands(draw, profile)} for cycle in range(cycles)]
        return profiles.held(found, profile)
    return works


def rows(stem, gated, bits):
    return [Row(stem, "cnn", bits, has_area=True), Row(stem.replace("_int", "_random_int"), "random", bits),
            Row(gated, "gated", bits)]


def mac(bits, psum_bits):
    name = f"mac_int{bits}"
    return Unit(
        name, "mac", ["pe/mac/rtl/multiplier.v", "pe/mac/rtl/mac.v"], {"WIDTH": bits, "PSUM": psum_bits},
        slots(name, lambda draw, profile: {"ifmap": profiles.activation(draw, bits, profile),
                                           "weight": profiles.weight(draw, bits, profile)}),
        summed(lambda work: work["ifmap"] * work["weight"], psum_bits), LATENCY,
        rows(name, f"mac_gated_int{bits}", bits), f"{bits}-bit multiply-accumulate, {psum_bits}-bit sum")


def power_of_two(draw, profile):
    """Sign and exponent, 4 bits: of a normal weight the nearest power of two."""
    if profile in ("random", "mixed"):
        return draw.getrandbits(4)
    value = draw.gauss(0, 0.25)
    return (value < 0) << 3 | max(0, min(7, round(math.log2(max(abs(value), 1e-6) * 128))))


def shifted(ifmap, term):
    return (-1 if term >> 3 else 1) * (ifmap << (term & 7))


def shift_add(terms):
    name = f"shift{terms}_int8"

    def operands(draw, profile):
        weight = profiles.packed([power_of_two(draw, profile) for _ in range(terms)], 4)
        return {"ifmap": profiles.activation(draw, 8, profile), "weight": weight}

    def product(work):
        return sum(shifted(work["ifmap"], work["weight"] >> 4 * term & 15) for term in range(terms))

    return Unit(name, f"shift_add_{terms}",
                ["pe/shift_add/rtl/shift_term.v", f"pe/shift_add/rtl/shift_add_{terms}.v"], {"WIDTH": 8, "PSUM": 24},
                slots(name, operands), summed(product, 24), LATENCY, rows(name, f"shift{terms}_gated_int8", 8),
                f"LightPE-{terms}: {terms} shift{'s' * (terms > 1)} and add, 24-bit sum")


def ternary(bits, psum_bits):
    name = f"ternary_int{bits}"
    return Unit(
        name, "ternary_add", ["pe/basis_first/rtl/ternary_add.v"], {"WIDTH": bits, "PSUM": psum_bits},
        slots(name, lambda draw, profile: {"negative": draw.getrandbits(1),
                                           "value": profiles.activation(draw, bits, profile)}),
        summed(lambda work: -work["value"] if work["negative"] else work["value"], psum_bits), LATENCY,
        rows(name, f"ternary_gated_int{bits}", bits), f"a value added or taken off, {psum_bits}-bit sum")


def dot(bits, lane, psum_bits):
    lanes = 1 << lane
    name = f"dot{lanes}_int{bits}"

    def operands(draw, profile):
        return {"ifmap": profiles.packed([profiles.activation(draw, bits, profile) for _ in range(lanes)], bits),
                "weight": profiles.packed([profiles.weight(draw, bits, profile) for _ in range(lanes)], bits)}

    def product(work):
        ifmap, weight = ([profiles.signed(work[port] >> bits * at, bits) for at in range(lanes)]
                         for port in ("ifmap", "weight"))
        return sum(left * right for left, right in zip(ifmap, weight))

    share = 1 / lanes
    return Unit(name, "dot", ["pe/mac/rtl/multiplier.v", "pe/dot/rtl/dot.v"],
                {"WIDTH": bits, "LANE": lane, "PSUM": psum_bits}, slots(name, operands), summed(product, psum_bits),
                LATENCY, [Row(f"dot_lane_int{bits}", "cnn", bits, share, True, note=f"a lane of {lanes}"),
                          Row(f"dot_lane_gated_int{bits}", "gated", bits, share, note=f"a lane of {lanes}")],
                f"dot product of {lanes} {bits}-bit words, {psum_bits}-bit sum")


UNITS = [mac(4, 16), mac(8, 24), mac(16, 40), shift_add(1), shift_add(2), ternary(8, 24), ternary(16, 32),
         dot(8, 2, 32), dot(16, 2, 40)]
