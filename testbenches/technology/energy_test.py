#!/usr/bin/env python3
"""Holds the energy calculator by hand: netlists of one, two and five gates, tables, conditions and waveforms."""
import pathlib
import tempfile
import unittest

import activity
from activity import Activity
from cells import Library
from energy import Calculator
from logic import probability, verilog
from netlist import Netlist

WIRE_FF, OUTPUT_FF = 1.0, 20.0

# Energies an edge, fJ: an inverter 1 and 3 for rise and fall; a NAND 4 for an edge of A, 6 for one of B; a flip-flop
# 10 at its clock pin, 0.5 at D, 7 at Q. Pins of 2, 3, 4, 5 and 1 fF.
LIBERTY = """library (toy) {
  capacitive_load_unit (1, ff); leakage_power_unit : "1nW"; time_unit : "1ns"; nom_voltage : VOLTS;
  power_lut_template (grid) { variable_1 : input_transition_time; variable_2 : total_output_net_capacitance;
    index_1 ("0, 1"); index_2 ("0, 40"); }
  cell (INV) { area : 1; cell_leakage_power : 10;
    pin (A) { direction : input; capacitance : 2; }
    pin (Y) { direction : output; function : "!A"; timing () { related_pin : "A"; }
      internal_power () { related_pin : "A";
        rise_power (scalar) { values ("1"); } fall_power (scalar) { values ("3"); } } } }
  cell (NAND) { area : 2; cell_leakage_power : 20;
    pin (A) { direction : input; capacitance : 3; }
    pin (B) { direction : input; capacitance : 4; }
    pin (Y) { direction : output; function : "(A B)'"; timing () { related_pin : "A"; }
      internal_power () { related_pin : "A"; power (scalar) { values ("4"); } }
      internal_power () { related_pin : "B"; power (scalar) { values ("6"); } } } }
  cell (FLOP) { area : 5; cell_leakage_power : 50; ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; }
    pin (CK) { direction : input; capacitance : 5; clock : true;
      internal_power () { power (scalar) { values ("10"); } } }
    pin (D) { direction : input; capacitance : 1; internal_power () { power (scalar) { values ("0.5"); } } }
    pin (Q) { direction : output; function : "IQ"; timing () { related_pin : "CK"; timing_type : rising_edge; }
      internal_power () { related_pin : "CK"; power (scalar) { values ("7"); } } } }
  cell (KNOWS_B) { area : 1; cell_leakage_power : 1;
    pin (A) { direction : input; capacitance : 2; }
    pin (B) { direction : input; capacitance : 2; }
    pin (Y) { direction : output; function : "A & B"; timing () { related_pin : "A"; }
      internal_power () { related_pin : "A"; when : "B"; power (scalar) { values ("8"); } }
      internal_power () { related_pin : "A"; when : "!B"; power (scalar) { values ("2"); } } } }
  cell (SLOPED) { area : 1; cell_leakage_power : 1;
    pin (A) { direction : input; capacitance : 2; }
    pin (Y) { direction : output; function : "A"; timing () { related_pin : "A"; }
      internal_power () { related_pin : "A"; power (grid) { values ("0, 10", "20, 30"); } } } }
}
"""


def library(volts=1):
    with tempfile.NamedTemporaryFile("w", suffix=".lib") as file:
        file.write(LIBERTY.replace("VOLTS", str(volts)))
        file.flush()
        return Library(file.name)


def netlist(ports, gates):
    """`ports`: way by name, `gates`: cell and net of each pin by name; nets by name too."""
    number = {}

    def net(name):
        return [number.setdefault(name, len(number) + 2)]

    module = {"ports": {name: {"direction": way, "bits": net(name)} for name, way in ports.items()},
              "cells": {name: {"type": cell, "connections": {pin: net(of) for pin, of in pins.items()}}
                        for name, (cell, pins) in gates.items()}}
    module["netnames"] = {name: {"bits": [bit]} for name, bit in number.items()}
    return Netlist(module)


def energy(circuit, edges, volts=1, high=None):
    calculator = Calculator(circuit, library(volts), WIRE_FF, OUTPUT_FF, 0.5)
    levels = {name: 0.5 for name in edges} | (high or {})
    return calculator.of(Activity(edges, levels, 1000))


ONE = netlist({"a": "input", "y": "output"}, {"g": ("INV", {"A": "a", "Y": "y"})})
TWO = netlist({"a": "input", "b": "input", "y": "output"},
              {"g": ("NAND", {"A": "a", "B": "b", "Y": "n"}), "h": ("INV", {"A": "n", "Y": "y"})})
FIVE = netlist({"clk": "input", "a": "input", "q1": "output"},
               {"f0": ("FLOP", {"CK": "clk", "D": "a", "Q": "q0"}), "f1": ("FLOP", {"CK": "clk", "D": "y", "Q": "q1"}),
                "g": ("NAND", {"A": "q0", "B": "q1", "Y": "n"}), "h": ("INV", {"A": "n", "Y": "m"}),
                "i": ("INV", {"A": "m", "Y": "y"})})


