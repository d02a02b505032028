#!/usr/bin/env python3
"""Applies one wrong line at a time to a copy of the sources and demands that a test fails.

The mutants stand in the *.toml files beside this one, a file a room; README.md there says how to write one.
Exit: 0 all killed (or, with --check, all apply), 1 one survives, 2 one does not apply or does not build.
"""
import argparse
import fnmatch
import pathlib
import re
import shutil
import subprocess
import sys
import time
try:
    import tomllib
except ImportError:
    sys.exit("mutants: needs Python 3.11, whose library reads TOML")

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
ROOMS = ("core", "traces", "pe", "memory", "dataflows", "models")
SUFFIXES = (".h", ".cpp", ".yaml")
KEYS = {"name", "text", "instead", "why", "tests"}
TEST_SECONDS = 300  # after which a test counts as failed: a mutant may never end


class Wrong(Exception):
    """A mutant, a build or a folder that is not as it should be."""


def read_mutants():
    mutants = []
    for file in sorted(HERE.glob("*.toml")):
        try:
            table = tomllib.loads(file.read_text())
        except tomllib.TOMLDecodeError as error:
            raise Wrong(f"{file.name}: {error}") from error
        for mutant in table.get("mutant", []):
            name = mutant.get("name", "?")
            missing, unknown = KEYS - {"tests"} - mutant.keys(), mutant.keys() - KEYS
            if missing or unknown:
                raise Wrong(f"{file.name}: {name}: missing {sorted(missing)}, unknown {sorted(unknown)}")
            mutants.append(mutant | {"tests": mutant.get("tests", "").split()})
    names = [mutant["name"] for mutant in mutants]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Wrong(f"two mutants are called {', '.join(twice)}")
    return mutants


def sources(tree):
    for room in ROOMS:
        for path in sorted((tree / room).rglob("*")):
            if path.suffix in SUFFIXES and not path.stem.endswith("_test"):
                yield path


def pattern(text):
    """The words and signs of the text with any space between them: line breaks may move."""
    return re.compile(r"\s*".join(re.escape(token) for token in re.findall(r"\w+|\S", text)))


def find(mutant, texts):
    """The one file where the mutant's text stands, and where in it."""
    places = [(path, match) for path, text in texts.items() for match in pattern(mutant["text"]).finditer(text)]
    if len(places) != 1:
        files = "".join(f"\n    {path}" for path, _ in places)
        raise Wrong(f"{mutant['name']}: its text stands {len(places)} times in the sources, expected once{files}")
    return places[0]


def check(mutants):
    texts = {path: path.read_text() for path in sources(PROJECT)}
    wrong = 0
    for mutant in mutants:
        try:
            find(mutant, texts)
        except Wrong as error:
            print(error)
            wrong += 1
    print(f"{len(mutants) - wrong} of {len(mutants)} mutants apply")
    return 2 if wrong else 0


