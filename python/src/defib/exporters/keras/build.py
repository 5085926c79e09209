"""Exports Keras 3 models, tf.keras included, on any backend of Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
from keras import tree

from ..._errors import ExportError
from ..arrays import Array, count, named_arrays, same_rows
from ..document import RunDocument
from ..nodes import NodeWriter
from ..settings import Settings, add_data, add_initial, add_training, in_order
from ..snapshots import add_snapshots
from . import training
from .call import Call
from .graph import expand, masked, run, write
from .lowering import Lowering
from .names import frozen_variables, variable_names
from .pairing import Pairing, by_output
from .proof import Prover
from .tables import LAYERS
from .undisturbed import kept
from .value import Value


def build(model: Any, x: Any, y: Any, settings: Settings) -> RunDocument:
    """Build the run of a Keras model; the model stays as it is.

    Loss, loss weights, optimizer and history are those of the compiled and trained model where
    the settings have none.

    Raises:
        ExportError: the model was never built, or holds what a run cannot express.
    """
    if not model.built or (not model.weights and isinstance(model, keras.Sequential)):
        _refuse_unbuilt(model)
    with kept(model):
        return _built(model, x, y, settings)


def _built(model: Any, x: Any, y: Any, settings: Settings) -> RunDocument:
    document = RunDocument("keras", f"{keras.__version__} on {keras.backend.backend()}")
    arrays = _inputs(document, model, x)
    if getattr(model, "activity_regularizer", None) is not None:
        raise ExportError("the model has an activity_regularizer; set it to None")
    trainable = {id(variable) for variable in model.trainable_weights}
    frozen = frozen_variables(model) - trainable
    lowering = Lowering(
        document, variable_names(model), trainable, frozen, settings.mode, run, expand
    )
    outputs = _outputs(lowering, model, arrays)
    settings = training.completed(model, settings, same_rows(arrays))
    if any(masked(tensor) for tensor in getattr(model, "outputs", None) or []):
        raise ExportError(
            "an output of the model carries a mask on, by which the loss leaves steps out; no run "
            "can hold that. Give the targets to a model whose last recurrent layer returns no "
            "sequence, or leave the mask away"
        )
    compiled = settings.loss is None and getattr(model, "compiled", False)
    losses = model.loss if compiled else settings.loss
    if compiled and losses is not None:
        training.refuse_own_loss(model)
    weights = model._compile_loss._user_loss_weights if compiled and losses is not None else None
    y, targets = _targets(y, list(outputs), losses, same_rows(arrays))
    own = named_arrays(y, targets, "y") if targets else {}
    found = add_data(document, arrays, y, settings)
    optimizer = training.optimizer_of(model, settings.optimizer, lowering)
    training.tell_constraints(model)
    penalties = training.regularization(model, lowering, verify=settings.verify)
    used = training.used(model, settings.optimizer)
    training.add_loop(document, used, settings)
    add_training(
        document,
        replace(settings, loss=None, scheduler=None),
        outputs={},
        targets=found,
        reader=lambda _: None,
        optimizer=optimizer,
    )
    training.add_schedule(document, used, settings.scheduler)
    if losses is not None and y is not None:
        pairs = dict(zip(targets, found, strict=True))
        Pairing(document, outputs).write(losses, weights, pairs)
    elif settings.loss is not None:
        raise ExportError("a loss needs targets: pass y")
    if penalties:
        document.training["regularization"] = penalties
    precision = str(getattr(model.dtype_policy, "compute_dtype", "float32"))
    if precision in ("float16", "bfloat16"):
        document.training["precision"] = precision
    ignored = [lowering.names[id(v)] for v in model.weights if id(v) in lowering.names]
    if settings.initial is not None:
        add_initial(document, _held(lowering, model, settings.initial, "initial"), ignored)
    add_snapshots(
        document,
        settings.snapshots,
        lambda state: _held(lowering, model, state, "a snapshot"),
        ignored,
    )
    if settings.verify:
        Prover(
            model, document, arrays, own, losses, weights, lowering.parameters,
            settings.mode == "train", list(outputs),
        ).prove()  # fmt: skip
    return document


def _refuse_unbuilt(model: Any) -> None:
    if not model.built:
        raise ExportError(
            f"the model {model.name} has no weights yet; call it once, as in model(x[:1]), or "
            "train it, before exporting it"
        )


def _inputs(document: RunDocument, model: Any, x: Any) -> dict[str, Array]:
    """Name the inputs as the model does; "x" for a single one that nobody named."""
    names = [str(tensor.name) for tensor in getattr(model, "inputs", None) or []]
    struct = getattr(model, "_inputs_struct", None)
    if isinstance(struct, Mapping):
        flat = tree.flatten({key: key for key in struct})
        names = [str(key) for key in flat]
    if not names:
        number = len(x) if isinstance(x, Mapping) else count(x, len(x[0]) if len(x) else 0)
        names = list(x) if isinstance(x, Mapping) else [f"x{i + 1}" for i in range(number)]
    if len(names) == 1 and not isinstance(x, Mapping):
        names = ["x"] if names[0].startswith(("input_layer", "keras_tensor", "x1")) else names
    held = named_arrays(x, names, "x")
    return {document.add_input(name): array for name, array in held.items()}


def _outputs(lowering: Lowering, model: Any, arrays: Mapping[str, Array]) -> dict[str, Value]:
    """Write the model; return what the user calls each output, and its value."""
    document = lowering.document
    tensors = getattr(model, "inputs", None) or [None] * len(arrays)
    values = []
    for (name, array), tensor in zip(arrays.items(), tensors, strict=True):
        shape = (None, *array.shape[1:])
        if tensor is not None:
            shape = _fitting(name, shape, tuple(tensor.shape))
        kind = str(tensor.dtype) if tensor is not None else str(array.dtype)
        value = Value(shape, kind, native=name)
        if tensor is not None and len(tensor.shape) == len(shape) + 1:  # Keras adds the axis
            value = Value((*shape, 1), kind)
            column = NodeWriter(document, name)
            target = column.integers([0, 1], "shape")
            value.native = column.emit("Reshape", name, target, part="column")
        values.append(value)
    call = Call(lowering, model, "", _arguments(model, values), {}, [])
    results = _walked(lowering, model, call)
    if lowering.problems:
        raise _refusal(lowering.problems)
    names = _output_names(model, len(results))
    outputs = {}
    for name, value in zip(names, results, strict=True):
        end = Call(lowering, model, name, (), {}, [])
        tensor = end.native(value)
        computed = any(tensor in node["outputs"] for node in document.nodes)
        if not computed or tensor in document.outputs:
            tensor = document.add_node("Identity", [tensor], layer=name)
            value = Value(value.shape, value.dtype, tensor, logits=value.logits)
        document.outputs.append(tensor)
        outputs[name] = value
    return outputs


def _walked(lowering: Lowering, model: Any, call: Call) -> list[Value]:
    inner = getattr(model, "_functional", None) if isinstance(model, keras.Sequential) else model
    if inner is not None and hasattr(inner, "_nodes_by_depth"):
        given = [leaf for leaf in tree.flatten(call.args) if isinstance(leaf, Value)]
        return write(lowering, inner, given, "")
    return list(expand(call, model.call))


def _arguments(model: Any, values: Sequence[Value]) -> tuple[Any, ...]:
    """Give the values to a model of the user's own class as fit() does."""
    if getattr(model, "inputs", None):
        return tuple(values)
    return (values[0],) if len(values) == 1 else (list(values),)


