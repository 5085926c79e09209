"""Damaged runs: the engine's message names file or node, what was found, what was expected."""

import json
import shutil

import numpy as np
import pytest

import defib

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    rng = np.random.default_rng(0)
    model = defib.Sequential(
        defib.Dense(rng.normal(size=(3, 4)), np.zeros(4), name="fc1"), defib.ReLU(name="act"),
        defib.Dense(rng.normal(size=(4, 2)), name="fc2"),
    )  # fmt: skip
    x, y = rng.normal(size=(10, 3)), rng.normal(size=(10, 2))
    return defib.export(tmp_path_factory.mktemp("runs") / "run", model, x, y, loss="mse")


@pytest.fixture
def run(healthy, tmp_path):
    shutil.copytree(healthy.path, tmp_path / "run")
    return defib.Run(tmp_path / "run")


def edit(change):
    def damage(path):
        document = json.loads((path / "run.json").read_text())
        change(document)
        (path / "run.json").write_text(json.dumps(document))

    return damage


def replaced(file, content):
    def damage(path):
        if isinstance(content, bytes):
            (path / file).write_bytes(content)
        else:
            np.save(path / file, content)

    return damage


def truncated(file, keep):
    def damage(path):
        data = (path / file).read_bytes()
        (path / file).write_bytes(data[:keep])

    return damage


