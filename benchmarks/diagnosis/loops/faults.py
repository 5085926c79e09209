"""The faulty loops in PyTorch, as data: fault, network, optimizer, and the rules that name it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import nn
from torch.optim import lr_scheduler as schedules

from . import holding, losing, modules, rates, updating
from .script import Script, Setup
from .told import Told

Make = Callable[[bool], Told]


@dataclass(frozen=True)
class Case:
    """One script, with and without its fault."""

    id: str
    accepted: tuple[str, ...]
    """The rules that name the fault; the first stands for its kind."""
    make: Make
    """Trains it; the argument says whether the fault is there."""


def _train(
    loop: Callable[..., None], setup: Setup, build: Callable[[bool], nn.Module] | None,
    faulty: bool,
) -> Told:  # fmt: skip
    script = Script(setup if build is None else setup.but(build=partial(build, faulty)))
    loop(script, faulty)
    return script.told()


def _plain(s: Script, faulty: bool) -> None:  # noqa: ARG001
    for _ in s.epochs():
        for x, y in s.batches():
            s.update(s.loss(x, y))


TABLE_SGD = Setup("table-mlp", "sgd", 0.1, 30)
TABLE_MOMENTUM = Setup("table-mlp", "momentum", 0.02, 20, validation=True)
TABLE_ADAM = Setup("table-mlp", "adam", 0.005, 20)
TANH_SGD = Setup("table-tanh", "sgd", 0.1, 40)
DEEP_ADAM = Setup("table-deep", "adam", 0.005, 20, validation=True)
SPIRALS_ADAM = Setup("spirals-mlp", "adam", 0.01, 25)
SPIRALS_MOMENTUM = Setup("spirals-mlp", "momentum", 0.1, 30)
SPIRALS_TANH = Setup("spirals-tanh", "adam", 0.01, 25, validation=True)
BLOBS_SGD = Setup("blobs-mlp", "sgd", 0.1, 12)
BLOBS_MOMENTUM = Setup("blobs-mlp", "momentum", 0.03, 10)
MOONS_SGD = Setup("moons-mlp", "sgd", 0.3, 30, validation=True)
MOONS_ADAM = Setup("moons-mlp", "adam", 0.01, 20)
DIGITS_SGD = Setup("digits-cnn", "sgd", 0.1, 15)
DIGITS_MOMENTUM = Setup("digits-cnn", "momentum", 0.03, 8, validation=True)
DIGITS_ADAM = Setup("digits-cnn", "adam", 0.003, 8)
SUMS_ADAM = Setup("sums-lstm", "adam", 0.01, 15)
SUMS_MOMENTUM = Setup("sums-lstm", "momentum", 0.05, 15)
WAVES_ADAM = Setup("waves-lstm", "adam", 0.01, 20, validation=True)
WAVES_MOMENTUM = Setup("waves-lstm", "momentum", 0.1, 25)
STRIPS_LSTM = Setup("strips-lstm", "adam", 0.01, 12)
TOKENS_ADAM = Setup("tokens-transformer", "adam", 0.005, 10)
TOKENS_MOMENTUM = Setup("tokens-transformer", "momentum", 0.03, 12, validation=True)
TOKENS_SGD = Setup("tokens-transformer", "sgd", 0.1, 15)
STRIPS_ADAM = Setup("strips-transformer", "adam", 0.005, 15)

ACCUMULATED = ("accumulated-gradients",)
UNSTEPPED = ("unstepped-optimizer",)
DECAYED = ("decayed-learning-rate",)
CLIPPED = ("clipped-gradients",)
MISSING = ("unoptimized-parameters",)
FOREIGN = ("unoptimized-parameters", "unstepped-optimizer")
FROZEN = ("unoptimized-parameters", "unchanged-weights")
UNREGISTERED = ("unregistered-parameters",)
DETACHED = ("detached-parameters",)
NO_GRADIENT = ("unstepped-optimizer", "detached-parameters")
ELSEWHERE = ("loop-mismatch", "wrong-gradients", "history-mismatch")
RECORDED = ("history-mismatch", "loop-mismatch", "wrong-gradients")

step = partial(partial, schedules.StepLR)
exponential = partial(partial, schedules.ExponentialLR)

#: fault, accepted rules, loop, setups, how the network is built
ROWS: list[tuple[Any, ...]] = [
    ("never-cleared", ACCUMULATED, updating.never_cleared,
     [DIGITS_SGD, TABLE_MOMENTUM, WAVES_ADAM, TOKENS_ADAM, SPIRALS_ADAM, BLOBS_SGD]),
    ("cleared-once-an-epoch", ACCUMULATED, updating.cleared_once_an_epoch,
     [SPIRALS_MOMENTUM, SUMS_MOMENTUM]),
    ("cleared-every-12", ACCUMULATED, partial(updating.cleared_every, every=12),
     [TOKENS_MOMENTUM, SUMS_MOMENTUM, WAVES_MOMENTUM]),
    ("cleared-before-the-step", UNSTEPPED, updating.cleared_before_the_step,
     [TABLE_ADAM, DIGITS_SGD]),
    ("no-backward", UNSTEPPED, updating.no_backward, [WAVES_ADAM, TABLE_SGD]),
    ("no-step", UNSTEPPED, updating.no_step, [TOKENS_ADAM, MOONS_SGD]),
    ("only-the-scheduler-steps", UNSTEPPED, updating.only_the_scheduler_steps, [TABLE_ADAM]),
    ("loss-made-anew", NO_GRADIENT, updating.loss_made_anew, [SPIRALS_ADAM, SUMS_ADAM]),
    ("loss-detached", NO_GRADIENT, updating.loss_detached, [BLOBS_MOMENTUM]),
    ("no-grad-around-forward", NO_GRADIENT, updating.forward_without_gradients,
     [TABLE_MOMENTUM]),
    ("clip-norm", CLIPPED, partial(updating.clipped, norm=1e-3),
     [DIGITS_SGD, TABLE_MOMENTUM, WAVES_MOMENTUM, TOKENS_SGD]),
    ("clip-norm-told", CLIPPED, partial(updating.clipped, norm=2e-3, told=True),
     [SPIRALS_MOMENTUM]),
    ("clip-value", CLIPPED, partial(updating.clipped_values, value=1e-4),
     [BLOBS_SGD, SUMS_MOMENTUM]),
    ("clip-value-told", CLIPPED, partial(updating.clipped_values, value=1e-4, told=True),
     [MOONS_SGD]),
    ("step-per-batch", DECAYED,
     partial(rates.stepped_each_batch, schedule=step(step_size=8, gamma=0.1)),
     [DIGITS_ADAM, WAVES_ADAM, TABLE_MOMENTUM]),
    ("step-per-batch-told", DECAYED,
     partial(rates.stepped_each_batch, schedule=step(step_size=10, gamma=0.2), told=True),
     [SPIRALS_ADAM]),
    ("exponential-per-batch", DECAYED,
     partial(rates.stepped_each_batch, schedule=exponential(gamma=0.93)), [TABLE_SGD, TOKENS_ADAM]),
    ("exponential-per-batch-told", DECAYED,
     partial(rates.stepped_each_batch, schedule=exponential(gamma=0.93), told=True), [SUMS_ADAM]),
    ("cosine-run-out", DECAYED, partial(rates.run_out, share=0.04), [SPIRALS_TANH, STRIPS_LSTM]),
    ("cosine-run-out-told", DECAYED, partial(rates.run_out, share=0.05, told=True),
     [DIGITS_MOMENTUM]),
    ("plateau-upwards", DECAYED, rates.plateau_upwards, [TABLE_ADAM]),
    ("plateau-upwards-told", DECAYED, partial(rates.plateau_upwards, told=True), [TANH_SGD]),
    ("plateau-of-accuracy", DECAYED, rates.plateau_of_accuracy, [STRIPS_ADAM]),
    ("decayed-by-hand", (*DECAYED, "learning-rate-too-low"), partial(rates.by_hand, factor=0.95),
     [BLOBS_SGD, WAVES_ADAM]),
    ("new-optimizer-each-epoch", DECAYED, partial(rates.new_optimizer, factor=0.3),
     [TABLE_ADAM]),
    ("made-before-the-head", MISSING, holding.made_before_the_head,
     [DIGITS_ADAM]),
    ("made-before-the-head-frozen", FOREIGN,
     partial(holding.made_before_the_head, rest=False), [DIGITS_MOMENTUM, WAVES_ADAM]),
    ("of-another-model", FOREIGN, holding.of_another_model, [TABLE_ADAM, STRIPS_LSTM]),
    ("of-the-copy", FOREIGN, holding.of_the_copy, [TOKENS_ADAM, BLOBS_MOMENTUM]),
    ("head-only", MISSING, holding.head_only,
     [DEEP_ADAM, WAVES_MOMENTUM, TABLE_MOMENTUM, STRIPS_LSTM]),
    ("without-the-lstm", MISSING, partial(holding.without, part="trunk.lstm"), [SUMS_ADAM]),
    ("frozen-by-accident", FROZEN, holding.frozen_by_accident,
     [TABLE_SGD, STRIPS_LSTM, WAVES_ADAM]),
    ("layers-in-a-list", UNREGISTERED, _plain, [SPIRALS_TANH.but(epochs=30)],
     lambda faulty: modules.ListedMlp(faulty, 2, 24, 3)),
    ("layers-in-a-list", UNREGISTERED, _plain, [TABLE_MOMENTUM.but(epochs=25)],
     lambda faulty: modules.ListedMlp(faulty, 6, 24, 1)),
    ("blocks-in-a-list", UNREGISTERED, _plain, [Setup("waves-transformer", "adam", 0.01, 25)],
     modules.ListedBlocks),
    ("layers-in-a-dict", UNREGISTERED, _plain, [DIGITS_SGD], modules.HeadsInDict),
    ("own-weights", UNREGISTERED, _plain, [Setup("table-own", "adam", 0.005, 25)],
     lambda faulty: modules.OwnWeights(faulty, 6, 24, 1)),
    ("own-gates", UNREGISTERED, _plain, [SUMS_ADAM],
     lambda faulty: modules.OwnGates(faulty, 1)),
    ("detached-in-forward", DETACHED, _plain, [TABLE_ADAM],
     lambda faulty: modules.cut(faulty, "detach", "table")),
    ("detached-in-forward", DETACHED, _plain, [Setup("waves-transformer", "adam", 0.01, 25)],
     lambda faulty: modules.cut(faulty, "hidden", "waves-transformer")),
    ("no-grad-in-forward", DETACHED, _plain, [WAVES_ADAM],
     lambda faulty: modules.cut(faulty, "no_grad", "waves")),
    ("data-in-forward", DETACHED, _plain, [TABLE_MOMENTUM],
     lambda faulty: modules.cut(faulty, "data", "table")),
    ("head-detached", DETACHED, _plain, [SPIRALS_MOMENTUM],
     lambda faulty: modules.cut(faulty, "hidden", "spirals")),
    ("summed", (*RECORDED, "loss-reduction"), losing.summed,
     [TABLE_MOMENTUM, BLOBS_MOMENTUM, WAVES_MOMENTUM]),
    ("inputs-shuffled-alone", ELSEWHERE, losing.inputs_shuffled_alone,
     [TABLE_ADAM, WAVES_ADAM]),
    ("classes-encoded-otherwise", RECORDED, partial(losing.other_targets, kind="classes"),
     [BLOBS_MOMENTUM, TOKENS_ADAM]),
    ("targets-scaled-in-the-loop", RECORDED, partial(losing.other_targets, kind="scaled"),
     [TABLE_SGD, SUMS_ADAM]),
    ("broadcast-in-the-loop", ("broadcast-target", *RECORDED), losing.broadcast,
     [TABLE_ADAM, SUMS_ADAM]),
    ("stopped-by-a-wrong-mean", ("history-mismatch", "too-few-updates"),
     partial(losing.stopped_by_a_wrong_mean, below=0.03), [TABLE_SGD, SUMS_ADAM]),
    ("divided-without-waiting", ELSEWHERE, partial(losing.divided_without_waiting, by=64),
     [TABLE_SGD, TOKENS_SGD]),
    ("first-batch-only", ELSEWHERE, losing.first_batch_only, [SPIRALS_ADAM, TOKENS_ADAM]),
    ("one-batch", ELSEWHERE, losing.one_batch, [TABLE_MOMENTUM]),
    ("built-again", ELSEWHERE, losing.built_again, [SPIRALS_ADAM, WAVES_ADAM]),
    ("worst-restored", RECORDED, losing.worst_restored, [BLOBS_SGD, SUMS_MOMENTUM]),
    ("noise-added", ELSEWHERE, partial(losing.noise_added, noise=3.0), [TABLE_ADAM, WAVES_ADAM]),
    ("penalised", ELSEWHERE, partial(losing.penalised, weight=0.05), [SPIRALS_MOMENTUM, TABLE_SGD]),
    ("softmax-in-the-loop", RECORDED, losing.sigmoid_twice, [BLOBS_SGD]),
]  # fmt: skip


def cases() -> Iterator[Case]:
    """Yield every case."""
    for name, accepted, loop, setups, *build in ROWS:
        for setup in setups:
            ident = f"{name}-{setup.network}-{setup.optimizer}"
            yield Case(ident, accepted, partial(_train, loop, setup, build[0] if build else None))
