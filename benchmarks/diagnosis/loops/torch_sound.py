"""The sound loops in PyTorch, as data: what the loop does, and the networks that it trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from torch import nn

from . import faults as f
from . import sound_settings as settings
from . import sound_updates as updates
from .faults import exponential, step
from .networks import Net, dense, images
from .script import Script, Setup
from .told import Told


def _dropped(inputs: int, outputs: int) -> nn.Module:
    return Net(dense(inputs, 48, 2, nn.ReLU, partial(nn.Dropout, 0.2)), 48, outputs)


def _normed(inputs: int, outputs: int) -> nn.Module:
    return Net(dense(inputs, 32, 2, partial(nn.BatchNorm1d, 32), nn.ReLU), 32, outputs)


SMOOTHED = partial(nn.CrossEntropyLoss, label_smoothing=0.1)
LONGER = f.TABLE_ADAM.but(epochs=40, validation=True)

#: what is done, the loop, and the setups
ROWS: list[tuple[str, Callable[..., None], list[Setup]]] = [
    ("accumulation", partial(updates.accumulating, batches=4, told=False),
     [f.TABLE_ADAM.but(size=8), f.DIGITS_SGD.but(size=8), f.TOKENS_MOMENTUM.but(size=8)]),
    ("accumulation-told", partial(updates.accumulating, batches=4, told=True),
     [f.WAVES_MOMENTUM.but(size=8), f.BLOBS_SGD.but(size=8)]),
    ("warm-up", partial(settings.each_batch, kind="warm-up", told=False),
     [f.TOKENS_ADAM, f.SPIRALS_MOMENTUM]),
    ("warm-up-told", partial(settings.each_batch, kind="warm-up", told=True), [f.STRIPS_ADAM]),
    ("warm-up-cosine", partial(settings.each_batch, kind="cosine", told=False),
     [f.TABLE_MOMENTUM, f.DIGITS_ADAM.but(epochs=14), f.WAVES_ADAM]),
    ("warm-up-cosine-told", partial(settings.each_batch, kind="cosine", told=True),
     [f.TOKENS_ADAM, f.SUMS_MOMENTUM]),
    ("one-cycle", partial(settings.each_batch, kind="one-cycle", told=False),
     [f.DIGITS_MOMENTUM, f.TABLE_ADAM]),
    ("one-cycle-told", partial(settings.each_batch, kind="one-cycle", told=True), [f.SPIRALS_ADAM]),
    ("steps", partial(settings.each_epoch, schedule=step(step_size=8, gamma=0.3), told=False),
     [f.SPIRALS_ADAM, f.SUMS_ADAM, f.BLOBS_MOMENTUM.but(epochs=15)]),
    ("steps-told", partial(settings.each_epoch, schedule=step(step_size=5, gamma=0.3), told=True),
     [f.DIGITS_ADAM.but(epochs=12), f.TOKENS_ADAM]),
    ("exponential", partial(settings.each_epoch, schedule=exponential(gamma=0.92), told=False),
     [f.BLOBS_MOMENTUM, f.STRIPS_LSTM]),
    ("plateau", partial(settings.plateau, told=False), [f.WAVES_ADAM, f.MOONS_SGD]),
    ("plateau-told", partial(settings.plateau, told=True), [LONGER]),
    ("lowered-by-hand", partial(settings.by_hand, factor=0.93), [f.MOONS_ADAM, f.TOKENS_SGD]),
    ("clip-1", partial(updates.clipping, norm=1.0, told=False),
     [f.WAVES_MOMENTUM, f.TABLE_SGD, f.TOKENS_ADAM, f.DIGITS_SGD]),
    ("clip-1-told", partial(updates.clipping, norm=1.0, told=True), [f.SUMS_MOMENTUM]),
    ("clip-5", partial(updates.clipping, norm=5.0, told=False), [f.STRIPS_LSTM, f.BLOBS_SGD]),
    ("clip-value", partial(updates.clipping_values, value=0.5), [f.SPIRALS_MOMENTUM]),
    ("clearing-last", updates.clearing_last, [f.TABLE_SGD, f.TOKENS_MOMENTUM]),
    ("closure", updates.with_closure, [f.BLOBS_MOMENTUM]),
    ("mixed-sizes", updates.mixed_sizes, [f.TABLE_MOMENTUM, f.DIGITS_ADAM, f.WAVES_ADAM]),
    ("drop-last", updates.dropping_last, [f.BLOBS_SGD.but(size=64, epochs=20), f.SUMS_ADAM]),
    ("with-replacement", updates.with_replacement, [f.SPIRALS_ADAM]),
    ("balanced", partial(updates.with_replacement, balanced=True), [f.TOKENS_ADAM, f.DIGITS_SGD]),
    ("noise", partial(updates.noisy, noise=0.1), [f.TABLE_ADAM, f.DIGITS_MOMENTUM, f.WAVES_ADAM]),
    ("shifts", updates.shifted, [f.DIGITS_ADAM.but(epochs=14)]),
    ("mixup", updates.mixup, [f.DIGITS_ADAM, f.BLOBS_MOMENTUM]),
    ("early-stopping", partial(updates.early, patience=4, restore=False),
     [LONGER, f.DIGITS_MOMENTUM]),
    ("early-restored", partial(updates.early, patience=4, restore=True),
     [f.TOKENS_MOMENTUM, f.MOONS_SGD]),
    ("best-epoch", updates.best_epoch, [f.DEEP_ADAM, f.SUMS_MOMENTUM, f.SPIRALS_TANH]),
    ("ema", partial(updates.averaged, decay=0.98), [f.TABLE_MOMENTUM, f.WAVES_ADAM, f.DIGITS_SGD]),
    ("swa", updates.swa, [f.SPIRALS_ADAM, f.TABLE_ADAM]),
    ("record-of-updates", updates.record_of_updates, [f.TABLE_SGD, f.DIGITS_ADAM]),
    ("smooth-record", updates.smooth_record, [f.WAVES_ADAM, f.BLOBS_MOMENTUM]),
    ("record-of-last-batches", updates.record_of_last_batches, [f.SPIRALS_MOMENTUM]),
    ("record-in-sums", updates.record_in_sums, [f.TABLE_ADAM]),
    ("record-after-epochs", updates.record_after_epochs, [f.TOKENS_SGD]),
    ("decay-in-groups", settings.decay_in_groups, [f.TABLE_ADAM, f.TOKENS_ADAM]),
    ("rates-in-groups", settings.rates_in_groups,
     [f.DIGITS_ADAM.but(epochs=14), f.STRIPS_ADAM.but(epochs=25)]),
    ("two-optimizers", settings.two_optimizers, [f.SPIRALS_ADAM, f.WAVES_MOMENTUM]),
    ("frozen-trunk", partial(settings.pretrained, how="frozen"), [f.DIGITS_ADAM, f.WAVES_ADAM]),
    ("head-alone", partial(settings.pretrained, how="left out"),
     [f.SPIRALS_ADAM, f.SUMS_ADAM, f.DIGITS_MOMENTUM]),
    ("frozen-head-alone", partial(settings.pretrained, how="both"), [f.TOKENS_ADAM]),
    ("fine-tuned", partial(settings.pretrained, how="all"), [f.DIGITS_SGD, f.TABLE_ADAM]),
    ("thawed", settings.thawed, [f.BLOBS_MOMENTUM.but(epochs=15)]),
    ("dropout", updates.plain,
     [f.TABLE_ADAM.but(epochs=40, build=partial(_dropped, 6, 1)),
      f.SPIRALS_ADAM.but(build=partial(_dropped, 2, 3), epochs=40)]),
    ("batch-norm", updates.plain,
     [f.TABLE_MOMENTUM.but(build=partial(_normed, 6, 1)),
      f.DIGITS_SGD.but(build=lambda: Net(images(nn.BatchNorm2d(8)), 256, 10))]),
    ("smoothed-labels", updates.plain,
     [f.DIGITS_ADAM.but(criterion=SMOOTHED), f.TOKENS_ADAM.but(criterion=SMOOTHED)]),
]  # fmt: skip


def _train(loop: Callable[..., Any], setup: Setup) -> Told:
    script = Script(setup)
    loop(script)
    return script.told()


def loops() -> Iterator[tuple[str, Callable[[], Told]]]:
    """Yield the name of each loop, and what trains it."""
    for name, loop, setups in ROWS:
        for setup in setups:
            yield f"{name}-{setup.network}-{setup.optimizer}", partial(_train, loop, setup)
