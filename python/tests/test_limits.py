"""Whatever a run asks for gets an answer or a clear error, soon, in little memory; never a trap."""

# Each case runs in a process of its own, so that a trap fails its test and not the whole session.

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
ROWS, BATCH = 50, 16

random = np.random.default_rng(0)
X = random.standard_normal((ROWS, 4)).astype("f4")
Y = random.standard_normal((ROWS, 3)).astype("f4")
LABELS = random.integers(0, 3, ROWS)
W = random.standard_normal((4, 3)).astype("f4")


def node(op, inputs, output, **attributes):
    entry = {"name": output, "op": op, "inputs": inputs, "outputs": [output], "layer": output}
    return entry | ({"attributes": attributes} if attributes else {})


def constant(name, values):
    return node("Constant", [], name, value_ints=values)


def write(folder, nodes, arrays, *, loss=None, history=None, validation=None):
    """Write a run by hand: x times w, then the nodes, whose last output is the prediction."""
    document = {
        "format": "defib-run", "version": 1,
        "graph": {
            "inputs": ["x"], "nodes": [node("MatMul", ["x", "w"], "h"), *nodes],
            "parameters": [{"name": "w", "file": "w.npy"}],
            "outputs": [nodes[-1]["outputs"][0]],
        },
        "data": {"x": "x.npy"},
        "training": {
            "optimizer": {"kind": "adam", "learning_rate": 0.01}, "batch_size": BATCH, "epochs": 5,
        },
    }  # fmt: skip
    if loss:
        document["data"]["y"] = "y.npy"
        prediction = nodes[-1]["outputs"][0]
        document["losses"] = [{"kind": loss, "prediction": prediction, "target": "y"}]
    if validation:
        document["validation"] = {"x": "vx.npy", "y": "vy.npy"}
        arrays = arrays | {"vx": X[:13], "vy": arrays["y"][:13]}
    if history is not None:
        document["history"] = {"loss": {"file": "history.npy", "per": history[0]}}
        arrays = arrays | {"history": history[1]}
    folder.mkdir(exist_ok=True)
    (folder / "run.json").write_text(json.dumps(document))
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return folder


