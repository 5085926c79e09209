"""What Keras itself says of a batch, in float64."""

from __future__ import annotations

import importlib

import numpy as np

from .judging import Truth
from .subject import Subject, Trial


def truth(subject: Subject, trial: Trial, kind: str = "float64") -> Truth:
    """Run the model in training, with no dropout, on TensorFlow."""
    keras, tf = (importlib.import_module(name) for name in ("keras", "tensorflow"))
    names = importlib.import_module("defib.exporters.keras.names").variable_names(trial.model)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(kind)
    try:
        twin = subject.make().model
    finally:
        keras.config.set_dtype_policy(before)
    twin.set_weights(trial.model.get_weights())
    for layer in twin._flatten_layers():
        if hasattr(layer, "rate") and "Dropout" in type(layer).__name__:
            layer.rate = 0.0
    x = keras.tree.map_structure(lambda a: a.astype(kind) if a.dtype.kind == "f" else a, trial.x)
    targets = trial.y if isinstance(trial.y, list) else [trial.y]
    losses = trial.loss if isinstance(trial.loss, list) else [trial.loss]
    with tf.GradientTape() as tape:
        outputs = keras.tree.flatten(twin(x, training=True))
        parts = [
            tf.reduce_mean(
                keras.losses.get(loss)(tf.cast(y, kind) if y.dtype.kind == "f" else y, o)
            )
            for loss, y, o in zip(losses, targets, outputs, strict=True)
        ]
        loss = tf.add_n(parts)
    variables = [v.value for v in twin.trainable_variables]
    given = tape.gradient(loss, variables, unconnected_gradients="zero")
    mine = [names[id(v)] for v in trial.model.trainable_variables]
    return Truth(
        [np.asarray(o) for o in outputs], float(loss),
        {name: np.asarray(tf.convert_to_tensor(g)) for name, g in zip(mine, given, strict=True)},
    )  # fmt: skip
