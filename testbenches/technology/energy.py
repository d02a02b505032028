"""Energy of a netlist whose nets toggle, from Liberty's tables.

    an edge of a net             C V^2 / 2, C being the pins on it, its wire and, at a port, the load outside
    an edge at a cell's output   internal_power of the arcs, each weighed by the edges of its related pin and by how
                                 likely its `when` is, at the net's load
    an edge at a cell's input    internal_power of the pin itself (of a clock pin: what the flip-flop takes each edge)

Slews are one figure a library. Everything in fJ; leakage in nW.
"""
import dataclasses

from logic import probability


@dataclasses.dataclass
class Energy:
    clock_pins: float = 0.0   # inside flip-flops and clock gates, at their clock pins
    clock_nets: float = 0.0   # the wires and pins of clocks
    registers: float = 0.0    # inside flip-flops, for data
    logic: float = 0.0        # inside gates
    nets: float = 0.0         # wires and pins of data

    @property
    def total(self):
        return self.clock_pins + self.clock_nets + self.registers + self.logic + self.nets

    @property
    def clock(self):
        return self.clock_pins + self.clock_nets

    @property
    def data(self):
        return self.total - self.clock


class Calculator:
    """`edges` and `high` of a net are looked up by any of its names."""

    def __init__(self, netlist, library, wire_ff, output_load_ff, slew_ns):
        self.netlist, self.library, self.slew_ns = netlist, library, slew_ns
        self.cells = {name: library.of(name, "energy") for name in netlist.count()}
        self.load = self.loads(wire_ff, output_load_ff)
        self.clocks = {gate.pins[pin.name] for gate in netlist.gates
                       for pin in self.cells[gate.cell].pins.values() if pin.clock and pin.name in gate.pins}

    def loads(self, wire_ff, output_load_ff):
        load = {}
        for gate in self.netlist.gates:
            for pin in self.cells[gate.cell].of_direction("input"):
                net = gate.pins.get(pin.name)
                load[net] = load.get(net, 0.0) + pin.capacitance + wire_ff
        for way, bits in self.netlist.ports.values():
            for net in bits if way == "output" else ():
                load[net] = load.get(net, 0.0) + output_load_ff
        return load

    def leakage_nw(self):
        return sum(self.cells[gate.cell].leakage_nw for gate in self.netlist.gates)

    def area_um2(self):
        return sum(self.cells[gate.cell].area for gate in self.netlist.gates)

    def of(self, activity):
        """Of all edges of `activity` together."""
        energy = Energy()
        edges, high = {}, {}
        for net, names in self.netlist.names.items():
            name = next((name for name in names if name in activity.toggles), None)
            edges[net] = activity.toggles[name] if name else 0
            high[net] = activity.high[name] if name else 0.5
        for net, load in self.load.items():
            if isinstance(net, int):
                half = 0.5 * load * self.library.voltage**2 * edges.get(net, 0)
                if net in self.clocks:
                    energy.clock_nets += half
                else:
                    energy.nets += half
        for gate in self.netlist.gates:
            self.add_gate(energy, gate, edges, high)
        return energy

    def add_gate(self, energy, gate, edges, high):
        cell = self.cells[gate.cell]
        levels = {pin: high.get(net, 1.0 if net == "1" else 0.0) for pin, net in gate.pins.items()}
        for pin in cell.pins.values():
            net = gate.pins.get(pin.name)
            if not isinstance(net, int) or not pin.powers or not edges.get(net):
                continue
            inside = edges[net] * self.edge(pin, gate, edges, levels)
            if pin.clock:
                energy.clock_pins += inside
            elif cell.state is not None:
                energy.registers += inside
            else:
                energy.logic += inside

    def edge(self, pin, gate, edges, levels):
        """Energy of an edge at a pin: the mean over its arcs."""
        load = self.load.get(gate.pins[pin.name], 0.0) if pin.direction == "output" else 0.0
        total = weights = 0.0
        for power in pin.powers:
            found = self.library.energy(power, self.slew_ns, load)
            if found is None:
                continue
            related = [name for name in power.related if name in gate.pins]
            weight = sum(edges.get(gate.pins[name], 0) for name in related) if related else 1.0
            # An arc whose related pin or condition never came about counts for next to nothing, not for none: some
            # arc has to price the edge.
            weight = max(weight, 1e-6) * max(probability(power.when, levels) if power.when else 1.0, 1e-6)
            total += weight * found
            weights += weight
        return total / weights if weights else 0.0
