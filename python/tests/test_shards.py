"""Data in a folder of .npy files instead of one file."""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from executors import TRAINING, network, shard

import defib

pytestmark = pytest.mark.engine


@pytest.fixture
def run(tmp_path):
    return defib.export(tmp_path / "run", *network(), **TRAINING)


def test_five_shards_for_one_file(run):
    expected = defib.check(run).to_json()
    shard(run.path, "x", [700, 1, 0, 2000, 299])
    shard(run.path, "y", [1500, 1500])
    assert defib.check(run).to_json() == expected
    with ProcessPoolExecutor(2) as pool:
        assert defib.check(run, executor=pool).to_json() == expected


def test_the_order_is_that_of_the_names(run):
    path = run.path / "data" / "x.npy"
    x = np.load(path)
    path.unlink()
    path.mkdir()
    # A gap in the numbers, a file that is none, and one written last that comes first.
    np.save(path / "x-00007.npy", x[2000:])
    (path / "notes.txt").write_text("not a shard")
    np.save(path / "x-00001.npy", x[:2000])
    outputs = defib.replay(run).outputs
    model = network()[0]
    expected = defib.replay(model, x, np.load(run.path / "data" / "y.npy"), loss="mse").outputs
    for name, array in expected.items():
        np.testing.assert_array_equal(outputs[name], array)


def test_types_may_not_differ(run):
    shard(run.path, "x", [1000, 2000])
    file = run.path / "data" / "x.npy" / "x-00001.npy"
    np.save(file, np.load(file).astype(np.float64))
    with pytest.raises(defib.InvalidRun, match=r"x-00001\.npy: found float64 .*expected float32"):
        defib.check(run)


def test_nothing_in_the_folder(run):
    shard(run.path, "x", [3000])
    (run.path / "data" / "x.npy" / "x-00000.npy").unlink()
    with pytest.raises(defib.InvalidRun, match=r"no \.npy file"):
        defib.check(run)


def test_rows_that_are_missing(run):
    shard(run.path, "x", [1000, 1000, 1000])
    (run.path / "data" / "x.npy" / "x-00001.npy").unlink()
    with pytest.raises(defib.InvalidRun, match="found 3000 rows, expected 2000"):
        defib.check(run)


def test_a_link_out_of_the_run(run, tmp_path):
    shard(run.path, "x", [1000, 2000])
    np.save(tmp_path / "other.npy", np.zeros((5, 6), np.float32))
    (run.path / "data" / "x.npy" / "x-00002.npy").symlink_to(tmp_path / "other.npy")
    with pytest.raises(defib.InvalidRun, match="stays inside the run"):
        defib.check(run)
