"""Reads and writes Basil's files from numpy arrays in memory: traces and networks before compression.

    from basil import trace
    conv = trace.Layer("conv", "conv", trace.pack(weights, "KCRS", "bitmap", scale=0.01),
                       trace.pack(ifmap, "NCHW", scale=0.05), padding=(1, 1, 1, 1),
                       output={"dtype": "int8", "scale": 0.1, "relu": True})
    trace.write("net.npz", "net", [conv])
    for layer in trace.read("net.npz"):
        print(layer.name, layer.weights.dense().shape)

It needs numpy and nothing else. docs/trace-format.md says what lies in the files; every rule of it that can be held
without running a layer is held here, by a ValueError that says layer, part, what was found and what was expected.
"""
import dataclasses
import io
import json
import os
import tempfile
import zipfile

import numpy as np

TRACE_SCHEMA, NETWORK_SCHEMA, FIRST_NETWORK_SCHEMA = "basil-trace/2", "dense-network/2", "dense-network/1"
WEIGHT_AXES, IFMAP_AXES = "KRSC", "NHWC"
KINDS = {"conv": "conv", "depthwise": "dwconv", "fc": "fc", "pool": "pool", "add": "add"}  # and in a network file


def _refuse(where, found, expected):
    raise ValueError(f"{where}: {found}, expected {expected}")


def bits_of(dtype):
    """Bits of a value: 4 of int4, 32 of fp32."""
    known = {f"int{b}": b for b in range(2, 17)} | {f"uint{b}": b for b in range(1, 9)} | {"fp32": 32}
    if dtype not in known:
        _refuse("dtype", repr(dtype), "int2 to int16, uint1 to uint8 or fp32")
    return known[dtype]


def range_of(dtype):
    """The least and the greatest integer."""
    bits = bits_of(dtype)
    return (0, (1 << bits) - 1) if dtype[0] == "u" else (-(1 << bits - 1), (1 << bits - 1) - 1)


def narrowest(least, greatest):
    """The dtype of fewest bits that holds both, signed where either will do."""
    for bits in range(1, 17):
        for dtype in ([f"int{bits}"] if bits > 1 else []) + ([f"uint{bits}"] if bits < 9 else []):
            if range_of(dtype)[0] <= least and greatest <= range_of(dtype)[1]:
                return dtype
    return _refuse("values", f"{least} to {greatest}", "such as 16 bits hold")


def _check_values(values, dtype, where):
    if dtype == "fp32":
        if not np.isfinite(values).all():
            _refuse(where, "a value that is not finite", "finite numbers")
        return
    least, greatest = range_of(dtype)
    if values.size and (values.min() < least or values.max() > greatest):
        _refuse(where, f"{values.min()} to {values.max()}", f"{least} to {greatest} ({dtype})")


def _stored(values, dtype):
    """Values as the file has them: numpy's own integers, or bits one after the other."""
    own = {"int8": "i1", "uint8": "u1", "int16": "<i2", "fp32": "<f4"}
    if dtype in own:
        return values.astype(own[dtype])
    width = bits_of(dtype)
    return np.packbits(values.astype("i4").ravel()[:, None] >> np.arange(width) & 1, bitorder="little")


def _loaded(array, dtype, count):
    width = bits_of(dtype)
    if width in (8, 16, 32):
        return array.ravel()
    fields = np.unpackbits(array, count=count * width, bitorder="little").reshape(count, width)
    values = fields.astype("i4") @ (1 << np.arange(width))
    return np.where((dtype[0] == "i") & (values >> width - 1 > 0), values - (1 << width), values)


def _array_dtype(dtype):
    """The narrowest of numpy's integers that holds codes of a network file."""
    return "<i2" if bits_of(dtype) > 8 else "u1" if dtype[0] == "u" else "i1"


def _bits(array, count):
    return np.unpackbits(array, count=count, bitorder="little").astype(bool)