class Netlists(unittest.TestCase):
    def test_one_gate(self):
        found = energy(ONE, {"a": 10, "y": 10})
        self.assertAlmostEqual(found.nets, 0.5 * (2 + 1) * 10 + 0.5 * 20 * 10)  # pin and wire; the port's load
        self.assertAlmostEqual(found.logic, 10 * (1 + 3) / 2)
        self.assertAlmostEqual(found.total, 15 + 100 + 20)
        self.assertEqual(found.clock, 0)

    def test_one_gate_at_twice_the_voltage(self):
        found = energy(ONE, {"a": 10, "y": 10}, volts=2)
        self.assertAlmostEqual(found.nets, 4 * (15 + 100))
        self.assertAlmostEqual(found.logic, 20)  # the tables are of the library's own voltage

    def test_two_gates(self):
        found = energy(TWO, {"a": 4, "b": 12, "n": 6, "y": 6})
        self.assertAlmostEqual(found.nets, 0.5 * ((3 + 1) * 4 + (4 + 1) * 12 + (2 + 1) * 6 + 20 * 6))
        # An edge of n is a's in 4 of 16 cases, b's in 12.
        self.assertAlmostEqual(found.logic, 6 * (4 * 4 + 6 * 12) / 16 + 6 * 2)
        self.assertAlmostEqual(found.total, 107 + 33 + 12)

    def test_five_gates(self):
        found = energy(FIVE, {"clk": 40, "a": 10, "q0": 10, "q1": 8, "n": 6, "m": 6, "y": 6})
        self.assertAlmostEqual(found.clock_nets, 0.5 * 2 * (5 + 1) * 40)
        self.assertAlmostEqual(found.clock_pins, 2 * 40 * 10)
        self.assertAlmostEqual(found.registers, 0.5 * 10 + 0.5 * 6 + 7 * (10 + 8))
        self.assertAlmostEqual(found.logic, 6 * (4 * 10 + 6 * 8) / 18 + 2 * 6 * 2)
        self.assertAlmostEqual(found.nets,
                               0.5 * ((1 + 1) * 10 + (3 + 1) * 10 + (4 + 1 + 20) * 8 + 2 * (2 + 1) * 6 + (1 + 1) * 6))
        self.assertAlmostEqual(found.total, 240 + 800 + 134 + 88 / 3 + 24 + 154)

    def test_area_and_leakage_are_sums(self):
        calculator = Calculator(FIVE, library(), WIRE_FF, OUTPUT_FF, 0.5)
        self.assertAlmostEqual(calculator.area_um2(), 2 * 5 + 2 + 2 * 1)
        self.assertAlmostEqual(calculator.leakage_nw(), 2 * 50 + 20 + 2 * 10)

    def test_conditions_weigh_by_how_long_they_hold(self):
        circuit = netlist({"a": "input", "b": "input", "y": "output"},
                          {"g": ("KNOWS_B", {"A": "a", "B": "b", "Y": "y"})})
        found = energy(circuit, {"a": 8, "b": 0, "y": 8}, high={"b": 0.25})
        self.assertAlmostEqual(found.logic, 8 * (0.25 * 8 + 0.75 * 2), places=4)

    def test_tables_are_linear_between_slew_and_load(self):
        circuit = netlist({"a": "input", "y": "output"}, {"g": ("SLOPED", {"A": "a", "Y": "y"})})
        # Half way along the slew, 20 of 40 fF: the mean of 0, 10, 20 and 30.
        self.assertAlmostEqual(energy(circuit, {"a": 1, "y": 1}).logic, 15)

    def test_a_hash_is_the_circuits_not_its_net_numbers(self):
        again = netlist({"a": "input", "y": "output"}, {"g": ("INV", {"A": "a", "Y": "y"})})
        again.gates[0].pins = {"A": 77, "Y": 78}
        again.ports = {"a": ("input", [77]), "y": ("output", [78])}
        self.assertEqual(ONE.digest(), again.digest())
        again.gates[0].cell = "SLOPED"
        self.assertNotEqual(ONE.digest(), again.digest())


class Functions(unittest.TestCase):
    def test_libertys_forms_become_verilog(self):
        for function, expected in (("!A", "~A"), ("A'", "~A"), ("(A B)'", "~(A & B)"), ("A*B+C", "A&B|C"),
                                   ("(A+B)' C", "~(A|B) & C"), ("A !B", "A & ~B")):
            self.assertEqual(verilog(function), expected)

    def test_probabilities(self):
        self.assertAlmostEqual(probability("A & !B", {"A": 0.5, "B": 0.25}), 0.5 * 0.75)
        self.assertAlmostEqual(probability("A ^ !B", {"A": 0.25, "B": 0.25}), 0.25 * 0.25 + 0.75 * 0.75)
        self.assertAlmostEqual(probability("(A B)'", {"A": 0.5, "B": 0.5}), 0.75)


class Waveforms(unittest.TestCase):
    def test_edges_and_time_high(self):
        text = """$scope module bench $end
$scope module dut $end
$var wire 1 ! clk $end
$var wire 2 " bus [1:0] $end
$upscope $end
$upscope $end
$enddefinitions $end
#10
0!
bx "
#20
1!
b10 "
#40
0!
b1 "
#50
1!
#60
"""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.vcd"
            path.write_text(text, encoding="utf-8")
            found = activity.read(path)
        self.assertEqual(found.duration, 50)
        self.assertEqual(found.toggles, {"clk": 3, "bus[0]": 1, "bus[1]": 1})  # what comes out of x is none
        self.assertAlmostEqual(found.high["clk"], (20 + 10) / 50)
        self.assertAlmostEqual(found.high["bus[0]"], 20 / 50)
        self.assertAlmostEqual(found.high["bus[1]"], 20 / 50)


if __name__ == "__main__":
    unittest.main()