def _fitting(name: str, found: tuple[Any, ...], wanted: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(found) == len(wanted) - 1 == 1 and wanted[-1] == 1:
        return found
    same = len(found) == len(wanted) and all(
        w is None or f is None or f == w for f, w in zip(found, wanted, strict=True)
    )
    if not same and len(found) == len(wanted) == 2:
        raise ExportError(f"{name} has {found[1]} columns, the model takes {wanted[1]}")
    if not same:
        raise ExportError(
            f"{name} has samples of shape {found[1:]}; the model takes {tuple(wanted[1:])}"
        )
    return wanted


def _output_names(model: Any, number: int) -> list[str]:
    struct = getattr(model, "_outputs_struct", None)
    if isinstance(struct, Mapping):
        return [str(key) for key in tree.flatten({key: key for key in struct})]
    names = [str(name) for name in getattr(model, "output_names", None) or []]
    if len(names) != number:
        names = ["output"] if number == 1 else [f"output{i + 1}" for i in range(number)]
    return [name if names.count(name) == 1 else f"{name}_{i}" for i, name in enumerate(names)]


def _targets(y: Any, outputs: list[str], losses: Any, rows: int) -> tuple[Any, list[str]]:
    """Return the targets, and the output that each belongs to, both in one order."""
    if y is None:
        return None, []
    if isinstance(y, Mapping) and all(key in outputs for key in y):
        held = [name for name in outputs if name in y]
        return {name: y[name] for name in held}, held
    number = len(y) if isinstance(y, Mapping) else count(y, rows)
    if number == len(outputs):
        return y, outputs
    wanted = outputs
    if by_output(losses, outputs):
        wanted = [name for name in outputs if losses.get(name) is not None]
    elif isinstance(losses, (list, tuple)) and len(losses) == len(outputs):
        wanted = [name for name, loss in zip(outputs, losses, strict=True) if loss is not None]
    if number == len(wanted):
        return y, wanted
    raise ExportError(f"y holds {number} arrays; the outputs are {outputs}")


def _held(lowering: Lowering, model: Any, held: Any, what: str) -> Mapping[str, Any]:
    """Name the weights of another moment: get_weights(), a second model, or a dict."""
    if isinstance(held, keras.Model):
        held = held.get_weights()
    if isinstance(held, Mapping):
        return held
    if not isinstance(held, (list, tuple)):
        raise ExportError(
            f"{what} is {type(held).__name__}; expected model.get_weights() of that time, a dict "
            "by names of parameters, or a second model"
        )
    variables = model.weights
    in_order(held, [lowering.names.get(id(v), str(v.path)) for v in variables], what)
    return {
        lowering.parameters[id(variable)]: array
        for variable, array in zip(variables, held, strict=True)
        if id(variable) in lowering.parameters
    }


def _refusal(problems: Sequence[str]) -> ExportError:
    listed = "\n".join(f"  {problem}" for problem in dict.fromkeys(problems))
    return ExportError(
        f"the model cannot be replayed because of\n{listed}\nReplace these, or export the part of "
        f"the model without them. Known layers: {', '.join(sorted(LAYERS))}; also layers of your "
        "own that compute with these and with keras.ops"
    )
