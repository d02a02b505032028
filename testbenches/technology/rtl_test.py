#!/usr/bin/env python3
"""Holds the Verilog of units: clean under verilator's lint, and equal to arithmetic on random works.

    rtl_test.py lint          every module of pe/*/rtl
    rtl_test.py arithmetic    1,000 works a unit, ten times as many with BASIL_FULL=1

Exit code 77 where verilator or Icarus is absent.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import simulation
import tools
import unit
from refusal import Refusal

WORKS = 10000 if os.environ.get("BASIL_FULL") else 1000


def rtl_files():
    folders = sorted({*unit.ROOT.glob("pe/*/rtl"), unit.HERE / "rtl"})
    return [file for folder in folders for file in sorted(folder.glob("*.v"))]


def lint():
    """Module by module, the others being found by their file's name."""
    files = rtl_files()
    paths = [f"-I{folder}" for folder in sorted({file.parent for file in files})]
    faults = 0
    for file in files:
        modules = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("module ")]
        if len(modules) != 1 or modules[0].split()[1] != file.stem:
            print(f"{file}: found {len(modules)} modules, expected the one that the file is named after")
            faults += 1
        done = subprocess.run(["verilator", "--lint-only", "-Wall", *paths, "--top-module", file.stem, file],
                              capture_output=True, text=True, check=False)
        if done.returncode or done.stderr.strip():
            print(done.stderr)
            faults += 1
    print(f"{len(files)} modules, {faults} with faults")
    return 1 if faults or not files else 0


def ports(each, folder):
    """Names and widths of inputs and outputs, with the unit's parameters, as yosys sees them."""
    tools.run(["yosys", "-q", "-p", "; ".join([
        f"read_verilog {' '.join(map(str, each.files()))}",
        *(f"chparam -set {name} {value} {each.top}" for name, value in each.parameters.items()),
        f"hierarchy -top {each.top}", "proc", "write_json ports.json"])], folder, each.name)
    module = json.loads((folder / "ports.json").read_text(encoding="utf-8"))["modules"][each.top]
    return ([(name, len(port["bits"])) for name, port in module["ports"].items()
             if port["direction"] == way and name != "clk"] for way in ("input", "output"))


def held(each):
    """Values that equal arithmetic, over random works."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        inputs, outputs = ports(each, folder)
        works = each.works("mixed", WORKS + max(each.latency.values()))
        found = simulation.rtl(each, works, inputs, outputs, 10.0, folder)
        return simulation.against_arithmetic(each, works, found, outputs)


def arithmetic():
    faults = 0
    for each in unit.load().values():
        try:
            print(f"{each.name:24} {WORKS} works, {held(each)} values equal arithmetic")
        except Refusal as refusal:
            print(refusal)
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else "arithmetic"
    needed = ["verilator"] if what == "lint" else ["iverilog", "yosys"]
    missing = [tool for tool in needed if not shutil.which(tool)]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed")
        sys.exit(77)
    sys.exit(lint() if what == "lint" else arithmetic())
