#!/usr/bin/env python3
"""Writes graphs.json and structure.json: graphs, and what the Python package reads in them.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 onnx==1.23.2
    VENV/bin/python Tests/ModelFilesTests/Vectors/make_graphs.py

The same script writes the same bytes. The graphs are small and most of them without sense: each has
one thing by which a sample's answer depends on more than the sample, or one that looks like it.
`graphs.json` has for each its bytes, which nodes are suspect and why, as its author meant it, and what
`onnx.load` finds in it; `structure.json` has the last for the models of Tests/Fixtures and Tests/Demo.
"""

import base64
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent
TESTS = FOLDER.parent.parent
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
MS, ML = "com.microsoft", "ai.onnx.ml"

graphs = {}


def node(kind, inputs, outputs, name=None, domain="", **attributes):
    """`inputs`, `outputs`: names separated by blanks; `-` is one left out. A node is named after its
    operator unless it has a name."""
    def names(text):
        return ["" if word == "-" else word for word in text.split()]
    made = helper.make_node(kind, names(inputs), names(outputs), domain=domain, **attributes)
    made.name = kind if name is None else name
    return made


def graph(name, nodes, constants=None, shape=("N", 4), suspect=(), opset=17, output="y",
          outputs=None, values=(), functions=(), ir=9, kind=FLOAT):
    """One input x; `constants`: name -> array; `suspect`: (node, cause) of each."""
    made = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(o, FLOAT, None) for o in (outputs or [output])],
        [numpy_helper.from_array(np.asarray(a), n) for n, a in (constants or {}).items()],
        value_info=[helper.make_tensor_value_info(*value) for value in values],
    )
    model = helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid(MS, 1),
                       helper.make_opsetid(ML, 3), helper.make_opsetid("own", 1)],
        ir_version=ir, functions=list(functions))
    model.producer_name, model.producer_version = "wardein vectors", "1"
    graphs[name] = {
        "suspects": [{"node": n, "cause": c} for n, c in suspect],
        "bytes": base64.b64encode(model.SerializeToString(deterministic=True)).decode(),
        "structure": structure_of(model),
    }


def i64(*values):
    return np.array(values, np.int64)


def f32(*values):
    return np.array(values, np.float32)


ROWS, CHANCE, STATE = "otherRows", "chance", "state"


def training():
    scale = {n: f32(1, 1, 1, 1) for n in ("scale", "bias", "mean", "var")}
    norm = "x scale bias mean var"
    graph("bn_training", [node("BatchNormalization", norm, "y m v", training_mode=1)], scale,
          suspect=[("BatchNormalization", ROWS)])
    graph("bn_evaluation", [node("BatchNormalization", norm, "y")], scale)
    graph("bn_old_training", [node("BatchNormalization", norm, "y m v sm sv")], scale, opset=9,
          suspect=[("BatchNormalization", ROWS)])
    graph("bn_old_evaluation", [node("BatchNormalization", norm, "y -")], scale, opset=9)
    graph("bn_very_old_training", [node("BatchNormalization", norm, "y", is_test=0)], scale,
          opset=6, suspect=[("BatchNormalization", ROWS)])
    graph("bn_very_old_evaluation", [node("BatchNormalization", norm, "y", is_test=1)], scale,
          opset=6)
    graph("dropout_training", [node("Dropout", "x ratio training", "y")],
          {"ratio": f32(.5)[0], "training": np.array(True)}, suspect=[("Dropout", CHANCE)])
    graph("dropout_training_by_node", [
        node("Constant", "", "training",
             value=numpy_helper.from_array(np.array(True))),
        node("Dropout", "x - training", "y")], suspect=[("Dropout", CHANCE)])
    graph("dropout_evaluation", [node("Dropout", "x ratio training", "y")],
          {"ratio": f32(.5)[0], "training": np.array(False)})
    graph("dropout_default", [node("Dropout", "x", "y")])
    graph("dropout_old", [node("Dropout", "x", "y", ratio=.5)], opset=7)
    graph("dropout_very_old", [node("Dropout", "x", "y", ratio=.5)], opset=6,
          suspect=[("Dropout", CHANCE)])


