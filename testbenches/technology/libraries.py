"""A library to measure with: libraries/NAME.toml, or a file of the reader's own."""
import pathlib
import tomllib

from cells import Library
from refusal import Refusal

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NEEDED = {"name": str, "node_nm": int, "liberty": str, "source": str, "licence": str, "driving_cell": str,
          "slew_ns": float, "output_load_ff": float, "wire_ff": float, "period_ns": float}
OPTIONAL = {"tie_high": str, "tie_low": str, "clock_gate": dict}
GATE_PINS = ("cell", "clock", "enable", "output")


class Technology:
    """The description, and the Liberty file it names, read and checked."""

    def __init__(self, file, values, liberty):
        self.file, self.name, self.clock_gate = file, values["name"], values.get("clock_gate")
        self.values = values
        self.path = pathlib.Path(liberty) if liberty else ROOT / values["liberty"]
        self.library = Library(self.path)
        self.library.need_logic()
        self.library.of(values["driving_cell"], f"driving_cell of {file}")
        for key in ("tie_high", "tie_low"):
            if key in values:
                self.library.of(values[key].split()[0], f"{key} of {file}")
        if self.clock_gate:
            self.check_clock_gate()

    def __getattr__(self, key):
        return self.values[key]

    def check_clock_gate(self):
        gate = self.library.of(self.clock_gate["cell"], f"clock_gate of {self.file}")
        for key in GATE_PINS[1:]:
            if self.clock_gate[key] not in gate.pins:
                raise Refusal(f"{self.file}: clock_gate.{key} is {self.clock_gate[key]}, "
                              f"expected a pin of {gate.name}: {', '.join(gate.pins)}")


def checked(file, values):
    for key in values:
        if key not in NEEDED and key not in OPTIONAL:
            raise Refusal(f"{file}: unknown key {key}, expected one of {', '.join([*NEEDED, *OPTIONAL])}")
    for key, kind in NEEDED.items():
        if not isinstance(values.get(key), kind):
            raise Refusal(f"{file}: {key} is {values.get(key, 'absent')}, expected a {kind.__name__}")
    gate = values.get("clock_gate")
    if gate is not None and (not isinstance(gate, dict) or sorted(gate) != sorted(GATE_PINS)):
        raise Refusal(f"{file}: clock_gate has {', '.join(gate) or 'nothing'}, expected {', '.join(GATE_PINS)}")
    return values


def known():
    return sorted(path.stem for path in (HERE / "libraries").glob("*.toml"))


def load(name, liberty=None):
    """`name`: a known library or a .toml file; `liberty`: instead of the file that it names."""
    file = pathlib.Path(name) if name.endswith(".toml") else HERE / "libraries" / f"{name}.toml"
    if not file.is_file():
        raise Refusal(f"{name}: no such library, expected {', '.join(known())} or a .toml file")
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as fault:
        raise Refusal(f"{file}: {fault}, expected TOML") from None
    return Technology(file.name, checked(file.name, values), liberty)
