"""Measurements as a file: rows in the form of models/technologies/, and what each unit came to."""
import decimal
import textwrap

FJ = 1e-3  # pJ


def figure(value):
    """Four digits, more than the flow is good for, without an exponent."""
    return f"{decimal.Decimal(f'{value:.4g}'):f}"


def of_library(technology):
    library = technology.library
    return f"{technology.name} {library.corner}, {library.voltage:g} V, {library.temperature:g} C"


def source(row, unit, measured, technology, versions):
    tools = ", ".join(f"{name} {version}" for name, version in versions.items())
    note = f"; {row.note}" if row.note else ""
    return (f"{unit.name}, {of_library(technology)}; profile {row.profile}, {measured.cycles} cycles{note}; "
            f"netlist {measured.digest}; {tools}; low: no glitches")


def energies_pj(row, measured):
    """Of one use: gates without delay, and with."""
    cost = measured.costs[row.profile]
    zero, timed = (getattr(energy, row.part) * row.share * FJ for energy in (cost.zero_delay, cost.timed))
    return min(zero, timed), timed


def row_lines(row, unit, measured, technology, versions):
    low, nominal = energies_pj(row, measured)
    lines = [f"  {row.item}:",
             f"    pj: {{nominal: {figure(nominal)}, low: {figure(low)}, high: {figure(nominal)}}}",
             "    unit: pJ/bit" if row.bits == 1 else "    unit: pJ/op", f"    bits: {row.bits}"]
    if row.has_area:
        lines += [f"    area_um2: {figure(measured.area_um2 * row.share)}",
                  f"    leakage_uw: {figure(measured.leakage_uw * row.share)}"]
    text = source(row, unit, measured, technology, versions)
    return lines + ["    tag: measured", "    source: >-"] + textwrap.wrap(
        text, 110, initial_indent="      ", subsequent_indent="      ", break_long_words=False,
        break_on_hyphens=False)


def unit_lines(unit, measured):
    lines = [f"  {unit.name}:", f"    summary: \"{unit.summary}\"", f"    netlist: {measured.digest}",
             f"    area_um2: {figure(measured.area_um2)}", f"    cells: {measured.cells}",
             f"    flip_flops: {measured.flip_flops}", f"    clock_gates: {measured.clock_gates}"]
    if measured.delay_ns is not None:
        lines.append(f"    delay_ns: {figure(measured.delay_ns)}")
    lines.append(f"    leakage_uw: {figure(measured.leakage_uw)}")
    lines.append("    fj_a_cycle:  # with glitches, without, and of the first the clock's")
    for profile, cost in measured.costs.items():
        lines.append(f"      {profile}: [{figure(cost.timed.total)}, {figure(cost.zero_delay.total)}, "
                     f"{figure(cost.timed.clock)}]")
    return lines


def text(results, technology, versions):
    """`results`: unit and measurement pairs."""
    lines = ["# Measured by testbenches/technology/measure.py; see docs/measured-prices.md. Not to be edited.",
             f"library: {technology.name}", f"node_nm: {technology.node_nm}", f"vdd: {technology.library.voltage:g}",
             f"corner: {technology.library.corner}", f"source: {technology.source}",
             f"licence: {technology.licence}",
             "tools: {" + ", ".join(f"{name}: \"{version}\"" for name, version in versions.items()) + "}",
             "", "rows:"]
    for unit, measured in results:
        for row in unit.rows:
            lines += row_lines(row, unit, measured, technology, versions)
    lines += ["", "units:"]
    for unit, measured in results:
        lines += unit_lines(unit, measured)
    return "\n".join(lines) + "\n"


def summary(results):
    """A line a unit, for a person."""
    head = ("unit", "um2", "flip-flops", "ns", "leaks uW", "random fJ", "cnn fJ", "gated fJ", "idle fJ", "netlist")
    lines = [head]
    for unit, measured in results:
        delay = "-" if measured.delay_ns is None else f"{measured.delay_ns:.2f}"
        energies = (f"{cost.timed.total:.0f}" for cost in measured.costs.values())
        lines.append((unit.name, f"{measured.area_um2:.1f}", str(measured.flip_flops), delay,
                      f"{measured.leakage_uw:.3g}", *energies, measured.digest))
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) if column in (0, len(head) - 1) else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(line, widths))).rstrip() for line in lines)
