"""Delays of a netlist by OpenSTA: the longest path between registers, and an SDF file for simulation."""
import re

import tools
from refusal import Refusal


def analyse(unit, technology, folder):
    """Nanoseconds from register to register, set-up time included; writes netlist.sdf."""
    script = f"""
read_liberty cells.lib
read_verilog netlist.v
link_design {unit.top}
create_clock -name clk -period {technology.period_ns} [get_ports clk]
report_checks -from [all_registers -clock_pins] -to [all_registers -data_pins] -format full -digits 4
write_sdf -no_timestamp opensta.sdf
exit
"""
    (folder / "timing.tcl").write_text(script, encoding="utf-8")
    text = tools.run(["sta", "-no_splash", "-exit", "timing.tcl"], folder, unit.name)
    fault = re.search(r"Error:[^\n]*", text)
    if fault:
        raise Refusal(f"{unit.name}: sta: {fault.group()}")
    sdf = (folder / "opensta.sdf").read_text(encoding="utf-8")
    (folder / "netlist.sdf").write_text(plain_sdf(sdf, unit.top), encoding="utf-8")
    arrival = re.search(r"([\d.]+)\s+data arrival time", text)
    setup = re.search(r"(-?[\d.]+)\s+-?[\d.]+\s+library setup time", text)
    if not arrival:
        return None  # no path from a register to a register
    return float(arrival.group(1)) - (float(setup.group(1)) if setup else 0.0)


IOPATH = re.compile(r"\(IOPATH (?:\((?:posedge|negedge) (\S+)\)|(\S+)) (\S+) \(([\d.]*)::([\d.]*)\)"
                    r"(?: \(([\d.]*)::([\d.]*)\))?\)")
CELL = re.compile(r'\(CELL\s+\(CELLTYPE "(\w+)"\)\s+\(INSTANCE ([^\s)]+)\)(.*?)(?=\n \(CELL|\Z)', re.DOTALL)


def middle(low, high):
    return (float(low or high or 0) + float(high or low or 0)) / 2


def plain_sdf(text, top):
    """What Icarus 11 takes: one delay an arc, midway between OpenSTA's two, conditions and edges averaged."""
    out = [f'(DELAYFILE\n (SDFVERSION "3.0")\n (DESIGN "{top}")\n (DIVIDER .)\n (TIMESCALE 1ns)\n']
    for kind, instance, body in CELL.findall(text):
        arcs = {}
        for edge, pin, end, low, high, fall_low, fall_high in IOPATH.findall(body):
            rise = middle(low, high)
            fall = middle(fall_low, fall_high) if fall_low or fall_high else rise
            arcs.setdefault((edge or pin, end), []).append((rise, fall))
        if not arcs:
            continue
        out.append(f' (CELL (CELLTYPE "{kind}") (INSTANCE {instance})\n  (DELAY (ABSOLUTE\n')
        for (start, end), delays in arcs.items():
            rise, fall = (sum(delay[way] for delay in delays) / len(delays) for way in (0, 1))
            out.append(f"   (IOPATH {start} {end} ({rise:.4f}) ({fall:.4f}))\n")
        out.append("  ))\n )\n")
    return "".join(out) + ")\n"
