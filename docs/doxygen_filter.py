"""A header as Doxygen reads it: plain comments before a declaration, or behind it, become documentation.

usage: doxygen_filter.py HEADER    prints it, line for line
"""
import re
import sys

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


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as header:
        print("\n".join(lines(header)))
