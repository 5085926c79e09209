"""A check whose passes are done elsewhere: the report is the same, byte for byte."""

import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest
from executors import TRAINING, Backwards, Failing, Garbling, Mortal, Wrapped, die_once, network

import defib

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """The same in memory and in a folder, and its report."""
    model, x, y = network()
    run = defib.export(tmp_path_factory.mktemp("runs") / "run", model, x, y, **TRAINING)
    return (model, x, y), run, defib.check(run).to_json()


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        yield executor


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_workers(case, workers):
    _, run, expected = case
    assert defib.check(run, workers=workers).to_json() == expected


def test_processes(case, pool):
    inputs, run, expected = case
    assert defib.check(run, executor=pool).to_json() == expected
    assert defib.check(*inputs, executor=pool, **TRAINING).to_json() == expected


def test_everything_that_a_run_may_have(pool, client):
    """Classes, weights from before the training, validation data in another form, several lanes."""
    da = pytest.importorskip("dask.array")
    _, x, _ = network(20_000)
    rng = np.random.default_rng(1)
    before, classes = (
        defib.Sequential(
            defib.Dense(rng.normal(size=(6, 8)).astype(np.float32), np.zeros(8, np.float32)),
            defib.Tanh(),
            defib.Dense(rng.normal(size=(8, 3)).astype(np.float32), np.zeros(3, np.float32)),
        )
        for _ in range(2)
    )
    y, held = x[:, :3].argmax(axis=1), rng.normal(size=(500, 6)).astype(np.float64)
    training = {
        **TRAINING, "loss": "cross-entropy", "initial": before,
        "validation": (held, held[:, :3].argmax(axis=1)), "history": [3.0, 2.0, 1.0],
    }  # fmt: skip
    expected = defib.check(classes, x, y, **training).to_json()
    assert defib.check(classes, x, y, executor=pool, **training).to_json() == expected
    assert defib.check(classes, x, y, executor=client, **training).to_json() == expected
    training["validation"] = tuple(
        da.from_array(part, chunks=99) for part in training["validation"]
    )
    lazy = da.from_array(x, chunks=5000)
    assert defib.check(classes, lazy, y, executor=pool, **training).to_json() == expected


def test_threads(case):
    _, run, expected = case
    with ThreadPoolExecutor(3) as executor:
        assert defib.check(run, executor=executor).to_json() == expected


def test_a_cluster(case, client):
    inputs, run, expected = case
    assert defib.check(run, executor=client.get_executor()).to_json() == expected
    assert defib.check(run, executor=client).to_json() == expected
    assert defib.check(*inputs, executor=client, **TRAINING).to_json() == expected


def test_arrays_of_dask(case, client, pool):
    da = pytest.importorskip("dask.array")
    (model, x, y), _, expected = case
    lazy = da.from_array(x, chunks=(700, 4)), da.from_array(y.astype(np.float64), chunks=512)
    assert defib.check(model, *lazy, **TRAINING).to_json() == expected
    assert defib.check(model, *lazy, executor=pool, **TRAINING).to_json() == expected
    assert defib.check(model, *lazy, executor=client, **TRAINING).to_json() == expected


def test_an_array_of_dask_is_exported_by_the_block(case, tmp_path):
    da = pytest.importorskip("dask.array")
    (model, x, y), _, expected = case
    lazy = da.from_array(x, chunks=(700, 4)), da.from_array(y, chunks=512)
    run = defib.export(tmp_path / "run", model, *lazy, **TRAINING)
    assert len(list((run.path / "data" / "x.npy").iterdir())) == 5
    assert defib.check(run).to_json() == expected


def test_an_array_of_dask_is_never_held_as_a_whole(case):
    da = pytest.importorskip("dask.array")
    (model, x, y), _, expected = case
    largest = 0

    def seen(block):
        nonlocal largest
        largest = max(largest, len(block))
        return block

    lazy = da.from_array(x, chunks=(100, 6)).map_blocks(seen, dtype=x.dtype, meta=x[:0])
    assert defib.check(model, lazy, y, **TRAINING).to_json() == expected
    assert largest == 100


def test_vitals(case, pool):
    _, run, _ = case
    here, there = defib.vitals(run).to_dict(), defib.vitals(run, executor=pool).to_dict()
    assert here.pop("seconds") >= 0
    assert there.pop("seconds") >= 0
    assert here == there


