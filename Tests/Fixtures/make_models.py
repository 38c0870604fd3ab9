#!/usr/bin/env python3
"""Writes the small models of Tests/Fixtures/models.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 onnx==1.23.2
    VENV/bin/python Tests/Fixtures/make_models.py

The same script writes the same bytes. Pixels are in [0, 1]; sizes are those of Fashion-MNIST
(28x28), of the digits (8x8) and of CIFAR (3x32x32).
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent / "models"
FLOAT, DOUBLE, HALF = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16
UINT8, INT64 = TensorProto.UINT8, TensorProto.INT64


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs.split(), [output], **attributes)


def save(name, nodes, constants=None, shape=("N", 1, 8, 8), outputs=None, inputs=None):
    """`constants`: name -> array. `inputs`, `outputs`: (name, type, shape) each, or ready made."""
    inputs = inputs or [("input", FLOAT, shape)]
    outputs = outputs or [("logits", FLOAT, ("N", 10))]
    graph = helper.make_graph(
        nodes,
        name,
        [value_info(value) for value in inputs],
        [value_info(value) for value in outputs],
        [numpy_helper.from_array(np.asarray(a), n) for n, a in (constants or {}).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    model.producer_name = "wardein fixtures"
    onnx.checker.check_model(model)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def value_info(value):
    return helper.make_tensor_value_info(*value) if isinstance(value, tuple) else value


def pixels(output, *indices, source="flat"):
    """The given columns of the flattened input, as [N, len(indices)]."""
    return [node("Gather", f"{source} {output}_index", output, axis=1)], {
        f"{output}_index": np.array(indices, np.int64)
    }


def f32(*values):
    return np.array(values, np.float32)


def constant_logits(name, logits, shape=("N", 1, 8, 8)):
    """The same logits whatever the input: [N, 1] zeros (an integer cast, so that no NaN or
    infinity of the input survives) plus the logits."""
    first, constants = pixels("first", 0)
    save(
        name,
        [
            node("Flatten", "input", "flat"),
            *first,
            node("IsNaN", "first", "is_nan"),
            node("Cast", "is_nan", "number", to=FLOAT),
            node("Mul", "number zero", "zeros"),
            node("Add", "zeros bias", "logits"),
        ],
        {**constants, "zero": f32(0), "bias": f32(*logits)},
        shape,
        [("logits", FLOAT, ("N", len(logits)))],
    )


def coin(size, classes):
    """Class 0 or 1, as the difference of two opposite corner pixels falls; a tie is broken by the
    other two corners. Where opposite corners of the image are equal, noise that is symmetric and
    independent makes it a fair coin (but for the chance that both pairs tie, then class 0)."""
    corners = (0, size * size - 1, size - 1, size * (size - 1))
    four, constants = pixels("corners", *corners)
    weights = np.zeros((4, classes), np.float32)
    weights[:, 0] = (1, -1, 1e-4, -1e-4)
    weights[:, 1] = -weights[:, 0]
    bias = np.full(classes, -1000, np.float32)
    bias[:2] = 0
    save(
        f"coin{classes}_{size}",
        [
            node("Flatten", "input", "flat"),
            *four,
            node("Gemm", "corners weights bias", "logits"),
        ],
        {**constants, "weights": weights, "bias": bias},
        ("N", 1, size, size),
        [("logits", FLOAT, ("N", classes))],
    )


def linear(name, side, channels, random, pool=4, channels_last=False):
    """Average pooling and one linear layer; `channels_last` is the twin that takes NHWC."""
    features = channels * (side // pool) ** 2
    weights = random.standard_normal((features, 10)).astype(np.float32)
    bias = random.standard_normal(10).astype(np.float32)
    body = [
        node("AveragePool", "nchw", "pooled", kernel_shape=[pool, pool], strides=[pool, pool]),
        node("Flatten", "pooled", "flat"),
        node("Gemm", "flat weights bias", "logits"),
    ]
    constants = {"weights": weights, "bias": bias}
    save(name, [node("Identity", "input", "nchw"), *body], constants, ("N", channels, side, side))
    save(
        f"{name}_nhwc",
        [node("Transpose", "input", "nchw", perm=[0, 3, 1, 2]), *body],
        constants,
        ("N", side, side, channels),
    )


def convolutional(random):
    """A small CNN for 28x28, and twins that take exactly 1 and 4 samples."""
    def weights(*shape):
        scale = np.sqrt(2 / np.prod(shape[1:]))
        return (random.standard_normal(shape) * scale).astype(np.float32)

    constants = {"w1": weights(8, 1, 5, 5), "w2": weights(16, 8, 3, 3), "w3": weights(10, 16)}
    nodes = [
        node("Conv", "input w1", "c1", strides=[2, 2], pads=[2, 2, 2, 2]),
        node("Relu", "c1", "r1"),
        node("Conv", "r1 w2", "c2", strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Relu", "c2", "r2"),
        node("GlobalAveragePool", "r2", "pooled"),
        node("Flatten", "pooled", "flat"),
        node("Gemm", "flat w3", "logits", transB=1),
    ]
    for name, batch in [("cnn_28", "N"), ("cnn_28_batch1", 1), ("cnn_28_batch4", 4)]:
        save(
            name,
            nodes,
            constants,
            (batch, 1, 28, 28),
            [("logits", FLOAT, (batch, 10))],
        )


def odd_logits():
    constant_logits("infinite_8", [-np.inf, 0, np.inf, np.inf, 1])
    constant_logits("minus_infinite_8", [-np.inf] * 4)
    constant_logits("nan_8", [0, np.nan, 1])
    first, constants = pixels("first", 0)
    save(
        "nan_below_zero_8",  # NaN where the first pixel is negative, which only noise makes it
        [
            node("Flatten", "input", "flat"),
            *first,
            node("Sqrt", "first", "root"),
            node("Add", "root bias", "logits"),
        ],
        {**constants, "bias": f32(0, 1, 0)},
        outputs=[("logits", FLOAT, ("N", 3))],
    )


def odd_outputs(random):
    two, constants = pixels("two", 0, 63)
    difference = {**constants, "weights": f32([1], [-1])}
    score = [node("Flatten", "input", "flat"), *two]
    save(
        "one_logit_8",  # first pixel minus last
        [*score, node("MatMul", "two weights", "score")],
        difference,
        outputs=[("score", FLOAT, ("N", 1))],
    )
    save(
        "one_logit_flat_8",
        [*score, node("MatMul", "two weights", "column"), node("Squeeze", "column axis", "score")],
        {**difference, "axis": np.array([1], np.int64)},
        outputs=[("score", FLOAT, ("N",))],
    )

    weights = {"weights": random.standard_normal((64, 10)).astype(np.float32)}
    logits = [node("Flatten", "input", "flat"), node("MatMul", "flat weights", "logits")]
    label = node("ArgMax", "logits", "output_label", axis=1, keepdims=0)
    save("linear_8", logits, weights)
    save("symbolic_classes_8", logits, weights, outputs=[("logits", FLOAT, ("N", "classes"))])
    save(
        "two_outputs_8",
        [*logits, node("Relu", "flat", "hidden")],
        weights,
        outputs=[("hidden", FLOAT, ("N", 64)), ("logits", FLOAT, ("N", 10))],
    )
    save(
        "labels_8",
        [*logits, label, node("Softmax", "logits", "probabilities", axis=1)],
        weights,
        outputs=[("output_label", INT64, ("N",)), ("probabilities", FLOAT, ("N", 10))],
    )
    save("label_only_8", [*logits, label], weights, outputs=[("output_label", INT64, ("N",))])
    save(
        "double_output_8",
        [*logits, node("Cast", "logits", "wide", to=DOUBLE)],
        weights,
        outputs=[("wide", DOUBLE, ("N", 10))],
    )
    save(
        "sequence_8",
        [*logits, node("SplitToSequence", "logits", "rows", axis=0)],
        weights,
        outputs=[helper.make_tensor_sequence_value_info("rows", FLOAT, ("N", 10))],
    )
    kernels = {"kernels": weights["weights"].T.reshape(10, 1, 8, 8).copy()}
    save(
        "map_of_one_pixel_8",
        [node("Conv", "input kernels", "logits")],
        kernels,
        outputs=[("logits", FLOAT, ("N", 10, 1, 1))],
    )
    save(
        "map_of_pixels_8",
        [node("Conv", "input kernels", "logits", pads=[4, 4, 3, 3])],
        kernels,
        outputs=[("logits", FLOAT, ("N", 10, 8, 8))],
    )
    save(
        "sum_of_batch_8",  # one row for the whole batch
        [*logits, node("ReduceSum", "logits axis", "sum", keepdims=1)],
        {**weights, "axis": np.array([0], np.int64)},
        outputs=[("sum", FLOAT, (1, 10))],
    )


def odd_inputs(random):
    weights = {"weights": random.standard_normal((64, 10)).astype(np.float32)}
    for name, kind in [("float64", DOUBLE), ("float16", HALF), ("uint8", UINT8)]:
        save(
            f"{name}_8",
            [
                node("Cast", "input", "float", to=FLOAT),
                node("Flatten", "float", "flat"),
                node("MatMul", "flat weights", "logits"),
            ],
            weights,
            inputs=[("input", kind, ("N", 1, 8, 8))],
        )
    save(
        "two_inputs_8",
        [
            node("Add", "image noise", "sum"),
            node("Flatten", "sum", "flat"),
            node("MatMul", "flat weights", "logits"),
        ],
        weights,
        inputs=[("image", FLOAT, ("N", 1, 8, 8)), ("noise", FLOAT, ("N", 1, 8, 8))],
    )
    save(
        "any_size",
        [
            node("GlobalAveragePool", "input", "pooled"),
            node("Flatten", "pooled", "flat"),
            node("MatMul", "flat row", "logits"),
        ],
        {"row": weights["weights"][:1]},
        shape=("N", 1, "height", "width"),
    )
    save("scalar", [node("Add", "input row", "logits")], {"row": f32(0, 1)}, shape=(),
         outputs=[("logits", FLOAT, (2,))])
    save("vector", [node("Add", "input zero", "logits")], {"zero": f32(0)}, shape=("N",),
         outputs=[("logits", FLOAT, ("N",))])
    save(
        "reshaped_for_one_8",  # says that it takes any batch, and was traced with one sample
        [node("Reshape", "input one", "flat"), node("MatMul", "flat weights", "logits")],
        {**weights, "one": np.array([1, 64], np.int64)},
    )
    save("identity_10", [node("Identity", "input", "logits")], shape=("N", 10))


def weights_elsewhere():
    """A model whose weights lie in another file, which is there: it must be refused all the same,
    for its digest would not cover them."""
    array = np.ones((64, 10), np.float32)
    tensor = TensorProto(name="weights", data_type=FLOAT, dims=array.shape)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in [("location", "weights.bin"), ("offset", "0"), ("length", "2560")]:
        tensor.external_data.add(key=key, value=value)
    graph = helper.make_graph(
        [node("Flatten", "input", "flat"), node("MatMul", "flat weights", "logits")],
        "weights_elsewhere_8",
        [helper.make_tensor_value_info("input", FLOAT, ("N", 1, 8, 8))],
        [helper.make_tensor_value_info("logits", FLOAT, ("N", 10))],
        [tensor],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (FOLDER / "weights_elsewhere_8.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (FOLDER / "weights.bin").write_bytes(array.tobytes())


def resnet20(random):
    """He et al. 2016, section 4.2, n = 3: 41 million multiply-adds at 3x32x32, with random weights
    and batch normalisation folded into the convolutions' biases. For measuring speed only."""
    nodes, constants = [], {}

    def conv(source, name, c_in, c_out, stride=1, size=3):
        scale = np.sqrt(2 / (c_in * size * size))
        weights = random.standard_normal((c_out, c_in, size, size)) * scale
        constants[f"{name}_w"] = weights.astype(np.float32)
        constants[f"{name}_b"] = (random.standard_normal(c_out) * 0.1).astype(np.float32)
        pad = size // 2
        nodes.append(node("Conv", f"{source} {name}_w {name}_b", name,
                          strides=[stride, stride], pads=[pad] * 4))
        return name

    def relu(source):
        nodes.append(node("Relu", source, f"{source}_r"))
        return f"{source}_r"

    x, width = relu(conv("input", "stem", 3, 16)), 16
    for stage, c_out in enumerate((16, 32, 64)):
        for block in range(3):
            name, stride = f"s{stage}b{block}", 2 if stage and not block else 1
            y = conv(relu(conv(x, f"{name}a", width, c_out, stride)), f"{name}b", c_out, c_out)
            short = conv(x, f"{name}s", width, c_out, stride, size=1) if stride == 2 else x
            nodes.append(node("Add", f"{y} {short}", f"{name}_sum"))
            x, width = relu(f"{name}_sum"), c_out
    constants["fc_w"] = (random.standard_normal((10, 64)) * 0.1).astype(np.float32)
    nodes += [
        node("GlobalAveragePool", x, "pooled"),
        node("Flatten", "pooled", "flat"),
        node("Gemm", "flat fc_w", "logits", transB=1),
    ]
    save("resnet20_random", nodes, constants, ("N", 3, 32, 32))


def main():
    FOLDER.mkdir(exist_ok=True)
    one_hot = [float(c == 3) for c in range(10)]
    constant_logits("constant3_8", one_hot)
    constant_logits("constant3_28", one_hot, ("N", 1, 28, 28))
    for size in (8, 28):
        for classes in (2, 3, 10):
            coin(size, classes)
    linear("linear_28", 28, 1, np.random.default_rng(1))
    linear("linear_cifar", 32, 3, np.random.default_rng(2))
    convolutional(np.random.default_rng(3))
    odd_logits()
    odd_outputs(np.random.default_rng(4))
    odd_inputs(np.random.default_rng(5))
    weights_elsewhere()
    resnet20(np.random.default_rng(6))


if __name__ == "__main__":
    main()
