"""Redraws noisy copies from the published specification alone, and writes RedrawnNoise.swift.

An independent implementation: ChaCha20 from the `cryptography` package, probabilities from mpmath,
an alias table in Python integers. It shares no code with the sampler. It takes minutes.

    python3 redraw.py > ../RedrawnNoise.swift
"""

import struct
from fractions import Fraction

import numpy
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from mpmath import erfc, mp, mpf, sqrt

BITS = 223
KEY = bytes.fromhex("00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0")
REFINEMENT = 0x80


def keystream(input, phase, sample, counter, count):
    """The first `count` bytes from a block on."""
    nonce = struct.pack(
        "<IIII", counter, input, sample & 0xFFFFFFFF, phase << 24 | sample >> 32)
    encryptor = Cipher(algorithms.ChaCha20(KEY, nonce), mode=None).encryptor()
    return encryptor.update(bytes(count))


def upper_tail(k, sigma, steps):
    """P[Z > (k + 1/2) / (sigma * steps)]"""
    return erfc((mpf(k) + mpf(1) / 2) / (mpf(sigma) * steps) / sqrt(mpf(2))) / 2


def floor_of_tail(k, sigma, steps):
    mp.prec = 320
    scaled = upper_tail(k, sigma, steps) * mpf(2) ** BITS
    floor = int(mp.floor(scaled))
    assert 2.0**-60 < scaled - floor < 1 - 2.0**-60 or scaled < 2.0**-60, "undecided floor"
    return floor


class Distribution:
    def __init__(self, sigma, steps):
        self.sigma, self.steps = sigma, steps
        self.largest = int(12 * sigma * steps) + 1
        self.column_bits = self.largest.bit_length()
        self.draw_bytes = 3 if self.column_bits <= 12 else 4
        # The bits of a fraction, and those that a draw does not have.
        self.fraction_bits = BITS - self.column_bits
        self.further_bits = BITS + 1 - 8 * self.draw_bytes
        tails = [floor_of_tail(k, sigma, steps) for k in range(self.largest + 1)]
        at_least = [2**BITS] + [2 * t for t in tails[: self.largest]] + [0]
        self.weights = [a - b for a, b in zip(at_least, at_least[1:])]
        assert sum(self.weights) == 2**BITS
        self.fill()

    def fill(self):
        count = 2**self.column_bits
        capacity = 2**BITS // count
        weights = self.weights + [0] * (count - len(self.weights))
        lights = [m for m in range(count) if weights[m] < capacity]
        heavies = [m for m in range(count) if weights[m] >= capacity]
        self.threshold, self.alias = [0] * count, list(range(count))
        rest = weights[heavies[0]]
        while heavies:
            if rest < capacity:
                self.threshold[heavies[0]], self.alias[heavies[0]] = rest, heavies[1]
                rest = weights[heavies[1]] - (capacity - rest)
                heavies.pop(0)
            elif lights:
                light = lights.pop(0)
                self.threshold[light], self.alias[light] = weights[light], heavies[0]
                rest -= capacity - weights[light]
            else:
                heavies = []

    def draws(self, input, phase, sample, d):
        width = self.draw_bytes
        stream = keystream(input, phase, sample, 0, width * d)
        return [int.from_bytes(stream[width * c: width * (c + 1)], "little") for c in range(d)]

    def split(self, draw):
        """Sign bit, leading bits of the fraction, column."""
        sign_place = 8 * self.draw_bytes - 1
        return (draw >> sign_place, draw % 2**sign_place >> self.column_bits,
                draw % 2**self.column_bits)

    def noise(self, draw, refinement):
        """The noise, whether the leading bits tied, and whether the column was kept."""
        sign, leading, column = self.split(draw)
        tied = leading == self.threshold[column] >> self.further_bits
        # Compared as binary fractions of as many places as the draw and its refinement have.
        places = self.fraction_bits - self.further_bits + 256
        fraction = leading << 256 | (refinement() if tied else 0)
        kept = fraction < self.threshold[column] << places - self.fraction_bits
        magnitude = column if kept else self.alias[column]
        return (-magnitude if sign else magnitude), tied, kept

    def draw(self, input, phase, sample, d):
        noises, ties_kept, ties_passed = [], 0, 0
        for c, draw in enumerate(self.draws(input, phase, sample, d)):

            def refinement():
                words = struct.unpack(
                    "<8I", keystream(input, phase | REFINEMENT, sample, c, 32))
                return sum(word << 32 * (7 - i) for i, word in enumerate(words))

            noise, tied, kept = self.noise(draw, refinement)
            noises.append(noise)
            column = self.split(draw)[2]
            if tied and self.alias[column] != column:
                ties_kept, ties_passed = ties_kept + kept, ties_passed + (not kept)
        return noises, ties_kept, ties_passed

    def distance(self):
        """Total variation distance from the ideal, by numbers of 400 bits."""
        mp.prec = 400
        tail = [upper_tail(k, self.sigma, self.steps) for k in range(self.largest + 1)]
        ideal = [1 - 2 * tail[0]] + [2 * (a - b) for a, b in zip(tail, tail[1:])]
        total = 2 * tail[-1]
        for p, w in zip(ideal, self.weights):
            total += max(mpf(0), p - mpf(w) / mpf(2) ** BITS)
        return total


