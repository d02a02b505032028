"""The module `basil`, held against the command and against plain numpy.

usage: BASIL_COMMAND=... BASIL_SAMPLES=... PYTHONPATH=... module_test.py [CLASS...]    exit code 77: skipped
"""
import concurrent.futures
import contextlib
import doctest
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

try:
    import numpy
    import pandas
except ImportError as missing:
    print(f"skipped: {missing} (Debian's packages python3-numpy and python3-pandas)")
    sys.exit(77)
import basil

COMMAND = os.environ["BASIL_COMMAND"]
SAMPLES = pathlib.Path(os.environ["BASIL_SAMPLES"])
SOURCE = pathlib.Path(__file__).resolve().parent
LENET = SAMPLES / "lenet.npz"


def command(*words, **options):
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, **options)


def children(of="self"):
    """Processes that this one, or another, started and has not yet waited for."""
    found = set()
    for thread in pathlib.Path(f"/proc/{of}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has ended meanwhile
            found.update(map(int, (thread / "children").read_text().split()))
    return found


def ended(process, seconds=10):
    """Whether it ends within the time; of one whose parent is gone only the entry in the table may be left."""
    for _ in range(int(seconds / 0.05)):
        try:
            if pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


class InScratch(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="basil-test-")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def done(self, *words):
        outcome = command(*words)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return outcome.stdout


class Results(InScratch):
    def reported(self, *words):
        file = self.scratch / "out.json"
        self.done("run", *words, "--quiet", "--json", file)
        return self.asked_anyhow(json.loads(file.read_text()))

    def asked_anyhow(self, result):  # a dict of overrides has no order
        return {key: sorted(value) if key == "overrides" else value
                for key, value in result.items() if key != "command"}

    def without_columns(self, result):
        self.assertIn("columns", result)
        return self.asked_anyhow({key: value for key, value in result.items() if key != "columns"})

    def test_equal_the_json_of_the_command(self):
        self.assertEqual(self.without_columns(basil.run(LENET)), self.reported(LENET, "--on", "eyeriss"))
        self.assertEqual(
            self.without_columns(basil.run(str(LENET), "tpu-like", {"array.rows": 16, "array.cols": numpy.int64(8)})),
            self.reported(LENET, "--on", "tpu-like", "--set", "array.rows=16", "--set", "array.cols=8"))
        self.assertEqual(
            self.without_columns(
                basil.run(LENET, overrides=["dram.link_mhz=200"], layers=["L0", "L[23]"], verify=False)),
            self.reported(LENET, "--on", "eyeriss", "--set", "dram.link_mhz=200", "--layer", "L0", "--layer", "L[23]",
                          "--no-verify"))

    def test_have_both_counts_at_cycle_fidelity(self):
        result = basil.run(LENET, layers="L1", fidelity="cycle")
        self.assertEqual(self.without_columns(result),
                         self.reported(LENET, "--on", "eyeriss", "--layer", "L1", "--fidelity", "cycle"))
        self.assertEqual(result["columns"]["transaction_cycles"][0],
                         basil.run(LENET, layers="L1")["columns"]["cycles"][0])

    def test_take_overrides_of_any_kind_of_value(self):
        given = {"overlap.ifmap": True, "clock_mhz": 250.5, "technology": "45nm", "dram.link_mhz": numpy.float64(99.5)}
        self.assertEqual(
            self.without_columns(basil.run(LENET, overrides=given)),
            self.reported(LENET, "--on", "eyeriss", "--set", "overlap.ifmap=true", "--set", "clock_mhz=250.5", "--set",
                          "technology=45nm", "--set", "dram.link_mhz=99.5"))

    def test_have_columns_over_the_layers(self):
        result = basil.run(LENET)
        layers, columns = result["layers"], result["columns"]
        self.assertEqual(columns["cycles"].dtype, numpy.int64)
        self.assertEqual(columns["utilisation"].dtype, numpy.float64)
        self.assertEqual(columns["verified"].dtype, numpy.bool_)
        self.assertEqual(list(columns["layer"]), [layer["layer"] for layer in layers])
        self.assertEqual(list(columns["shape"]["K"]), [layer["shape"]["K"] for layer in layers])
        self.assertNotIn("energy_lines", columns)
        for key in ("cycles", "macs", "energy_pj"):
            numpy.testing.assert_array_equal(columns[key], [layer[key] for layer in layers])
        self.assertLessEqual({key for key, value in layers[0].items() if isinstance(value, (int, float, str))},
                             columns.keys())
        self.assertEqual(columns["cycles"].sum(), result["cycles"])
        # The accounts close: every PE-cycle is in one bin, every picojoule in one component.
        bins = [values for name, values in columns.items() if name.startswith("bin_")]
        parts = [columns[part + "_pj"] for part in ("mac", "index", "spad", "buffer", "noc", "dram", "leakage")]
        numpy.testing.assert_array_equal(sum(bins), result["pes"] * columns["cycles"])
        numpy.testing.assert_allclose(sum(parts), columns["energy_pj"], rtol=1e-12)

    def test_name_the_accelerators_and_the_version(self):
        listed = self.done("list", "accelerators")
        for name, summary in basil.accelerators().items():
            self.assertRegex(listed, f"(?m)^  {name} +" + summary.replace("(", r"\(").replace(")", r"\)"))
        self.assertEqual(len(basil.accelerators()), len(listed.splitlines()))
        self.assertEqual("basil " + basil.__version__, self.done("--version").strip().partition(", build ")[0])


def convolved(layer, weights, ifmap, bias):
    """The sums of a layer of network.json by numpy alone, from dense arrays in which channels are innermost."""
    shape = layer["shape"]
    top, bottom, left, right = shape["padding"]
    ifmap = numpy.pad(ifmap.astype(numpy.int64), ((0, 0), (top, bottom), (left, right), (0, 0)))
    windows = numpy.lib.stride_tricks.sliding_window_view(ifmap, (shape["R"], shape["S"]), axis=(1, 2))
    windows = windows[:, ::shape["stride"][0], ::shape["stride"][1]]
    return numpy.einsum("npqcrs,krsc->nkpq", windows, weights.astype(numpy.int64)) + bias[:, None, None]


class Sums(InScratch):
    def test_equal_a_convolution_by_numpy(self):
        recipe, trace = self.scratch / "dense.yaml", self.scratch / "dense.npz"
        recipe.write_text("steps:\n  - quantise: {bits: 8, per: channel}\n  - encode: dense\n")
        self.done("compress", SAMPLES / "digits-lenet.npz", "--recipe", recipe, "-o", trace)
        with numpy.load(trace) as members:
            arrays = {name: members[name] for name in members.files}
        network = json.loads(bytes(arrays["network.json"]))
        described = {layer["name"]: layer for layer in network["layers"]}
        result = basil.run(trace, "tpu-like", sums=True)
        self.assertEqual(len(result["layers"]), 4)
        for layer in result["layers"]:
            self.assertEqual(layer["sums"].dtype, numpy.int64)
            dense = (arrays[f"{layer['layer']}.{part}"] for part in ("weights.values", "ifmap.values", "bias"))
            numpy.testing.assert_array_equal(layer["sums"], convolved(described[layer["layer"]], *dense))

    def test_do_not_depend_on_the_machine(self):
        # Units that reorder filters (sparten) and several tiles give them back in the trace's order.
        expected = [layer["sums"] for layer in basil.run(LENET, sums=True)["layers"]]
        for machine, overrides in (("sparten", {}), ("scnn", {}), ("eyeriss", {"tiles": 3})):
            for layer, sums in zip(basil.run(LENET, machine, overrides, sums=True)["layers"], expected):
                numpy.testing.assert_array_equal(layer["sums"], sums)

    def test_are_real_numbers_where_the_trace_has_them(self):
        recipe, trace = self.scratch / "fp32.yaml", self.scratch / "fp32.npz"
        recipe.write_text("steps:\n  - quantise: {bits: fp32, per: layer}\n  - encode: dense\n")
        self.done("compress", SAMPLES / "digits-lenet.npz", "--recipe", recipe, "-o", trace)
        result = basil.run(trace, "fp32", sums=True, layers="L0")
        self.assertEqual(result["layers"][0]["sums"].dtype, numpy.float64)
        self.assertEqual(result["layers"][0]["sums"].shape, (1, 16, 8, 8))

    def test_come_only_where_asked_for(self):
        self.assertNotIn("sums", basil.run(LENET)["layers"][0])


class Errors(InScratch):
    def refused(self, trace, accelerator="eyeriss", overrides=(), layers=(), fidelity="transaction"):
        """The call and the command say the same, and nothing is left running."""
        words = ["run", trace, "--on", accelerator, "--fidelity", fidelity]
        for override in overrides:
            words += ["--set", override]
        for layer in layers:
            words += ["--layer", layer]
        outcome = command(*words, cwd=self.scratch)
        self.assertEqual(outcome.returncode, 2, outcome.stderr)
        with self.assertRaises(basil.Error) as raised:
            basil.run(trace, accelerator, list(overrides), layers=list(layers), fidelity=fidelity)
        said = outcome.stderr
        for option, keyword in (("--set ", "overrides "), ("--layer ", "layers "), ("--fidelity:", "fidelity:")):
            said = said.replace(option, keyword)  # each speaks of what its caller typed
        self.assertEqual("basil: " + str(raised.exception) + "\n", said)
        self.assertNotRegex(str(raised.exception), "\n|--[a-z]|options[.]")
        self.assertEqual(children(), set())

    def test_are_the_lines_of_the_command(self):
        whole = LENET.read_bytes()
        short, mutated, description = (self.scratch / name for name in ("short.npz", "mutated.npz", "broken.yaml"))
        short.write_bytes(whole[:900])
        mutated.write_bytes(whole[:700] + bytes([whole[700] ^ 0x55]) + whole[701:])
        description.write_text("array: {rows: [1\n")
        network, nothing = SAMPLES / "digits-lenet.npz", self.scratch / "nothing.npz"
        for trace in (nothing, short, mutated, network, description, self.scratch):
            self.refused(trace)
        self.refused(LENET, "eyeris")
        self.refused(LENET, description)
        self.refused(LENET, "escalate", fidelity="fast")
        self.refused(LENET, "lightpe1")  # takes no such weights
        for layer in ("L9", "", "["):
            self.refused(LENET, layers=[layer])
        for override in ("array.row=3", "array.rows=0", "array.rows", "unit.kind=mca", "technology=28nm",
                         "array.rows=1e99", "array.rows=[1", "=", ""):
            self.refused(LENET, overrides=[override])

    def test_of_what_is_no_number_or_no_name_are_pythons(self):
        for overrides in ({"array.rows": object()}, {3: 4}, [3], 3):
            with self.assertRaises(TypeError):
                basil.run(LENET, "eyeriss", overrides)
        with self.assertRaises(TypeError):
            basil.run(None)

    def test_may_have_bytes_that_are_no_text(self):
        with self.assertRaisesRegex(basil.Error, "no such file|cannot"):
            basil.run(os.fsencode(self.scratch) + b"/\xff\xfe.npz")

    def test_name_the_argument_for_the_memory(self):
        for memory in ("much", "", "0.1M"):
            with self.assertRaisesRegex(basil.Error, f"^memory: '{memory}', expected"):
                basil.run(LENET, memory=memory)
        with self.assertRaisesRegex(basil.Error, "expected at most 1.0 MB, the limit: memory sets another"):
            basil.run(LENET, memory="1M")

    def test_have_one_base(self):
        self.assertTrue(issubclass(basil.Failure, basil.Error))

    def test_refuse_a_time_that_is_none(self):
        for seconds in (0, -1, float("nan"), float("inf")):
            with self.assertRaisesRegex(basil.Error, "^seconds: "):
                basil.run(LENET, seconds=seconds)


class Children(InScratch):
    """A run that would take minutes, ended in each of the ways there are."""

    def setUp(self):
        super().setUp()
        self.long = self.scratch / "vgg16.npz"
        self.done("synth", "vgg16", "--weight-density", "1", "--ifmap-density", "1", "-o", self.long)

    def when_it_runs(self, action):
        """Calls action(pid) on the child of the call that follows."""
        def watch():
            while not (running := children()):
                time.sleep(0.01)
            time.sleep(0.3)
            action(*running)

        threading.Thread(target=watch, daemon=True).start()

    def test_that_are_killed_say_so(self):
        self.when_it_runs(lambda child: os.kill(child, signal.SIGKILL))
        with self.assertRaisesRegex(basil.Failure, r"vgg16.npz on eyeriss: .*signal 9 \(Killed\)"):
            basil.run(self.long, fidelity="cycle")
        self.assertEqual(basil.run(LENET)["layers"][0]["verified"], True)

    def test_that_crash_say_so(self):
        self.when_it_runs(lambda child: os.kill(child, signal.SIGSEGV))
        with self.assertRaisesRegex(basil.Failure, r"signal 11 \(Segmentation fault\)"):
            basil.run(self.long, fidelity="cycle")

    def test_end_with_the_time(self):
        start = time.monotonic()
        with self.assertRaisesRegex(basil.Failure, "over the time limit of 0.5 s"):
            basil.run(self.long, fidelity="cycle", seconds=0.5)
        self.assertLess(time.monotonic() - start, 10)
        self.assertEqual(children(), set())

    def test_end_with_an_interrupt(self):
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
        descendants = set()

        def interrupt(child):
            while not (grandchildren := children(child)):  # of cycle fidelity: what transaction fidelity says
                time.sleep(0.01)
            descendants.update({child}, grandchildren)
            os.kill(os.getpid(), signal.SIGINT)

        self.when_it_runs(interrupt)
        with self.assertRaises(KeyboardInterrupt):
            basil.run(self.long, fidelity="cycle")
        self.assertEqual(children(), set())
        self.assertGreaterEqual(len(descendants), 2)
        self.assertTrue(all(map(ended, descendants)), descendants)

    def test_leave_other_threads_their_time(self):
        stop, steps = threading.Event(), 0

        def run():
            with self.assertRaises(basil.Failure):
                basil.run(self.long, fidelity="cycle", seconds=1)
            stop.set()

        runner = threading.Thread(target=run)
        runner.start()
        while not stop.is_set():
            time.sleep(0.01)
            steps += 1
        runner.join()
        self.assertGreater(steps, 20)  # of about 100

    def test_of_several_threads_are_apart(self):
        points = [{"array.rows": rows, "dram.link_mhz": link} for rows in (6, 9, 12) for link in (60, 120, 240, 480)]
        alone = [basil.run(LENET, "eyeriss", point) for point in points]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda point: basil.run(LENET, "eyeriss", point, sums=True), points))
        for one, other in zip(alone, together):
            self.assertEqual(one["cycles"], other["cycles"])
            self.assertEqual(one["energy_pj"], other["energy_pj"])
        self.assertEqual(children(), set())


