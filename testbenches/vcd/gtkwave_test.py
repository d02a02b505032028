#!/usr/bin/env python3
"""Opens waveforms in GTKWave, on a screen nobody sees, and looks: all of the run is in view, and not flat.

    gtkwave_test.py BASIL SOURCE                       the test; 77 where GTKWave or Xvfb is missing
    gtkwave_test.py BASIL SOURCE --pictures FOLDER     the same, and the pictures of the docs
"""
import argparse
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

# By the picture's name: the words of the command but for its waveform.
WAVEFORMS = {
    "eyeriss": "run {samples}/lenet.npz --quiet --on eyeriss",
    "eyeriss-clocked": "run {samples}/lenet.npz --quiet --on eyeriss --layer L1 --fidelity cycle",
    "scnn-clocked": "run {samples}/lenet.npz --quiet --on scnn --fidelity cycle",
    "tpu-like": "run {samples}/lenet.npz --quiet --on tpu-like --fidelity cycle --vcd-window 500:1500",
    "mesh": "noc --mesh 4x4 --rate 0.02 --vcd-window 0:500 --vcd-routers 5,6",
}
PATIENCE = 90  # seconds for GTKWave to draw on a busy machine


class Screen:
    """A virtual one, whose pixels are a file."""

    def __init__(self, folder):
        self.file = folder / "Xvfb_screen0"
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1640x1120x24", "-fbdir", folder, "-nolisten", "tcp"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.display = ":" + self.server.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    def picture(self):
        """Width, height and rows of red, green and blue bytes."""
        data = self.file.read_bytes()
        head = struct.unpack(">25I", data[:100])  # an X window dump
        width, height, line, colours = head[4], head[5], head[12], head[19]
        start = head[0] + 12 * colours
        rows = []
        for y in range(height):
            row = data[start + y * line:start + y * line + 4 * width]
            rows.append((row[2::4], row[1::4], row[0::4]))
        return width, height, rows


def traces(picture):
    """Columns in which traces have an edge, and the first and last column of traces."""
    width, _, rows = picture
    changes, first, last = [0] * width, width, 0  # of rows of pixels from a column to the next
    for red, green, blue in rows:
        before = False
        for x in range(width):
            trace = green[x] > 150 and red[x] < 100 and blue[x] < 100
            changes[x] += trace != before
            if trace:
                first, last = min(first, x), max(last, x)
            before = trace
    return [x for x in range(first + 1, last) if changes[x] >= 8], first, last


def complaint(picture):
    """What is wrong with it, or nothing."""
    edges, first, last = traces(picture)
    if last <= first:
        return "no trace is drawn"
    thirds = [sum(first + (last - first) * i / 3 <= x < first + (last - first) * (i + 1) / 3 for x in edges)
              for i in range(3)]
    if min(thirds) < 3:
        return f"flat: {thirds} edges in the thirds of the trace area"
    if last < 0.8 * picture[0]:
        return f"the run takes the columns to {last} of {picture[0]} alone"
    return None


def write_png(file, picture):
    width, height, rows = picture
    while rows and not any(any(channel) for channel in rows[-1]):
        rows = rows[:-1]
    right = max(max((x for x in range(width) if r[x] | g[x] | b[x]), default=0) for r, g, b in rows[::50]) + 1
    raw = b"".join(b"\0" + bytes(c for pixel in zip(r[:right], g[:right], b[:right]) for c in pixel)
                   for r, g, b in rows)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", right, len(rows), 8, 2, 0, 0, 0)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) +
                     chunk(b"IEND", b""))


def looked_at(screen, gtkw, home):
    """Opens it from elsewhere and waits until the picture stands still."""
    viewer = subprocess.Popen(["gtkwave", str(gtkw)], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env={**os.environ, "DISPLAY": screen.display, "HOME": str(home)})
    try:
        before, wrong, until = None, "nothing was drawn", time.monotonic() + PATIENCE
        while time.monotonic() < until:
            time.sleep(1)
            picture = screen.picture()
            if picture == before:
                wrong = complaint(picture)
                if wrong is None:
                    return picture, None
            before = picture
        return before, wrong
    finally:
        viewer.terminate()
        viewer.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("basil")
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--only", help="one of: " + ", ".join(WAVEFORMS))
    arguments = parser.parse_args()
    missing = [program for program in ("gtkwave", "Xvfb") if shutil.which(program) is None]
    if missing:
        print("skipped: no " + " and no ".join(missing) + " here")
        return 77
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for name in ("screen", "made", "moved", "home"):
            (scratch / name).mkdir()
        for name, words in WAVEFORMS.items():
            if arguments.only not in (None, name):
                continue
            command = words.format(samples=arguments.source / "traces/samples").split()
            vcd = scratch / "made" / f"{name}.vcd"
            subprocess.run([arguments.basil, *command, "--vcd", vcd], check=True, stdout=subprocess.DEVNULL)
            for end in (".vcd", ".gtkw"):  # a pair that was moved opens as well
                shutil.move(vcd.with_suffix(end), scratch / "moved")
            with Screen(scratch / "screen") as screen:
                picture, wrong = looked_at(screen, scratch / "moved" / f"{name}.gtkw", scratch / "home")
            print(f"{name}: {wrong or 'in view'}")
            failed += wrong is not None
            if arguments.pictures and picture:
                write_png(arguments.pictures / f"{name}.png", picture)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
