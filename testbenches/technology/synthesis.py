"""From Verilog to a netlist of a library's cells: yosys, with clock gates put where four registers or more share an
enable."""
import gzip
import json
import shutil

import tools
from netlist import Netlist
from refusal import Refusal

FEWEST_GATED, MOST_GATED = 4, 32  # registers behind a clock gate


class Synthesis:
    """`folder` takes the files of the run; `technology` as of libraries.py."""

    def __init__(self, unit, technology, folder):
        self.unit, self.technology, self.folder = unit, technology, folder
        self.liberty = folder / "cells.lib"
        self.netlist_file = folder / "netlist.v"

    def run(self):
        self.unpack_liberty()
        self.elaborate()
        if self.technology.clock_gate:
            self.gate_clocks()
        self.map()
        netlist = Netlist.load(self.folder / "netlist.json", self.unit.top)
        for gate in netlist.gates:
            self.technology.library.of(gate.cell, f"gate {gate.name} of {self.unit.name}")
        return netlist

    def unpack_liberty(self):
        if self.liberty.exists():
            return
        source = self.technology.path
        with (gzip.open if source.suffix == ".gz" else open)(source, "rb") as packed, open(self.liberty, "wb") as out:
            shutil.copyfileobj(packed, out)

    def yosys(self, name, lines):
        script = self.folder / f"{name}.ys"
        script.write_text("\n".join(lines) + "\n", encoding="utf-8")
        tools.run(["yosys", "-q", script.name], self.folder, self.unit.name)

    def elaborate(self):
        """Down to generic gates and flip-flops, some with an enable. A multiplier is mapped by itself, before its
        partial products could be merged with the adder behind."""
        top = self.unit.top
        lines = [f"read_verilog {file}" for file in self.unit.files()]
        lines += [f"chparam -set {name} {value} {top}" for name, value in self.unit.parameters.items()]
        lines += [f"hierarchy -check -top {top}", "setattr -mod -set keep_hierarchy 1 *multiplier*",
                  f"synth -top {top} -run begin:check", "setattr -mod -unset keep_hierarchy *multiplier*",
                  "flatten", "opt -full", "opt_clean -purge"]
        enables = " -cell $_DFFE_PP_ 01" if self.technology.clock_gate else ""
        legal = f"dfflegalize -cell $_DFF_P_ 01{enables} -cell $_DLATCH_P_ 01"
        self.yosys("elaborate", lines + [legal, "opt_clean -purge", "write_json generic.json"])
        self.refuse_latches()

    def read(self):
        with open(self.folder / "generic.json", encoding="utf-8") as file:
            return json.load(file)

    def refuse_latches(self):
        for name, cell in self.read()["modules"][self.unit.top]["cells"].items():
            if "LATCH" in cell["type"].upper():
                where = cell["attributes"].get("src", name).split("|")[0]
                raise Refusal(f"{self.unit.name}: a latch at {where}, expected flip-flops alone")

    def gate_clocks(self):
        """Registers that share clock and enable get the clock through a gate instead of a multiplexer each."""
        design = self.read()
        module = design["modules"][self.unit.top]
        shared = {}
        for name, cell in module["cells"].items():
            if cell["type"] == "$_DFFE_PP_":
                key = cell["connections"]["E"][0], cell["connections"]["C"][0]
                shared.setdefault(key, []).append(name)
        net = 1 + max(bit for each in module["netnames"].values() for bit in each["bits"] if isinstance(bit, int))
        for (enable, clock), names in shared.items():
            for first in range(0, len(names) if len(names) >= FEWEST_GATED else 0, MOST_GATED):
                self.add_gate(module, net, enable, clock, names[first:first + MOST_GATED])
                net += 1
        (self.folder / "generic.json").write_text(json.dumps(design), encoding="utf-8")

    def add_gate(self, module, net, enable, clock, names):
        pins = self.technology.clock_gate
        nets = {pins["clock"]: [clock], pins["enable"]: [enable], pins["output"]: [net]}
        ways = {pins["clock"]: "input", pins["enable"]: "input", pins["output"]: "output"}
        module["cells"][f"clock_gate_{net}"] = {
            "hide_name": 0, "type": pins["cell"], "parameters": {}, "attributes": {"keep": "1".rjust(32, "0")},
            "port_directions": ways, "connections": nets}
        module["netnames"][f"gated_clock_{net}"] = {"hide_name": 0, "bits": [net], "attributes": {}}
        for name in names:
            cell = module["cells"][name]
            data = cell["connections"]
            cell["type"], cell["connections"] = "$_DFF_P_", {"D": data["D"], "Q": data["Q"], "C": [net]}
            cell["port_directions"].pop("E", None)

    def map(self):
        ties = [(option, getattr(self.technology, "values").get(key)) for option, key in
                (("-hicell", "tie_high"), ("-locell", "tie_low"))]
        hilomap = "hilomap " + " ".join(f"{option} {cell}" for option, cell in ties if cell)
        (self.folder / "abc.constr").write_text(
            f"set_driving_cell {self.technology.driving_cell}\nset_load {self.technology.output_load_ff}\n",
            encoding="utf-8")
        delay_ps = int(self.technology.period_ns * 1000 / 2)
        self.yosys("map", [
            "read_liberty -lib -overwrite cells.lib", "read_json generic.json", f"hierarchy -top {self.unit.top}",
            "dfflegalize -cell $_DFF_P_ 01", "simplemap", "opt", "dfflibmap -liberty cells.lib",
            f"abc -D {delay_ps} -constr abc.constr -liberty cells.lib", "opt_clean -purge",
            *([hilomap] if any(cell for _, cell in ties) else []), "opt_clean -purge",
            "write_verilog -noattr -noexpr -nohex netlist.v", "design -reset",
            "read_liberty -lib -overwrite cells.lib", "read_verilog netlist.v", f"hierarchy -top {self.unit.top}",
            "write_json netlist.json"])