class Verbs(InScratch):
    """Functions for verbs beside run(): the same files, figures and refusals."""

    def setUp(self):
        super().setUp()
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(self.scratch)
        self.network = SAMPLES / "digits-lenet.npz"

    def refused(self, words, call):
        outcome = command(*words)
        self.assertEqual(outcome.returncode, 2, outcome.stderr)
        with self.assertRaises(basil.Error) as raised:
            call()
        said = re.sub("--([a-z-]+)", lambda option: option[1].replace("-", "_"), outcome.stderr)
        self.assertEqual("basil: " + str(raised.exception) + "\n", said)
        self.assertNotIn("--", str(raised.exception))

    def test_import_and_inspect_hold_what_the_file_holds(self):
        layers = basil.import_(self.network, "net4.npz", batch=4)
        self.done("import", self.network, "--batch", "4", "-o", "expected.npz")
        self.assertEqual(pathlib.Path("net4.npz").read_bytes(), pathlib.Path("expected.npz").read_bytes())
        told = json.loads(self.done("inspect", "net4.npz", "--json", "-"))
        self.assertEqual(list(layers["name"]), [layer["name"] for layer in told["layers"]])
        self.assertEqual(set(layers["shape.N"].dropna()), {4})
        self.assertEqual(layers.attrs["fingerprint"], told["fingerprint"])

    def test_compress_writes_the_trace_of_the_command(self):
        recipe = SAMPLES / "lenet.yaml"
        rows = basil.compress(self.network, pathlib.Path("mine.npz"), recipe=recipe)
        self.done("compress", self.network, "--recipe", recipe, "-o", "expected.npz", "--json", "rows.json")
        self.assertEqual(pathlib.Path("mine.npz").read_bytes(), pathlib.Path("expected.npz").read_bytes())
        self.assertEqual(rows.to_dict("records"), json.loads(pathlib.Path("rows.json").read_text()))

    def test_compare_has_a_row_an_accelerator_and_layer(self):
        frame = basil.compare(LENET, ["eyeriss", "scnn"], set={"eyeriss:clock_mhz": 250}, layer=["L0", "L1"], jobs=2)
        self.done("compare", LENET, "--on", "eyeriss,scnn", "--set", "eyeriss:clock_mhz=250", "--layer", "L0",
                  "--layer", "L1", "--csv", "rows.csv")
        expected = pandas.read_csv("rows.csv").sort_values(["accelerator", "layer"])
        frame = frame.sort_values(["accelerator", "layer"])
        self.assertEqual(list(frame["accelerator"]), list(expected["accelerator"]))
        self.assertEqual(list(frame["layer"]), list(expected["layer"]))
        self.assertEqual(list(frame["cycles"]), list(expected["cycles"]))

    def test_compare_warns_of_who_cannot_run(self):
        outcome = command("compare", LENET, "--on", "eyeriss,lightpe1", "--at", "as-described")
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            frame = basil.compare(LENET, "eyeriss,lightpe1", at="as-described")
        self.assertEqual(len(frame[frame["accelerator"] == "eyeriss"]), 4)
        self.assertEqual([str(each.message) for each in warned], [outcome.stderr.strip()] if outcome.returncode else [])

    def test_sweep_has_a_row_a_point(self):
        study = f"traces: {LENET}\naccelerators: eyeriss\nparameters:\n  array.rows: [6, 12]\n"
        pathlib.Path("study.yaml").write_text(study)
        frame = basil.sweep("study.yaml", jobs=2, report="study.html")
        self.assertEqual([basil.run(LENET, "eyeriss", {"array.rows": rows})["cycles"] for rows in frame["array.rows"]],
                         list(frame["cycles"]))
        self.assertEqual((frame.attrs["points"], frame.attrs["failed"]), (2, 0))
        self.assertTrue(pathlib.Path("study.sqlite").exists() and pathlib.Path("study.html").exists())
        with self.assertRaises(TypeError):
            basil.sweep("study.yaml", dry_run=True)

    def test_report_writes_a_page(self):
        page = basil.report(LENET, "run.html", set={"array.rows": 6}, title="Six rows")
        self.assertIn("Six rows", page.read_text())
        self.assertIn("scnn", basil.report(LENET, "both.html", on=["eyeriss", "scnn"]).read_text())

    def test_refuse_in_the_words_of_the_command(self):
        self.refused(("inspect", "nothing.npz", "--json", "-"), lambda: basil.inspect("nothing.npz"))
        self.refused(("inspect", LENET, "--memory", "1"), lambda: basil.inspect(LENET, memory=1))
        self.refused(("compare", LENET, "--on", "scnn", "--set", "array.row=3"),
                     lambda: basil.compare(LENET, "scnn", set={"array.row": 3}))
        self.refused(("compare", LENET, "--on", "scnn,eyeriss", "--jobs", "2", "--memory", "10M"),
                     lambda: basil.compare(LENET, "scnn,eyeriss", jobs=2, memory="10M"))
        self.refused(("compare", LENET, "--on", "scnn", "--layer", "L9"),
                     lambda: basil.compare(LENET, "scnn", layer="L9"))
        self.refused(("sweep", "none.yaml", "--shard", "9"), lambda: basil.sweep("none.yaml", shard=9))
        self.refused(("run", LENET, "--on", "scnn", "--vcd", "x.vcd", "--vcd-window", "9"),
                     lambda: basil.report(LENET, "x.html", "scnn", vcd="x.vcd", vcd_window=9))
        self.refused(("compress", LENET, "-o", "x.npz"), lambda: basil.compress(LENET, "x.npz"))
        self.refused(("compare", LENET, "--on", "eyeris"), lambda: basil.compare(LENET, "eyeris"))
        self.refused(("compare", LENET, "--on", "scnn", "--jbos", "2"), lambda: basil.compare(LENET, "scnn", jbos=2))
        self.refused(("run", LENET, "--on", "scnn", "--report", "none/x.html"),
                     lambda: basil.report(LENET, "none/x.html", "scnn"))

    def test_leave_names_that_look_like_options(self):
        with self.assertRaisesRegex(basil.Error, "^x --set-y.npz: "):
            basil.inspect("x --set-y.npz")

    def test_give_dicts_without_pandas(self):
        code = ("import sys; sys.modules['pandas'] = None; import basil; "
                f"print([row['name'] for row in basil.inspect({str(LENET)!r})][:2])")
        outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        self.assertEqual(outcome.stdout, "['L0', 'maxpool1']\n", outcome.stderr)


