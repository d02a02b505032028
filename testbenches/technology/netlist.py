"""A netlist of a library's cells, as yosys writes it in JSON: one module, flat."""
import collections
import hashlib
import json


class Gate:
    def __init__(self, name, cell, pins):
        self.name, self.cell, self.pins = name, cell, pins  # pins: net of each, or "0", "1", "x"


class Netlist:
    """Nets are numbers; `names` has those by which a waveform knows them."""

    def __init__(self, module):
        self.ports = {name: (port["direction"], port["bits"]) for name, port in module["ports"].items()}
        self.gates = [Gate(name, cell["type"], {pin: bits[0] for pin, bits in cell["connections"].items() if bits})
                      for name, cell in sorted(module["cells"].items())]
        self.names = collections.defaultdict(list)
        for name, net in module["netnames"].items():
            for place, bit in enumerate(net["bits"]):
                self.names[bit].append(name if len(net["bits"]) == 1 else f"{name}[{place}]")

    @staticmethod
    def load(path, top):
        with open(path, encoding="utf-8") as file:
            return Netlist(json.load(file)["modules"][top])

    def widths(self, direction):
        """Of the ports but for the clock, in order."""
        return [(name, len(bits)) for name, (way, bits) in self.ports.items() if way == direction and name != "clk"]

    def count(self):
        return collections.Counter(gate.cell for gate in self.gates)

    def digest(self):
        """Of gates and ports, nets in the order in which they are first met: the same for the same circuit."""
        order = {}
        lines = []

        def number(net):
            return order.setdefault(net, len(order)) if isinstance(net, int) else net

        for name, (way, bits) in self.ports.items():
            lines.append(f"{way} {name} {[number(bit) for bit in bits]}")
        for gate in self.gates:
            lines.append(f"{gate.cell} {[(pin, number(gate.pins[pin])) for pin in sorted(gate.pins)]}")
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