def test_tasks_out_of_order_and_twice(case):
    _, run, expected = case
    executor = Backwards()
    assert defib.check(run, executor=executor).to_json() == expected
    assert executor.done > 5


@pytest.mark.parametrize("executor", [
    Failing(BrokenProcessPool("a worker died")), Failing(MemoryError()),
    Failing(OSError("gone"), 1), Garbling(None),
])  # fmt: skip
def test_what_is_lost_is_done_here(case, executor):
    _, run, expected = case
    with pytest.warns(defib.DefibWarning, match="runs in this process"):
        assert defib.check(run, executor=executor).to_json() == expected


@pytest.mark.parametrize("at", [1, 7])
def test_a_pool_that_breaks(case, at):
    inputs, run, expected = case
    with Mortal(2, at) as executor, pytest.warns(defib.DefibWarning, match="BrokenProcessPool"):
        assert defib.check(run, executor=executor).to_json() == expected
    with Mortal(2, at) as executor, pytest.warns(defib.DefibWarning):
        assert defib.check(*inputs, executor=executor, **TRAINING).to_json() == expected


def test_a_worker_of_a_cluster_that_dies(case, client, tmp_path):
    _, run, expected = case
    executor = Wrapped(client.get_executor(), die_once, str(tmp_path / "dead"))
    assert defib.check(run, executor=executor).to_json() == expected
    assert (tmp_path / "dead").exists()


def test_a_run_that_workers_do_not_see(case):
    _, run, _ = case
    with ThreadPoolExecutor(1) as threads:
        executor = Wrapped(threads, elsewhere)
        with pytest.raises(defib.InvalidRun, match=r"same path on every worker.*nowhere"):
            defib.check(run, executor=executor)


def elsewhere(fn, recipe, *arguments):
    from defib._shards import Folder

    return fn(Folder("/nowhere", recipe.key), *arguments)


def test_workers_without_defib(case):
    _, run, _ = case
    with pytest.raises(defib.EngineError, match="cannot import defib"):
        defib.check(run, executor=Failing(ModuleNotFoundError("No module named 'defib'"), 1))


def test_errors_are_the_same(tmp_path, pool):
    model, x, y = network(200)
    run = defib.export(tmp_path / "run", model, x, y, **TRAINING)
    (tmp_path / "run" / "data" / "x.npy").write_bytes(b"nothing")
    with pytest.raises(defib.InvalidRun) as here:
        defib.check(run)
    with pytest.raises(defib.InvalidRun) as there:
        defib.check(run, executor=pool)
    assert str(here.value) == str(there.value)


def test_progress_and_cancellation(case):
    _, run, _ = case
    seen = []
    with ThreadPoolExecutor(2) as executor:
        defib.check(run, executor=executor, progress=lambda *state: seen.append(state))
        assert {"data", "replay"} <= {stage for stage, _, _ in seen}

        class Enough(Exception):
            pass

        def stop(stage, _, total):
            if stage == "replay" and total > 1:
                raise Enough

        with pytest.raises(Enough):
            defib.check(run, executor=executor, progress=stop)


def test_no_executor():
    with pytest.raises(defib.InvalidArgument, match="submit"):
        defib.check(*network(50), executor=3, **TRAINING)


@pytest.mark.parametrize("function", [defib.check, defib.replay, defib.vitals])
def test_what_the_computation_of_an_array_raises_is_what_the_user_gets(case, function):
    dask = pytest.importorskip("dask")
    da = pytest.importorskip("dask.array")
    (model, x, y), _, _ = case

    def broken(block):
        # The last block is the shorter one, and only the engine reads it: the export looks at the
        # first rows.
        if len(block) == len(x) % 700:
            raise ZeroDivisionError("a block of the user's own")
        return block

    lazy = da.from_array(x, chunks=(700, 4)).map_blocks(broken, dtype=x.dtype, meta=x[:0])
    # Not on the cluster of other tests.
    here = dask.config.set(scheduler="synchronous")
    with here, pytest.raises(ZeroDivisionError, match="a block of the user's own"):
        function(model, lazy, y, **TRAINING)


def test_dask_is_not_imported_for_nothing():
    code = "import sys, defib; sys.exit('dask' in sys.modules or 'distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
