#!/usr/bin/env python3
"""The memory that a run states against the memory that its processes really take together.

usage: memory_stated_test.py BASIL

A trace whose layers have many sums and little work is run, compared and swept with several --jobs. What all processes
take at a time is the sum of their proportional set sizes (a page that n share counts 1/n in each), looked at every few
milliseconds; what is stated must be that to a tenth, or more, but not twice as much.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

SHAPES = """name: wide
source: made up
layers:
""" + "".join(f"  - {{name: L{i}, C: 4, H: 400, K: 16, R: 1}}\n" for i in range(4))
STUDY = "traces: wide.npz\naccelerators: eyeriss\nparameters: {clock_mhz: [100, 200, 300, 400]}\n"
UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9}


def family(pid):
    """A process and all below it."""
    found = [pid]
    for each in found:
        try:
            for thread in os.listdir(f"/proc/{each}/task"):
                with open(f"/proc/{each}/task/{thread}/children", encoding="ascii") as file:
                    found += [int(child) for child in file.read().split()]
        except OSError:
            pass  # it has ended
    return found


def taken(pid):
    """Bytes: its proportional set size."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return 1024 * int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M)[1])
    except (OSError, TypeError):
        return 0  # it has ended


def peak_of(basil, words, folder):
    """(what all processes took at most at a time, how many there were, the printed text)"""
    with open(os.path.join(folder, "printed"), "w+", encoding="utf-8") as printed:
        with subprocess.Popen([basil, *words.split()], cwd=folder, stdout=printed, stderr=subprocess.STDOUT) as run:
            peak = most = 0
            while run.poll() is None:
                processes = family(run.pid)
                peak, most = max(peak, sum(map(taken, processes))), max(most, len(processes))
                time.sleep(0.003)
        printed.seek(0)
        text = printed.read()
    if run.returncode != 0:
        sys.exit(f"memory_stated_test.py: {words}: exit code {run.returncode}\n{text}")
    return peak, most, text


def stated(basil, words, folder, text):
    """Bytes: as printed, or of a sweep, which prints no memory, the most that it refuses a limit for."""
    found = re.search(r"memory: about ([\d.]+) (\wB)", text)
    limit = 25e6
    while not found:
        ran = subprocess.run([basil, *words.split(), "--memory", f"{limit:.0f}"], cwd=folder, capture_output=True,
                             text=True, check=False)
        if ran.returncode == 0:
            return limit
        said = re.search(r"of about ([\d.]+) (\wB)", ran.stderr)
        if not said:
            sys.exit(f"memory_stated_test.py: {words}: no memory stated:\n{text}{ran.stderr}")
        limit = 1.02 * float(said[1]) * UNITS[said[2]]
    return float(found[1]) * UNITS[found[2]]


def main(words):
    basil = os.path.abspath(words[0])
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("wide.yaml", SHAPES), ("study.yaml", STUDY)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        subprocess.run([basil, "synth", "wide.yaml", "-o", "wide.npz"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        for command in ("run wide.npz --on eyeriss", "run wide.npz --on scnn", "compare wide.npz --on eyeriss,dcnn",
                        "sweep study.yaml --db {jobs}.sqlite"):
            for jobs in (1, 2, 4):
                words = f"{command.format(jobs=jobs)} --jobs {jobs}"
                peak, most, text = peak_of(basil, words, folder)
                says = stated(basil, words, folder, text)
                good = peak <= 1.1 * says and says <= 2 * peak
                wrong += not good
                print(f"{'ok' if good else 'WRONG':5} {says / 1e6:6.0f} MB stated, "
                      f"{peak / 1e6:6.0f} MB taken by {most}: {words}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
