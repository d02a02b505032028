"""The reference of the library's headers, by Doxygen: plain comments before a declaration, or behind it, are its
documentation.

usage: reference.py SOURCES OUTPUT    writes OUTPUT/html; exits with 1 where Doxygen warns, with 77 where it is missing
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOMS = ("core", "traces", "pe", "memory", "dataflows", "models")
ALONE = re.compile(r"^(\s*)// ?(.*)$")
BEHIND = re.compile(r"^(\s*\S.*?[;,{}()>])(\s+)// (.*)$")


def literal(text):
    """Signs that would be commands, HTML or links stand for themselves."""
    return re.sub(r"([\\@<>&#%$])", r"\\\1", text).replace("::", r"\::").replace('"', r"\"")


def lines(source):
    behind = None  # the column of a comment behind a declaration, which the next line may go on with
    for line in source:
        line = line.rstrip("\n")
        alone = ALONE.match(line)
        if alone and behind is not None and len(alone[1]) == behind:
            yield f"{alone[1]}///< {literal(alone[2])}"
            continue
        behind = None
        if line == "#pragma once":
            yield "/// @file"  # of which the comment above speaks
        elif alone:
            yield f"{alone[1]}/// {literal(alone[2])}"
        elif (found := BEHIND.match(line)) and '"' not in found[1]:
            behind = len(found[1] + found[2])
            yield f"{found[1]}{found[2]}///< {literal(found[3])}"
        else:
            yield line


def write_headers(sources, folder):
    for room in ROOMS:
        for header in sorted((sources / room).rglob("*.h")):
            if "testing" in header.parts:
                continue
            there = folder / header.relative_to(sources)
            there.parent.mkdir(parents=True, exist_ok=True)
            with open(header, encoding="utf-8") as source:
                there.write_text("\n".join(lines(source)) + "\n", encoding="utf-8")


def main(sources, output):
    if shutil.which("doxygen") is None:
        print("skipped: no doxygen")
        return 77
    shutil.rmtree(output, ignore_errors=True)
    headers = output / "headers"
    write_headers(sources, headers)
    settings = (sources / "docs/Doxyfile").read_text(encoding="utf-8")
    settings += f"OUTPUT_DIRECTORY = {output}\nINPUT = {headers}\nSTRIP_FROM_PATH = {headers}\n"
    settings += f"STRIP_FROM_INC_PATH = {headers}\n"
    return 1 if subprocess.run(["doxygen", "-"], input=settings, text=True, check=False).returncode else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
