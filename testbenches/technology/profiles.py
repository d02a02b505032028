"""Data that units are measured with.

    random   dense words, every value as likely
    cnn      half the activations zero, the others a half normal distribution of a quarter of the range; weights normal
    gated    operands of `cnn` at the pins, the slot not taken: what a zero-gated slot still costs
    idle     nothing moves but the clock
    mixed    random operands, slots taken or not, sums started at random: for comparing, not for measuring
"""
import random

MEASURED = ("random", "cnn", "gated", "idle")
SLOTS_A_SUM = 64


def rng(unit, profile):
    """Of one seed a unit and profile, so that a rerun has the same works."""
    return random.Random(f"{unit} {profile}")


def clamp(value, bits):
    return max(-(1 << bits - 1), min((1 << bits - 1) - 1, round(value)))


def activation(draw, bits, profile):
    if profile in ("random", "mixed"):
        return draw.randrange(-(1 << bits - 1), 1 << bits - 1)
    return 0 if draw.random() < 0.5 else clamp(abs(draw.gauss(0, 0.25)) * (1 << bits - 1), bits)


def weight(draw, bits, profile):
    if profile in ("random", "mixed"):
        return draw.randrange(-(1 << bits - 1), 1 << bits - 1)
    return clamp(draw.gauss(0, 0.25) * (1 << bits - 1), bits)


def mask(draw, bits, density):
    return sum((draw.random() < density) << place for place in range(bits))


def controls(draw, profile, cycle):
    """enable and start of a slot. The first slots are taken in any profile, so that registers have values."""
    if profile == "mixed":
        return {"enable": int(cycle == 0 or draw.random() < 0.75), "start": int(cycle == 0 or draw.random() < 0.1)}
    taken = profile not in ("gated", "idle") or cycle < 4
    return {"enable": int(taken), "start": int(cycle % SLOTS_A_SUM == 0)}


def held(works, profile):
    """Of an idle unit the inputs stay as the first slots left them, not enabled."""
    if profile != "idle":
        return works
    still = {**works[3], "enable": 0}
    return works[:4] + [still] * (len(works) - 4)


def packed(words, bits):
    """Words side by side, the first in the lowest bits."""
    return sum((word & (1 << bits) - 1) << bits * place for place, word in enumerate(words))


def signed(word, bits):
    word &= (1 << bits) - 1
    return word - (1 << bits) if word >> bits - 1 else word