def chance():
    like = [("RandomNormalLike", {}), ("RandomUniformLike", {}), ("Bernoulli", {})]
    for kind, attributes in like:
        graph(kind.lower(), [node(kind, "x", "r", **attributes), node("Add", "x r", "y")],
              suspect=[(kind, CHANCE)])
    for kind in ("RandomNormal", "RandomUniform"):
        graph(kind.lower(), [node(kind, "", "r", shape=[4]), node("Add", "x r", "y")],
              suspect=[(kind, CHANCE)])
    graph("random_seeded", [node("RandomNormal", "", "r", shape=[4], seed=1.0),
                            node("Add", "x r", "y")], suspect=[("RandomNormal", STATE)])
    graph("multinomial", [node("Multinomial", "x", "i", sample_size=1),
                          node("Cast", "i", "y", to=FLOAT)], suspect=[("Multinomial", CHANCE)])
    graph("random_unused", [node("RandomNormal", "", "r", shape=[4]), node("Relu", "x", "y")])


def quantized():
    multiply = [node("MatMulInteger", "q w z wz", "i"), node("Cast", "i", "f", to=FLOAT),
                node("Mul", "f s", "y")]
    weights = {"w": np.ones((4, 3), np.uint8), "wz": np.array(0, np.uint8)}
    graph("quantized_dynamically", [node("DynamicQuantizeLinear", "x", "q s z"), *multiply],
          weights, suspect=[("DynamicQuantizeLinear", ROWS)])
    graph("quantized_constant", [node("DynamicQuantizeLinear", "c", "q s z"),
                                 node("DequantizeLinear", "q s z", "d"), node("Add", "x d", "y")],
          {"c": f32(1, 2, 3, 4)})
    graph("quantized_dynamically_fused",
          [node("DynamicQuantizeMatMul", "x w ws wz", "y", domain=MS)],
          {**weights, "ws": f32(1)}, suspect=[("DynamicQuantizeMatMul", ROWS)])
    graph("quantized_statically", [node("QuantizeLinear", "x s z", "q"),
                                   node("DequantizeLinear", "q s z", "d"),
                                   node("Softmax", "d", "y", axis=1)],
          {"s": f32(.1)[0], "z": np.array(128, np.uint8)})


