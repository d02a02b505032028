"""`pip install` of the checkout into an empty folder, and the module and the command from there.

usage: wheel_test.py SOURCE_DIR BUILD_DIR VERSION    exit code 77: skipped
"""
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile

source, build, version = sys.argv[1:]
for needed in ("pip", "setuptools", "wheel"):
    if importlib.util.find_spec(needed) is None:
        print(f"skipped: no {needed} (Debian's package python3-{needed})")
        sys.exit(77)


def done(*words, **options):
    outcome = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, **options)
    if outcome.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: exit code {outcome.returncode}\n{outcome.stdout}{outcome.stderr}")
    return outcome.stdout.strip()


with tempfile.TemporaryDirectory(prefix="basil-test-") as scratch:
    site = pathlib.Path(scratch) / "site"
    # From a copy of what the wheel is made of, so that nothing is left in the sources.
    copy = pathlib.Path(scratch) / "checkout"
    for name in ("CMakeLists.txt", "pyproject.toml", "setup.py", "testbenches/python/README.md",
                 "testbenches/python/package/__init__.py", "testbenches/python/package/_verbs.py"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((pathlib.Path(source) / name).read_bytes())
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done(sys.executable, "-m", "pip", "install", "--no-index", "--no-build-isolation", "--no-deps", "--target", site,
         copy, env={**clean, "BASIL_BUILD": build})
    trace = pathlib.Path(source) / "traces" / "samples" / "lenet.npz"
    installed = {**clean, "PYTHONPATH": str(site)}
    code = ("import basil, sys; print(basil.__file__, basil.__version__, basil.run(sys.argv[1])['cycles'], "
            "len(basil.inspect(sys.argv[1])))")
    file, told, cycles, layers = done(sys.executable, "-c", code, trace, env=installed, cwd=scratch).split()
    assert pathlib.Path(file) == site / "basil" / "__init__.py", file
    assert told == version, told
    command = site / "bin" / "basil"  # by which a shell finds it
    assert done(command, "--version", env=installed).startswith(f"basil {version}, build ")
    real = site / "basil" / "bin" / "basil"
    assert real.is_file() and not real.is_symlink(), real
    assert done(real, "run", trace, "--on", "eyeriss", "--csv", "-").count("\n") == 4
    assert list(site.glob(f"basil-{version}.dist-info")), list(site.iterdir())
    assert int(cycles) > 0 and int(layers) > 0
print(f"installed {version}: {cycles} cycles")
