"""Measures a unit: synthesis, delays, works through RTL and gates, energy a cycle."""
import dataclasses
import pathlib
import tempfile

import activity
import profiles
import simulation
import timing
from energy import Calculator, Energy
from refusal import Refusal
from synthesis import Synthesis


@dataclasses.dataclass
class Cost:
    """Energy a cycle, fJ: with the netlist's delays, so that glitches count, and with gates that take no time."""
    timed: Energy
    zero_delay: Energy


@dataclasses.dataclass
class Measurement:
    digest: str
    area_um2: float
    cells: int
    flip_flops: int
    clock_gates: int
    delay_ns: float | None
    leakage_uw: float
    costs: dict[str, Cost]  # by profile
    cycles: int             # that each cost is the mean of


def kinds(netlist, library, kind):
    return sum(count for name, count in netlist.count().items()
               if library.cells[name].state is not None and library.cells[name].state.kind == kind)


def simulated(unit, technology, netlist, calculator, profile, cycles, folder, timed):
    """A profile's energy a cycle, its outputs held against RTL and those against arithmetic."""
    inputs, outputs = netlist.widths("input"), netlist.widths("output")
    works = unit.works(profile, cycles)
    rtl = simulation.rtl(unit, works, inputs, outputs, technology.period_ns, folder)
    simulation.against_arithmetic(unit, works, rtl, outputs)
    gates = simulation.gates(unit, technology, netlist, works, folder, timed)
    simulation.compare(unit, gates, rtl, outputs, "gates", "RTL")
    energy = calculator.of(activity.read(folder / "gates.vcd"))
    counted = cycles - simulation.WARM_UP
    return Energy(*(value / counted for value in dataclasses.astuple(energy)))


def measure(unit, technology, cycles):
    with tempfile.TemporaryDirectory(prefix="basil-measure-") as name:
        folder = pathlib.Path(name)
        netlist = Synthesis(unit, technology, folder).run()
        delay_ns = timing.analyse(unit, technology, folder)
        if delay_ns is not None and delay_ns > technology.period_ns:
            raise Refusal(f"{unit.name}: its longest path is {delay_ns:.2f} ns, expected at most period_ns of "
                          f"{technology.file}, {technology.period_ns} ns")
        library = technology.library
        calculator = Calculator(netlist, library, technology.wire_ff, technology.output_load_ff, technology.slew_ns)
        costs = {profile: Cost(*(simulated(unit, technology, netlist, calculator, profile, cycles, folder, timed)
                                 for timed in (True, False)))
                 for profile in profiles.MEASURED}
        return Measurement(netlist.digest(), calculator.area_um2(), len(netlist.gates), kinds(netlist, library, "ff"),
                           kinds(netlist, library, "statetable"), delay_ns, calculator.leakage_nw() / 1000, costs,
                           cycles - simulation.WARM_UP)
