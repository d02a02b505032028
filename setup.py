"""Makes the wheel of what CMake builds: the package's Python files, its compiled part and the command."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import setuptools
from setuptools.command.build_py import build_py

ROOT = pathlib.Path(__file__).resolve().parent
VERSION = re.search(r"project\(basil VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]


def built():
    """The package as CMake builds it. BASIL_BUILD names a finished build folder; without, one is brought up to date."""
    folder = os.environ.get("BASIL_BUILD")
    if folder is None:
        python = os.path.realpath(sys.executable)
        usual = python == os.path.realpath("/usr/bin/python3")
        folder = ROOT / "build" / ("release" if usual else pathlib.Path(python).name)
        choose = [] if usual else [f"-DPython_EXECUTABLE={sys.executable}"]
        subprocess.run(["cmake", "--preset", "release", "-B", folder, *choose], cwd=ROOT, check=True)
        subprocess.run(["cmake", "--build", folder, "--target", "basil", "basil_python"], check=True)
    package = pathlib.Path(folder) / "testbenches" / "python" / "basil"
    if not list(package.glob("_basil*.so")):
        sys.exit(f"{package}: no module, expected one; CMake builds it where it finds pybind11 and Python's headers")
    return package


class Build(build_py):
    def run(self):
        super().run()
        shutil.copytree(built(), pathlib.Path(self.build_lib) / "basil", dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("__pycache__"))


class Compiled(setuptools.Distribution):
    def has_ext_modules(self):  # so that the wheel is for this machine and this Python
        return True


setuptools.setup(version=VERSION, packages=["basil"], package_dir={"basil": "testbenches/python/package"},
                 cmdclass={"build_py": Build}, distclass=Compiled)
