"""Certifies images as Cohen, Rosenfeld and Kolter (2019), algorithm 1, say: a short independent
program on NumPy, SciPy and onnxruntime, to compare campaigns with.

    python cohen.py MODEL IMAGES LABELS SIGMA N0 N ALPHA SEED > table.tsv

IMAGES and LABELS are gzipped IDX files of bytes. Writes a line for each image:
index, label, class (-1: abstained), radius, how many of the N samples got the true label.
"""

import gzip
import sys

import numpy as np
import onnxruntime
from scipy.stats import beta, norm

model, images, labels, sigma, n0, n, alpha, seed = sys.argv[1:]
sigma, n0, n, alpha = float(sigma), int(n0), int(n), float(alpha)
random = np.random.default_rng(int(seed))
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
x = np.frombuffer(gzip.open(images).read()[16:], np.uint8).reshape(-1, 1, 28, 28) / np.float32(255)
y = np.frombuffer(gzip.open(labels).read()[8:], np.uint8)


def sample_under_noise(image, count):
    counts = np.zeros(10, int)
    while count > 0:
        batch = min(count, 200)
        noise = random.standard_normal((batch, *image.shape), np.float32) * np.float32(sigma)
        (logits,) = session.run(None, {session.get_inputs()[0].name: image + noise})
        counts += np.bincount(logits.argmax(axis=1), minlength=10)
        count -= batch
    return counts


for index, (image, label) in enumerate(zip(x, y)):
    top = sample_under_noise(image, n0).argmax()
    counts = sample_under_noise(image, n)
    k = counts[top]
    p = beta.ppf(alpha, k, n - k + 1) if k > 0 else 0.0
    certified, radius = (top, sigma * norm.ppf(p)) if p > 0.5 else (-1, 0.0)
    print(index, label, certified, radius, counts[label], sep="\t")