def _arrange(array, axes, wanted, where):
    """The array's axes in the order wanted; those it does not have are of one place."""
    array = np.asarray(array)
    if len(set(axes)) != len(axes) or not set(axes) <= set(wanted) or array.ndim != len(axes):
        _refuse(where, f"axes {axes!r} of shape {array.shape}", f"a letter of {wanted} for each axis")
    array = array.reshape(array.shape + (1,) * (len(wanted) - len(axes)))
    axes += "".join(letter for letter in wanted if letter not in axes)
    return array.transpose([axes.index(letter) for letter in wanted])


@dataclasses.dataclass
class Operand:
    """Weights (K, R, S, C / groups) or an ifmap (N, H, W, C) in an encoding, its parts as the file holds them."""
    encoding: str
    dtype: str
    shape: tuple
    parts: dict
    scale: object = 1.0  # a number, or an array of one for each filter
    codes: str = None  # dtype of the author's codes: value + zero_point
    zero_point: object = 0
    fields: dict = dataclasses.field(default_factory=dict)  # run_bits, bases, taps

    def dense(self):
        """Every value, whatever the encoding; codes less their zero point."""
        (outer, rows, cols, depth), encoding = self.shape, self.encoding
        positions, plane = int(np.prod(self.shape)), rows * cols * depth
        values = self.parts["values"].ravel()
        dense = np.zeros(positions, "f4" if self.dtype == "fp32" else "i4")
        if encoding == "dense":
            dense[:] = values
        elif encoding == "bitmap":
            dense[_bits(self.parts["bitmap"], positions)] = values
        elif encoding == "run_length":
            dense[np.cumsum(self.parts["runs"].astype(int) + 1) - 1] = values
        elif encoding == "power_of_two":
            filters = np.repeat(np.arange(outer), self.parts["terms"])
            codes = values.reshape(-1, plane).astype("i4")
            np.add.at(dense.reshape(outer, plane), filters, np.sign(codes) * (1 << abs(codes) >> 1))
        elif encoding == "basis":
            some = _bits(self.parts["bitmap"], outer * self.fields["bases"] * depth)
            ternary = some.astype("i4")
            ternary[some] -= 2 * _bits(self.parts["signs"], int(some.sum()))
            return np.einsum("kmc,mrs->krsc", ternary.reshape(outer, -1, depth), values.reshape(-1, rows, cols))
        elif encoding == "binary":
            dense[:] = np.where(_bits(self.parts["bitmap"], positions), 1, -1)
        else:
            raise ValueError(f"{encoding}: its layer is not a convolution with dense weights")
        return dense.reshape(self.shape)

    def author_codes(self):
        """The integers that the network's author wrote."""
        zero = np.asarray(self.zero_point)
        return self.dense() + (zero.reshape(-1, 1, 1, 1) if zero.size > 1 else zero)

    def _json(self, axes):
        entry = {"axes": axes, "encoding": self.encoding, "dtype": self.dtype, **self.fields}
        entry["scale"] = float(self.scale) if np.size(self.scale) == 1 else "per_filter"
        if self.codes:
            one = np.size(self.zero_point) == 1
            entry |= {"codes": self.codes, "zero_point": int(self.zero_point) if one else "per_filter"}
        return entry

    def _arrays(self, where):
        arrays = dict(self.parts)
        arrays["values"] = _stored(self.parts["values"], self.dtype)
        if bits_of(self.dtype) in (8, 16, 32):
            arrays["values"] = arrays["values"].reshape(self.shape if self.encoding == "dense" else -1)
        if np.size(self.scale) > 1:
            arrays["scale"] = np.asarray(self.scale, "<f4")
        if self.codes and np.size(self.zero_point) > 1:
            arrays["zero_point"] = np.asarray(self.zero_point, "<i4")
        self._check(where)
        return arrays

    def _check(self, where):
        _check_values(self.parts["values"], self.dtype, where + ".values")
        for field, numbers in ("scale", self.scale), ("zero_point", self.zero_point):
            if np.size(numbers) not in (1, self.shape[0]):
                _refuse(f"{where}.{field}", f"{np.size(numbers)} values", f"1 or {self.shape[0]}")
        if not (np.isfinite(self.scale).all() and (np.asarray(self.scale) > 0).all()):
            _refuse(where + ".scale", self.scale, "finite numbers above 0")


