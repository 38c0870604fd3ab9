"""Writes the fixtures beside this script and ../ExpectedValues.swift, with numpy and exact fractions.

Run: python3 make_fixtures.py   (numpy 2; the output does not depend on the machine)
"""

import gzip
import io
import math
import pathlib
import struct
import zipfile
from fractions import Fraction

import numpy as np

HERE = pathlib.Path(__file__).parent
DEMO = HERE.parent.parent / "Demo" / "data"
random = np.random.default_rng(20240229)

# Three images of height 4, width 2, with 3 channels, of each element type.
UINT8 = random.integers(0, 256, (3, 4, 2, 3), dtype=np.uint8)
FLOAT32 = (random.standard_normal((3, 4, 2, 3)) * 2).astype(np.float32)
FLOAT32[1] = (np.arange(24).reshape(4, 2, 3) - 12) / np.float32(8)  # on the grid of 2^-16
FLOAT64 = random.standard_normal((3, 4, 2, 3))
LABELS = np.array([2, 0, 1])


def write(name, data):
    (HERE / name).write_bytes(data)


def npy(array, version=(1, 0)):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    return stream.getvalue()


def idx(array):
    code = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}
    head = bytes([0, 0, code[array.dtype.name], array.ndim])
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return head + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


def zipped(members, method):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, array in members.items():
            info = zipfile.ZipInfo(name + ".npy", (2024, 2, 29, 0, 0, 0))
            info.compress_type = method
            # As numpy.savez does it: force_zip64 writes a zip64 extra field even for small members.
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array)
    return stream.getvalue()


def gz(data):
    return gzip.compress(data, mtime=0)


def encodings():
    """(file, member, the array in it) for every way of storing the images."""
    for array in (UINT8, FLOAT32, FLOAT64):
        name = array.dtype.name
        big = array.astype(array.dtype.newbyteorder(">"))
        files = {
            f"{name}-v1.npy": npy(array),
            f"{name}-v2.npy": npy(array, (2, 0)),
            f"{name}-v3.npy": npy(array, (3, 0)),
            f"{name}-big-endian.npy": npy(big),
            f"{name}-fortran.npy": npy(np.asfortranarray(array)),
            f"{name}-fortran-big-endian.npy": npy(np.asfortranarray(big)),
            f"{name}.idx": idx(array),
            f"{name}.npy.gz": gz(npy(array)),
            f"{name}-only.npz": zipped({"pixels": array}, zipfile.ZIP_DEFLATED),
        }
        for file, data in files.items():
            write(file, data)
            yield file, None, array
    half = len(idx(UINT8)) // 2
    write("uint8-two-members.idx.gz", gz(idx(UINT8)[:half]) + gz(idx(UINT8)[half:]))
    yield "uint8-two-members.idx.gz", None, UINT8
    members = {"x_train": FLOAT64, "y_train": LABELS, "x_test": UINT8, "y_test": LABELS}
    for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        write(f"{name}.npz", zipped(members, method))
        yield f"{name}.npz", None, UINT8
        yield f"{name}.npz", "x_train", FLOAT64
        yield f"{name}.npz", "x_test.npy", UINT8
    np.savez(HERE / "savez.npz", FLOAT32, LABELS)
    yield "savez.npz", None, FLOAT32
    np.savez_compressed(HERE / "savez-compressed.npz", images=FLOAT32, labels=LABELS)
    yield "savez-compressed.npz", None, FLOAT32