def along_the_batch():
    def both(name, kind, bad, good, **options):
        """The same node along the batch's axis and along another."""
        for attributes, ending in ((bad, "batch"), (good, "row")):
            graph(f"{name}_{ending}", [node(kind, "x", "y", **attributes)],
                  suspect=[(kind, ROWS)] if ending == "batch" else [], **options)

    three = {"shape": ("N", 3, 4)}
    both("softmax", "Softmax", {"axis": 0}, {"axis": 1})
    both("softmax_from_the_end", "Softmax", {"axis": -3}, {"axis": -2}, **three)
    both("softmax_flattening", "Softmax", {"axis": 0}, {"axis": 1}, opset=11, **three)
    both("softmax_default", "Softmax", {"axis": -2}, {})
    both("log_softmax", "LogSoftmax", {"axis": 0}, {"axis": 1})
    both("hardmax", "Hardmax", {"axis": 0}, {"axis": 1})
    both("mean", "ReduceMean", {"axes": [0]}, {"axes": [1]})
    both("mean_from_the_end", "ReduceMean", {"axes": [-1, -2]}, {"axes": [-1]})
    both("mean_of_all", "ReduceMean", {}, {"axes": [1]})
    both("l2", "ReduceL2", {"axes": [0], "keepdims": 1}, {"axes": [1], "keepdims": 1})
    both("arg_max", "ArgMax", {"axis": 0}, {"axis": 1})
    both("arg_max_default", "ArgMax", {}, {"axis": -1})
    both("lp", "LpNormalization", {"axis": 0}, {})
    both("mean_variance", "MeanVarianceNormalization", {}, {"axes": [2]}, **three)
    both("layer", "LayerNormalization", {"axis": 0}, {"axis": 1}, **three)
    both("recurrent", "LSTM", {"hidden_size": 2}, {"hidden_size": 2, "layout": 1}, **three)

    graph("sum_of_axes_by_input", [node("ReduceSum", "x axes", "y")], {"axes": i64(0)},
          suspect=[("ReduceSum", ROWS)])
    graph("sum_of_axes_by_node", [node("Constant", "", "axes", value_ints=[-2]),
                                  node("ReduceSum", "x axes", "y")],
          suspect=[("ReduceSum", ROWS)])
    graph("sum_of_nothing", [node("ReduceSum", "x", "y", noop_with_empty_axes=1)])
    graph("max_of_axes_unknown", [node("ReduceSum", "x x", "y")])
    graph("cumulative", [node("CumSum", "x axis", "y")], {"axis": i64(0)[0]},
          suspect=[("CumSum", ROWS)])
    graph("cumulative_row", [node("CumSum", "x axis", "y")], {"axis": i64(1)[0]})
    graph("top_of_batch", [node("TopK", "x k", "y i", axis=0)], {"k": i64(1)},
          suspect=[("TopK", ROWS)])
    graph("top_of_row", [node("TopK", "x k", "y i")], {"k": i64(1)})
    graph("suppressed", [node("Unsqueeze", "x zero", "b"), node("Transpose", "x", "s"),
                         node("NonMaxSuppression", "b s", "i"), node("Cast", "i", "y", to=FLOAT)],
          {"zero": i64(0)}, suspect=[("NonMaxSuppression", ROWS)])
    graph("first_sample", [node("Gather", "x zero", "g", axis=0), node("Add", "x g", "y")],
          {"zero": i64(0)}, suspect=[("Gather", ROWS)])
    graph("first_pixel", [node("Gather", "x zero", "y", axis=1)], {"zero": i64(0)})
    graph("slice_of_batch", [node("Slice", "x a b c", "g"), node("Add", "x g", "y")],
          {"a": i64(0), "b": i64(1), "c": i64(0)}, suspect=[("Slice", ROWS)])
    graph("slice_of_all", [node("Slice", "x a b c", "y")],
          {"a": i64(0, 1), "b": i64(2 ** 31 - 1, 3), "c": i64(0, 1)})
    graph("own_attention", [node("Transpose", "x", "t"), node("MatMul", "x t", "a"),
                            node("MatMul", "a x", "y", name="values")],
          suspect=[("MatMul", ROWS), ("values", ROWS)])
    graph("covariance", [node("Gemm", "x x", "c", transA=1), node("MatMul", "x c", "y")],
          suspect=[("Gemm", ROWS)])
    graph("unnamed", [node("Softmax", "x", "y", name="", axis=0)], suspect=[("y", ROWS)])