def _runs(dense, run_bits):
    """Zeros before each value, and the values; a longer run is a pair with the greatest run and value 0."""
    places = np.flatnonzero(dense)
    most = (1 << run_bits) - 1
    runs, values = [], []
    for zeros, value in zip(np.diff(places, prepend=-1) - 1, dense[places]):
        full = int(zeros) // (most + 1)
        runs += [most] * full + [int(zeros) - full * (most + 1)]
        values += [0] * full + [value]
    return np.array(runs, "u1" if run_bits <= 8 else "<u2"), np.array(values, dense.dtype)


def pack(array, axes, encoding="dense", dtype=None, scale=1.0, codes=None, zero_point=0, run_bits=5):
    """An operand of a dense array, in the encoding dense, bitmap or run_length.

    axes: a letter for each axis of the array: K, C, R, S of weights ("KC" of a fully connected layer), N, C, H, W of an
    ifmap. dtype: of the values; that of the array, or the narrowest. codes: the array holds codes of this dtype, from
    which the zero point is taken; the values' dtype then is the one that holds whatever the codes could come to.
    """
    array = np.asarray(array)
    wanted = WEIGHT_AXES if "K" in axes else IFMAP_AXES
    dense = _arrange(array, axes, wanted, "pack")
    shape = tuple(int(length) for length in dense.shape)
    if codes:
        _check_values(dense, codes, "codes")
        zero = np.asarray(zero_point, "i4")
        dense = dense.astype("i4") - (zero.reshape(-1, 1, 1, 1) if zero.size > 1 else zero)
        least, greatest = range_of(codes)
        dtype = dtype or narrowest(least - int(zero.max()), greatest - int(zero.min()))
    elif dtype is None:
        dtype = {"f": "fp32", "i": f"int{8 * array.itemsize}", "u": f"uint{8 * array.itemsize}"}.get(array.dtype.kind)
        if dtype is None or bits_of(dtype) > (32 if dtype == "fp32" else 16):
            _refuse("pack", f"dtype {array.dtype}", "float32, int8, uint8 or int16, or dtype=")
    flat = np.ascontiguousarray(dense).ravel()
    fields = {}
    if encoding == "dense":
        parts = {"values": flat}
    elif encoding == "bitmap":
        parts = {"values": flat[flat != 0], "bitmap": np.packbits(flat != 0, bitorder="little")}
    elif encoding == "run_length":
        runs, values = _runs(flat, run_bits)
        parts, fields = {"values": values, "runs": runs}, {"run_bits": run_bits}
    else:
        _refuse("pack", repr(encoding), "dense, bitmap or run_length; each other one has a function of its name")
    return Operand(encoding, dtype, shape, parts, scale, codes, zero_point, fields)


def power_of_two(codes, shape, scale=1.0):
    """Weights (K, R, S, C / groups): 0 to 2 planes for each filter, of codes -7 to 7: sign(c) x 2^(|c| - 1)."""
    terms = np.array([len(planes) for planes in codes], "u1")
    plane = int(np.prod(shape[1:]))
    values = np.array([c for planes in codes for one in planes for c in np.ravel(one)], "i1")
    fits = len(codes) == shape[0] and (terms <= 2).all() and values.size == int(terms.sum()) * plane
    if not fits or (abs(values) > 7).any():
        _refuse("power_of_two", f"{len(codes)} filters, {values.size} codes",
                f"{shape[0]} filters of 0 to 2 planes of {plane} codes, -7 to 7")
    return Operand("power_of_two", "int4", tuple(shape), {"values": values, "terms": terms}, scale)