def pixel(c):
    return 7 * c % 256


def copy(distribution, noises):
    """(pixel + noise) / steps, correctly rounded: numpy's float32 division is."""
    sums = numpy.array([pixel(c) + k for c, k in enumerate(noises)], dtype=numpy.float32)
    return sums / numpy.float32(distribution.steps)


def print_copies(name, distribution, input, phase, d, samples):
    print(f"    // {name}")
    for sample in samples:
        noises, kept, passed = distribution.draw(input, phase, sample, d)
        values = " ".join(f"{v:x}" for v in copy(distribution, noises).view("<u4"))
        print(f"    Redrawn(sigma: {distribution.sigma}, steps: {distribution.steps}, "
              f"input: {input}, phase: {phase}, sample: {sample}, d: {d}, "
              f"tiesKept: {kept}, tiesPassed: {passed}, bits: \"\"\"")
        line = "       "
        for value in values.split():
            if len(line) + 1 + len(value) > 99:
                print(line)
                line = "       "
            line += " " + value
        print(line)
        print("        \"\"\"),")


def with_ties(distribution, input, phase, d, wanted):
    """The first samples in which refinement decides: some for the column, some for the alias."""
    found, sample = [], 0
    kinds = {"kept": wanted, "passed": wanted}
    while any(kinds.values()):
        _, kept, passed = distribution.draw(input, phase, sample, d)
        kind = "kept" if kept else "passed" if passed else None
        if kind and kinds[kind]:
            kinds[kind] -= 1
            found.append(sample)
        sample += 1
    return found


def main():
    print("// Written by Vectors/redraw.py: noisy copies of pixel(c) = 7 c mod 256, redrawn by an")
    print("// independent implementation of the specification.")
    print("// swift-format-ignore-file")
    print(f"\nlet redrawnKey = \"{KEY.hex()}\"\n")
    print("let redrawn: [Redrawn] = [")
    byte = Distribution(0.25, 255)
    print_copies("8-bit pixels", byte, 7, 1, 784, [0])
    print_copies("a last block used in part, large indices", byte, 2**32 - 1, 0, 19,
                 [1, 2**32 + 5, 2**56 - 1])
    wide = Distribution(0.5, 65536)
    print_copies("draws that tie", byte, 2, 0, 50, with_ties(byte, 2, 0, 50, 3))
    print_copies("393,218 magnitudes, draws that tie", wide, 12, 1, 50,
                 with_ties(wide, 12, 1, 50, 3))
    print("]\n")
    print("let weights: [Weight] = [")
    narrow = Distribution(0.001, 255)
    small = Distribution(0.0078125, 255)
    for table in (byte, small, narrow, wide):
        for m in sorted({0, 1, 2, table.largest // 12, table.largest // 2, table.largest}):
            if m <= table.largest:
                print(f"    Weight(sigma: {table.sigma}, steps: {table.steps}, magnitude: {m}, "
                      f"hex: \"{table.weights[m]:x}\"),")
    print("]\n")
    print("let distances: [Distance] = [")
    for table in (byte, small, narrow):
        mp.prec = 400
        exact = table.distance()
        print(f"    Distance(sigma: {table.sigma}, steps: {table.steps}, "
              f"largest: {table.largest}, exact: {mp.nstr(exact, 17)}),")
    print("]")


main()
