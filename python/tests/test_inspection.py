"""The inspection objects from JSON written by hand."""

import math

import pytest

import defib
from defib import _inspection

ARRAY = {
    "format": "npyinspect", "version": 1, "path": "w.npy", "kind": "real", "type": "float32",
    "descr": "<f4", "byte_order": "little", "order": "F", "shape": [3, 2], "count": 6,
    "figures": {"min": "-inf", "max": 1, "nan": 0}, "warnings": ["one infinity"],
}  # fmt: skip


def test_one_array():
    seen = _inspection.read("w.npy", ARRAY)
    assert isinstance(seen, defib.Inspection)
    assert (seen.shape, seen.order, seen.member) == ((3, 2), "F", None)
    assert seen.figures["min"] == -math.inf
    assert seen.to_dict()["byte_order"] == "little"


def test_an_archive():
    errors = [{"path": "b.npy", "message": "is empty"}]
    seen = _inspection.read("w.npz", {"arrays": [ARRAY | {"member": "a"}], "errors": errors})
    assert isinstance(seen, defib.Archive)
    assert [array.member for array in seen.arrays] == ["a"]
    assert seen.errors == {"b.npy": "is empty"}


def test_damage():
    with pytest.raises(defib.DefibError, match="damaged"):
        _inspection.read("w.npy", {"path": "w.npy"})
