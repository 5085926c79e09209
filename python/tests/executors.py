"""Executors that misbehave, and a run for them to work on."""

import os
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import numpy as np

import defib

#: How the training of `network` went.
TRAINING = {
    "loss": "mse", "optimizer": {"kind": "sgd", "learning_rate": 0.01}, "batch_size": 32,
    "epochs": 3,
}  # fmt: skip


def network(samples=3000):
    """A network with dead units and outliers, so that there is something to find."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, 6)).astype(np.float32)
    x[::701] *= 40
    y = (x @ rng.normal(size=(6, 1))).astype(np.float32)
    model = defib.Sequential(
        defib.Dense(rng.normal(size=(6, 16)).astype(np.float32), np.full(16, -1, np.float32)),
        defib.ReLU(),
        defib.Dense(rng.normal(size=(16, 1)).astype(np.float32), np.zeros(1, np.float32)),
    )
    return model, x, y


class Backwards:
    """Runs a few tasks at a time, the last one first, and each of them twice."""

    def __init__(self, batch=5):
        self._batch, self._waiting, self.done = batch, [], 0

    def submit(self, fn, /, *arguments):
        future = Future()
        self._waiting.append((future, fn, arguments))
        if len(self._waiting) >= self._batch:
            self.flush()
        else:
            # Whoever waits for this one gets the others too.
            future.add_done_callback = self._flushing(future.add_done_callback)
        return future

    def _flushing(self, add):
        def wrapped(callback):
            add(callback)
            self.flush()

        return wrapped

    def flush(self):
        waiting, self._waiting = self._waiting, []
        for future, fn, arguments in reversed(waiting):
            fn(*arguments)
            future.set_result(fn(*arguments))
            self.done += 1


class Failing:
    """Runs every task except some, which raise."""

    def __init__(self, error, every=3):
        self._error, self._every, self._number = error, every, 0

    def submit(self, fn, /, *arguments):
        self._number += 1
        future = Future()
        if self._number % self._every == 0:
            future.set_exception(self._error)
        else:
            future.set_result(fn(*arguments))
        return future


class Garbling(Failing):
    """Runs every task, and damages some of the results."""

    def submit(self, fn, /, *arguments):
        self._number += 1
        future = Future()
        result = fn(*arguments)
        if result is not None and self._number % self._every == 0:
            result = result[:-9] + bytes([result[-9] ^ 1]) + result[-8:]
        future.set_result(result)
        return future


def die(*_):
    """What a worker does that runs out of memory."""
    os._exit(9)


def die_once(flag, fn, *arguments):
    """Die in the first call there is, and work in all others."""
    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return fn(*arguments)
    os._exit(9)


class Mortal(ProcessPoolExecutor):
    """A pool whose processes die in the middle."""

    def __init__(self, workers, at):
        super().__init__(workers)
        self._at, self._number = at, 0

    def submit(self, fn, /, *arguments):
        self._number += 1
        return super().submit(die if self._number == self._at else fn, *arguments)


class Wrapped:
    """Passes tasks on, each to be called by another function first."""

    def __init__(self, executor, *before):
        self._executor, self._before = executor, before

    def submit(self, fn, /, *arguments):
        return self._executor.submit(*self._before, fn, *arguments)


def shard(run: Path, name: str, sizes) -> None:
    """Put a folder of shards in the place of an array of the data."""
    path = run / "data" / f"{name}.npy"
    array = np.load(path)
    assert sum(sizes) == len(array)
    path.unlink()
    path.mkdir()
    start = 0
    for index, size in enumerate(sizes):
        np.save(path / f"{name}-{index:05}.npy", array[start : start + size])
        start += size
