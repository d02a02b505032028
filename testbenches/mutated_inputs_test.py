#!/usr/bin/env python3
"""Mutated inputs of every kind the command reads: each is taken or refused, never a crash, never a library's words.

usage: mutated_inputs_test.py BASIL SOURCE_DIR [COUNT] [FIRST]

Seeds are the samples and small files made here; a mutant changes a few bytes, numbers, words or lines of one, of a
.npz also inside its network.json. A mutant's number makes it. Of each: exit code 0, 1 or 2; on 2 one line, on stderr,
without an exception's name, and no output file; no printed figure is nan or inf, and none in a JSON; no more than two
minutes of a core.
BASIL_FULL=1 runs 100,000, BASIL_JOBS at a time (all cores); BASIL_KEEP=FOLDER keeps those with a finding.
"""
import io
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import zipfile
from types import SimpleNamespace

RAW = re.compile(rb"json\.exception|bad_alloc|std::|basic_string|lexical_cast|free\(\)|what\(\)|Sanitizer|"
                 rb"runtime error|Assertion|terminate called|YAML::|[\x00-\x08\x0b-\x1f\x7f]")
NO_NUMBER = re.compile(rb"(?<![A-Za-z_])-?(nan|inf)(?![A-Za-z_])")
NUMBER, WORD = re.compile(rb"-?\d+(\.\d+)?"), re.compile(rb"[A-Za-z_]{2,}")
NUMBERS = [b"0", b"-1", b"1e300", b"-1e300", b"1e-300", b"nan", b"inf", b"2147483648", b"9223372036854775807",
           b"9223372036854775808", b"18446744073709551616", b"1048576", b"4096", b"0.1", b"null", b"true", b"[]", b"{}"]
WORDS = [b"$end", b"\x1b[2J", b"\xe2\x80\xae", b"=1+1", b"</script>", b"\xff", b"\x00", b"\\u0000", b"../x", b"-", b"",
         b"\n", b"\"", b"'", b"{", b"]", b"&a *a"]


def mutate_text(data, draw):
    """A few numbers, words, lines or bytes changed."""
    for _ in range(draw.randint(1, 3)):
        kind = draw.randrange(6)
        if kind <= 1 and (numbers := list(NUMBER.finditer(data))):
            found = draw.choice(numbers)
            data = data[:found.start()] + draw.choice(NUMBERS) + data[found.end():]
        elif kind == 2 and (words := list(WORD.finditer(data))):
            found = draw.choice(words)
            data = data[:found.start()] + draw.choice(WORDS + [w.group() for w in words[:40]]) + data[found.end():]
        elif kind == 3 and b"\n" in data:
            lines = data.split(b"\n")
            at = draw.randrange(len(lines))
            lines[at:at + 1] = [] if draw.random() < 0.5 else [lines[at]] * draw.randint(2, 4)
            data = b"\n".join(lines)
        else:
            data = mutate_bytes(data, draw)
    return data


def mutate_bytes(data, draw):
    if not data:
        return data
    kind, at = draw.randrange(4), draw.randrange(len(data))
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1:]
    if kind == 2:
        return data[:at] + bytes(draw.randrange(256) for _ in range(draw.randint(1, 8))) + data[at:]
    return data[:at] + data[at + draw.randint(1, 64):]


def mutate_npz(data, draw):
    if draw.random() < 0.3:
        return mutate_bytes(data, draw)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as changed:
        names = archive.namelist()
        target = "network.json" if draw.random() < 0.7 else draw.choice(names)
        for name in names:
            member = archive.read(name)
            if name == target:
                member = mutate_text(member, draw) if name == "network.json" else mutate_bytes(member, draw)
            changed.writestr(name, member)
    return out.getvalue()