def followed():
    """Where the batch's axis moves before something is done along an axis."""
    graph("transposed_softmax", [node("Transpose", "x", "t", perm=[1, 0]),
                                 node("Softmax", "t", "y", axis=0)])
    graph("transposed_softmax_batch", [node("Transpose", "x", "t", perm=[1, 0]),
                                       node("Softmax", "t", "y", axis=-1)],
          suspect=[("Softmax", ROWS)])
    graph("constant_softmax", [node("Softmax", "c", "w", axis=0), node("MatMul", "x w", "y")],
          {"c": np.ones((4, 3), np.float32)})
    graph("constant_through_nodes", [node("Transpose", "c", "t"), node("ReduceMean", "t", "m"),
                                     node("Add", "x m", "y")], {"c": np.ones((4, 3), np.float32)})
    graph("shape_product", [node("Shape", "x", "s"), node("ReduceProd", "s", "p"),
                            node("Cast", "p", "f", to=FLOAT), node("Div", "x f", "y")])
    graph("reshaped_by_shape", [
        node("Shape", "x", "s"), node("Gather", "s zero", "n"),
        node("Unsqueeze", "n axis", "first"), node("Concat", "first rest", "target", axis=0),
        node("Reshape", "x target", "r"), node("Softmax", "r", "y", axis=0)],
        {"zero": i64(0)[0], "axis": i64(0), "rest": i64(2, 2)}, suspect=[("Softmax", ROWS)])
    graph("heads_before_samples", [
        node("Reshape", "x split", "r"), node("Transpose", "r", "t", perm=[1, 0, 2]),
        node("Softmax", "t", "y", axis=0)], {"split": i64(0, 2, 2)})
    graph("steps_before_samples", [
        node("Transpose", "x", "t", perm=[1, 0, 2]), node("LSTM", "t w r", "- h", hidden_size=2),
        node("Squeeze", "h zero", "last"), node("Softmax", "last", "y", axis=1)],
        {"zero": i64(0), "w": np.ones((1, 8, 4), np.float32), "r": np.ones((1, 8, 2), np.float32)},
        shape=("N", 3, 4))
    graph("flattened", [node("Flatten", "x", "f"), node("Gemm", "f w", "g"),
                        node("Softmax", "g", "y", axis=1)],
          {"w": np.ones((12, 4), np.float32)}, shape=("N", 3, 4))
    graph("after_convolution", [
        node("Conv", "x w", "c"), node("Relu", "c", "r"), node("GlobalAveragePool", "r", "p"),
        node("Flatten", "p", "f"), node("ReduceMean", "f", "m", axes=[0], keepdims=1),
        node("Sub", "f m", "y")],
        {"w": np.ones((4, 1, 3, 3), np.float32)}, shape=("N", 1, 8, 8),
        suspect=[("ReduceMean", ROWS)])
    graph("attention", [
        node("Transpose", "x", "k", perm=[0, 2, 1]), node("MatMul", "x k", "s"),
        node("Softmax", "s", "p", axis=-1), node("MatMul", "p x", "y", name="values")],
        shape=("N", 3, 4))
    graph("embedding", [node("Gather", "table x", "e"), node("ReduceMean", "e", "y", axes=[1])],
          {"table": np.ones((10, 4), np.float32)}, kind=INT64)
    graph("embedding_batch",
          [node("Gather", "table x", "e"), node("ReduceMean", "e", "y", axes=[0])],
          {"table": np.ones((10, 4), np.float32)}, kind=INT64, suspect=[("ReduceMean", ROWS)])
    graph("broadcast_table", [node("Add", "x table", "a"), node("Softmax", "a", "y", axis=0)],
          {"table": np.ones((3, 1, 4), np.float32)})
    graph("of_one_sample", [node("Softmax", "x", "y", axis=0)], shape=(1, 4))
    graph("of_four_samples", [node("Reshape", "x target", "r"), node("Softmax", "r", "y", axis=0)],
          {"target": i64(4, 2, 2)}, shape=(4, 4), suspect=[("Softmax", ROWS)])
    graph("unknown_operator", [node("Mystery", "x", "u", domain="com.example"),
                               node("Softmax", "u", "y", axis=0)])
    graph("unknown_operator_stated", [node("Mystery", "x", "u", domain="com.example"),
                                      node("Softmax", "u", "y", axis=0)],
          values=[("u", FLOAT, ("N", 7))], suspect=[("Softmax", ROWS)])
    graph("other_output", [node("Relu", "x", "y"), node("ReduceMean", "x", "mean", axes=[0])],
          outputs=["y", "mean"], suspect=[("ReduceMean", ROWS)])


