#!/usr/bin/env python3
"""Holds the sources to cmake/rooms.txt: includes go downwards, no stems include each other in a circle.

usage: rooms.py [SOURCE_DIR]

Also: SystemC stays out of traces/, pe/ and dataflows/; at most 13 files lie directly in traces/, models/ and
testbenches/; no file has more than 400 lines of code, no line of JavaScript more than 110 columns. A fault is a line
on stderr, and exit code 1.
"""
import pathlib
import re
import sys

TOPS = ["core", "traces", "pe", "memory", "dataflows", "models", "testbenches"]
WITHOUT_SYSTEMC = ("traces", "pe", "dataflows")
# Written as users write theirs, against the library's face.
OWN_ROOMS = ("testbenches/consumer", "testbenches/examples", "testbenches/toy_")
MOST_FILES, MOST_LINES, MOST_COLUMNS = 13, 400, 110
INCLUDE = re.compile(r'#include "([^"]+)"')


def read_rooms(file):
    """Of each room those it may include from; each has been named before."""
    rooms = {}
    for number, line in enumerate(file.read_text().splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        room, _, allowed = line.partition(":")
        for below in allowed.split():
            if below not in rooms:
                sys.exit(f"{file}:{number}: {room} includes from '{below}', expected a room that is named above it")
        rooms[room] = set(allowed.split())
    return rooms


def sources(root):
    for top in TOPS:
        for path in sorted((root / top).rglob("*")):
            name = path.relative_to(root)
            if path.suffix in (".h", ".cpp", ".cc", ".js", ".cjs") and "node_modules" not in name.parts:
                yield name, path.read_text(encoding="utf-8").splitlines()


def top_of(room):
    return TOPS.index(room.split("/")[0])


def include_fault(name, included, rooms):
    """What is wrong with a file's include, or nothing."""
    here, there = str(name.parent), str(pathlib.PurePath(included).parent)
    if here == there or str(name).startswith(OWN_ROOMS):
        return None
    if name.stem.endswith("_test") or here not in rooms:
        if there.split("/")[0] in TOPS and top_of(there) > top_of(here):
            return f"a test includes {included}, expected a room of {here.split('/')[0]}/ or below"
        return None
    if there in rooms[here]:
        return None
    return f"includes {included}, expected one of {here}'s rooms in cmake/rooms.txt: {' '.join(sorted(rooms[here]))}"


def lines_of_code(lines):
    return sum(1 for line in lines if line.strip() and not line.strip().startswith(("//", "*", "/*")))


def circles(arrows):
    """Strongly connected stems of more than one, by Tarjan's algorithm (SIAM J. Comput. 1, 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(stem):
        index[stem] = low[stem] = len(index)
        stack.append(stem)
        for below in arrows.get(stem, ()):
            if below not in index:
                visit(below)
                low[stem] = min(low[stem], low[below])
            elif below in stack:
                low[stem] = min(low[stem], index[below])
        if low[stem] == index[stem]:
            at = stack.index(stem)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for stem in list(arrows):
        if stem not in index:
            visit(stem)
    return found


def main(root):
    rooms, faults, arrows = read_rooms(root / "cmake" / "rooms.txt"), [], {}
    for name, lines in sources(root):
        if name.suffix in (".js", ".cjs"):
            faults += [f"{name}:{n}: {len(line)} columns, expected at most {MOST_COLUMNS}"
                       for n, line in enumerate(lines, 1) if len(line) > MOST_COLUMNS]
            continue
        if lines_of_code(lines) > MOST_LINES:
            faults.append(f"{name}: {lines_of_code(lines)} lines of code, expected at most {MOST_LINES}")
        for number, line in enumerate(lines, 1):
            if name.parts[0] in WITHOUT_SYSTEMC and re.match(r"#include <(systemc|tlm)", line):
                faults.append(f"{name}:{number}: SystemC, expected none in {name.parts[0]}/")
            match = INCLUDE.match(line)
            if not match:
                continue
            fault = include_fault(name, match.group(1), rooms)
            if fault:
                faults.append(f"{name}:{number}: {fault}")
            if not name.stem.endswith("_test"):
                stem, below = str(name.with_suffix("")), str(pathlib.PurePath(match.group(1)).with_suffix(""))
                if stem != below:
                    arrows.setdefault(stem, set()).add(below)
    faults += [f"a circle of includes: {' '.join(circle)}" for circle in circles(arrows)]
    for top in ("traces", "models", "testbenches"):
        files = sum(1 for path in (root / top).iterdir() if path.is_file())
        if files > MOST_FILES:
            faults.append(f"{top}/: {files} files, expected at most {MOST_FILES}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
