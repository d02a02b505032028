"""What every net did, from a waveform: toggles, and the share of the time that it was high."""


class Activity:
    """Of nets by their Verilog name: toggles in all, and share of the time high."""

    def __init__(self, toggles, high, duration):
        self.toggles, self.high, self.duration = toggles, high, duration


def declared(lines):
    """Bits of each identifier in the top scope, and none of deeper ones."""
    bits, depth = {}, 0
    for line in lines:
        words = line.split()
        if not words:
            continue
        if words[0] == "$scope":
            depth += 1
        elif words[0] == "$upscope":
            depth -= 1
        elif words[0] == "$var":
            name, width = words[4].lstrip("\\"), int(words[2])
            names = [name] if width == 1 and len(words) < 7 else None
            if width == 1 and len(words) == 7:
                names = [name + words[5]]
            bits.setdefault(words[3], []).append(names or [f"{name}[{place}]" for place in range(width)])
        elif words[0] == "$enddefinitions":
            return bits
    return bits


class Counter:
    """One bit at a time."""

    def __init__(self):
        self.value, self.since, self.toggles, self.high = {}, {}, {}, {}

    def change(self, key, value, time):
        before = self.value.get(key)
        if before == value:
            return
        if before == "1":
            self.high[key] = self.high.get(key, 0) + time - self.since[key]
        if before in ("0", "1") and value in ("0", "1"):
            self.toggles[key] = self.toggles.get(key, 0) + 1
        self.value[key], self.since[key] = value, time


def changes(lines):
    """Time, identifier and value of each."""
    time = 0
    for line in lines:
        head = line[0]
        if head == "#":
            time = int(line[1:])
            yield time, None, None
        elif head in "01xz":
            yield time, line[1:].strip(), head
        elif head == "b":
            value, identifier = line[1:].split()
            yield time, identifier, value


def read(path):
    """Of a VCD file."""
    with open(path, encoding="utf-8") as file:
        bits = declared(file)
        counter, first, time = Counter(), None, 0
        for time, identifier, value in changes(file):
            first = time if first is None else first
            if identifier is None:
                continue
            width = len(bits[identifier][0])
            filled = value.rjust(width, value[0] if value[0] in "xz" else "0")
            for place, digit in enumerate(reversed(filled)):
                counter.change((identifier, place), digit, time)
    for key, value in list(counter.value.items()):
        counter.change(key, "end", time)
    duration = max(time - (first or 0), 1)
    toggles, high = {}, {}
    for identifier, aliases in bits.items():
        for names in aliases:
            for place, name in enumerate(names):
                toggles[name] = counter.toggles.get((identifier, place), 0)
                high[name] = counter.high.get((identifier, place), 0) / duration
    return Activity(toggles, high, duration)
