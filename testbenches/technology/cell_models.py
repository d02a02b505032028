"""Verilog models of a library's cells for gate-level simulation, written from their Liberty functions, with arcs that
an SDF file gives delays."""
from logic import verilog
from refusal import Refusal


def state_of(cell):
    """Lines that keep a cell's state, by its ff, latch or statetable group."""
    state = cell.state
    if state is None:
        return []
    if state.kind == "statetable":
        return clock_gate_state(cell)
    q, inverse = state.arguments[:2]
    if state.kind == "ff":
        return [f"reg {q}; initial {q} = 0; wire {inverse} = ~{q};",
                f"always @(posedge clock_edge) {q} <= {verilog(state.get('next_state'))};",
                f"wire clock_edge = {verilog(state.get('clocked_on'))};"]
    return [f"reg {q}; initial {q} = 0; wire {inverse} = ~{q};",
            f"always @* if ({verilog(state.get('enable', '0'))}) {q} = {verilog(state.get('data_in', '0'))};"]


def clock_gate_state(cell):
    """Of an integrated clock gate: a latch, transparent while the clock is low."""
    clocks = [pin.name for pin in cell.of_direction("input") if pin.clock]
    if len(clocks) != 1:
        raise Refusal(f"{cell.name}: a statetable and {len(clocks)} clock pins, expected a clock gate's one")
    enables = " | ".join(pin.name for pin in cell.of_direction("input") if not pin.clock)
    state = cell.state.arguments[-1].split()[0]
    return [f"reg {state}; initial {state} = 0;", f"always @* if (~{clocks[0]}) {state} = {enables};"]


def arcs_of(cell):
    """Input to output, for the delays of combinational gates and clock edges."""
    arcs = []
    for pin in cell.of_direction("output"):
        for related, kind in pin.timing:
            if kind in ("combinational", "rising_edge", "falling_edge"):
                arcs += [(start, pin.name) for start in related if (start, pin.name) not in arcs]
    return arcs


def model(cell):
    ins = [pin.name for pin in cell.of_direction("input")]
    outs = [pin.name for pin in cell.of_direction("output")]
    lines = [f"module {cell.name} ({', '.join(ins + outs)});"]
    lines += [f"  input {name};" for name in ins] + [f"  output {name};" for name in outs]
    lines += ["  " + line for line in state_of(cell)]
    for pin in cell.of_direction("output"):
        if pin.function:
            lines.append(f"  assign {pin.name} = {verilog(pin.function)};")
    arcs = arcs_of(cell)
    if arcs:
        lines.append("  specify")
        lines += [f"    ({start} => {end}) = (0, 0);" for start, end in arcs]
        lines.append("  endspecify")
    return "\n".join(lines + ["endmodule", ""])


def models(library, names):
    """Of the cells named."""
    parts = [model(library.of(name, "a gate's model")) for name in sorted(names)]
    return "`timescale 1ns/1ps\n" + "\n".join(parts)
