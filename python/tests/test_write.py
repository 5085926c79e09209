"""Writing runs: data of every kind, names, and never half a run."""

import json
import os

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

import defib
from defib.exporters import Settings, build
from defib.exporters.arrays import as_array
from defib.exporters.document import Files

W = np.ones((2, 1))


def model(**names):
    return defib.Sequential(defib.Dense(W, [0.5]), **names)


@given(st.lists(st.text(max_size=200), unique=True, max_size=20))
def test_file_names_are_portable_and_unique(names):
    files = Files()
    paths = [files.path("weights", name) for name in names]
    assert len({path.lower() for path in paths}) == len(names)
    for path in paths:
        folder, name = path.split("/")
        assert folder == "weights"
        assert name.isascii()
        assert not name.startswith(".")
        assert len(name) < 160


def test_parameter_names_may_hold_anything(tmp_path):
    names = ["../../up", "a/b", "a.b", "A/B", "größe", "", "."]
    layers = [defib.Dense(np.eye(2), name=name or None) for name in names]
    run = defib.export(tmp_path / "run", defib.Sequential(*layers), np.ones((3, 2)))
    document, arrays = reference.load(run.path)
    assert document["graph"]["parameters"][0]["name"] == "../../up.weight"
    names = [e["name"] for e in document["graph"]["parameters"]]
    assert names[2:4] == ["a.b.weight", "A/B.weight"]
    assert all(e["file"] in arrays for e in document["graph"]["parameters"])
    assert sorted(os.listdir(tmp_path)) == ["run"]


def test_a_run_is_replaced_and_anything_else_is_not(tmp_path):
    target = tmp_path / "deep" / "run"
    x = np.ones((3, 2))
    defib.export(target, model(), x, np.ones((3, 1)))
    defib.export(target, model(), x)
    assert not (target / "data" / "y.npy").exists()
    with pytest.raises(defib.ExportError, match="already holds a run"):
        defib.export(target, model(), x, overwrite=False)
    other = tmp_path / "other"
    other.mkdir()
    defib.export(other, model(), x)  # empty: fine
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("…")
    with pytest.raises(defib.ExportError, match=r"is not a run \(it has no run.json\)"):
        defib.export(precious, model(), x)
    assert (precious / "thesis.txt").exists()
    with pytest.raises(defib.ExportError, match="is not a folder"):
        defib.export(precious / "thesis.txt", model(), x)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "other", "precious"]


def test_a_failed_write_leaves_the_old_run(tmp_path, monkeypatch):
    target = tmp_path / "run"
    defib.export(target, model(), np.ones((3, 2)))

    def full(file, *_, **__):
        if "data" in str(file):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("defib.exporters.writer.save_array", full)
    with pytest.raises(defib.ExportError, match="No space left"):
        defib.export(target, model(), np.zeros((5, 2)))
    monkeypatch.undo()
    assert np.load(target / "data" / "x.npy").shape == (3, 2)
    assert os.listdir(tmp_path) == ["run"]


def test_mapped_data_stays_mapped(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((4, 2)))
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    document = build(model(), x, None, Settings())
    assert isinstance(document.arrays["data/x.npy"], np.memmap)
    defib.export(tmp_path / "run", model(), x)
    again = np.load(tmp_path / "run" / "data" / "x.npy", mmap_mode="r")
    defib.export(tmp_path / "run", model(), again)  # from itself
    np.testing.assert_array_equal(np.load(tmp_path / "run" / "data" / "x.npy"), x)


@pytest.mark.parametrize(
    "x",
    [
        np.ones((3, 2), ">f8"),
        np.asfortranarray(np.ones((3, 2), np.float32)),
        np.ones((6, 4))[::2, ::2],
        np.ones((3, 2), np.float16),
        np.ones((3, 2), np.uint8),
        np.ones((3, 2), bool),
        [[1, 2], [3, 4.5], [5, 6]],
    ],
)
def test_arrays_of_every_kind(x, tmp_path):
    document, arrays = reference.load(defib.export(tmp_path / "r", model(), x).path)
    np.testing.assert_array_equal(arrays["data/x.npy"], x)
    assert json.loads(json.dumps(document)) == document


def test_long_doubles_become_doubles():
    assert as_array(np.ones(3, np.longdouble), "x").dtype == np.float64


class Sparse:
    def toarray(self):
        return np.ones((3, 2))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.array([["a", "b"]]), "class indices"),
        (np.array([[None, 1]]), "one numeric type"),
        ([[1, 2], [3]], "x is not an array of numbers|one numeric type"),
        (np.ones((3, 2), complex), "expected bool, integer or float"),
        (Sparse(), r"x.toarray\(\)"),
        (np.ma.masked_array(np.ones((3, 2))), "masked"),
        (np.float64(1), "single number"),
        (np.ones((0, 2)), "no rows"),
        (None, "x is missing"),
        ({"z": W}, r"x names \['z'\]; expected \['x'\]"),
    ],
)
def test_bad_inputs_say_why(x, message):
    with pytest.raises(defib.ExportError, match=message):
        build(model(), x, None, Settings())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0; expected"),
        ({"epochs": 1.5}, "epochs is 1.5"),
        ({"steps": True}, "steps is True"),
        ({"mode": "test"}, "mode is 'test'"),
        ({"loss": 3}, "loss int is not known"),
        ({"optimizer": "sgd"}, "learning rate"),
        ({"optimizer": {"kind": "sgd"}}, "no learning_rate"),
        ({"optimizer": {"kind": "sgd", "lr": "a"}}, "learning_rate is 'a'"),
        ({"optimizer": {"kind": "lion", "lr": 1}}, "'lion' is not one of sgd"),
        ({"optimizer": {"kind": "sgd", "lr": float("inf")}}, "not finite"),
        ({"optimizer": 3}, "optimizer is int"),
        ({"history": np.ones((2, 2))}, "flat series"),
        ({"validation": 3}, r"pair \(x, y\)"),
        ({"validation": (np.ones((2, 2)), np.ones(3))}, "validation: x has 2 rows, y has 3"),
        ({"validation": (np.ones((2, 3)), np.ones((2, 1)))}, r"rows of shape \(3,\)"),
        ({"initial": [W]}, "1 arrays; the model has 2"),
        ({"initial": 3}, "initial is int"),
    ],
)
def test_bad_settings_say_why(settings, message):
    with pytest.raises(defib.ExportError, match=message):
        build(model(), np.ones((3, 2)), np.ones((3, 1)), Settings(**settings)).to_json()


def test_lengths_must_match():
    with pytest.raises(defib.ExportError, match="x has 3 rows, y has 4 rows"):
        build(model(), np.ones((3, 2)), np.ones(4), Settings())
