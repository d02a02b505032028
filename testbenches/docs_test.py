#!/usr/bin/env python3
"""Runs every command of the documents, and holds what it prints against what they show.

usage: docs_test.py BASIL SOURCE_DIR [--update] [DOCUMENT...]

Without DOCUMENT: README.md, CONTRIBUTING.md, CHANGELOG.md and docs/**/*.md. Each runs in a folder of its own that has
the sources' traces/, testbenches/ and models/ and an empty out/; its commands run in order.

A command is an indented line "$ ...", or one that begins with "basil" and has no output shown. The lines below a "$"
are its output: all of it, or, where a line among them is "...", parts of it in order.

A fenced block below "<!-- file: NAME -->" is a file of the reader's: it is written before the next command runs.

"<!-- from: COMMAND => CELL | CELL {FIGURE} | * | ... -->" below a paragraph says where a figure of its prose comes
from: the command prints a line of these cells (two blanks or more part them; "*" is any cell, "..." any further ones),
and the paragraph has the figure word by word. Several "=> ..." may follow one command. "<!-- full, from:" is for
minutes.

--update writes what is printed into the documents, figures in prose included.
Exit code 77: skipped, with the reason. BASIL_FULL=1 runs those of minutes too.
"""
import difflib
import glob
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = {  # what cannot run here, and why
    "gtkwave": "opens a window",
    "cmake": "builds the program itself", "ctest": "this runs in it",
    "cp -r testbenches/toy_unit": "the toy's own test does it",
    "toy_unit/serial.yaml": "needs the build above",
    "model.onnx": "a model of the reader's own", "model.tflite": "a model of the reader's own",
    "my-escalate.yaml": "a machine of the reader's own",
    "./demo.sh": "runs in CI", "./test.sh": "runs this",
    "npm": "CI does it",
}
MINUTES = ("selftest", "sweep testbenches/studies", "unit-types.sqlite")
BUILD = re.compile(r"build [0-9a-f]{12}")
FILE = re.compile(r"<!-- file: (\S+) -->")
FIGURES = re.compile(r"<!-- (full, )?from: (.*?) -->", re.DOTALL)


class Block:
    """A command, where it stands, and the lines shown below it."""

    def __init__(self, line, command):
        self.line, self.command, self.shown = line, command, []


class File:
    """A file that the reader is shown."""

    def __init__(self, line, name, text):
        self.line, self.name, self.text = line, name, text


class Figures:
    """A marker below a paragraph: the command that its figures come from, and the texts around them."""

    def __init__(self, line, marker, full, paragraph):
        self.line, self.marker, self.full, self.paragraph = line, marker, bool(full), paragraph
        self.command, *self.patterns = [re.sub(r"\s*\n\s*", " ", part).strip() for part in marker.split("=>")]


def fenced(lines, start):
    """The line behind a fenced block that starts at `start`, and its text."""
    end = lines.index("```", start + 1)
    return end + 1, "\n".join(lines[start + 1:end]) + "\n"


def paragraph_before(lines, number):
    """First and last line of the paragraph (or list, table) above line `number`, other markers between left out."""
    end = number
    while end > 0 and (not lines[end - 1].strip() or lines[end - 1].endswith("-->")):
        if lines[end - 1].endswith("-->"):
            while not lines[end - 1].startswith("<!--"):
                end -= 1
        end -= 1
    first = end
    while first > 0 and lines[first - 1].strip() and not lines[first - 1].endswith("-->"):
        first -= 1
    return first, end


def parts_of(lines):
    """The commands, files and figures of a document, in order."""
    found, current, number = [], None, 0
    while number < len(lines):
        line = lines[number]
        text = line[4:] if line.startswith("    ") else None
        if file := FILE.match(line):
            start, current = number, None
            number, content = fenced(lines, number + 1)
            found.append(File(start, file[1], content))
            continue
        if line.startswith(("<!-- from: ", "<!-- full, from: ")):
            start, current = number, None
            while "-->" not in lines[number]:
                number += 1
            full, marker = FIGURES.match("\n".join(lines[start:number + 1])).groups()
            found.append(Figures(start, marker, full, paragraph_before(lines, start)))
        elif line.startswith("```"):
            number, current = fenced(lines, number)[0], None
            continue
        elif text is not None and text.startswith("$ "):
            current = Block(number, text[2:])
            found.append(current)
        elif text is not None and text.startswith("basil ") and current is None:
            found.append(Block(number, text))
        elif current is not None and (text is not None or not line.strip()):
            current.shown.append(text if text is not None else "")
        else:
            current = None
        number += 1
    for block in found:
        while isinstance(block, Block) and block.shown and not block.shown[-1].strip():
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


def figures_of(pattern, line):
    """What stands in a line of cells for the figures of a marker's pattern, or None where the line is another."""
    wanted, cells, found = pattern.split(" | "), re.split(r" {2,}", line.strip()), []
    if wanted[-1] == "...":
        wanted, cells = wanted[:-1], cells[:len(wanted) - 1]
    if len(wanted) != len(cells):
        return None
    for want, cell in zip(wanted, cells):
        expression = "(.+?)".join(re.escape(text) for text in re.split(r"\{[^}]*\}", want))
        match = re.fullmatch(".*" if want == "*" else expression, cell)
        if match is None:
            return None
        found += match.groups()
    return found


def word_by_word(figure):
    """Finds a figure in prose, where it is not a part of a longer one."""
    return re.compile(r"(?<![\d.])" + r"\s+".join(map(re.escape, figure.split())) + r"(?!\.?\d)")


