"""The crossbar from products to accumulator banks."""
import profiles
from unit import Row, Unit


def crossbar(bits, inputs, bank):
    banks = 1 << bank
    name = f"crossbar_{inputs}x{banks}_{bits}b"

    def works(profile, cycles):
        draw = profiles.rng(name, profile)
        found = []
        for cycle in range(cycles):
            enables = (1 << inputs) - 1
            if profile == "mixed":
                enables = draw.getrandbits(inputs)
            elif not profiles.controls(draw, profile, cycle)["enable"]:
                enables = 0
            words = [draw.randrange(1 << bits) if profile in ("random", "mixed") else
                     profiles.clamp(draw.gauss(0, 1 << bits - 5), bits) for _ in range(inputs)]
            found.append({"enable": enables, "words": profiles.packed(words, bits),
                          "banks": profiles.packed(draw.sample(range(banks), inputs), bank)})
        return profiles.held(found, profile)

    def expected(found):
        outputs, held = [], {}
        for work in found:
            taken = 0
            for at in range(inputs):
                if work["enable"] >> at & 1:
                    to = work["banks"] >> bank * at & banks - 1
                    held[to] = work["words"] >> bits * at & (1 << bits) - 1
                    taken |= 1 << to
            whole = len(held) == banks  # before, some bank has no word yet
            outputs.append({"taken": taken, **({"outputs": sum(word << bits * to for to, word in held.items())}
                                               if whole else {})})
        return outputs

    return Unit(name, "crossbar", ["pe/sparse_outer/rtl/crossbar.v"],
                {"WIDTH": bits, "INPUTS": inputs, "BANK": bank}, works, expected, {"taken": 2, "outputs": 2},
                [Row("crossbar_bit", "cnn", 1, 1 / (inputs * bits), True,
                     note=f"a bit of {inputs} words of {bits} to {banks} banks, registers on both sides included")],
                f"{inputs} words of {bits} bits to {banks} banks")


UNITS = [crossbar(16, 4, 3)]
