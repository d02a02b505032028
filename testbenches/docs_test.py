#!/usr/bin/env python3
"""Runs every command of a document that shows one, and holds what it prints against what the document shows.

usage: docs_test.py BASIL SOURCE_DIR [--update] [DOCUMENT...]

A command is an indented line "$ ...", or one that begins with "basil" and has no output shown. The lines below a "$"
are its output: all of it, or, where a line among them is "...", parts of it in order. Commands run in order in a folder that has
the sources' traces/ and testbenches/ and a folder out/. --update writes what is printed into the document.
Exit code 77: skipped, with the reason. BASIL_FULL=1 runs those of minutes too.
"""
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = {  # what cannot run here, and why
    "gtkwave": "opens a window",
    "cmake": "builds the program itself",
    "cp -r testbenches/toy_unit": "the toy's own test does it",
    "toy_unit/serial.yaml": "needs the build above",
    "model.onnx": "a model of the reader's own",
    "my-escalate.yaml": "a machine of the reader's own",
    "./demo.sh": "runs in CI", "./test.sh": "runs this",
    "npm": "CI does it",
}
MINUTES = ("selftest", "sweep testbenches/studies", "unit-types.sqlite")
BUILD = re.compile(r"build [0-9a-f]{12}")


class Block:
    """A command, where it stands, and the lines shown below it."""

    def __init__(self, line, command):
        self.line, self.command, self.shown = line, command, []


def blocks_of(lines):
    """The commands of a document, with their outputs."""
    found, current = [], None
    for number, line in enumerate(lines):
        text = line[4:] if line.startswith("    ") else None
        if text is not None and text.startswith("$ "):
            current = Block(number, text[2:])
            found.append(current)
        elif text is not None and text.startswith("basil ") and current is None:
            found.append(Block(number, text))
        elif current is not None and (text is not None or not line.strip()):
            current.shown.append(text if text is not None else "")
        else:
            current = None
    for block in found:
        while block.shown and not block.shown[-1].strip():
            block.shown.pop()
    return found


def plain(line):
    return BUILD.sub("build ...", line.rstrip())


def misfit(shown, printed):
    """The first line shown that is not printed in its place, or None."""
    parts = any(line.strip() == "..." for line in shown)
    at, gap = 0, parts
    for line in shown:
        if line.strip() == "...":
            gap = True
            continue
        here = [i for i in range(at, len(printed)) if plain(printed[i]) == plain(line)]
        if not here or (not gap and here[0] != at):
            return line
        at, gap = here[0] + 1, False
    if not parts and at < len(printed):
        return "(the end)"
    return None


def updated(shown, printed):
    """The lines to show of what is printed: all, or those most like the ones that stood between the dots."""
    if not any(line.strip() == "..." for line in shown):
        return printed
    result, at = [], 0
    for line in shown:
        if line.strip() == "..." or at >= len(printed):
            result.append(line)
            continue
        rest = printed[at:]
        best = max(range(len(rest)), key=lambda i: (difflib.SequenceMatcher(None, line, rest[i]).ratio(), -i))
        result.append(rest[best])
        at += best + 1
    return result


def prepare(folder, source):
    """What the documents take for granted."""
    for name in ("traces", "testbenches", "models"):
        os.symlink(os.path.join(source, name), os.path.join(folder, name))
    os.mkdir(os.path.join(folder, "out"))
    shared = os.path.join(source, "..", "shared", "data", "face-resnet34.npz")
    if os.path.exists(shared):
        shutil.copy(shared, os.path.join(folder, "face-resnet34.npz"))
    with open(os.path.join(folder, "requests.txt"), "w", encoding="utf-8") as out:
        out.write("0x0 READ 10\n")
    with open(os.path.join(folder, "prune.yaml"), "w", encoding="utf-8") as out:
        out.write("steps: [{prune: {method: magnitude, ratio: 0.7}}, {quantise: {bits: 8}}, {encode: bitmap}]\n")


def reason_to_skip(block, folder):
    for part, reason in SKIP.items():
        if part in block.command:
            return reason
    if any(part in block.command for part in MINUTES) and os.environ.get("BASIL_FULL") != "1":
        return "takes minutes: BASIL_FULL=1"
    if "face-" in block.command and not os.path.exists(os.path.join(folder, "face-resnet34.npz")):
        return "no face-resnet34.npz"
    return None


def check(document, folder, environment, update):
    """The number of commands whose output differs."""
    with open(document, encoding="utf-8") as file:
        lines = file.read().split("\n")
    failures, changes = 0, []
    for block in blocks_of(lines):
        reason = reason_to_skip(block, folder)
        if reason:
            print(f"skipped ({reason}): {block.command}")
            continue
        ran = subprocess.run(["bash", "-c", block.command], cwd=folder, env=environment, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        printed = ran.stdout.rstrip("\n").split("\n")
        wrong = misfit(block.shown, printed) if block.shown else None
        if update and wrong is not None and ran.returncode == 0:
            changes.append((block, updated(block.shown, printed)))
            continue
        if ran.returncode != 0 or wrong is not None:
            failures += 1
            print(f"{document}:{block.line + 1}: {block.command}\n  exit code {ran.returncode}; shown, not printed: {wrong}")
            print("\n".join("  | " + line for line in printed[:60]))
    for block, shown in reversed(changes):
        new = [("    " + line).rstrip() for line in shown]
        lines[block.line + 1:block.line + 1 + len(block.shown)] = new
    if changes:
        with open(document, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
        print(f"{document}: {len(changes)} outputs written anew")
    return failures


def main(words):
    update = "--update" in words
    words = [word for word in words if word != "--update"]
    basil, source = os.path.abspath(words[0]), os.path.abspath(words[1])
    documents = words[2:] or [os.path.join(source, "README.md")]
    environment = dict(os.environ, PATH=os.path.dirname(basil) + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8")
    failures = 0
    for document in documents:
        with tempfile.TemporaryDirectory() as folder:
            prepare(folder, source)
            failures += check(document, folder, environment, update)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
