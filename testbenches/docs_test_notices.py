#!/usr/bin/env python3
"""docs_test.py notices an output, a figure of prose and an exit code that are not so, and --update mends them.

usage: docs_test_notices.py SOURCE_DIR
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop()).resolve()
TRUE = """# A page

    $ printf 'a table\\n  all    4 layers   18 174  6.77 uJ\\n'
    a table
      all    4 layers   18 174  6.77 uJ
    $ printf 'one\\nL2 22\\nthree\\n'
    ...
    L2 22
    ...

It takes 18 174 cycles and 6.77
uJ, not 118 174.
<!-- from: printf 'a table\\n  all    4 layers   18 174  6.77 uJ\\n' => all | * | {18 174} | {6.77 uJ} -->

<!-- file: out/note.txt -->
```text
whole
```

    $ cat out/note.txt
    whole
"""


class Notices(unittest.TestCase):
    def checked(self, text, *options):
        """Exit code of the test on a page, and the page after it."""
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "page.md")
            page.write_text(text, encoding="utf-8")
            test = SOURCE / "testbenches" / "docs_test.py"
            ran = subprocess.run([sys.executable, test, "basil", SOURCE, *options, page],
                                 stdout=subprocess.DEVNULL, check=False)
            return ran.returncode, page.read_text(encoding="utf-8")

    def test_takes_what_is_so(self):
        self.assertEqual(self.checked(TRUE), (0, TRUE))
        self.assertEqual(self.checked(TRUE, "--update"), (0, TRUE))

    def test_refuses_what_is_not_and_mends_it(self):
        for true, wrong in (("    a table\n", "    a chair\n"), ("    L2 22\n", "    L2 23\n"),
                            ("    whole\n", "    half\n"), ("takes 18 174", "takes 18 175"), ("6.77\nuJ", "6.78\nuJ")):
            broken = TRUE.replace(true, wrong)
            if "takes" in true:
                broken = broken.replace("{18 174}", "{18 175}")
            if "uJ" in true:
                broken = broken.replace("{6.77 uJ}", "{6.78 uJ}")
            with self.subTest(wrong=wrong):
                self.assertNotEqual(broken, TRUE)
                self.assertEqual(self.checked(broken)[0], 1)
                code, mended = self.checked(broken, "--update")
                self.assertEqual((code, " ".join(mended.split())), (0, " ".join(TRUE.split())))

    def test_refuses_what_cannot_be_mended(self):
        for true, wrong in (("takes 18 174", "takes 18 17"),          # the prose has another figure than its marker
                            ("all | *", "none | *"),                  # no such line is printed
                            ("$ cat out/note.txt", "$ cat out/gone")):
            with self.subTest(wrong=wrong):
                self.assertEqual(self.checked(TRUE.replace(true, wrong), "--update")[0], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
