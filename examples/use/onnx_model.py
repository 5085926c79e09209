"""An ONNX model, as any framework writes it: Defib gets the file, the data, and the loss.

All of its hidden units are dead: their biases lie far below zero.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import defib

random = np.random.default_rng(0)
weights = {
    "w1": random.normal(0, 0.5, (4, 8)),
    "b1": np.full(8, -40.0),
    "w2": random.normal(0, 0.5, (8, 1)),
    "b2": np.zeros(1),
}
graph = helper.make_graph(
    [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["z"], name="hidden"),
        helper.make_node("Relu", ["z"], ["h"], name="relu"),
        helper.make_node("Gemm", ["h", "w2", "b2"], ["price"], name="head"),
    ],
    "network",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 4])],
    [helper.make_tensor_value_info("price", TensorProto.FLOAT, ["rows", 1])],
    [numpy_helper.from_array(a.astype(np.float32), name) for name, a in weights.items()],
)
opset = helper.make_opsetid("", 17)
onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), "model.onnx")

x = random.normal(size=(400, 4)).astype(np.float32)
y = x[:, :1] + x[:, 1:2]
print(defib.check("model.onnx", x, y, loss="mse"))
