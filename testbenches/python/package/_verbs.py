"""The verbs of the command as functions: keywords are its options, results are pandas frames.

Each starts the command that lies beside this file: an ONNX import brings a protobuf of its own, for which a process
that has another has no room, and what the command refuses it refuses here in the same words, keywords for options.
"""
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import warnings

from basil._basil import Error, Failure

_COMMAND = pathlib.Path(__file__).resolve().parent / "bin" / "basil"


def _word(value):
    """A value as the command line takes it; of a key, YAML, of which JSON is a part."""
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if hasattr(value, "item"):  # numpy's numbers
        value = value.item()
    return json.dumps(value)


def _several(value):
    """A word, or several of them, as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _options(given):
    """--words of keywords: True is a flag, a dict {"array.rows": 16} is array.rows=16, a list repeats the option."""
    words = []
    for name, value in given.items():
        option = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            words.append(option)
            continue
        if isinstance(value, dict):
            value = [f"{key}={_word(each)}" for key, each in value.items()]
        for each in _several(value):
            words += [option, _word(each)]
    return words


def _in_keywords(said, words):
    """What the command said, its options as keywords; what looks like an option in a given value stays."""
    def keyword(option):
        own = option.group() in words or not any(option.group() in word for word in words)
        return option.group(1).replace("-", "_") if own else option.group()

    return re.sub(r"(?<![\w/.-])--([a-z][a-z-]*[a-z])", keyword, said.strip())


def _raise(returncode, said, verb):
    if returncode < 0:
        raise Failure(f"basil {verb}: signal {-returncode} ({signal.strsignal(-returncode)})")
    raise (Error if returncode == 2 else Failure)(said.removeprefix("basil: "))


def _run(verb, positional, given, json_wanted=True):
    """Runs the verb and returns the JSON that it writes. What is left out of a result that is there is warned of."""
    words = [verb, *map(_word, positional), *_options(given)] + (["--json", "-"] if json_wanted else [])
    outcome = subprocess.run([_COMMAND, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    found = json.loads(outcome.stdout) if json_wanted and outcome.stdout else None
    said = _in_keywords(outcome.stderr, words)
    partly = found is not None or said.startswith(f"basil {verb}: ")  # done, but for what it names
    if outcome.returncode == 1 and partly:
        warnings.warn(said or f"basil {verb}: some failed", stacklevel=3)
    elif outcome.returncode != 0:
        _raise(outcome.returncode, said, verb)
    return found


def _frame(rows, about=None):
    """A frame: a column a field, those of groups as group.field, attrs `about`. Without pandas the rows, as dicts."""
    try:
        import pandas
    except ImportError:
        return rows
    frame = pandas.json_normalize(rows)
    frame.attrs.update(about or {})
    return frame


def import_(model, output, **options):
    """An ONNX model or a numpy archive into a network that compress() takes, as `basil import` does.

    Returns a row a layer, as inspect() of the output does. options: input, seed, batch, memory.
    """
    _run("import", [model], {"output": output, **options}, json_wanted=False)
    return inspect(output)


def compress(network, output, **options):
    """Prunes, quantises and encodes a network into a trace, as `basil compress` does.

    Returns a row a layer: encoding, density, bytes, errors. options: recipe, memory.
    """
    return _frame(_run("compress", [network], {"output": output, **options}))


def inspect(trace, **options):
    """What a trace or an imported network holds, as `basil inspect` says: a row a layer; attrs has what is of all."""
    found = _run("inspect", [trace], options)
    layers = found.pop("layers")
    return _frame(layers, found)


def compare(trace, on, **options):
    """The same layers on several accelerators, as `basil compare` does.

    trace  a trace or a network, or several
    on     names or YAML files: "scnn,sparten", or ["scnn", "sparten"]

    Returns a row a trace, accelerator and layer; attrs["comparisons"] is all that `--json` writes. An accelerator that
    cannot run the layers is warned of. options: at, multipliers, layer, set, no_verify, jobs, csv, report, title,
    memory.
    """
    found = _run("compare", _several(trace), {"on": ",".join(map(_word, _several(on))), "quiet": True, **options})
    rows = [{"trace": each["trace"], "accelerator": accelerator["name"], **layer}
            for each in found for accelerator in each["accelerators"] for layer in accelerator["layers"]]
    return _frame(rows, {"comparisons": found})


def sweep(study, db=None, **options):
    """A study of many design points, as `basil sweep` does: resumable, into the SQLite file `db` (STUDY.sqlite).

    Returns a row a point; attrs has the counts and the fronts, as `--json` writes them. Points that failed are warned
    of. options: jobs, shard, resume, retry, show, report, title, memory; pull and dry_run are for the command alone.
    """
    for name in ("pull", "dry_run"):
        if name in options:
            raise TypeError(f"sweep() got '{name}', which has no one database to read: see 'basil sweep --help'")
    db = pathlib.Path(study).stem + ".sqlite" if db is None else db
    about = _run("sweep", [study], {"db": db, "quiet": True, **options})
    connection = sqlite3.connect(pathlib.Path(db).resolve().as_uri() + "?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        rows = [dict(row) for row in connection.execute("SELECT * FROM point_rows ORDER BY point")]
    finally:
        connection.close()
    return _frame(rows, about)


def report(of, output, on="eyeriss", **options):
    """A page of charts and tables for any browser: of a run, of a comparison where `on` are several, of a study.

    options: those of run, compare or sweep. Returns the page's path.
    """
    page = {"report": output, "quiet": True, **options}
    if not isinstance(of, (list, tuple)) and pathlib.Path(of).suffix in (".yaml", ".yml"):
        _run("sweep", [of], page, json_wanted=False)
    else:
        machines = ",".join(map(_word, _several(on)))
        verb = "compare" if "," in machines or isinstance(of, (list, tuple)) else "run"
        _run(verb, _several(of), {"on": machines, **page}, json_wanted=False)
    return pathlib.Path(output)


def main():
    """The command itself, for what pip puts into bin/."""
    os.execv(_COMMAND, [str(_COMMAND), *sys.argv[1:]])
