"""Runs a unit's works through its RTL and through its gates, in Icarus: outputs a cycle, a waveform of the gates."""
import tools
from cell_models import models
from refusal import Refusal

WARM_UP = 8  # cycles before the waveform begins

BENCH = """`timescale 1ns/1ps
module bench;
  reg clk = 0;
  reg [{width}-1:0] works[0:{cycles}-1], work;
  integer cycle, out;
{wires}
  {top}{parameters} dut (.clk(clk){ports});
  initial begin
    $readmemh("works.hex", works);
    work = 0;
{annotate}    out = $fopen("{outputs}");
    for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin
{dump}      #{early} work = works[cycle];
      #{half} clk = 0;
      #{half} $fdisplay(out, "{format}"{values});
      #{early} clk = 1;
    end
    $fclose(out);
    $finish;
  end
endmodule
"""


def write_works(works, inputs, folder):
    """A line a cycle, the inputs side by side."""
    lines = []
    for work in works:
        word = 0
        for name, width in inputs:
            word = word << width | work[name] & (1 << width) - 1
        lines.append(f"{word:x}")
    (folder / "works.hex").write_text("\n".join(lines) + "\n", encoding="utf-8")


def bench(unit, inputs, outputs, cycles, period_ns, gates, timed):
    """Inputs change a twentieth of a period after the clock's edge; outputs are read as long before the next."""
    wires, place = [], sum(width for _, width in inputs)
    total = place
    for name, width in inputs:
        wires.append(f"  wire [{width - 1}:0] {name} = work[{place - 1}:{place - width}];")
        place -= width
    wires += [f"  wire [{width - 1}:0] {name};" for name, width in outputs]
    early = period_ns * 0.05
    begin = f'      if (cycle == {WARM_UP}) begin $dumpfile("gates.vcd"); $dumpvars(1, dut); end\n'
    parameters = ", ".join(f".{name}({value})" for name, value in unit.parameters.items())
    return BENCH.format(
        width=total, cycles=cycles, wires="\n".join(wires), top=unit.top,
        parameters=f" #({parameters})" if parameters and not gates else "",
        ports="".join(f", .{name}({name})" for name, _ in inputs + outputs),
        annotate='    $sdf_annotate("netlist.sdf", dut);\n' if timed else "",
        outputs="gates.out" if gates else "rtl.out", dump=begin if gates else "",
        early=f"{early:.4f}", half=f"{period_ns / 2 - early:.4f}",
        format=" ".join("%h" for _ in outputs), values="".join(f", {name}" for name, _ in outputs))


def run(unit, sources, text, folder, gates, timed):
    (folder / "bench.v").write_text(text, encoding="utf-8")
    specify = ["-gspecify", "-Ttyp"] if timed else ["-gno-specify"]
    tools.run(["iverilog", "-g2005", *specify, "-s", "bench", "-o", "bench.vvp", "bench.v", *map(str, sources)], folder,
              unit.name)
    tools.run(["vvp", "-n", "bench.vvp"], folder, unit.name)
    lines = (folder / ("gates.out" if gates else "rtl.out")).read_text(encoding="utf-8").splitlines()
    return [[None if "x" in word or "z" in word else int(word, 16) for word in line.split()] for line in lines]


def rtl(unit, works, inputs, outputs, period_ns, folder):
    """Outputs of each cycle, None where they are not known yet."""
    write_works(works, inputs, folder)
    text = bench(unit, inputs, outputs, len(works), period_ns, False, False)
    return run(unit, unit.files(), text, folder, False, False)


def gates(unit, technology, netlist, works, folder, timed):
    """The same of the netlist, with cells that take no time or the SDF file's; leaves gates.vcd."""
    inputs, outputs = netlist.widths("input"), netlist.widths("output")
    write_works(works, inputs, folder)
    (folder / "cells.v").write_text(models(technology.library, netlist.count()), encoding="utf-8")
    text = bench(unit, inputs, outputs, len(works), technology.period_ns, True, timed)
    return run(unit, ["netlist.v", "cells.v"], text, folder, True, timed)


def compare(unit, found, expected, outputs, what, other):
    """Refusal at the first difference. What is not known on the `expected` side is not compared."""
    for cycle, (left, right) in enumerate(zip(found, expected)):
        for (name, _), one, two in zip(outputs, left, right):
            if two is not None and one != two:
                raise Refusal(f"{unit.name}: cycle {cycle}: {name} is {one} in {what}, expected {two} of {other}")


def against_arithmetic(unit, works, found, outputs):
    """How many values were held; the RTL's outputs are those of the unit's arithmetic, its latency later."""
    held = 0
    for cycle, expected in enumerate(unit.expected(works)):
        for place, (name, _) in enumerate(outputs):
            at = cycle + unit.latency.get(name, 0)
            if name not in expected or at >= len(found):
                continue
            if found[at][place] != expected[name]:
                raise Refusal(f"{unit.name}: work {cycle}: {name} is {found[at][place]} in RTL, "
                              f"expected {expected[name]} by arithmetic")
            held += 1
    if held == 0:
        raise Refusal(f"{unit.name}: no output was compared with arithmetic")
    return held