def figures_in(pattern):
    return [" ".join(figure.split()) for figure in re.findall(r"\{([^}]*)\}", pattern)]


def in_place_of(old, new):
    """A figure's words with the blanks and the line break of the one before."""
    blanks, words = re.findall(r"\s+", old), new.split()
    if len(words) != len(blanks) + 1:
        return "\n" * old.count("\n") + new
    return "".join(word + blank for word, blank in zip(words, blanks + [""]))


def prepare(folder, source):
    """What the documents take for granted."""
    for name in ("traces", "testbenches", "models"):
        os.symlink(os.path.join(source, name), os.path.join(folder, name))
    os.mkdir(os.path.join(folder, "out"))
    shared = os.path.join(source, "..", "shared", "data", "face-resnet34.npz")
    if os.path.exists(shared):
        shutil.copy(shared, os.path.join(folder, "face-resnet34.npz"))


def reason_to_skip(command, folder, full):
    for part, reason in SKIP.items():
        if part in command:
            return reason
    if (full or any(part in command for part in MINUTES)) and os.environ.get("BASIL_FULL") != "1":
        return "takes minutes: BASIL_FULL=1"
    if "face-" in command and not os.path.exists(os.path.join(folder, "face-resnet34.npz")):
        return "no face-resnet34.npz"
    if "python3 out/" in command and importlib.util.find_spec("numpy") is None:
        return "no numpy"
    return None


class Document:
    """A document while its commands run: what it shows, what was printed, what is to be written anew."""

    def __init__(self, path, folder, environment, update):
        self.path, self.folder, self.environment, self.update = path, folder, environment, update
        with open(path, encoding="utf-8") as file:
            self.lines = file.read().split("\n")
        self.failures, self.changes, self.figures_changed, self.ran = 0, [], False, {}

    def check(self):
        """The number of commands and figures that differ."""
        for part in parts_of(self.lines):
            if isinstance(part, File):
                with open(os.path.join(self.folder, part.name), "w", encoding="utf-8") as file:
                    file.write(part.text)
            elif reason := reason_to_skip(part.command, self.folder, getattr(part, "full", False)):
                print(f"skipped ({reason}): {part.command}")
            elif isinstance(part, Block):
                self.check_block(part)
            else:
                self.check_figures(part)
        self.write()
        return self.failures

    def run(self, command):
        """Exit code and lines that a command prints; asked again, what it printed."""
        if command not in self.ran:
            ran = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            self.ran[command] = ran.returncode, ran.stdout.rstrip("\n").split("\n")
        return self.ran[command]

    def fail(self, line, command, reason, printed):
        self.failures += 1
        print(f"{self.path}:{line + 1}: {command}\n  {reason}")
        print("\n".join("  | " + line for line in printed[:60]))

    def check_block(self, block):
        code, printed = self.run(block.command)
        wrong = misfit(block.shown, printed) if block.shown else None
        if self.update and wrong is not None and code == 0:
            new = [("    " + line).rstrip() for line in updated(block.shown, printed)]
            self.changes.append((block.line + 1, len(block.shown), new))
        elif code != 0 or wrong is not None:
            self.fail(block.line, block.command, f"exit code {code}; shown, not printed: {wrong}", printed)

    def check_figures(self, part):
        code, printed = self.run(part.command)
        first, end = part.paragraph
        paragraph = prose = "\n".join(self.lines[first:end])
        marker = part.marker
        for pattern in part.patterns:
            now = next((found for found in (figures_of(pattern, line) for line in printed) if found is not None), None)
            if code != 0 or now is None:
                return self.fail(part.line, part.command, f"exit code {code}; not printed: {pattern}", printed)
            for old, new in zip(figures_in(pattern), now):
                if not word_by_word(old).search(prose):
                    return self.fail(part.line, part.command, f"the paragraph above has no {old}", [paragraph])
                if old != new and not self.update:
                    return self.fail(part.line, part.command, f"{old} in the paragraph above, printed: {new}", printed)
                prose = word_by_word(old).sub(lambda match, new=new: in_place_of(match[0], new), prose, 1)
                marker = marker.replace("{" + old + "}", "{" + new + "}", 1)
        self.figures_changed |= marker != part.marker
        self.lines[first:end] = prose.split("\n")  # as many lines as before
        end = part.line + part.marker.count("\n") + 1
        text = "\n".join(self.lines[part.line:end]).replace(part.marker, marker)
        self.lines[part.line:end] = text.split("\n")
        return None

    def write(self):
        for first, count, new in sorted(self.changes, key=lambda change: change[0], reverse=True):
            self.lines[first:first + count] = new
        if self.changes or self.figures_changed:
            with open(self.path, "w", encoding="utf-8") as file:
                file.write("\n".join(self.lines))
            prose = ", and figures in prose" * self.figures_changed
            print(f"{self.path}: {len(self.changes)} outputs written anew{prose}")


def documents_of(source):
    tops = [os.path.join(source, name) for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return tops + sorted(glob.glob(os.path.join(source, "docs", "**", "*.md"), recursive=True))


def main(words):
    update = "--update" in words
    words = [word for word in words if word != "--update"]
    basil, source = os.path.abspath(words[0]), os.path.abspath(words[1])
    programs = os.path.dirname(basil) + os.pathsep + os.path.dirname(sys.executable)  # the python with numpy, too
    environment = dict(os.environ, PATH=programs + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8")
    failures = 0
    for document in words[2:] or documents_of(source):
        with tempfile.TemporaryDirectory() as folder:
            prepare(folder, source)
            failures += Document(document, folder, environment, update).check()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