class Pandas(InScratch):
    """What the README of this folder says of data frames."""

    def test_reads_a_result(self):
        result = basil.run(LENET)
        file = self.scratch / "layers.csv"
        self.done("run", LENET, "--on", "eyeriss", "--quiet", "--csv", file)
        written, frame = pandas.read_csv(file), pandas.json_normalize(result["layers"])
        numpy.testing.assert_array_equal(written["cycles"], result["columns"]["cycles"])
        numpy.testing.assert_allclose(written["energy_pj"], result["columns"]["energy_pj"], rtol=1e-8)
        numpy.testing.assert_array_equal(written["bin_wait_weights"], frame["bin_wait_weights"])
        numpy.testing.assert_array_equal(frame["dram_pj"], result["columns"]["dram_pj"])
        self.assertLessEqual(set(frame.columns) & set(result["columns"]),
                             set(written.columns) | {"name", "shape", "warnings"})

    def test_reads_a_study(self):
        study, database, csv = (self.scratch / name for name in ("study.yaml", "study.sqlite", "points.csv"))
        study.write_text(f"traces: {LENET}\naccelerators: eyeriss\nparameters:\n  array.rows: [6, 12]\n"
                         "  dram.link_mhz: [60, 240]\nobjectives: [energy, cycles]\n")
        self.done("sweep", study, "--db", database, "--quiet")
        self.done("export", database, "-o", csv)
        with sqlite3.connect(database) as connection:
            points = pandas.read_sql("SELECT * FROM point_rows ORDER BY point", connection)
            layers = pandas.read_sql("SELECT * FROM layer_rows ORDER BY point, layer", connection)
        connection.close()
        self.assertEqual(len(points), 4)
        pandas.testing.assert_frame_equal(points[["array.rows", "dram.link_mhz", "cycles", "energy_pj"]],
                                          pandas.read_csv(csv)[["array.rows", "dram.link_mhz", "cycles", "energy_pj"]])
        for point in points.to_dict("records"):
            self.assertEqual(point["status"], "done")
            result = basil.run(LENET, "eyeriss", {key: point[key] for key in ("array.rows", "dram.link_mhz")})
            self.assertEqual(result["cycles"], point["cycles"])
            self.assertAlmostEqual(result["energy_pj"], point["energy_pj"], delta=1e-9 * point["energy_pj"])
            own = layers[layers["point"] == point["point"]]
            numpy.testing.assert_array_equal(own["cycles"], result["columns"]["cycles"])