def basis(bases, coefficients, scale=1.0):
    """Weights of M kernels, int8 (M, R, S), and ternary coefficients, -1, 0 or 1 (K, M, C)."""
    bases, coefficients = np.asarray(bases), np.asarray(coefficients)
    fits = bases.ndim == coefficients.ndim == 3 and bases.shape[0] == coefficients.shape[1]
    if not fits or not np.isin(coefficients, (-1, 0, 1)).all():
        _refuse("basis", f"{bases.shape} and {coefficients.shape}", "(M, R, S) and (K, M, C) of -1, 0 and 1")
    flat = coefficients.ravel()
    parts = {"values": bases.ravel(), "bitmap": np.packbits(flat != 0, bitorder="little"),
             "signs": np.packbits(flat[flat != 0] < 0, bitorder="little")}
    shape = (coefficients.shape[0], *bases.shape[1:], coefficients.shape[2])
    return Operand("basis", "int8", shape, parts, scale, fields={"bases": int(bases.shape[0])})


def binary(signs, thresholds, scale=1.0):
    """Weights of signs, +1 or -1 (K, R, S, C); ifmap words above their channel's threshold count as +1, else as -1."""
    signs, thresholds = np.asarray(signs), np.asarray(thresholds)
    if signs.ndim != 4 or not np.isin(signs, (-1, 1)).all() or thresholds.shape != signs.shape[3:]:
        _refuse("binary", f"{signs.shape}, thresholds {thresholds.shape}", "(K, R, S, C) of -1 and 1, (C,)")
    parts = {"values": thresholds, "bitmap": np.packbits(signs.ravel() > 0, bitorder="little")}
    return Operand("binary", "int16", signs.shape, parts, scale)


def comparator(offsets, codes, window, scale=1.0):
    """Offsets (C, 1 + taps): pivot and taps, places in a window of (R, S); codes (K, C), -7 to 7."""
    offsets, codes = np.asarray(offsets), np.asarray(codes)
    fits = offsets.ndim == codes.ndim == 2 and codes.shape[1] == offsets.shape[0] and (abs(codes) <= 7).all()
    if not fits or offsets.min() < 0 or offsets.max() >= window[0] * window[1]:
        _refuse("comparator", f"{offsets.shape} and {codes.shape}", "(C, 1 + taps) in the window and (K, C), -7 to 7")
    parts = {"values": codes.ravel(), "offsets": offsets.astype("u1")}
    return Operand("comparator", "int4", (codes.shape[0], *window, codes.shape[1]), parts, scale,
                   fields={"taps": offsets.shape[1] - 1})


