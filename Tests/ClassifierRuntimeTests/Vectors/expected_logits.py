#!/usr/bin/env python3
"""Logits as ONNX Runtime's own Python package computes them.

    scripts/setup --with-python
    .wardein/python/bin/python Tests/ClassifierRuntimeTests/Vectors/expected_logits.py [--print]

Writes this processor's entry of expected_logits.json and keeps those of other processors, whose
last bits may differ; with --print it writes the entry to standard output alone.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

TESTS = Path(__file__).resolve().parents[2]
OUTPUT = Path(__file__).with_suffix(".json")
MODELS = [
    "Demo/models/digits_mlp_s025",
    "Demo/models/fmnist_cnn_s050",
    "Demo/models/fmnist_resnet_s050",
    "Fixtures/models/cnn_28",
    "Fixtures/models/linear_cifar",
    "Fixtures/models/resnet20_random",
]
BATCH = 8


def samples(shape):
    """Value i is the top byte of (i + 1) * 2654435761 mod 2^32, over 255."""
    index = np.arange(1, np.prod(shape, dtype=np.int64) + 1, dtype=np.uint64)
    top = (index * np.uint64(2654435761) & np.uint64(0xFFFFFFFF)) >> np.uint64(24)
    return (top.astype(np.float32) / np.float32(255)).reshape(shape)


def logits(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(TESTS / f"{model}.onnx"), options)
    (given,) = session.get_inputs()
    (found,) = session.run(None, {given.name: samples([BATCH] + given.shape[1:])})
    return [" ".join(f"{bits:08x}" for bits in row.view(np.uint32)) for row in found]


def processor():
    """Vendor, family, model and stepping, as /proc/cpuinfo first says them."""
    lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    fields = dict((part.strip() for part in line.split(":", 1)) for line in lines if ":" in line)
    return " ".join(fields.get(k, "?") for k in ("vendor_id", "cpu family", "model", "stepping"))


def main():
    entry = {
        "processor": processor(),
        "version": onnxruntime.__version__,
        "logits": {model: logits(model) for model in MODELS},
    }
    if "--print" in sys.argv:
        print(json.dumps(entry))
        return
    known = json.loads(OUTPUT.read_text()) if OUTPUT.exists() else []
    others = [e for e in known if e["processor"] != entry["processor"]]
    entries = sorted(others + [entry], key=lambda e: e["processor"])
    OUTPUT.write_text(json.dumps(entries, indent=1) + "\n")


if __name__ == "__main__":
    main()