class TraceFormat(InScratch):
    """The reader that docs/trace-format.md shows decodes what the units compute, encoding by encoding."""

    def shown_reader(self):
        page = (SOURCE.parents[1] / "docs" / "trace-format.md").read_text(encoding="utf-8")
        shown = re.search(r"<!-- file: out/trace_reader.py -->\n```python\n(.*?)```", page, re.DOTALL)[1]
        names = {}
        exec(compile(shown, "trace_reader.py", "exec"), names)
        return names["read_trace"]

    def test_reader_decodes_what_the_units_compute(self):
        read_trace = self.shown_reader()
        pruned = "[{prune: {method: magnitude, ratio: %s}}, {quantise: {bits: %s}}, {encode: %s}]"
        for encoding, dtype, steps, machine in (
                ("dense", "int8", "[{quantise: {bits: 8}}, {encode: dense}]", "tpu-like"),
                ("dense", "int4", "[{quantise: {bits: 4}}, {encode: dense}]", "tpu-like"),
                ("bitmap", "int4", pruned % (0.7, 4, "bitmap"), "sparten"),
                ("bitmap", "int8", pruned % (0.7, 8, "bitmap"), "scnn"),
                ("run_length", "int16", pruned % (0.9, 16, "run_length"), "eyeriss"),
                ("power_of_two", "int4", "[{power_of_two: {mean_terms: 1.5}}]", "flightnn"),
                ("basis", "int8", "[{basis: {bases: 6, density: 0.3, layers: L1}}]", "escalate")):
            with self.subTest(encoding=encoding, dtype=dtype):
                recipe, trace = self.scratch / "recipe.yaml", self.scratch / "trace.npz"
                recipe.write_text(f"steps: {steps}\n")
                self.done("compress", SAMPLES / "digits-lenet.npz", "--recipe", recipe, "-o", trace)
                layer = basil.run(trace, machine, sums=True, layers="L1")["layers"][0]
                entry, weights, ifmap = next(found for found in read_trace(trace) if found[0]["name"] == "L1")
                self.assertEqual((entry["weights"]["encoding"], entry["weights"]["dtype"]), (encoding, dtype))
                bias = numpy.load(trace)["L1.bias"]
                numpy.testing.assert_array_equal(layer["sums"], convolved(entry, weights, ifmap, bias))