@dataclasses.dataclass
class Layer:
    """A layer of a trace. A pool or an addition has no operands, but the shape's letters as keywords of `shape`."""
    name: str
    kind: str
    weights: Operand = None
    ifmap: Operand = None
    bias: object = None  # K sums to start from, of fp32 layers reals
    stride: tuple = (1, 1)
    padding: tuple = (0, 0, 0, 0)  # top, bottom, left, right
    dilation: tuple = (1, 1)
    output: dict = dataclasses.field(default_factory=lambda: {"dtype": "int8", "scale": 1.0})
    multiplier: object = None  # of the rule tflite: integers, one for all or one a filter
    shift: object = None
    shape: dict = dataclasses.field(default_factory=dict)

    def _shape(self):
        shape = dict(self.shape)
        if self.weights is not None:
            (k, r, s, depth), (n, h, w, c) = self.weights.shape, self.ifmap.shape
            if c % depth:
                _refuse(f"layer {self.name}: weights", f"{depth} channels",
                        f"a divisor of the ifmap's {c}: are the axes right?")
            shape |= {"N": n, "C": c, "H": h, "W": w, "K": k, "R": r, "S": s, "groups": c // depth}
        for length, filters, at in ("H", "R", 0), ("W", "S", 1):
            padded = shape.get(length, 1) + sum(self.padding[2 * at:2 * at + 2])
            if padded < (shape.get(filters, 1) - 1) * self.dilation[at] + 1:
                _refuse(f"layer {self.name}: {filters}", shape.get(filters, 1),
                        f"no more than the padded {length}, {padded}: are the axes right?")
        return shape | {"stride": list(self.stride), "padding": list(self.padding), "dilation": list(self.dilation)}

    def _entry(self):
        if self.kind not in KINDS:
            _refuse(f"layer {self.name}: kind", repr(self.kind), "one of " + ", ".join(KINDS))
        entry = {"name": self.name, "kind": self.kind, "shape": self._shape(), "output": self.output}
        if self.weights is not None:
            entry |= {"weights": self.weights._json(WEIGHT_AXES), "ifmap": self.ifmap._json(IFMAP_AXES),
                      "bias": self.bias is not None}
        return entry

    def _members(self):
        arrays = {}
        for operand in ("weights", "ifmap"):
            if getattr(self, operand) is not None:
                parts = getattr(self, operand)._arrays(f"layer {self.name}: {operand}")
                arrays |= {f"{self.name}.{operand}.{part}": array for part, array in parts.items()}
        if self.bias is not None:
            bias = np.asarray(self.bias, "<f4" if self.weights.dtype == "fp32" else "<i8")
            if bias.shape != self.weights.shape[:1]:
                _refuse(f"layer {self.name}: bias", f"shape {bias.shape}", f"({self.weights.shape[0]},)")
            arrays[f"{self.name}.bias"] = bias
        for part in "multiplier", "shift":
            if getattr(self, part) is not None:
                arrays[f"{self.name}.output.{part}"] = np.atleast_1d(np.asarray(getattr(self, part), "<i4"))
        return arrays


def _save(path, network, arrays):
    """Whole or not at all: written beside the file, then renamed."""
    path = os.fspath(path)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path) or ".")
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("network.json", json.dumps(network, indent=1))
            for name, array in arrays.items():
                member = io.BytesIO()
                np.save(member, np.ascontiguousarray(array))
                archive.writestr(name + ".npy", member.getvalue())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write(path, name, layers, source="", licence="", activations="", history=""):
    """Writes a trace."""
    if len({layer.name for layer in layers}) < len(layers):
        _refuse("layers", "two of one name", "names that differ")
    arrays = {}
    for layer in layers:
        arrays |= layer._members()
    _save(path, {"schema": TRACE_SCHEMA, "name": name, "source": source, "licence": licence, "activations": activations,
                 "history": history, "layers": [layer._entry() for layer in layers]}, arrays)


def _operand(archive, name, part, entry, shape):
    def array(member):
        return archive[f"{name}.{part}.{member}"]

    entry = dict(entry)
    encoding, dtype, count = entry.pop("encoding"), entry.pop("dtype"), int(np.prod(shape))
    wanted = WEIGHT_AXES if part == "weights" else IFMAP_AXES
    if (axes := entry.pop("axes")) != wanted:
        _refuse(f"layer {name}: {part}.axes", repr(axes), repr(wanted))
    names = {"bitmap": ["bitmap"], "run_length": ["runs"], "power_of_two": ["terms"], "basis": ["bitmap", "signs"],
             "binary": ["bitmap"], "comparator": ["offsets"]}.get(encoding, [])
    parts = {member: array(member) for member in names}
    outer, rows, cols, depth = shape
    if encoding == "bitmap":
        count = int(_bits(parts["bitmap"], count).sum())
    elif encoding == "run_length":
        count = parts["runs"].size
    elif encoding == "power_of_two":
        count = int(parts["terms"].sum()) * rows * cols * depth
    elif encoding == "basis":
        count = entry["bases"] * rows * cols
    elif encoding == "binary":
        count = depth
    elif encoding == "comparator":
        count = outer * depth
    parts["values"] = _loaded(array("values"), dtype, count)
    scale, codes, zero = entry.pop("scale"), entry.pop("codes", None), entry.pop("zero_point", 0)
    return Operand(encoding, dtype, tuple(shape), parts, array("scale") if scale == "per_filter" else scale, codes,
                   array("zero_point") if zero == "per_filter" else zero, entry)


