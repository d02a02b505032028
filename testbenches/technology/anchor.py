#!/usr/bin/env python3
"""Rows for a technology table from measured ones: ratio times anchor.

    anchor.py MEASURED TABLE [-o FILE]

MEASURED is a file of measure.py, TABLE one of models/technologies/. Gates simulated from a typical library cost two to
four times what chips publish, but their ratios hold: so mac_int4, mac_int8 and mac_int16 keep what TABLE has, and every
other row takes its measured ratio to mac_int8 times TABLE's mac_int8. The bracket is that value and the measured one.
Area and leakage are as measured. No row is fitted to an accelerator's result.
"""
import argparse
import pathlib
import sys
import textwrap

import yaml

from measure import write
from refusal import Refusal
from table import figure

ANCHOR = "mac_int8"
KEPT = ("mac_int4", "mac_int8", "mac_int16")


def rows_of(path):
    try:
        rows = (yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8")) or {}).get("rows")
    except OSError as fault:
        raise Refusal(f"{path}: {fault.strerror}, expected a file with rows") from None
    except (yaml.YAMLError, AttributeError) as fault:
        raise Refusal(f"{path}: {' '.join(str(fault).split())}, expected YAML with rows") from None
    if not rows or ANCHOR not in rows:
        raise Refusal(f"{path}: no row {ANCHOR}, expected the anchor")
    return rows


def anchored(item, row, measured, table):
    """The row as a table has it: pJ nominal, low and high, area and leakage, tag, source."""
    ratio = row["pj"]["nominal"] / measured[ANCHOR]["pj"]["nominal"]
    value = ratio * table[ANCHOR]["pj"]["nominal"]
    low, high = sorted((value, row["pj"]["nominal"]))
    source = (f"{figure(ratio)} x {ANCHOR}'s {figure(table[ANCHOR]['pj']['nominal'])} pJ; the ratio, the bracket's "
              f"other end, area and leakage are measured: {row['source']}")
    return {**row, "pj": {"nominal": value, "low": low, "high": high}, "tag": "derived", "source": source}


def lines_of(item, row):
    energies = ", ".join(f"{key}: {figure(row['pj'][key])}" for key in ("nominal", "low", "high"))
    lines = [f"  {item}:", f"    pj: {{{energies}}}", f"    unit: {row['unit']}", f"    bits: {row['bits']}"]
    lines += [f"    {key}: {figure(row[key])}" for key in ("area_um2", "leakage_uw") if key in row]
    lines += [f"    tag: {row['tag']}", "    source: >-"]
    return lines + textwrap.wrap(row["source"], 110, initial_indent="      ", subsequent_indent="      ",
                                 break_long_words=False, break_on_hyphens=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", metavar="MEASURED")
    parser.add_argument("table", metavar="TABLE")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the rows there")
    given = parser.parse_args()
    measured, table = rows_of(given.measured), rows_of(given.table)
    lines = ["rows:"]
    print(f"{'row':22} {'measured pJ':>12} {'anchored pJ':>12} {'in the table':>13}")
    for item, row in measured.items():
        there = table.get(item)
        now = figure(there["pj"]["nominal"]) if there else "-"
        if item in KEPT:
            print(f"{item:22} {figure(row['pj']['nominal']):>12} {'kept':>12} {now:>13}")
            continue
        found = anchored(item, row, measured, table)
        print(f"{item:22} {figure(row['pj']['nominal']):>12} {figure(found['pj']['nominal']):>12} {now:>13}")
        lines += lines_of(item, found)
    if given.output:
        write(given.output, "\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refusal as refusal:
        print(f"anchor.py: {refusal}", file=sys.stderr)
        sys.exit(2)