class TraceModule(InScratch):
    """basil.trace writes what the command takes, and reads what it writes."""

    def setUp(self):
        super().setUp()
        self.draw = numpy.random.default_rng(3)

    def integers(self, least, most, *shape, density=1.0):
        return self.draw.integers(least, most + 1, shape) * (self.draw.random(shape) < density)

    def weights(self):
        """Each encoding, and a machine that computes with it."""
        draw, pack = self.integers, basil.trace.pack
        sparse = draw(-7, 7, 6, 3, 3, 4, density=0.4)
        plane = (3, 3, 4)
        return {
            "dense": (pack(sparse, "KRSC", "dense", dtype="int8", scale=0.5), "tpu-like"),
            "int4": (pack(sparse, "KRSC", "dense", dtype="int4"), "eyeriss"),
            "int5": (pack(sparse.transpose(0, 3, 1, 2), "KCRS", "bitmap", dtype="int5", scale=[0.25] * 6), "sparten"),
            "run_length": (pack(sparse, "KRSC", "run_length", dtype="int4", run_bits=2), "eyeriss"),
            "power_of_two": (basil.trace.power_of_two(
                [[], [draw(-7, 7, *plane)], *[[draw(-7, 7, *plane), draw(-7, 7, *plane)] for _ in range(4)]],
                (6, *plane)), "flightnn"),
            "basis": (basil.trace.basis(draw(-99, 99, 5, 3, 3), draw(-1, 1, 6, 5, 4)), "escalate")}

    def test_writes_what_units_compute_with(self):
        for name, (weights, machine) in self.weights().items():
            with self.subTest(name):
                ifmap = basil.trace.pack(self.integers(0, 99, 1, 4, 7, 8), "NCHW", dtype="int8", scale=0.5)
                layer = basil.trace.Layer("L", "conv", weights, ifmap, bias=numpy.arange(6), padding=(1, 1, 1, 1))
                basil.trace.write(self.scratch / "t.npz", "t", [layer])
                found = basil.run(self.scratch / "t.npz", machine, sums=True)["layers"][0]["sums"]
                wanted = convolved({"shape": layer._shape()}, weights.dense(), ifmap.dense(), numpy.arange(6))
                numpy.testing.assert_array_equal(found, wanted)
                again = basil.trace.read(self.scratch / "t.npz")[0]
                numpy.testing.assert_array_equal(again.weights.dense(), weights.dense())
                numpy.testing.assert_array_equal(again.bias, numpy.arange(6))

    def test_networks_keep_their_integers(self):
        weight, zeros = self.integers(0, 15, 6, 3, 3, 4), numpy.arange(6)
        image = self.integers(-128, 127, 1, 7, 8, 4)
        layer = basil.trace.NetworkLayer(
            "L", "conv", weight, "KRSC", image, "NHWC", 0.5, a_zero=-5, a_dtype="int8", bias=numpy.arange(6),
            w_dtype="uint4", w_scale=numpy.full(6, 0.25), w_zero=zeros,
            output={"dtype": "int8", "scale": 4.0, "zero_point": 3, "rule": "tflite"},
            multiplier=[1 << 30] * 6, shift=[-4] * 6)
        basil.trace.write_network(self.scratch / "n.npz", "n", [layer])
        again = basil.trace.read_network(self.scratch / "n.npz")[0]
        numpy.testing.assert_array_equal(again.weight, weight)
        numpy.testing.assert_array_equal(again.shift, [-4] * 6)
        self.done("compress", self.scratch / "n.npz", "-o", self.scratch / "t.npz")
        kept = basil.trace.read(self.scratch / "t.npz")[0]
        self.assertEqual((kept.weights.dtype, kept.ifmap.dtype), ("int5", "int9"))
        numpy.testing.assert_array_equal(kept.weights.author_codes(), weight)
        numpy.testing.assert_array_equal(kept.ifmap.author_codes(), image)
        self.assertEqual(kept.output["rule"], "tflite")
        found = basil.run(self.scratch / "t.npz", "eyeriss", sums=True)["layers"][0]["sums"]
        wanted = convolved({"shape": kept._shape()}, weight - zeros[:, None, None, None], image + 5, numpy.arange(6))
        numpy.testing.assert_array_equal(found, wanted)

    def test_says_what_is_wrong(self):
        pack = basil.trace.pack
        cube = self.integers(-7, 7, 5, 3, 3, 4).astype("i1")  # K x R x S x C
        image = pack(self.integers(0, 9, 1, 4, 6, 6).astype("i1"), "NCHW")
        with self.assertRaisesRegex(ValueError, "layer L: weights: 3 channels, expected a divisor of the ifmap's 4"):
            basil.trace.write(self.scratch / "t.npz", "t", [basil.trace.Layer("L", "conv", pack(cube, "KCRS"), image)])
        with self.assertRaisesRegex(ValueError, r"axes 'KCR' of shape \(5, 3, 3, 4\), expected a letter of KRSC"):
            pack(cube, "KCR")
        with self.assertRaisesRegex(ValueError, r"weights.values: -7 to 7, expected -4 to 3 \(int3\)"):
            basil.trace.write(self.scratch / "t.npz", "t",
                              [basil.trace.Layer("L", "conv", pack(cube, "KRSC", dtype="int3"), image)])
        self.assertFalse((self.scratch / "t.npz").exists())


class Readme(InScratch):
    """Its outputs are those that the commands in it and the module give."""

    def test_tells_the_truth(self):
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(self.scratch)
        (self.scratch / "traces").symlink_to(SAMPLES.parent)
        self.done("run", LENET, "--on", "eyeriss", "--quiet", "--csv", "layers.csv")
        self.done("sweep", SOURCE.parent / "studies" / "array-and-bandwidth.yaml", "--db", "study.sqlite", "--quiet")
        tried = doctest.testfile(str(SOURCE / "README.md"), module_relative=False,
                                 optionflags=doctest.NORMALIZE_WHITESPACE)
        self.assertGreater(tried.attempted, 15)
        self.assertEqual(tried.failed, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