def _open(path, *schemas):
    archive = np.load(path, allow_pickle=False)
    network = json.loads(bytes(archive["network.json"]))
    if network.get("schema") not in schemas:
        _refuse(f"{path}: schema", repr(network.get("schema")), " or ".join(schemas))
    return archive, network


def read(path):
    """The layers of a trace."""
    archive, network = _open(path, TRACE_SCHEMA)
    layers = []
    for entry in network["layers"]:
        shape = {"N": 1, "C": 1, "H": 1, "W": 1, "K": 1, "R": 1, "S": 1, "groups": 1} | entry["shape"]
        layer = Layer(entry["name"], entry["kind"], stride=tuple(shape.pop("stride", (1, 1))),
                      padding=tuple(shape.pop("padding", (0, 0, 0, 0))), dilation=tuple(shape.pop("dilation", (1, 1))),
                      output=entry["output"], shape=shape)
        if "weights" in entry:
            layer.weights = _operand(archive, layer.name, "weights", entry["weights"],
                                     (shape["K"], shape["R"], shape["S"], shape["C"] // shape["groups"]))
            layer.ifmap = _operand(archive, layer.name, "ifmap", entry["ifmap"], tuple(shape[axis] for axis in "NHWC"))
        if entry.get("bias"):
            layer.bias = archive[layer.name + ".bias"]
        if entry["output"].get("rule") == "tflite":
            layer.multiplier = archive[layer.name + ".output.multiplier"]
            layer.shift = archive[layer.name + ".output.shift"]
        layers.append(layer)
    return layers


@dataclasses.dataclass
class NetworkLayer:
    """A layer before compression: float32 weights, or codes with w_dtype; its input is codes."""
    name: str
    kind: str
    weight: object
    weight_axes: str
    input: object
    input_axes: str
    a_scale: float
    a_zero: int = 0
    a_dtype: str = None
    bias: object = None  # float32; beside codes also integers in units of a sum
    relu: bool = False
    stride: tuple = (1, 1)
    padding: tuple = (0, 0, 0, 0)
    dilation: tuple = (1, 1)
    w_dtype: str = None
    w_scale: object = 1.0
    w_zero: object = 0
    output: dict = None
    multiplier: object = None
    shift: object = None

    def _check(self):
        where = f"layer {self.name}: "
        if self.kind not in ("conv", "depthwise", "fc"):
            _refuse(where + "kind", repr(self.kind), "conv, depthwise or fc")
        self.weight, self.input = np.asarray(self.weight), np.asarray(self.input)
        codes = self.weight.dtype.kind in "iu"
        if codes != (self.w_dtype is not None):
            _refuse(where + "weight", f"dtype {self.weight.dtype}, w_dtype {self.w_dtype}",
                    "integers with w_dtype, or reals without")
        if codes:
            _check_values(self.weight, self.w_dtype, where + "weight")
        elif not np.isfinite(self.weight).all():
            _refuse(where + "weight", "a value that is not finite", "finite numbers")
        self.a_dtype = self.a_dtype or f"{'u' if self.input.dtype.kind == 'u' else ''}int{8 * self.input.itemsize}"
        _check_values(self.input, self.a_dtype, where + "input")

    def _write(self, arrays):
        self._check()
        where = f"layer {self.name}: "
        flat = self.kind == "fc"
        k, r, s, depth = _arrange(self.weight, self.weight_axes, WEIGHT_AXES, where + "weight").shape
        _, h, w, c = _arrange(self.input, self.input_axes, IFMAP_AXES, where + "input").shape
        if c % depth:
            _refuse(where + "weight_axes", f"{self.weight_axes} of shape {self.weight.shape}",
                    f"channels that divide the input's {c}")
        entry = {"name": self.name, "type": KINDS[self.kind], "relu": self.relu, "K": k, "C": c,
                 "weight_axes": self.weight_axes, "input_axes": self.input_axes,
                 "a_dtype": self.a_dtype, "a_scale": float(self.a_scale), "a_zero": int(self.a_zero)}
        if not flat:
            entry |= {"R": r, "S": s, "H": h, "W": w, "groups": c // depth, "stride": list(self.stride),
                      "dilation": list(self.dilation), "pad_tblr": list(self.padding)}
        weight = self.weight.astype("<f4")
        if self.w_dtype:
            weight = self.weight.astype(_array_dtype(self.w_dtype))
            entry["w_dtype"] = self.w_dtype
            for field, numbers, dtype in ("w_scale", self.w_scale, "<f4"), ("w_zero", self.w_zero, "<i4"):
                if np.size(numbers) not in (1, k):
                    _refuse(where + field, f"{np.size(numbers)} values", f"1 or {k}")
                entry[field] = np.asarray(numbers).item() if np.size(numbers) == 1 else "per_filter"
                if np.size(numbers) > 1:
                    arrays[f"{self.name}.weight_{field[2:]}"] = np.asarray(numbers, dtype)
            if self.output is not None:
                entry["output"] = self.output
        arrays[self.name + ".weight"] = weight
        arrays[self.name + ".input"] = self.input.astype(_array_dtype(self.a_dtype))
        if self.bias is not None:
            bias = np.asarray(self.bias)
            if bias.shape != (k,):
                _refuse(where + "bias", f"shape {bias.shape}", f"({k},)")
            arrays[self.name + ".bias"] = bias.astype("<i8" if bias.dtype.kind in "iu" and self.w_dtype else "<f4")
        for part in "multiplier", "shift":
            if getattr(self, part) is not None:
                arrays[f"{self.name}.output.{part}"] = np.atleast_1d(np.asarray(getattr(self, part), "<i4"))
        return entry


def write_network(path, name, layers, source="", licence="", activations=""):
    """Writes a network that `basil compress` takes."""
    arrays = {}
    entries = [layer._write(arrays) for layer in layers]
    _save(path, {"schema": NETWORK_SCHEMA, "name": name, "source": source, "license": licence,
                 "image": activations or "as stored in the network file", "layers": entries}, arrays)


def read_network(path):
    """The layers with weights of a network before compression, of either schema."""
    archive, network = _open(path, NETWORK_SCHEMA, FIRST_NETWORK_SCHEMA)
    kinds = {written: kind for kind, written in KINDS.items()}
    layers = []
    for entry in network["layers"]:
        if entry["type"] not in ("conv", "dwconv", "fc"):
            continue
        name, pad = entry["name"], entry.get("pad", 0)
        both = {field: (value, value) if isinstance(value := entry.get(field, 1), int) else tuple(value)
                for field in ("stride", "dilation")}
        given = {field: entry[field] for field in ("a_dtype", "w_dtype", "output") if field in entry}
        for field, array in ("w_scale", ".weight_scale"), ("w_zero", ".weight_zero"):
            if "w_dtype" in entry and field in entry:
                given[field] = archive[name + array] if entry[field] == "per_filter" else entry[field]
        for part in "multiplier", "shift":
            if f"{name}.output.{part}" in archive.files:
                given[part] = archive[f"{name}.output.{part}"]
        x = archive[name + ".input"]
        flat = entry["type"] == "fc"
        layers.append(NetworkLayer(
            name, kinds[entry["type"]], archive[name + ".weight"],
            entry.get("weight_axes", "KC" if flat else "KCRS"),
            x.reshape(-1, entry["C"]) if flat and "input_axes" not in entry else x,
            entry.get("input_axes", "NC" if flat else "NCHW"[-x.ndim:]), entry["a_scale"], entry.get("a_zero", 0),
            bias=archive[name + ".bias"] if name + ".bias" in archive.files else None,
            relu=entry.get("relu") in (True, "relu"), padding=tuple(entry.get("pad_tblr", (pad,) * 4)),
            **both, **given))
    return layers
