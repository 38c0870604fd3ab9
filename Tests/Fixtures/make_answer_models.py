#!/usr/bin/env python3
"""Writes the models of Tests/Fixtures/answers: classifiers of 8x8 images whose answer to a sample is a
function of that sample alone (`healthy`), and others that look like them and are not (`dependent`).

    python3 -m venv VENV
    VENV/bin/pip install numpy==2.4.6 onnx==1.19.1 scikit-learn==1.7.2 skl2onnx==1.19.1 onnxruntime==1.23.2 "protobuf<6"
    VENV/bin/python Tests/Fixtures/make_answer_models.py
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent / "answers"
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
RANDOM = np.random.default_rng(9)
WEIGHTS = RANDOM.standard_normal((64, 4)).astype(np.float32)


def node(kind, inputs, outputs, **attributes):
    name = attributes.pop("name", outputs.split()[0] + "_node")
    return helper.make_node(kind, inputs.split(), outputs.split(), name=name, **attributes)


def f32(*values):
    return np.array(values, np.float32)


def i64(*values):
    return np.array(values, np.int64)


def save(kind, name, nodes, constants=None, shape=("N", 1, 8, 8), classes=4, opset=15, batch="N",
         output_shape=None):
    constants = {"weights": WEIGHTS, **(constants or {})}
    used = {i for n in nodes for i in n.input} | {
        i for n in nodes for a in n.attribute if a.HasField("g") for m in a.g.node for i in m.input}
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info("input", FLOAT, (batch, *shape[1:]))],
        [helper.make_tensor_value_info("scores", FLOAT, output_shape or (batch, classes))],
        [numpy_helper.from_array(np.asarray(a), n) for n, a in constants.items() if n in used])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    model.producer_name = "wardein fixtures"
    onnx.checker.check_model(model)
    write(kind, name, model)


def write(kind, name, model):
    folder = FOLDER / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


FLAT = node("Flatten", "input", "flat")
LINEAR = [FLAT, node("MatMul", "flat weights", "linear")]


def mixed_with(mean, output="scores"):
    """Half the own scores and half of what `mean` makes of the batch."""
    return [node("Add", f"linear {mean}", output)]


def dependent():
    mean = node("ReduceMean", "linear", "mean", axes=[0], keepdims=1)
    save("dependent", "mean_over_batch", [*LINEAR, mean, *mixed_with("mean")])
    save("dependent", "softmax_over_batch", [*LINEAR, node("Softmax", "linear", "scores", axis=0)])
    save(
        "dependent", "batchnorm_in_training",
        [*LINEAR, node("BatchNormalization", "linear one zero mean var", "scores m v", training_mode=1)],
        {"one": f32(1, 1, 1, 1), "zero": f32(0, 0, 0, 0), "mean": f32(1, 2, 3, 4),
         "var": f32(2, 3, 4, 5)})
    save(
        "dependent", "dynamic_quantization",
        [FLAT, node("DynamicQuantizeLinear", "flat", "bytes scale zero"),
         node("MatMulInteger", "bytes small zero", "sums"), node("Cast", "sums", "wide", to=FLOAT),
         node("Mul", "wide scale", "scores")],
        {"small": np.clip(np.round(WEIGHTS * 30), -127, 127).astype(np.int8)})
    save(
        "dependent", "noise_of_its_own",
        [node("RandomNormalLike", "input", "noise", scale=0.1), node("Add", "input noise", "noisy"),
         node("Flatten", "noisy", "flat"), node("MatMul", "flat weights", "scores")])
    save(
        "dependent", "bernoulli",
        [node("Clip", "input low high", "p"), node("Bernoulli", "p", "bits"),
         node("Flatten", "bits", "flat"), node("MatMul", "flat weights", "scores")],
        {"low": np.float32(0), "high": np.float32(1)})
    save(
        "dependent", "multinomial",
        [*LINEAR, node("Multinomial", "linear", "drawn", sample_size=1),
         node("Cast", "drawn", "index", to=INT64), node("Squeeze", "index axis1", "flat_index"),
         node("OneHot", "flat_index depth values", "scores")],
        {"axis1": i64(1), "depth": np.int64(4), "values": f32(0, 1)})
    save(
        "dependent", "first_of_batch",
        [*LINEAR, node("Slice", "linear from to axis0", "first"), node("Mul", "linear zero", "zeros"),
         node("Add", "first zeros", "scores")],
        {"from": i64(0), "to": i64(1), "axis0": i64(0), "zero": np.float32(0)})
    save(
        "dependent", "cumulated",
        [*LINEAR, node("CumSum", "linear axis0", "scores")], {"axis0": np.int32(0)})
    save(
        "dependent", "largest_value",  # scaled by the largest absolute value of the batch
        [node("Abs", "input", "absolute"), node("ReduceMax", "absolute", "largest", keepdims=1),
         node("Div", "input largest", "scaled"), node("Flatten", "scaled", "flat"),
         node("MatMul", "flat weights", "scores")])
    save(
        "dependent", "only_above_a_threshold",  # mixes where a value of the batch is above 2.5
        [*LINEAR, mean, node("ReduceMax", "input", "largest", keepdims=0),
         node("Greater", "largest high", "above"), node("Cast", "above", "weight", to=FLOAT),
         node("Mul", "mean weight", "share"), *mixed_with("share")],
        {"high": np.float32(2.5)})
    # A state that moves on: half the way from its limit after `calls` calls, a value mixes the batch.
    for calls in (200, 2000):
        kept = 1 - 2 / calls
        save(
            "dependent", f"only_after_{calls}_calls",
            [*LINEAR, mean,
             # Ones that no optimiser computes beforehand, since they come from the input.
             node("ReduceMean", "linear", "any", keepdims=0), node("Mul", "any zero", "nothing"),
             node("Add", "nothing unit", "ones_flat"), node("Reshape", "ones_flat square", "ones"),
             node("BatchNormalization", "ones one zero state variance", "y state_next v_next",
                  training_mode=1, momentum=kept),
             node("Greater", "state_next turn", "late"), node("Cast", "late", "weight", to=FLOAT),
             node("Mul", "mean weight", "share"), *mixed_with("share")],
            {"square": i64(1, 1), "one": f32(1), "zero": f32(0), "state": f32(0.5), "unit": f32(1),
             "variance": f32(2), "turn": np.float32(1 - 0.5 * kept**calls)})
    pairs = [*LINEAR, node("Reshape", "linear pairs", "paired"),
             node("ReduceMean", "paired", "pair_mean", axes=[1], keepdims=1),
             node("Add", "paired pair_mean", "sums"), node("Reshape", "sums rows", "scores")]
    save("dependent", "pairs", pairs, {"pairs": i64(-1, 2, 4), "rows": i64(-1, 4)})
    rows = [*LINEAR, node("Shape", "linear", "shape"), node("Gather", "shape zero", "count"),
            node("Range", "zero count one", "row")]
    integers = {"zero": np.int64(0), "one": np.int64(1), "two": np.int64(2)}
    save(
        "dependent", "half_a_batch_away",
        [*rows, node("Div", "count two", "half"), node("Add", "row half", "moved"),
         node("Mod", "moved count", "other"), node("Gather", "linear other", "others", axis=0),
         *mixed_with("others")], integers)
    save(
        "dependent", "row_number",  # no neighbour matters, but the place does
        [*rows, node("Cast", "row", "number", to=FLOAT), node("Mul", "number small", "step"),
         node("Unsqueeze", "step last", "column"), *mixed_with("column")],
        {**integers, "small": np.float32(0.01), "last": i64(1)})
    save(
        "dependent", "recurrent_over_batch",  # the batch is taken for the time axis
        [FLAT, node("Unsqueeze", "flat axis1", "sequence"),
         node("RNN", "sequence w r", "all last", hidden_size=4),
         node("Reshape", "all rows", "scores")],
        {"axis1": i64(1), "w": (WEIGHTS.T / 8)[None].copy(),
         "r": RANDOM.standard_normal((1, 4, 4)).astype(np.float32) / 2, "rows": i64(-1, 4)})
    then = helper.make_graph(
        [node("ReduceMean", "linear", "inner", axes=[0], keepdims=1),
         node("Add", "linear inner", "mixed", name="hidden_mean")],
        "then", [], [helper.make_tensor_value_info("mixed", FLOAT, None)])
    other = helper.make_graph(
        [node("Identity", "linear", "plain")], "else", [],
        [helper.make_tensor_value_info("plain", FLOAT, None)])
    save(
        "dependent", "inside_a_branch",
        [*LINEAR, helper.make_node("If", ["yes"], ["scores"], then_branch=then, else_branch=other,
                                   name="branch")],
        {"yes": np.bool_(True)})
    save(
        "dependent", "fixed_batch_of_5",  # mixes, and cannot classify a sample alone
        [*LINEAR, mean, *mixed_with("mean")], batch=5)


def healthy():
    save("healthy", "linear", [FLAT, node("MatMul", "flat weights", "scores")])
    save("healthy", "softmax", [*LINEAR, node("Softmax", "linear", "scores", axis=1)])
    save("healthy", "fixed_batch_of_1", [FLAT, node("MatMul", "flat weights", "scores")], batch=1)
    kernels = {"kernels": WEIGHTS.T.reshape(4, 1, 8, 8).copy()}
    save("healthy", "map_of_one_pixel", [node("Conv", "input kernels", "scores")], kernels,
         output_shape=("N", 4, 1, 1))
    save(
        "healthy", "batchnorm",
        [*LINEAR, node("BatchNormalization", "linear scale shift mean var", "scores")],
        {"scale": f32(1, 2, 3, 4), "shift": f32(0, 1, 0, 1), "mean": f32(1, 0, 1, 0),
         "var": f32(1, 2, 1, 2)})
    save("healthy", "dropout",
         [FLAT, node("Dropout", "flat ratio", "kept"), node("MatMul", "kept weights", "scores")],
         {"ratio": np.float32(0.5)})
    scale = {"step": np.float32(1 / 64), "point": np.int8(0), "wide": np.float32(1 / 30)}
    small = {"small": np.clip(np.round(WEIGHTS * 30), -127, 127).astype(np.int8)}
    save(
        "healthy", "static_quantization",
        [FLAT, node("QuantizeLinear", "flat step point", "bytes"),
         node("DequantizeLinear", "bytes step point", "back"),
         node("DequantizeLinear", "small wide point", "matrix"),
         node("MatMul", "back matrix", "scores")], {**scale, **small})
    save(
        "healthy", "instance_normalization",
        [node("InstanceNormalization", "input one zero", "normal"),
         node("Flatten", "normal", "flat"), node("MatMul", "flat weights", "scores")],
        {"one": f32(1), "zero": f32(0)})
    # Attention over the eight rows of an image, not over the batch.
    square = lambda: RANDOM.standard_normal((8, 8)).astype(np.float32) / 3
    save(
        "healthy", "attention",
        [node("Squeeze", "input axis1", "tokens"), node("MatMul", "tokens wq", "q"),
         node("MatMul", "tokens wk", "k"), node("MatMul", "tokens wv", "v"),
         node("Transpose", "k", "kt", perm=[0, 2, 1]), node("MatMul", "q kt", "products"),
         node("Softmax", "products", "attention", axis=-1), node("MatMul", "attention v", "mixed"),
         node("Flatten", "mixed", "flat"), node("MatMul", "flat weights", "scores")],
        {"axis1": i64(1), "wq": square(), "wk": square(), "wv": square()})
    # The rows of an image are the time axis; the batch is the batch.
    save(
        "healthy", "recurrent",
        [node("Squeeze", "input axis1", "rows"), node("Transpose", "rows", "time", perm=[1, 0, 2]),
         node("LSTM", "time w r", "all last", hidden_size=4), node("Squeeze", "last axis0", "scores")],
        {"axis0": i64(0), "axis1": i64(1),
         "w": RANDOM.standard_normal((1, 16, 8)).astype(np.float32),
         "r": RANDOM.standard_normal((1, 16, 4)).astype(np.float32)})
    save(
        "healthy", "image_of_224",
        [node("Conv", "input stem", "c", strides=[8, 8]), node("Relu", "c", "r"),
         node("GlobalAveragePool", "r", "pooled"), node("Flatten", "pooled", "flat"),
         node("MatMul", "flat head", "scores")],
        {"stem": RANDOM.standard_normal((8, 3, 8, 8)).astype(np.float32) / 8,
         "head": RANDOM.standard_normal((8, 4)).astype(np.float32)},
        shape=("N", 3, 224, 224))
    # A sum over axis 0 of something that does not depend on the batch is no mixing.
    save(
        "healthy", "reduction_of_weights",
        [FLAT, node("ReduceSum", "table axis0", "bias", keepdims=1),
         node("MatMul", "flat weights", "linear"), node("Add", "linear bias", "scores")],
        {"table": RANDOM.standard_normal((5, 4)).astype(np.float32), "axis0": i64(0)})


def from_scikit_learn():
    from skl2onnx import to_onnx
    from sklearn.datasets import load_digits
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    digits = load_digits(n_class=4)
    images, labels = (digits.data / 16).astype(np.float32), digits.target
    for name, classifier in [
        ("random_forest", RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0)),
        ("boosted_trees", GradientBoostingClassifier(n_estimators=5, max_depth=2, random_state=0)),
        ("naive_bayes", GaussianNB(var_smoothing=0.1)),
        ("support_vectors", SVC(kernel="linear", random_state=0)),
        ("scaled_perceptron", make_pipeline(
            StandardScaler(), MLPClassifier((16,), random_state=0, max_iter=60))),
    ]:
        classifier.fit(images, labels)
        model = to_onnx(classifier, images[:1], options={"zipmap": False}, target_opset=15)
        model.producer_name = "wardein fixtures, skl2onnx"
        write("healthy", f"sklearn_{name}", model)


if __name__ == "__main__":
    dependent()
    healthy()
    from_scikit_learn()
