"""Runs a few rows through the Keras model itself and compares the replay of its export."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import tree

from .. import proof
from ..arrays import Array
from ..document import RunDocument
from ..samples import Sample, rows_of, with_stand_in
from .loss import resolved
from .lowering import array_of
from .undisturbed import undisturbed

FRAMEWORK = "Keras"
#: How far weights are moved, as a share of themselves, to see how ill-conditioned a model is: about
#: the rounding of the type in which it computes.
_ROUNDING = {"float16": 1e-3, "bfloat16": 8e-3}
_FLOAT32 = 1e-7


class Prover:
    """One Keras model with its export.

    Args:
        model: The model.
        document: The whole run.
        x: What the user gave as inputs, by the run's inputs.
        y: The targets as the user gave them, by the output that each belongs to.
        losses: The user's losses, in any form that compile() takes; None without any.
        weights: The user's loss weights.
        parameters: id of a variable -> its name in the run.
        training: Whether the run is one in training mode.
        names: What the user calls the outputs, in the order in which the model returns them.
    """

    def __init__(
        self, model: Any, document: RunDocument, x: Mapping[str, Array],
        y: Mapping[str, Array], losses: Any, weights: Any, parameters: Mapping[int, str],
        training: bool, names: Sequence[str],
    ) -> None:  # fmt: skip
        self.model, self.document, self.x, self.y = model, document, x, y
        self.losses, self.weights, self.parameters = losses, weights, parameters
        self.training, self.names = training, list(names)

    def prove(self) -> None:
        """Compare on a small batch, and on others where the difference may be one of rounding.

        Raises:
            UnfaithfulExport: the replay computes something else.
        """
        worst = proof.worst(self.document, self._differing)
        if worst is not None:
            raise proof.refused(worst[1], FRAMEWORK, "", [])

    def _differing(self, sample: Sample) -> proof.Found | None:
        sample, wanted = self._truth(sample)
        found = proof.replayed(sample) if wanted else None
        if found is None or wanted is None or not proof.differences(found, wanted):
            return None
        with self._moved():
            _, near = self._truth(sample)
        left = proof.differences(found, wanted, near)
        return (sample, proof.first(left)) if left else None

    def _truth(self, sample: Sample) -> tuple[Sample, proof.Truth | None]:
        """Run a sample with the user's losses, or with stand-ins where these cannot be computed."""
        with undisturbed(self.model), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                outputs = self._arrays(self._outputs(sample))
            except Exception:
                return sample, None
            loss = self._loss(sample)
            if loss is None:
                sample = sample if sample.stand_ins else with_stand_in(sample, outputs)
                loss = self._stand_in(sample)
            try:
                value, gradients = self._gradients(sample, loss)
            except Exception:
                return sample, proof.Truth(outputs)
        if sample.stand_ins:
            value = None
        return sample, proof.Truth(outputs, value, gradients)

    def _outputs(self, sample: Sample) -> list[Any]:
        fed = [_tensor(sample.data(name)) for name in self.document.inputs]
        struct = getattr(self.model, "_inputs_struct", None)
        if isinstance(struct, Mapping):
            given: Any = dict(zip(tree.flatten({k: k for k in struct}), fed, strict=True))
        else:
            given = fed[0] if len(fed) == 1 else fed
        return list(tree.flatten(self.model(given, training=self.training)))

    def _arrays(self, outputs: Sequence[Any]) -> dict[str, Array]:
        pairs = zip(self.document.outputs, outputs, strict=True)
        return {name: array_of(tensor, name) for name, tensor in pairs}

    # -- losses

    def _loss(self, sample: Sample) -> Callable[[list[Any]], Any] | None:
        """Return the user's loss of outputs; None: Keras cannot compute what was given."""
        if sample.stand_ins or self.losses is None or not self.document.losses:
            return None
        if isinstance(self.losses, Mapping) and "kind" in self.losses:
            return None
        if any("sample_weight" in entry for entry in self.document.losses):
            return None
        given = self.losses if isinstance(self.losses, (list, tuple)) else None
        if isinstance(self.losses, Mapping):
            given = [self.losses.get(name) for name in self.names]
        given = list(given) if given is not None else [self.losses] * len(self.names)
        if any(isinstance(item, Mapping) for item in given) or len(given) != len(self.names):
            return None
        shapes = [
            (tuple(output.shape), self.y[name].shape if name in self.y else ())
            for name, output in zip(self.names, self._outputs(sample), strict=True)
        ]
        try:
            functions = [
                None if item is None else _function(item, shapes[i]) for i, item in enumerate(given)
            ]
        except ValueError:
            return None
        targets = {name: rows_of(array, sample.rows) for name, array in self.y.items()}
        factors = self._factors()

        def total(outputs: list[Any]) -> Any:
            parts = [
                factor * function(targets[name], output)
                for name, function, factor, output in zip(
                    self.names, functions, factors, outputs, strict=True
                )
                if function is not None and name in targets
            ]
            # Penalties of weights, and whatever calls have added: fit() has all of them.
            return sum([*parts, *self.model.losses])

        return total

    def _factors(self) -> list[float]:
        weights = self.weights
        if isinstance(weights, Mapping):
            weights = [weights.get(name) for name in self.names]
        if not isinstance(weights, (list, tuple)):
            weights = [weights] * len(self.names)
        return [1.0 if factor is None else float(factor) for factor in weights]

    def _stand_in(self, sample: Sample) -> Callable[[list[Any]], Any]:
        def total(outputs: list[Any]) -> Any:
            return sum(
                keras.ops.mean(keras.ops.square(keras.ops.cast(output, "float32") - target))
                for name, output in zip(self.document.outputs, outputs, strict=True)
                if (target := sample.stand_ins.get(name)) is not None
            )

        return total

    def _gradients(
        self, sample: Sample, loss: Callable[[list[Any]], Any]
    ) -> tuple[float | None, dict[str, Array] | None]:
        variables = [v for v in self.model.trainable_weights if id(v) in self.parameters]
        backend = keras.backend.backend()
        if backend == "tensorflow":
            import tensorflow as tf  # type: ignore[import-untyped]

            with tf.GradientTape() as tape:
                total = loss(self._outputs(sample))
            held = [variable.value for variable in variables]
            found = [
                None if g is None else tf.convert_to_tensor(g) for g in tape.gradient(total, held)
            ]
        elif backend == "torch":
            import torch

            total = loss(self._outputs(sample))
            held = [variable.value for variable in variables]
            found = list(torch.autograd.grad(total, held, allow_unused=True))
        else:
            return float(array_of(loss(self._outputs(sample)), "the loss")), None
        value = float(array_of(total, "the loss"))
        return value, {
            self.parameters[id(variable)]: np.zeros(tuple(variable.shape), np.float32)
            if gradient is None
            else array_of(gradient, "a gradient")
            for variable, gradient in zip(variables, found, strict=True)
        }

    @contextmanager
    def _moved(self) -> Iterator[None]:
        """Move all weights by about their rounding; no replay can keep what that changes."""
        random = np.random.default_rng(0)
        kinds = {layer.compute_dtype for layer in self.model._flatten_layers()}
        rounding = max(_ROUNDING.get(str(kind), _FLOAT32) for kind in kinds)
        before = [(variable, array_of(variable, "a weight").copy()) for variable in self._floats()]
        try:
            for variable, value in before:
                variable.assign(value * (1 + rounding * random.standard_normal(value.shape)))
            yield
        finally:
            for variable, value in before:
                variable.assign(value)

    def _floats(self) -> list[Any]:
        return [v for v in self.model.weights if "float" in str(v.dtype)]


def _function(item: Any, shapes: tuple[Any, Any]) -> Callable[[Any, Any], Any]:
    """Return a loss that gives one number, as fit() has it."""
    held: Any = keras.losses.get(resolved(item, *shapes) if isinstance(item, str) else item)
    if isinstance(held, keras.losses.Loss):
        whole: Callable[[Any, Any], Any] = held
        return whole

    def mean(targets: Any, outputs: Any) -> Any:
        if len(targets.shape) == len(outputs.shape) - 1 and outputs.shape[-1] == 1:
            targets = targets[..., None]
        return keras.ops.mean(held(targets, outputs))

    return mean


def _tensor(array: Array) -> Any:
    kind = {"f": "float32", "b": "bool"}.get(array.dtype.kind, "int32")
    return keras.ops.convert_to_tensor(np.ascontiguousarray(array), dtype=kind)
