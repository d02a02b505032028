"""The inner join of two masks: a match a cycle, a chunk behind the other."""
import profiles
from unit import Row, Unit

DENSITY = {"ifmap": 0.4, "weight": 0.35}
MIXED = (0.0, 0.02, 0.2, 0.5, 1.0)  # densities, empty and full masks among them


def inner_join(place):
    chunk = 1 << place
    name = f"inner_join_{chunk}"

    def masks(draw, profile):
        dense = ({key: draw.choice(MIXED) for key in DENSITY} if profile == "mixed" else
                 {key: 0.5 for key in DENSITY} if profile == "random" else DENSITY)
        return {f"{key}_mask": profiles.mask(draw, chunk, density) for key, density in dense.items()}

    def works(profile, cycles):
        """The next masks are at the pins until the join finishes; the sender then loads them, or waits a while."""
        draw = profiles.rng(name, profile)
        found, left, offered = [], 0, masks(draw, profile)
        for cycle in range(cycles):
            finishes = left & (left - 1) == 0 if left else True
            pause = profile == "mixed" and draw.random() < 0.2 or profile in ("gated", "idle")
            load = cycle == 0 or finishes and not pause
            found.append({"load": int(load), **offered})
            left &= left - 1 if left else 0
            if load:
                left = offered["ifmap_mask"] & offered["weight_mask"]
            if load or profile == "gated":
                offered = masks(draw, profile)
        return found

    def expected(found):
        """Position by position: where both masks are set, and how many are set before in each."""
        outputs, matches, held = [], [], {}
        for work in found:
            outputs.append({"finishes": int(len(matches) <= 1), "match": int(bool(matches))})
            if matches:
                position, ifmap, weight = matches.pop(0)
                held = {"position": position, "ifmap_rank": ifmap, "weight_rank": weight}
            outputs[-1].update(held)
            if work["load"]:
                ifmap, weight = ([word >> at & 1 for at in range(chunk)] for word in
                                 (work["ifmap_mask"], work["weight_mask"]))
                matches = [(at, sum(ifmap[:at]), sum(weight[:at])) for at in range(chunk) if ifmap[at] and weight[at]]
        # Before the first load the registers hold anything.
        return [{} if cycle == 0 else output for cycle, output in enumerate(outputs)]

    rtl = ["pe/sparse_inner/rtl/first_one.v", "pe/sparse_inner/rtl/ones.v", "pe/sparse_inner/rtl/inner_join.v"]
    registered = {key: 1 for key in ("match", "position", "ifmap_rank", "weight_rank")}
    return Unit(name, "inner_join", rtl, {"PLACE": place}, works, expected, {"finishes": 0, **registered},
                [Row(name, "cnn", chunk, has_area=True, note="a match of masks 0.4 and 0.35 dense"),
                 Row(f"inner_join_gated_{chunk}", "gated", chunk, note="a cycle without a chunk")],
                f"first match of two {chunk}-bit masks and its ranks")


UNITS = [inner_join(6), inner_join(7)]
