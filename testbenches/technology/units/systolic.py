"""A cell of the weight-stationary grid."""
import profiles
from unit import Row, Unit


def cell(bits, psum_bits):
    name = f"systolic_cell_int{bits}"

    def works(profile, cycles):
        draw = profiles.rng(name, profile)
        found = []
        for cycle in range(cycles):
            slot = profiles.controls(draw, profile, cycle)
            found.append({"load": slot["start"], "enable": slot["enable"], "valid_left": slot["enable"],
                          "weight_above": profiles.weight(draw, bits, profile),
                          "ifmap_left": profiles.activation(draw, bits, profile),
                          "psum_above": profiles.clamp(draw.gauss(0, 1 << 2 * bits - 2), psum_bits)})
        if profile == "idle":
            found = [{**work, "load": 0, "valid_left": work["enable"]} if cycle > 3 else work
                     for cycle, work in enumerate(profiles.held(found, profile))]
        return found

    def expected(found):
        outputs, held = [], {}
        weight = None
        for work in found:
            if work["valid_left"] and weight is not None:
                psum = work["psum_above"] + work["ifmap_left"] * weight
                held = {"ifmap": work["ifmap_left"] & (1 << bits) - 1, "psum": psum & (1 << psum_bits) - 1}
            weight = work["weight_above"] if work["load"] else weight
            kept = {} if weight is None else {"weight": weight & (1 << bits) - 1}
            outputs.append({"valid": work["valid_left"], **held, **kept})
        return outputs

    return Unit(name, "weight_stationary_cell", ["pe/mac/rtl/multiplier.v", "pe/systolic/rtl/weight_stationary_cell.v"],
                {"WIDTH": bits, "PSUM": psum_bits}, works, expected,
                {key: 1 for key in ("valid", "ifmap", "psum", "weight")},
                [Row(name, "cnn", bits, has_area=True), Row(f"systolic_cell_gated_int{bits}", "gated", bits)],
                f"weight-stationary cell, {bits}-bit words, {psum_bits}-bit psum")


UNITS = [cell(8, 32)]