def ask(folder, call="check", limit=None):
    """Call a function of the package in another process; return its last line and peak MB."""
    code = f"""
        import resource, sys
        sys.path.insert(0, {str(SOURCE)!r})
        import defib
        limit = {limit!r}
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            result = defib.{call}({str(folder)!r})
            rules = [f.rule for f in getattr(result, "findings", ())]
            print("answer", *rules)
        except defib.DefibError as error:
            print(type(error).__name__, str(error).replace(chr(10), " "))
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    text, megabytes = done.stdout.strip().splitlines()
    return text, int(megabytes)


BASE = {"w": W, "x": X, "y": Y}
RESHAPE = [constant("s", [1, -1]), node("Reshape", ["h", "s"], "f")]
MIXED = {
    "softmax": ([node("Softmax", ["h"], "out", axis=0)], "mse", Y),
    "log-softmax": ([node("LogSoftmax", ["h"], "out", axis=0)], "nll", LABELS),
    "reshape": ([*RESHAPE, node("ReduceMean", ["f"], "m"), node("Add", ["h", "m"], "out")],
                "mse", Y),
    "flatten": ([node("Flatten", ["h"], "f", axis=0), node("ReduceMean", ["f"], "m"),
                 node("Add", ["h", "m"], "out")], "mse", Y),
}  # fmt: skip


@pytest.mark.parametrize("call", ["check", "replay", "vitals"])
@pytest.mark.parametrize("validation", [False, True])
@pytest.mark.parametrize("name", MIXED)
def test_samples_may_meet_in_batches_of_two_sizes(tmp_path, name, validation, call):
    nodes, loss, targets = MIXED[name]
    run = write(tmp_path / "r", nodes, BASE | {"y": targets}, loss=loss, validation=validation)
    text, _ = ask(run, call)
    assert text.startswith("answer")
    assert ("coupled-samples" in text) == (call == "check")


def test_a_gram_matrix_of_samples_is_no_fault(tmp_path):
    nodes = [node("Transpose", ["h"], "t", perm=[1, 0]), node("MatMul", ["h", "t"], "out")]
    run = write(tmp_path / "r", nodes, BASE | {"y": np.arange(ROWS) % BATCH}, loss="cross-entropy")
    text, _ = ask(run)
    assert "coupled-samples" not in text
    text, _ = ask(run, "replay")
    assert "follows the batch along axes [0, 1]" in text


@pytest.mark.parametrize("shape", [[1, 2**36], [1, 2**56], [2**31, 2**31], [1, 2**62]])
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("call", ["check", "replay"])
def test_sizes_out_of_a_small_file_are_counted_before_they_are_made(tmp_path, shape, times, call):
    nodes = [constant("s", shape), node("ReduceMean", ["h"], "r", keepdims=1)]
    nodes += [node("Expand", ["r", "s"], f"e{i}") for i in range(times)]
    nodes += [node("ReduceMean", ["e0"], "m"), node("Add", ["h", "m"], "out")]
    text, megabytes = ask(write(tmp_path / "r", nodes, BASE, loss="mse"), call)
    assert "Error" in text or "CannotReplay" in text
    assert 'node "e0" (Expand)' in text
    assert megabytes < 256


@pytest.mark.parametrize("name", ["x", "y"])
@pytest.mark.parametrize("call", ["check", "replay"])
def test_rows_without_values_are_refused(tmp_path, name, call):
    arrays = BASE | {name: np.zeros((ROWS, 0), "f4")}
    text, _ = ask(write(tmp_path / "r", [node("Relu", ["h"], "out")], arrays, loss="mse"), call)
    assert text.startswith("InvalidRun")
    assert f"{name}.npy" in text


@pytest.mark.parametrize("per", ["epoch", "step"])
@pytest.mark.parametrize("length", [1, 2, 50_000, 1_000_000])
def test_long_histories_are_read_at_once(tmp_path, per, length):
    series = 1 + 0.1 * random.standard_normal(length)
    nodes = [node("Relu", ["h"], "out")]
    text, megabytes = ask(write(tmp_path / "r", nodes, BASE, loss="mse", history=(per, series)))
    assert text.startswith("answer")
    assert megabytes < 256


def test_a_history_beyond_memory_is_refused(tmp_path):
    run = write(tmp_path / "r", [node("Relu", ["h"], "out")], BASE, loss="mse",
                history=("step", np.ones(4)))  # fmt: skip
    header = np.lib.format.header_data_from_array_1_0(np.ones(1)) | {"shape": (2**31,)}
    with open(run / "history.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 8 * 2**31)
    text, megabytes = ask(run)
    assert text.startswith("InvalidRun")
    assert "2147483648 values" in text
    assert megabytes < 256


@pytest.mark.parametrize("megabytes", [350, 500, 800])
def test_a_small_address_space_is_an_error_or_an_answer(tmp_path, megabytes):
    nodes = [constant("s", [4096, 4096]), node("ReduceMean", ["h"], "r", keepdims=1),
             node("ReduceMean", ["r"], "q"), node("Expand", ["q", "s"], "e"),
             node("ReduceMean", ["e"], "m"), node("Add", ["h", "m"], "out")]  # fmt: skip
    text, _ = ask(write(tmp_path / "r", nodes, BASE, loss="mse"), limit=megabytes << 20)
    assert text.startswith(("EngineError", "answer"))


def test_a_series_per_step_is_told_from_its_length():
    from defib.exporters.settings import Settings, _per

    assert _per(100, Settings(epochs=100), 1000) == "epoch"
    assert _per(3200, Settings(epochs=100, batch_size=32), 1000) == "step"
    assert _per(3200, Settings(batch_size=32), 1000) == "step"
    assert _per(50_000, Settings(), 1000) == "step"
    assert _per(100, Settings(), 1000) == "epoch"
    assert _per(33, Settings(batch_size=32), 1000) == "epoch"
