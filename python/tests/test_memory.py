"""A check streams its data: its memory does not grow with the number of samples.

The arrays are sparse files, which take no room on the disk and are read as zeros. Nothing here
looks at a clock.
"""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.engine

SOURCES = Path(__file__).parent.parent / "src"
FEATURES = 64
LIMIT = 300 << 20

# The peak of a process counts that of the one it was forked from, and pytest's is large: a small
# process in between starts the check and looks at it.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status))
"""
CHECK = "import sys, defib; print(len(defib.check(sys.argv[1]).findings), file=sys.stderr)"


def sparse(path, shape, fortran=False, dtype="<f4"):
    """Write the header of an array, and let the rest be a hole."""
    with path.open("wb") as file:
        header = {"descr": dtype, "fortran_order": fortran, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + np.dtype(dtype).itemsize * math.prod(shape))


def make_run(folder, rows, targets=1, fortran=False, shards=0):
    """Write a run of a small network on `rows` samples of zeros."""
    for name in ("data", "weights"):
        (folder / name).mkdir(parents=True)
    random = np.random.default_rng(0)
    shapes = {
        "fc1.weight": (8, FEATURES),
        "fc1.bias": (8,),
        "fc2.weight": (targets, 8),
        "fc2.bias": (targets,),
    }
    for name, shape in shapes.items():
        np.save(folder / f"weights/{name}.npy", random.normal(0, 0.1, shape).astype("<f4"))
    for index in range(shards):
        (folder / "data/x.npy").mkdir(exist_ok=True)
        sparse(folder / f"data/x.npy/x-{index:05}.npy", (rows // shards, FEATURES), fortran)
    if not shards:
        sparse(folder / "data/x.npy", (rows, FEATURES), fortran)
    sparse(folder / "data/y.npy", (rows, targets), fortran)

    def dense(name, source):
        return {
            "name": name,
            "op": "Gemm",
            "inputs": [source, f"{name}.weight", f"{name}.bias"],
            "outputs": [name],
            "attributes": {"transB": 1},
        }

    relu = {"name": "relu", "op": "Relu", "inputs": ["fc1"], "outputs": ["relu"]}
    run = {
        "format": "defib-run",
        "version": 1,
        "graph": {
            "inputs": ["x"],
            "nodes": [dense("fc1", "x"), relu, dense("fc2", "relu")],
            "parameters": [{"name": n, "file": f"weights/{n}.npy"} for n in shapes],
            "outputs": ["fc2"],
        },
        "data": {"x": "data/x.npy", "y": "data/y.npy"},
        "losses": [{"kind": "mse", "prediction": "fc2", "target": "y"}],
        "training": {
            "optimizer": {"kind": "adam", "learning_rate": 0.001},
            "batch_size": 32,
        },
    }
    (folder / "run.json").write_text(json.dumps(run))
    return folder


def peak(folder):
    """Check a run in a process of its own; return the most bytes that it had in memory."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", MEASURE, sys.executable, "-c", CHECK, str(folder)],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=True,
    )
    figure, status = done.stdout.split()
    assert status == "0", done.stderr
    return int(figure)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """What the check of 20 MB takes."""
    return peak(make_run(tmp_path_factory.mktemp("small") / "run", 20_000_000 // (4 * FEATURES)))


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        pytest.param(4_000_000, {}, id="1 GB"),
        pytest.param(4_000_000, {"fortran": True}, id="1 GB in Fortran order"),
        pytest.param(4_000_000, {"shards": 50}, id="1 GB in 50 shards"),
        pytest.param(1 << 20, {"targets": 128}, id="rows that are compared, wide targets"),
    ],
)
def test_memory_does_not_grow_with_samples(tmp_path, small, rows, options):
    large = peak(make_run(tmp_path / "run", rows, **options))
    assert large - small < LIMIT, f"{large >> 20} MiB, and {small >> 20} MiB for 20 MB"


def test_memory_of_rows_that_differ(tmp_path, small):
    """As many rows as are compared, in pairs of equal inputs with other targets."""
    run = make_run(tmp_path / "run", 1 << 20)
    x = np.lib.format.open_memmap(run / "data/x.npy", mode="r+")
    x[:, 0] = np.arange(len(x)) // 2
    y = np.lib.format.open_memmap(run / "data/y.npy", mode="r+")
    y[:, 0] = np.random.default_rng(1).normal(size=len(y))
    del x, y
    large = peak(run)
    assert large - small < LIMIT, f"{large >> 20} MiB, and {small >> 20} MiB for 20 MB"