def copy_tree(tree):
    """The project's files as they are in the working folder, into `tree`; equal ones keep their time."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT,
                            check=True, capture_output=True, text=True).stdout.split("\0")
    wanted = {name for name in listed if name and (PROJECT / name).is_file()}
    for name in sorted(wanted):
        source, target = PROJECT / name, tree / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    for room in ROOMS + ("testbenches",):
        for path in (tree / room).rglob("*"):
            if path.is_file() and str(path.relative_to(tree)) not in wanted:
                path.unlink()


class Tree:
    """The copy, its build and its tests."""

    def __init__(self, folder):
        self.tree = folder
        self.build_folder = folder / "build" / "release"
        self.suite_is_green = False

    def prepare(self):
        self.tree.mkdir(parents=True, exist_ok=True)
        copy_tree(self.tree)
        if not (self.build_folder / "build.ninja").exists():
            done = subprocess.run(["cmake", "--preset", "release"], cwd=self.tree, capture_output=True, text=True)
            if done.returncode:
                raise Wrong(f"the copy in {self.tree} does not configure:\n{done.stdout}{done.stderr}")

    def build(self, *targets):
        """The compiler's words where it fails, else None."""
        done = subprocess.run(["ninja", *targets], cwd=self.build_folder, capture_output=True, text=True)
        return done.stdout + done.stderr if done.returncode else None

    def program(self, name):
        found = [path for path in self.build_folder.rglob(name) if path.is_file()]
        if len(found) != 1:
            raise Wrong(f"no test program {name}")
        return found[0]

    def failing(self, tests):
        """The first test that fails among those of `tests`, a program's name and a filter of GoogleTest's; a
        process each, as CTest runs them. None where all pass."""
        program, which = self.program(tests[0]), tests[1]
        listed = subprocess.run([program, "--gtest_list_tests", f"--gtest_filter={which}"],
                                capture_output=True, text=True)
        names, suite = [], ""
        for line in listed.stdout.splitlines():
            line = line.split("#")[0].rstrip()
            if line.startswith("  "):
                names.append(suite + line.strip())
            else:
                suite = line
        if not names:
            raise Wrong(f"{tests[0]} has no test {which}")
        for name in names:
            command = [program, f"--gtest_filter={name}"]
            try:
                done = subprocess.run(command, cwd=program.parent, capture_output=True, timeout=TEST_SECONDS)
            except subprocess.TimeoutExpired:
                return name + " (without end)"
            if done.returncode:
                return name
        return None

    def failing_of_all(self):
        """The first test of all that fails, or None."""
        wrong = self.build()
        if wrong:
            raise Wrong(f"does not build\n{wrong}")
        done = subprocess.run(["ctest", "--stop-on-failure", "-j2"], cwd=self.build_folder,
                              capture_output=True, text=True)
        if done.returncode == 0:
            return None
        named = re.search(r"The following tests FAILED:\n\s*\d+ - (.*) \(", done.stdout)
        return named.group(1) if named else "ctest"

    def demand_green(self, tests):
        """That the named tests pass without a mutant."""
        wrong = self.build(*sorted({program for program, _ in tests}))
        if wrong:
            raise Wrong(f"the sources do not build without a mutant:\n{wrong}")
        for which in sorted(tests):
            failed = self.failing(which)
            if failed:
                raise Wrong(f"{failed} fails without a mutant")

    def demand_green_suite(self):
        if self.suite_is_green:
            return
        failed = self.failing_of_all()
        if failed:
            raise Wrong(f"{failed} fails without a mutant")
        self.suite_is_green = True

    def kill(self, mutant):
        """What kills the mutant: a test's name, or None."""
        path, match = find(mutant, {path: path.read_text() for path in sources(self.tree)})
        text = path.read_text()
        mutated = text[: match.start()] + mutant["instead"] + text[match.end():]
        tests = mutant["tests"]
        try:
            path.write_text(mutated)
            if tests:
                wrong = self.build(tests[0])
                if wrong:
                    raise Wrong(f"does not build\n{wrong}")
                failed = self.failing(tests)
                if failed:
                    return failed
            path.write_text(text)
            self.demand_green_suite()
            path.write_text(mutated)
            return self.failing_of_all()
        finally:
            path.write_text(text)


def hunt(mutants, folder):
    tree = Tree(folder)
    tree.prepare()
    tree.demand_green({tuple(mutant["tests"]) for mutant in mutants if mutant["tests"]})
    counts = {"killed": 0, "SURVIVED": 0, "wrong": 0}
    wrong = []
    try:
        for mutant in mutants:
            start = time.monotonic()
            try:
                killer = tree.kill(mutant)
                verdict = "killed" if killer else "SURVIVED"
                by = f"by {killer}" if killer else mutant["why"]
            except Wrong as error:
                verdict, by = "wrong", str(error)
            counts[verdict] += 1
            if verdict != "killed":
                wrong.append(f"{verdict}: {mutant['name']}")
            print(f"{verdict:8} {mutant['name']:60} {by} ({time.monotonic() - start:.0f} s)", flush=True)
    except KeyboardInterrupt:
        print("interrupted; go on by a glob of the names that are left")
    left = len(mutants) - sum(counts.values())
    print(f"\n{len(mutants)} mutants: " + ", ".join(f"{count} {word}" for word, count in counts.items()) +
          (f", {left} not tried" if left else ""))
    for line in wrong:
        print("  " + line)
    return 2 if counts["wrong"] else 1 if counts["SURVIVED"] or left else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("glob", nargs="*", help="mutants by their names; none: all")
    parser.add_argument("--check", action="store_true", help="only that each mutant's text stands once in the sources")
    parser.add_argument("--list", action="store_true", help="their names, and what each does")
    parser.add_argument("--folder", type=pathlib.Path, default=PROJECT / "out" / "mutants",
                        help="for the copy and its build")
    arguments = parser.parse_args()
    try:
        mutants = [mutant for mutant in read_mutants()
                   if not arguments.glob or any(fnmatch.fnmatch(mutant["name"], glob) for glob in arguments.glob)]
        if not mutants:
            raise Wrong(f"no mutant is called {' or '.join(arguments.glob)}: --list shows them")
        if arguments.list:
            for mutant in mutants:
                print(f"{mutant['name']:60} {mutant['why']}")
            return 0
        return check(mutants) if arguments.check else hunt(mutants, arguments.folder)
    except Wrong as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