def seeds(basil, source, folder):
    """(name of the file, its bytes, how it is mutated, command)."""
    samples = os.path.join(source, "traces", "samples")

    def made(words, name):
        subprocess.run([basil, *words.split()], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()

    def text(*parts):
        with open(os.path.join(source, *parts), "rb") as file:
            return file.read()

    trace, network = text("traces", "samples", "lenet.npz"), text("traces", "samples", "digits-lenet.npz")
    lenet = os.path.join(samples, "lenet.npz")
    with open(os.path.join(folder, "s.yaml"), "w", encoding="utf-8") as file:
        file.write(f"traces: {lenet}\naccelerators: eyeriss\nlayers: L3\nparameters: {{array.rows: [6, 12]}}\n")
    result = made(f"run {lenet} --on eyeriss --json result.json --mappings-out mappings.yaml", "result.json")
    study = made("sweep s.yaml --db s.sqlite", "s.sqlite")
    with open(os.path.join(folder, "s.yaml"), "rb") as file:
        study_text = file.read()
    with open(os.path.join(folder, "mappings.yaml"), "rb") as file:
        mappings = file.read()
    dram = b"".join(b"0x%x %s %d\n" % (64 * i, b"WRITE" if i % 3 else b"READ", 4 * i) for i in range(40))
    packets = b"".join(b"%d %d %d,%d 4\n" % (3 * i, i % 16, (i + 3) % 16, (i + 7) % 16) for i in range(20))
    return [
        ("m.npz", trace, mutate_npz, "run m.npz --on eyeriss --json out.json"),
        ("m.npz", trace, mutate_npz, "check m.npz"),
        ("m.npz", trace, mutate_npz, "inspect m.npz --json out.json"),
        ("m.npz", network, mutate_npz, "compress m.npz -o out.npz"),
        ("m.npz", network, mutate_npz, "compare m.npz --on eyeriss,scnn --layer L3 --json out.json"),
        ("m.yaml", text("models", "accelerators", "eyeriss.yaml"), mutate_text,
         f"run {lenet} --on m.yaml --layer L3 --json out.json"),
        ("m.yaml", text("models", "accelerators", "scnn.yaml"), mutate_text,
         f"run {lenet} --on m.yaml --layer L3 --json out.json"),
        ("m.yaml", text("models", "accelerators", "eyeriss.yaml"), mutate_text,
         f"run {lenet} --on m.yaml --layer L3 --vcd out.vcd --timeline out.json --report out.html"),
        ("m.yaml", text("models", "accelerators", "escalate.yaml"), mutate_text, "show m.yaml"),
        ("m.yaml", mappings, mutate_text, f"run {lenet} --on eyeriss --set mappings=m.yaml --json out.json"),
        ("m.yaml", text("models", "technologies", "65nm.yaml"), mutate_text,
         f"run {lenet} --on eyeriss --set technology=m.yaml --layer L3 --json out.json"),
        ("m.yaml", text("models", "dram_devices", "ddr4-2400.yaml"), mutate_text,
         f"run {lenet} --on eyeriss --set dram.device=m.yaml --layer L3 --json out.json"),
        ("m.yaml", text("traces", "samples", "encodings.yaml"), mutate_text,
         f"compress {os.path.join(samples, 'digits-lenet.npz')} --recipe m.yaml -o out.npz"),
        ("m.yaml", text("traces", "shapes", "alexnet-pruned.yaml"), lambda d, r: mutate_text(d[:400], r),
         "synth m.yaml -o out.npz --memory 500M"),
        ("m.yaml", study_text, mutate_text, "sweep m.yaml --db out.sqlite"),
        ("m.json", result, mutate_text, "diff m.json result.json --json out.json"),
        ("m.onnx", text("traces", "samples", "tiny.onnx"), mutate_bytes, "import m.onnx -o out.npz"),
        ("m.npz", network, mutate_npz, "import m.npz --batch 2 -o out.npz"),
        ("m.sqlite", study, mutate_bytes, "export m.sqlite -o out.csv"),
        ("m.sqlite", study, mutate_bytes, "merge s.sqlite m.sqlite -o out.sqlite"),
        ("m.sqlite", study, mutate_bytes, "diff m.sqlite:0 s.sqlite:1 --json out.json"),
        ("m.txt", dram, mutate_text, "dram m.txt --device ddr4-2400 --json out.json"),
        ("m.txt", packets, mutate_text, "noc --mesh 4x4 --pattern trace --trace m.txt --json out.json --cycles 5000"),
    ]


def no_number_text(data):
    """Each word nan or inf by another of its length."""
    return NO_NUMBER.sub(lambda odd: odd.group().replace(b"nan", b"qaq").replace(b"inf", b"qiq"), data)


def without_no_numbers(data):
    """An input whose names are never nan or inf, but for that the same: what it prints of them is of its figures."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return no_number_text(data)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as changed:
        for name in archive.namelist():
            member = archive.read(name)
            changed.writestr(no_number_text(name.encode()).decode(),
                             no_number_text(member) if name == "network.json" else member)
    return out.getvalue()


def refuse(word):
    raise ValueError(f"{word} in JSON")


def wrong_output(folder):
    """Of a JSON that it wrote, or None."""
    try:
        with open(os.path.join(folder, "out.json"), "rb") as file:
            json.loads(file.read(), parse_constant=refuse)
    except FileNotFoundError:
        pass
    except ValueError as error:
        return f"writes no JSON: {error}"
    return None


def wrong(ran, folder):
    """What is not as it should be, or None."""
    if ran.returncode not in (0, 1, 2):
        return f"exit code {ran.returncode}"
    found = RAW.search(ran.stderr)
    if found:
        return f"says {found.group()!r}"
    if ran.cpu_seconds > 120:
        return f"takes {ran.cpu_seconds:.0f} s"
    if ran.returncode == 2:
        if ran.stderr.count(b"\n") != 1:
            return "not one line"
        left = [name for name in os.listdir(folder) if name.startswith(("out.", "."))]
        if [name for name in left if not name.startswith("out.sqlite")]:
            return f"left behind {left}"
    return None


def clear(folder):
    for left in os.listdir(folder):
        if left.startswith("out."):
            os.remove(os.path.join(folder, left))


class Bench:
    """A folder with every seed in it, where one mutant after another stands for its seed."""

    def __init__(self, basil, kinds, made):
        self.basil, self.kinds = basil, kinds
        self.home = tempfile.TemporaryDirectory(dir=os.path.dirname(made))
        self.folder = self.home.name
        shutil.copytree(made, self.folder, dirs_exist_ok=True)

    def run(self, command):
        def seconds():
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            return used.ru_utime + used.ru_stime

        before = seconds()
        ran = subprocess.run([self.basil, *command.split()], cwd=self.folder, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=3600, check=False)
        return SimpleNamespace(returncode=ran.returncode, stdout=ran.stdout, stderr=ran.stderr,
                               cpu_seconds=seconds() - before)

    def unchanged(self, name, data, command):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(data)
        ran = self.run(command)
        clear(self.folder)
        said = f"unchanged: {command}: exit code {ran.returncode}\n  {ran.stderr[-300:]}"
        return None if ran.returncode == 0 else said

    def prints_no_number(self, ran, name, mutant, command):
        """A printed nan or inf that is not a name of the input: a name can be another, a figure cannot."""
        lines = [line for line in ran.stdout.split(b"\n") if NO_NUMBER.search(line)]
        if not lines:
            return None
        clear(self.folder)
        try:
            renamed = without_no_numbers(mutant)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            return f"prints {lines[0]!r}, and cannot be renamed: {error}"
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(renamed)
        printed = set(self.run(command).stdout.split(b"\n"))
        odd = [line for line in lines if no_number_text(line) not in printed]
        return f"prints {odd[0]!r}" if odd else None

    def mutant(self, number):
        """(exit code, what is to be said of it or None)"""
        draw = random.Random(number)
        name, data, mutate, command = self.kinds[number % len(self.kinds)]
        mutant = mutate(data, draw)
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(mutant)
        try:
            ran = self.run(command)
            reason, said = wrong(ran, self.folder) or wrong_output(self.folder), ran.stderr[-300:]
            reason = reason or self.prints_no_number(ran, name, mutant, command)
        except subprocess.TimeoutExpired:
            ran, reason, said = None, "took over an hour", b""
        clear(self.folder)
        if not reason:
            return ran.returncode, None
        if "BASIL_KEEP" in os.environ:
            with open(os.path.join(os.environ["BASIL_KEEP"], f"{number}-{name}"), "wb") as file:
                file.write(mutant)
        return None, f"mutant {number}: {command}: {reason}\n  {said}"


def work(*bench):
    """Of a worker: its own bench."""
    global BENCH
    BENCH = Bench(*bench)


def mutant(number):
    return BENCH.mutant(number)


def main(words):
    basil, source = os.path.abspath(words[0]), os.path.abspath(words[1])
    full = os.environ.get("BASIL_FULL") == "1"
    count = int(words[2]) if len(words) > 2 else 100_000 if full else 500
    first = int(words[3]) if len(words) > 3 else 1
    jobs = int(os.environ.get("BASIL_JOBS", os.cpu_count() if full else 1))
    codes, findings = {}, 0
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=in_memory) as home:
        made = os.path.join(home, "made")
        os.mkdir(made)
        kinds = seeds(basil, source, made)
        bench = Bench(basil, kinds, made)
        for said in filter(None, (bench.unchanged(name, data, command) for name, data, _, command in kinds)):
            findings += 1
            print(said, flush=True)
        # Workers are copies of this process: the seeds need not be made again.
        with multiprocessing.get_context("fork").Pool(jobs, work, (basil, kinds, made)) as pool:
            for code, said in pool.imap_unordered(mutant, range(first, first + count), chunksize=10):
                codes[code] = codes.get(code, 0) + 1
                if said:
                    findings += 1
                    print(said, flush=True)
    print(f"{count} mutants: {codes.get(0, 0)} taken, {codes.get(2, 0)} refused, {codes.get(1, 0)} failed, "
          f"{findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
