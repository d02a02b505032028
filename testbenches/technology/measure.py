#!/usr/bin/env python3
"""Measures what units cost in a library: from their Verilog and a Liberty file to rows of a technology table.

    measure.py LIBRARY                     the units of pe/*/rtl, a line each
    measure.py LIBRARY -o FILE             the same, and rows with their sources
    measure.py LIBRARY --check FILE        measures again, and says where FILE differs: exit code 1
    measure.py --list                      libraries and units

LIBRARY is a name of libraries/ or a .toml file of the same form. Synthesis by yosys, delays by OpenSTA, simulation of
RTL and gates by Icarus; gates must give what the RTL gives, and the RTL what arithmetic does. The same input gives the
same file. docs/measured-prices.md says what the figures mean. Exit code 2: bad input, and nothing is written.
"""
import argparse
import concurrent.futures
import difflib
import os
import pathlib
import re
import sys

import libraries
import table
import tools
import unit
from measurement import measure
from refusal import Refusal

CYCLES = 600


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", nargs="?", metavar="LIBRARY")
    parser.add_argument("--liberty", metavar="FILE", help="instead of the Liberty file that LIBRARY names")
    parser.add_argument("--units", metavar="NAME,...", default="", help="some of the units")
    parser.add_argument("--cycles", type=int, default=CYCLES, help=f"of each profile (default {CYCLES})")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="units side by side")
    parser.add_argument("-o", "--output", metavar="FILE", help="write rows there")
    parser.add_argument("--check", metavar="FILE", help="compare with rows measured before")
    parser.add_argument("--list", action="store_true", help="libraries and units")
    return parser.parse_args()


def measured(names, technology, cycles, jobs):
    """Unit and measurement pairs, in the order of the units whatever the jobs."""
    chosen = unit.chosen(names, unit.load())
    with concurrent.futures.ThreadPoolExecutor(max(jobs, 1)) as pool:  # the tools are processes of their own
        pending = [pool.submit(measure, each, technology, cycles) for each in chosen]
        for done, _ in enumerate(concurrent.futures.as_completed(pending), 1) if sys.stderr.isatty() else ():
            print(f"\r{done} of {len(pending)} units", end="\n" if done == len(pending) else "", file=sys.stderr)
        try:
            return [(each, future.result()) for each, future in zip(chosen, pending)]
        except Refusal:
            for future in pending:
                future.cancel()
            raise


def write(path, text):
    """Whole or not at all."""
    path = pathlib.Path(path)
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as fault:
        raise Refusal(f"{path}: {fault.strerror}, expected a file that can be written") from None


def blocks(text):
    """The file's rows and units, each with its heading, and what stands between them."""
    return re.split(r"\n(?=  \w|\w|\n)", text)


def differences(path, text):
    """Lines of the file that a rerun gives otherwise; rows and units of the file that were not measured stay out."""
    try:
        before = pathlib.Path(path).read_text(encoding="utf-8")
    except OSError as fault:
        raise Refusal(f"{path}: {fault.strerror}, expected rows measured before") from None
    headings = {block.splitlines()[0] for block in blocks(text) if block}
    kept = [block for block in blocks(before) if not block or block.splitlines()[0] in headings]
    return list(difflib.unified_diff("\n".join(kept).splitlines(), text.splitlines(), str(path), "now", lineterm="",
                                     n=2))


def main():
    given = arguments()
    if given.list:
        print("libraries: " + ", ".join(libraries.known()))
        for each in unit.load().values():
            print(f"{each.name:22} {each.summary}")
        return 0
    if not given.library:
        raise Refusal("no library, expected one of " + ", ".join(libraries.known()) + " or a .toml file")
    if given.cycles < 16:
        raise Refusal(f"--cycles: {given.cycles}, expected at least 16")
    versions = tools.versions()
    technology = libraries.load(given.library, given.liberty)
    results = measured([name for name in given.units.split(",") if name], technology, given.cycles, given.jobs)
    text = table.text(results, technology, versions)
    print(table.of_library(technology))
    print(table.summary(results))
    if given.check:
        found = differences(given.check, text)
        print("\n".join(found) if found else f"{given.check}: {len(results)} units measured again, no line differs")
        return 1 if found else 0
    if given.output:
        write(given.output, text)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refusal as refusal:
        print(f"measure.py: {refusal}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(2)