def header(shape):
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(10 + len(text) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


WEIGHT = "weights/fc1.weight.npy"
ANY = defib.DefibError
BAD, MISFIT = defib.InvalidRun, defib.CannotReplay

#: what is done to the run, the error, and what its message must contain
TABLE = {
    "truncated array": (truncated(WEIGHT, 140), BAD, [WEIGHT, "12", "96"]),
    "truncated header": (truncated(WEIGHT, 20), BAD, [WEIGHT]),
    "empty file": (replaced(WEIGHT, b""), BAD, [WEIGHT]),
    "no npy": (replaced(WEIGHT, b"PK\x03\x04" + bytes(100)), BAD, [WEIGHT]),
    "shape overflows": (replaced(WEIGHT, header(f"({2**62}, {2**62})")), BAD, [WEIGHT]),
    "shape is negative": (replaced(WEIGHT, header("(-3, 4)")), BAD, [WEIGHT]),
    "shape is huge": (replaced("data/x.npy", header(f"({2**40}, 3)")), BAD, ["data/x.npy"]),
    "shape is no tuple": (replaced(WEIGHT, header("'wild'")), BAD, [WEIGHT]),
    "text array": (replaced(WEIGHT, np.array([["a"] * 4] * 3)), BAD, [WEIGHT, "U1"]),
    "missing weight": (lambda path: (path / WEIGHT).unlink(), BAD, [WEIGHT]),
    "missing run.json": (lambda path: (path / "run.json").unlink(), BAD, ["run.json"]),
    "broken json": (replaced("run.json", b'{"format": "defib-run",'), BAD, ["run.json"]),
    "json of another kind": (replaced("run.json", b"[1, 2]"), BAD, ["run.json"]),
    "other version": (edit(lambda d: d.update(version=9)), BAD, ["version", "9", "1"]),
    "other format": (edit(lambda d: d.update(format="zip")), BAD, ["format", "defib-run"]),
    "weights do not fit": (replaced(WEIGHT, np.ones((5, 4))), ANY, ["fc1", "5", "3"]),
    "rows do not fit": (replaced("data/y.npy", np.ones((9, 2))), ANY, ["9", "10"]),
    "targets do not fit": (replaced("data/y.npy", np.ones((10, 3))), ANY, ["3", "2"]),
    "path leaves the run": (
        edit(lambda d: d["data"].update(x="../../etc/passwd")), BAD, ["../../etc/passwd"],
    ),
    "absolute path": (edit(lambda d: d["data"].update(x="/etc/passwd")), BAD, ["/etc/passwd"]),
    "unknown operator": (
        edit(lambda d: d["graph"]["nodes"][1].update(op="Rleu")), ANY, ["act", "Rleu"],
    ),
    "unknown attribute": (
        edit(lambda d: d["graph"]["nodes"][0].update(attributes={"trans": 1})), ANY,
        ["fc1", "trans"],
    ),
    "unknown key": (edit(lambda d: d.update(learning=1)), BAD, ["learning"]),
    "unknown key of a node": (
        edit(lambda d: d["graph"]["nodes"][0].update(inptus=[])), BAD, ["inptus"],
    ),
    "wrong type": (edit(lambda d: d["training"].update(batch_size="32")), BAD, ["batch_size"]),
    "nodes are no list": (edit(lambda d: d["graph"].update(nodes={})), BAD, ["nodes"]),
    "unknown tensor": (
        edit(lambda d: d["graph"]["nodes"][1].update(inputs=["fc9"])), ANY, ["act", "fc9"],
    ),
    "cycle": (
        edit(lambda d: d["graph"]["nodes"][0].update(inputs=["fc2", "fc1.weight"])), ANY, ["fc1"],
    ),
    "two nodes of one name": (
        edit(lambda d: d["graph"]["nodes"][1].update(name="fc1")), ANY, ["fc1"],
    ),
    "unknown loss": (edit(lambda d: d["losses"][0].update(kind="mze")), ANY, ["mze"]),
    "loss on nothing": (
        edit(lambda d: d["losses"][0].update(prediction="fc7")), ANY, ["fc7"],
    ),
    "batch of none": (edit(lambda d: d["training"].update(batch_size=0)), ANY, ["batch_size"]),
    "unknown output": (edit(lambda d: d["graph"].update(outputs=["fc3"])), ANY, ["fc3"]),
    "no data for an input": (edit(lambda d: d["data"].pop("x")), ANY, ["x"]),
}  # fmt: skip


def test_the_run_is_healthy_before(run):
    defib.replay(run)


@pytest.mark.parametrize("name", TABLE)
def test_damage_is_named(name, run):
    damage, kind, words = TABLE[name]
    damage(run.path)
    for function in (defib.check, defib.replay, defib.vitals):
        with pytest.raises(kind) as error:
            function(run)
        assert not isinstance(error.value, defib.EngineError), error.value
        for word in words:
            assert word in str(error.value)


def test_no_such_run(tmp_path):
    with pytest.raises(defib.InvalidRun, match="nowhere"):
        defib.check(tmp_path / "nowhere")


def test_a_folder_goes_without_a_model(run):
    with pytest.raises(defib.InvalidArgument, match="loss go with a model"):
        defib.check(run, loss="mse")


@pytest.mark.parametrize(
    "settings", [{"select": ["nope"]}, {"ignore": ["nope"]}, {"set": {"dead-units.nope": 1.0}}]
)
def test_unknown_rules_are_named(run, settings):
    with pytest.raises(defib.InvalidArgument, match="nope"):
        defib.check(run, **settings)


@pytest.mark.parametrize("workers", [-1, 1.5, "2", True])
def test_workers_are_checked(run, workers):
    with pytest.raises(defib.InvalidArgument, match="workers"):
        defib.check(run, workers=workers)


def test_validation_targets_of_another_form_are_not_compared(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((20, 3)).astype(np.float32), np.zeros((20, 2), np.float32)
    model = defib.Sequential(defib.Dense(x[:3, :2].copy(), np.zeros(2, np.float32), name="out"))
    run = defib.export(
        tmp_path / "run", model, x, y, loss="mse", batch_size=5, validation=(x[:9], y[:9])
    ).path
    np.save(run / "validation" / "y.npy", y[:9].reshape(9, 2, 1, 1))
    report = defib.check(run)
    assert "y has other columns" in report.not_checked["train-validation-skew"]


def test_a_tensor_without_elements_has_no_more_units_than_memory_holds(tmp_path):
    x = np.ones((4, 3), np.float32)
    model = defib.Sequential(defib.Dense(np.ones((3, 1)), np.zeros(1), name="out"))
    run = defib.export(tmp_path / "run", model, x, x[:, :1], loss="mse", batch_size=2).path
    document = json.loads((run / "run.json").read_text())
    bias = document["graph"]["parameters"][1]["name"]
    nodes = [
        ("one", "ReduceMean", [bias], {"keepdims": 0}),
        ("shape", "Constant", [], {"value_ints": [0, 2, 2**56]}),
        ("wide", "Expand", ["one", "shape"], {}),
        ("sum", "ReduceSum", ["wide"], {"keepdims": 0}),
        ("added", "Add", [document["graph"]["outputs"][0], "sum"], {}),
    ]
    document["graph"]["nodes"] += [
        {"name": n, "op": op, "inputs": i, "outputs": [n], "attributes": a} for n, op, i, a in nodes
    ]
    document["losses"][0]["prediction"] = "added"
    document["graph"]["outputs"] = ["added"]
    (run / "run.json").write_text(json.dumps(document))
    for call in (defib.check, defib.replay, defib.vitals):
        with pytest.raises(defib.DefibError, match='node "wide"'):
            call(run)
