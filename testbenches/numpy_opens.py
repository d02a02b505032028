"""Numpy, which knows nothing of Basil, opens every sample trace: the file format is as open as promised.

usage: numpy_opens.py FOLDER    exit code 77: skipped, no numpy or no trace to open
"""
import json
import pathlib
import sys
import zipfile

try:
    import numpy
except ImportError:
    print("skipped: no numpy for this python")
    sys.exit(77)

traces = sorted(pathlib.Path(sys.argv[1]).glob("*.npz"))
if not traces:
    print(f"skipped: no trace in {sys.argv[1]}")
    sys.exit(77)

for trace in traces:
    with zipfile.ZipFile(trace) as members:
        assert members.testzip() is None, f"{trace}: CRC"
    with numpy.load(trace, allow_pickle=False) as members:
        network = json.loads(bytes(members["network.json"]))
        arrays = [name for name in members.files if name != "network.json"]
        values = sum(members[name].size for name in arrays)
    if not network["schema"].startswith("basil-trace/"):
        continue  # a network before compression
    assert values > 0, f"{trace}: no values"
    print(f"{trace}: {network['schema']}, {len(network['layers'])} layers, {len(arrays)} arrays, {values} values")
