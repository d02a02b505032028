#!/usr/bin/env python3
"""Holds ratio times anchor by hand. Exit code 77 where PyYAML is absent."""
import contextlib
import importlib.util
import io
import pathlib
import sys
import tempfile
import unittest

if importlib.util.find_spec("yaml") is None:
    print("skipped: python3-yaml absent")
    sys.exit(77)

import anchor  # noqa: E402
import yaml  # noqa: E402
from refusal import Refusal  # noqa: E402


def row(pj, **more):
    return {"pj": {"nominal": pj, "low": pj, "high": pj}, "unit": "pJ/op", "bits": 8, "source": "a flow", **more}


class Anchored(unittest.TestCase):
    def setUp(self):
        self.measured = {"mac_int8": row(2.0), "shift1_int8": row(1.1, area_um2=428.5), "register_bit_clock": row(0.01)}
        self.table = {"mac_int8": row(0.3)}

    def test_ratio_times_anchor_within_what_was_measured(self):
        found = anchor.anchored("shift1_int8", self.measured["shift1_int8"], self.measured, self.table)
        self.assertAlmostEqual(found["pj"]["nominal"], 1.1 / 2.0 * 0.3)
        self.assertAlmostEqual(found["pj"]["low"], 0.165)
        self.assertAlmostEqual(found["pj"]["high"], 1.1)
        self.assertEqual((found["area_um2"], found["tag"]), (428.5, "derived"))
        self.assertTrue(found["source"].startswith("0.55 x mac_int8's 0.3 pJ; "))

    def test_a_measured_value_below_the_anchored_one_is_the_low_end(self):
        found = anchor.anchored("shift1_int8", row(0.1), {"mac_int8": row(0.2)}, self.table)
        self.assertAlmostEqual(found["pj"]["low"], 0.1)
        self.assertAlmostEqual(found["pj"]["high"], 0.15)

    def test_macs_keep_their_anchors_and_the_rest_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder) / name for name in ("measured.yaml", "table.yaml", "rows.yaml")]
            for file, rows in zip(files, (self.measured, self.table)):
                file.write_text(yaml.safe_dump({"rows": rows}, sort_keys=False), encoding="utf-8")
            sys.argv = ["anchor.py", str(files[0]), str(files[1]), "-o", str(files[2])]
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                self.assertEqual(anchor.main(), 0)
            written = yaml.safe_load(files[2].read_text(encoding="utf-8"))["rows"]
        self.assertEqual(list(written), ["shift1_int8", "register_bit_clock"])
        self.assertEqual(written["register_bit_clock"]["pj"], {"nominal": 0.0015, "low": 0.0015, "high": 0.01})
        self.assertRegex(printed.getvalue(), r"mac_int8 +2 +kept +0\.3\n")

    def test_a_table_without_the_anchor_is_refused(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("rows: {mac_int4: {}}\n")
            file.flush()
            with self.assertRaisesRegex(Refusal, "no row mac_int8, expected the anchor"):
                anchor.rows_of(file.name)


if __name__ == "__main__":
    unittest.main()
