"""Sound trainings in Keras: schedules, callbacks, clipping, gathering, averages, frozen layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from . import keras_faults as k
from .told import Told


def cosine(s: k.Keras) -> None:
    """CosineDecay over the whole training, behind a warm-up."""
    total = s.setup.epochs * -(-len(s.x) // s.setup.size)
    s.make(
        s.keras.optimizers.schedules.CosineDecay(
            0.1 * s.setup.rate, int(0.9 * total), alpha=0.01,
            warmup_target=1.5 * s.setup.rate, warmup_steps=total // 10,
        )
    )  # fmt: skip
    s.fit()


def early_stopping(s: k.Keras) -> None:
    """EarlyStopping that restores the best weights."""
    s.make()
    callback = s.keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    s.fit(callbacks=[callback], validation_split=0.15)


def plateau(s: k.Keras) -> None:
    """ReduceLROnPlateau of the validation loss."""
    s.make()
    callback = s.keras.callbacks.ReduceLROnPlateau(factor=0.3, patience=2)
    s.fit(callbacks=[callback], validation_split=0.15)


def optimizer_with(s: k.Keras, **more: Any) -> None:
    """The optimizer clips, gathers or averages."""
    s.make(**more)
    s.fit()


def frozen(s: k.Keras) -> None:
    """A trunk from another training, frozen, under a head made anew."""
    s.make()
    s.fit()
    s.model.layers[-1].set_weights(s.build().layers[-1].get_weights())
    for layer in s.model.layers[:-1]:
        layer.trainable = False
    s.make()
    s.fit()


def dropout(s: k.Keras) -> None:
    """Dropout in front of the head."""
    s.model = s.build(s.keras.layers.Dropout(0.2))
    s.make()
    s.fit(epochs=s.setup.epochs * 2)


def batch_norm(s: k.Keras) -> None:
    """Batch normalisation in front of the head."""
    s.model = s.build(s.keras.layers.BatchNormalization())
    s.make()
    s.fit()


def gathering(s: k.Keras) -> None:
    """Gradients of four batches make one update, in a step of the script's own."""
    s.make()
    held = s.model.trainable_variables
    gathered = [s.tf.Variable(s.tf.zeros_like(v.value)) for v in held]
    count = s.tf.Variable(0)

    def step(x: Any, y: Any) -> Any:
        loss, gradients = s.gradients(x, y, held)
        for total, gradient in zip(gathered, gradients, strict=True):
            total.assign_add(gradient / 4.0)
        count.assign_add(1)
        if count % 4 == 0:
            s.optimizer.apply_gradients(zip(gathered, held, strict=True))
            for total in gathered:
                total.assign(s.tf.zeros_like(total))
        return loss

    s.loop(step)


#: what is done, the training, and the setups
ROWS: list[tuple[str, Callable[..., None], list[k.Setup]]] = [
    ("cosine", cosine, [k.TABLE_ADAM, k.DIGITS_SGD]),
    ("early-stopping", early_stopping, [k.SPIRALS_ADAM]),
    ("plateau", plateau, [k.WAVES_ADAM]),
    ("clipnorm", partial(optimizer_with, clipnorm=1.0), [k.TABLE_SGD]),
    ("global-clipnorm", partial(optimizer_with, global_clipnorm=5.0), [k.WAVES_ADAM]),
    ("accumulation", partial(optimizer_with, gradient_accumulation_steps=4),
     [k.Setup("digits-cnn", "adam", 0.005, 8, size=8)]),
    ("ema", partial(optimizer_with, use_ema=True, ema_momentum=0.95, ema_overwrite_frequency=None),
     [k.BLOBS_MOMENTUM]),
    ("frozen", frozen, [k.DIGITS_ADAM]),
    ("dropout", dropout, [k.SPIRALS_ADAM]),
    ("batch-norm", batch_norm, [k.DIGITS_ADAM]),
    ("gathering", gathering, [k.Setup("table-mlp", "adam", 0.01, 15, size=8)]),
]  # fmt: skip


def _train(run: Callable[..., None], setup: k.Setup) -> Told:
    script = k.Keras(setup)
    run(script)
    return script.told()


def loops() -> Iterator[tuple[str, Callable[[], Told]]]:
    """Yield the name of each loop, and what trains it."""
    for name, run, setups in ROWS:
        for setup in setups:
            yield f"keras-{name}-{setup.network}-{setup.optimizer}", partial(_train, run, setup)