def labels():
    """(file, member, the integers in it) for every way of storing labels or indices."""
    for kind in "i1 u1 i2 u2 i4 u4 i8 u8 >i2 >i4 >u8".split():
        file = "labels-" + kind.replace(">", "big-endian-") + ".npy"
        write(file, npy(LABELS.astype(kind)))
        yield file, None, LABELS
    write("labels-column.npy", npy(LABELS.astype(np.uint8)[:, None]))
    yield "labels-column.npy", None, LABELS
    write("labels-idx1-ubyte.gz", gz(idx(LABELS.astype(np.uint8))))
    yield "labels-idx1-ubyte.gz", None, LABELS
    write("labels-int32.idx", idx(LABELS.astype(np.int32)))
    yield "labels-int32.idx", None, LABELS
    write("labels.txt", b"2\n 0\t\r\n\n1")
    yield "labels.txt", None, LABELS
    write("labels.txt.gz", gz(b"2\n0\n1\n"))
    yield "labels.txt.gz", None, LABELS
    yield "stored.npz", None, LABELS
    yield "savez.npz", None, LABELS
    yield "savez-compressed.npz", "labels", LABELS
    yield "cifar10.bin", None, np.array([3, 9])
    yield "cifar100.bin", None, np.array([99, 0])


def cifar():
    """The two CIFAR fixtures, as (file, images, labels)."""
    for file, heads in (("cifar10.bin", [[3], [9]]), ("cifar100.bin", [[19, 99], [0, 0]])):
        pixels = (np.arange(2 * 3072).reshape(2, 3072) * 5 // 3 % 251).astype(np.uint8)
        rows = np.hstack([np.array(heads, dtype=np.uint8), pixels])
        write(file, rows.tobytes())
        write(file + ".gz", gz(rows.tobytes()))
        yield file, pixels.reshape(2, 3, 32, 32), [head[-1] for head in heads]
        yield file + ".gz", pixels.reshape(2, 3, 32, 32), [head[-1] for head in heads]


def hard_to_round():
    """Doubles so close to a tie of their grid that a rounded product cannot tell the side."""
    cases = {}
    for steps in (1, 3, 255, 1000, 65536, 2**23 - 1):
        values = [0.0, 5e-324, -5e-324, 1e-300]
        largest = 2**23 - 2
        for k in [0, 1, 2, 100, 101, 4095, largest] + list(random.integers(0, largest, 12)):
            tie = float((Fraction(int(k)) + Fraction(1, 2)) / steps)
            below, above = np.nextafter(tie, -9e9), np.nextafter(tie, 9e9)
            values += [tie, -tie, below, -below, above, -above, float(Fraction(int(k), steps))]
        values = [v for v in values if abs(round(Fraction(v) * steps)) < 2**23]
        cases[steps] = np.array([values])
        write(f"ties-{steps}.npy", npy(cases[steps]))
    return cases


def refused():
    """Archives that must be refused: three that hold more than they say, and unclear ones."""
    bomb = npy(UINT8) + bytes(1 << 21)
    write("refused-bomb.npy.gz", gz(bomb))
    write("refused-bomb.idx.gz", gz(idx(UINT8) + bytes(1 << 21)))
    texts = {"bomb": {"x.npy": bomb}, "no-array": {"readme.txt": b"hello", "x.npy": b"hello"}}
    texts["two-usual"] = {"x.npy": npy(UINT8), "images.npy": npy(UINT8)}
    for name, members in texts.items():
        with zipfile.ZipFile(HERE / f"refused-{name}.npz", "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)


def on_grid(image, steps):
    """Nearest grid integers (ties to even) and the least double not below the distance."""
    if image.dtype == np.uint8:
        return [int(v) for v in image.ravel()], 0.0
    exact = [Fraction(float(v)) * steps for v in image.ravel()]
    nearest = [round(v) for v in exact]
    square = sum((v - k) ** 2 for v, k in zip(exact, nearest)) / steps**2
    return nearest, root_rounded_up(square)


def root_rounded_up(square):
    if square == 0:
        return 0.0
    root = math.sqrt(square)
    while Fraction(root) ** 2 < square:
        root = math.nextafter(root, math.inf)
    while Fraction(math.nextafter(root, 0)) ** 2 >= square:
        root = math.nextafter(root, 0)
    return root


def little_endian(image):
    return np.ascontiguousarray(image).astype(image.dtype.newbyteorder("<")).tobytes()


def literal(value):
    if isinstance(value, str):
        return f'"{value}"'
    if value is None:
        return "nil"
    if isinstance(value, (list, tuple, np.ndarray)):
        return "[" + ", ".join(literal(v) for v in value) + "]"
    return repr(value.item() if isinstance(value, np.generic) else value)


def table(name, kind, rows):
    lines = [f"let {name}: [{kind}] = ["]
    for row in rows:
        lines.append("    .init(")
        fields = [f"        {key}: {literal(value)}" for key, value in row.items()]
        lines.append(",\n".join(fields))
        lines.append("    ),")
    return "\n".join(lines + ["]", ""])


def image_row(file, member, array, steps):
    values, distances = zip(*(on_grid(image, steps) for image in array))
    return {
        "file": file, "member": member, "elementType": array.dtype.name,
        "shape": array.shape[1:], "bytes": [f"{little_endian(i).hex()}" for i in array],
        "stepsPerUnit": steps, "values": values, "distances": distances,
    }


def demo_rows():
    clean = read_idx("fmnist500-images-idx3-ubyte.gz")
    for file in sorted(path.name for path in DEMO.glob("*images*")):
        array = np.load(DEMO / file) if file.endswith("npy") else read_idx(file)
        steps = 255 if array.dtype == np.uint8 else 65536
        grid = [on_grid(image, steps)[0] for image in array]
        if array.shape == clean.shape:
            change = array.astype(np.int64) - clean
            moved = int((change**2).sum(axis=(1, 2)).max())
        else:
            moved = 0
        yield {
            "file": file, "count": len(array), "shape": array.shape[1:],
            "sums": [sum(image) for image in grid], "largestSquaredChange": moved,
        }


def read_idx(file):
    data = gzip.decompress((DEMO / file).read_bytes())
    sizes = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(sizes)


def main():
    refused()
    pixels = {"uint8": UINT8, "float32": FLOAT32, "float64": FLOAT64}
    images = []
    for file, member, array in encodings():
        images.append({"file": file, "member": member, "array": array.dtype.name})
    arrays = [
        image_row(f"{name}-v1.npy", None, array, 255 if name == "uint8" else 65536)
        for name, array in pixels.items()
    ]
    batches = [
        {
            "file": file, "labels": found,
            "sums": [[int(channel.sum()) for channel in image] for image in array],
            "first": [int(v) for v in array[1, 2, 31, :8]],
        }
        for file, array, found in cifar()
    ]
    ties = [
        {
            "file": f"ties-{steps}.npy", "stepsPerUnit": steps,
            "values": on_grid(array, steps)[0], "distance": on_grid(array, steps)[1],
        }
        for steps, array in hard_to_round().items()
    ]
    lists = [{"file": f, "member": m, "values": v} for f, m, v in labels()]
    chw = np.ascontiguousarray(UINT8.transpose(0, 3, 1, 2))
    hwc = np.ascontiguousarray(UINT8.transpose(0, 2, 3, 1))
    histogram = np.bincount(read_idx("fmnist500-labels-idx1-ubyte.gz"), minlength=10)
    digits = np.bincount(np.load(DEMO / "digits450_labels.npy"), minlength=10)
    text = "\n".join(
        [
            "// Written by Vectors/make_fixtures.py with numpy; do not edit.",
            "// swift-format-ignore-file",
            "",
            table("expectedArrays", "ExpectedArray", arrays),
            table("expectedEncodings", "ExpectedEncoding", images),
            table("expectedBatches", "ExpectedBatch", batches),
            table("expectedTies", "ExpectedTies", ties),
            table("expectedLists", "ExpectedList", lists),
            table("expectedDemo", "ExpectedDemo", demo_rows()),
            f"let expectedChannelFirst: [UInt8] = {literal(chw[1].ravel())}",
            f"let expectedChannelLast: [UInt8] = {literal(hwc[1].ravel())}",
            f"let expectedFashionHistogram = {literal(histogram)}",
            f"let expectedDigitsHistogram = {literal(digits)}",
            "",
        ]
    )
    (HERE.parent / "ExpectedValues.swift").write_text(text)


main()
