"""Compares the replay of an export with ONNX's own reference implementation, for a few rows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .. import proof
from ..document import RunDocument
from ..samples import samples

FRAMEWORK = "onnx.reference"
#: Models with more values than this are too slow for a reference that is written in Python.
_LIMIT = 1 << 22
#: The first opset whose operators the reference has with their own semantics: it runs older models
#: by newer rules, as Softmax before 13 shows.
_OPSET = 13


def prove(document: RunDocument, model: Any) -> None:
    """Compare the outputs; a model says nothing of losses and gradients.

    Args:
        document: The whole run, with the names of the model's inputs and outputs.
        model: The `onnx.ModelProto` as it was given.

    Raises:
        UnfaithfulExport: the replay computes something else.
    """
    held = [document.arrays[entry["file"]].size for entry in document.parameters]
    if sum(held) > _LIMIT:
        return
    if any(i.domain in ("", "ai.onnx") and i.version < _OPSET for i in model.opset_import):
        return
    try:
        from onnx.reference import ReferenceEvaluator

        evaluator = ReferenceEvaluator(model)
    except Exception:  # an operator that the reference does not have
        return
    kinds = {value.name: value.type.tensor_type.elem_type for value in model.graph.input}
    for sample in samples(document):
        fed = {
            name: sample.data(name).astype(_type(kinds.get(name, 1))) for name in document.inputs
        }
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answers = evaluator.run(list(document.outputs), fed)
        except Exception:
            return
        sample.document.nodes = [_at_inference(node) for node in sample.document.nodes]
        found = proof.replayed(sample)
        if found is None:
            return
        wanted = {
            name: np.asarray(answer)
            for name, answer in zip(document.outputs, answers, strict=True)
            if hasattr(answer, "shape")
        }
        left = proof.differences(proof.Truth(found.outputs), proof.Truth(wanted))
        if not left:
            return
    raise proof.refused(left[0], FRAMEWORK, "", [])


def _at_inference(node: dict[str, Any]) -> dict[str, Any]:
    """Return a batch norm in the mode that the model is in; a run in training has another."""
    if node["op"] != "BatchNormalization":
        return node
    return node | {"attributes": node.get("attributes", {}) | {"training_mode": 0}}


def _type(kind: int) -> Any:
    from onnx.helper import tensor_dtype_to_np_dtype

    return tensor_dtype_to_np_dtype(kind)
