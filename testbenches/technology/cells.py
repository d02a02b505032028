"""What a Liberty library says of its cells: areas, capacitances, energies and functions, in um2, fF, fJ and nW."""
import bisect
import re

import liberty
from refusal import Refusal

FEMTO = {"ff": 1.0, "pf": 1000.0}
NANO = {"nw": 1.0, "pw": 1e-3, "uw": 1e3, "mw": 1e6}
NANOSECONDS = {"ns": 1.0, "ps": 1e-3}


def numbers(values):
    return [float(number) for text in values for number in re.split(r"[\s,]+", text) if number]


class Table:
    """Energy an edge over the input's slew and the output's load, linear between the points and flat beyond."""

    def __init__(self, group, templates):
        template = templates.get(group.name)
        of_template = template.values if template else {}
        self.first = numbers(group.get("index_1", of_template.get("index_1", [])))
        self.second = numbers(group.get("index_2", of_template.get("index_2", [])))
        self.by_load_first = "capacitance" in of_template.get("variable_1", "")
        self.values = numbers(group.get("values", []))

    @staticmethod
    def place(points, x):
        if len(points) < 2:
            return 0, 0, 0.0
        low = min(max(bisect.bisect_right(points, x) - 1, 0), len(points) - 2)
        share = (x - points[low]) / (points[low + 1] - points[low])
        return low, low + 1, min(max(share, 0.0), 1.0)

    def at(self, slew, load):
        if len(self.values) == 1:
            return self.values[0]
        a, b = (load, slew) if self.by_load_first else (slew, load)
        low, high, share = self.place(self.first, a)
        if not self.second:
            return self.values[low] * (1 - share) + self.values[high] * share
        left, right, part = self.place(self.second, b)
        columns = len(self.second)

        def row(index):
            return self.values[index * columns + left] * (1 - part) + self.values[index * columns + right] * part

        return row(low) * (1 - share) + row(high) * share


class Power:
    """Internal energy of an edge at a pin: for edges of `related` pins, while `when`."""

    def __init__(self, group, templates):
        self.related = group.get("related_pin", "").split()
        self.when = group.get("when")
        self.tables = [Table(each, templates) for each in group.all("rise_power", "fall_power", "power")]

    def energy(self, slew, load):
        """Mean of rise and fall: a net has as many of either."""
        found = [table.at(slew, load) for table in self.tables if table.values]
        return sum(found) / len(found) if found else None


class Pin:
    def __init__(self, group, femtofarads, templates):
        self.name, self.direction = group.name, group.get("direction")
        self.capacitance = float(group.get("capacitance", 0)) * femtofarads
        self.function = group.get("function") or group.get("state_function")
        self.clock = "true" in (group.get("clock"), group.get("clock_gate_clock_pin"))
        self.timing = [(arc.get("related_pin", "").split(), arc.get("timing_type", "combinational"))
                       for arc in group.all("timing")]
        self.powers = [Power(each, templates) for each in group.all("internal_power")
                       if each.get("related_pg_pin", "VDD") in ("VDD", "VPWR")]
        self.three_state = "three_state" in group.values


class Cell:
    def __init__(self, group, library):
        self.name, self.line = group.name, group.line
        self.area = float(group.get("area", 0))
        self.has_leakage = "cell_leakage_power" in group.values or bool(group.all("leakage_power"))
        states = [float(each.get("value", 0)) for each in group.all("leakage_power")]
        leakage = float(group.get("cell_leakage_power", 0)) or (sum(states) / len(states) if states else 0.0)
        self.leakage_nw = leakage * library.nanowatts
        self.pins = {pin.name: Pin(pin, library.femtofarads, library.templates) for pin in group.all("pin")}
        states = group.all("ff", "latch", "statetable")
        self.state = states[0] if states else None

    def of_direction(self, direction):
        return [pin for pin in self.pins.values() if pin.direction == direction]

    @property
    def is_logic(self):
        """Gates, flip-flops and latches: what has a function of inputs; not fillers, ties and the like."""
        return bool(self.of_direction("input")) and any(pin.function for pin in self.of_direction("output"))


def unit(library, key, table, path):
    found = library.get(key)
    text = "".join(found) if isinstance(found, list) else found or ""
    match = re.fullmatch(r"([\d.]*)\s*([a-z]+)", text.strip().lower())
    if not match or match.group(2) not in table:
        raise Refusal(f"{path}:{library.line}: {key} is {text or 'absent'}, expected a number of {', '.join(table)}")
    return float(match.group(1) or 1) * table[match.group(2)]


class Library:
    """`path`: a Liberty file. Refusal where it has no units, or cells whose figures are missing."""

    def __init__(self, path):
        group = liberty.read(path)
        self.path, self.name = path, group.name
        self.femtofarads = unit(group, "capacitive_load_unit", FEMTO, path)
        self.nanowatts = unit(group, "leakage_power_unit", NANO, path)
        self.nanoseconds = unit(group, "time_unit", NANOSECONDS, path)
        self.voltage = float(group.get("nom_voltage", 0))
        self.temperature = float(group.get("nom_temperature", 25))
        corners = group.all("operating_conditions")
        self.corner = group.get("default_operating_conditions") or (corners[0].name if corners else group.name)
        if self.voltage <= 0:
            raise Refusal(f"{path}:{group.line}: no nom_voltage, expected the supply in volts")
        self.templates = {each.name: each for each in group.all("lu_table_template", "power_lut_template")}
        self.cells = {each.name: Cell(each, self) for each in group.all("cell")}
        self.check()

    # Energies are in units of voltage squared times capacitance.
    def energy(self, power, slew_ns, load_ff):
        found = power.energy(slew_ns / self.nanoseconds, load_ff / self.femtofarads)
        return None if found is None else found * self.femtofarads

    def refuse(self, cell, found, expected):
        raise Refusal(f"{self.path}:{cell.line}: cell {cell.name} {found}, expected {expected}")

    def check(self):
        """A cell that synthesis may take has delays and energies; else its netlist would look fast and cheap."""
        for cell in self.cells.values():
            if not cell.is_logic:
                continue
            for pin in cell.of_direction("output"):
                if not pin.timing:
                    self.refuse(cell, f"has no timing at {pin.name}", "the arcs of every output")
            if not any(pin.powers for pin in cell.pins.values()):
                self.refuse(cell, "has no internal_power", "the energy of an edge")
            if not cell.has_leakage:
                self.refuse(cell, "has no leakage power", "cell_leakage_power or leakage_power")

    def of(self, name, where):
        if name not in self.cells:
            raise Refusal(f"{self.path}: lacks the cell {name}, expected it for {where}")
        return self.cells[name]

    def need_logic(self):
        """What synthesis cannot do without."""
        functions = {re.sub(r"[\s()]", "", pin.function or "") for cell in self.cells.values()
                     for pin in cell.of_direction("output") if cell.state is None}
        if not any(cell.state is not None and cell.state.kind == "ff" for cell in self.cells.values()):
            raise Refusal(f"{self.path}: lacks a flip-flop, expected a cell with an ff group")
        for what, forms in (("an inverter", r"!\w+|\w+'"), ("a NAND or NOR of two", r"!\w+[&*+|]\w+|!\w+[&*+|]!\w+")):
            if not any(re.fullmatch(forms, function) for function in functions):
                raise Refusal(f"{self.path}: lacks {what}, expected one for synthesis")
