"""A unit that is measured: its Verilog, data for it, and the arithmetic that its outputs are held against."""
import dataclasses
import importlib.util
import pathlib
from collections.abc import Callable

from refusal import Refusal

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@dataclasses.dataclass
class Row:
    """A row of a technology table from a profile of a unit."""
    item: str
    profile: str
    bits: int
    share: float = 1.0      # of the unit's energy, area and leakage that one use of the row stands for
    has_area: bool = False  # the row has the unit's area and leakage
    part: str = "total"     # of energy.Energy
    note: str = ""


@dataclasses.dataclass
class Unit:
    name: str
    top: str
    rtl: list[str]                                # files, from the project's folder
    parameters: dict[str, int]
    works: Callable[[str, int], list[dict]]       # profile, cycles: the inputs of each cycle
    expected: Callable[[list[dict]], list[dict]]  # by arithmetic: outputs after each work, or none
    latency: dict[str, int]                       # cycles from a work to each output
    rows: list[Row]
    summary: str = ""

    def files(self):
        return [ROOT / file for file in self.rtl]


def load(folder=HERE / "units"):
    """By name, from every file of `folder`."""
    units = {}
    for path in sorted(folder.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"units_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        units.update({unit.name: unit for unit in module.UNITS})
    return units


def chosen(names, units):
    """Those named, or all."""
    for name in names:
        if name not in units:
            raise Refusal(f"--units: no unit {name}, expected some of {', '.join(units)}")
    return [units[name] for name in names or units]