def within():
    """Nodes in branches, loops and functions of the file's own."""
    def body(nodes, outputs, inputs=()):
        return helper.make_graph(
            nodes, "body", [helper.make_tensor_value_info(*i) for i in inputs],
            [helper.make_tensor_value_info(o, FLOAT, None) for o in outputs])

    branch = node("If", "yes", "y", then_branch=body([node("Softmax", "x", "t", axis=0)], ["t"]),
                  else_branch=body([node("Relu", "x", "e")], ["e"]))
    graph("in_a_branch", [branch], {"yes": np.array(True)}, suspect=[("Softmax", ROWS)])
    loop = node("Loop", "trips yes x", "y", body=body(
        [node("Identity", "go", "on"), node("RandomNormalLike", "v", "r"), node("Add", "v r", "w")],
        ["on", "w"], [("i", INT64, ()), ("go", BOOL, ()), ("v", FLOAT, None)]))
    graph("in_a_loop", [loop], {"trips": i64(3)[0], "yes": np.array(True)},
          suspect=[("RandomNormalLike", CHANCE)])
    softmax = node("Softmax", "a", "b")
    softmax.attribute.append(helper.make_attribute_ref("axis", onnx.AttributeProto.INT))
    function = helper.make_function(
        "own", "AlongAxis", ["a"], ["b"], [softmax], [helper.make_opsetid("", 17)], ["axis"])
    graph("in_a_function", [node("AlongAxis", "x", "y", domain="own", axis=0)],
          functions=[function], suspect=[("AlongAxis/Softmax", ROWS)])
    graph("in_a_function_row", [node("AlongAxis", "x", "y", domain="own", axis=1)],
          functions=[function])
    graph("forest", [
        node("TreeEnsembleClassifier", "x", "label p", domain=ML, classlabels_int64s=[0, 1]),
        node("ReduceSum", "p axes", "y")], {"axes": i64(1)})


# What onnx.load finds.

def shape_of(value):
    tensor = value.type.tensor_type
    if not value.type.HasField("tensor_type") or not tensor.HasField("shape"):
        return None
    return ["?" if d.WhichOneof("value") is None else str(d.dim_value or d.dim_param or 0)
            for d in tensor.shape.dim]


def structure_of(model):
    def values(listed):
        return [{"name": v.name, "type": v.type.tensor_type.elem_type, "shape": shape_of(v)}
                for v in listed]

    def tensor(t):
        external = {e.key: e.value for e in t.external_data}
        small = not external and np.prod(t.dims) <= 1024 and t.data_type in (6, 7, 9, 2, 3, 5)
        return {"name": t.name, "type": t.data_type, "shape": list(t.dims),
                "external": external.get("location", ""),
                "integers": numpy_helper.to_array(t).astype(int).ravel().tolist()
                if small else None}

    def nodes(listed):
        return [{"name": n.name, "operator": n.op_type, "domain": n.domain,
                 "inputs": list(n.input), "outputs": list(n.output),
                 "attributes": sorted(a.name for a in n.attribute),
                 "integers": {a.name: list(a.ints) if a.type == 7 else [a.i]
                              for a in n.attribute if a.type in (2, 7) and not a.ref_attr_name}}
                for n in listed]

    graph = model.graph
    return {"irVersion": model.ir_version, "producer": model.producer_name,
            "operatorSets": [[o.domain, o.version] for o in model.opset_import],
            "inputs": values(graph.input), "outputs": values(graph.output),
            "initializers": [tensor(t) for t in graph.initializer], "nodes": nodes(graph.node),
            "functions": [f.name for f in model.functions]}


def main():
    training()
    chance()
    quantized()
    along_the_batch()
    followed()
    within()
    write("graphs.json", graphs)
    places = [TESTS / "Fixtures/models", TESTS / "Demo/models"]
    files = [path for place in places for path in place.glob("*.onnx")]
    write("structure.json", {
        str(path.relative_to(TESTS)): structure_of(onnx.load(path, load_external_data=False))
        for path in files})


def write(name, value):
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(value.items()))
    (FOLDER / name).write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
