"""`defib.inspect` and `npyinspect` beside NumPy: arrays, parts, first rows, differences."""

import json
import subprocess
import sys

import numpy as np
import pytest

import defib

pytestmark = pytest.mark.engine

COMMAND = "import sys; from defib._commands import npyinspect; sys.exit(npyinspect())"


def npyinspect(*words, folder, **options):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        cwd=folder, capture_output=True, text=True, check=False, **options,
    )  # fmt: skip


def agree(figures, array):
    values = np.abs(array) if np.iscomplexobj(array) else np.asarray(array, np.float64)
    finite = values[np.isfinite(values)]
    assert figures["finite"] == finite.size
    assert figures["nan"] == np.isnan(values).sum()
    assert figures["zeros"] == (values == 0).sum()
    if finite.size:
        assert figures["min"] == pytest.approx(finite.min())
        assert figures["max"] == pytest.approx(finite.max())
        assert figures["mean"] == pytest.approx(finite.mean(), abs=1e-9)
        assert figures["std"] == pytest.approx(finite.std(), abs=1e-9)


def arrays():
    random = np.random.default_rng(3)
    whole = random.normal(size=(7, 40, 5))
    holes = whole.astype(np.float32)
    holes[2, 3, 1], holes[0, 0, 0] = np.nan, -np.inf
    return {
        "whole": whole,
        "strided": whole[::2, ::-3, 1:4],
        "transposed": whole.transpose(2, 0, 1),
        "backwards": whole[::-1, ::-1, ::-1],
        "fortran": np.asfortranarray(whole),
        "broadcast": np.broadcast_to(whole[:, :1], (7, 9, 5)),
        "holes": holes,
        "half": whole.astype(np.float16),
        "big-endian": whole.astype(">f4"),
        "bool": whole > 0,
        "labels": random.integers(0, 9, 100),
        "complex": whole[..., 0] + 1j * whole[..., 1],
        "one": np.float64(3.5),
        "empty": np.empty((0, 3)),
        "list": [[1, 2], [3, 4]],
    }


@pytest.mark.parametrize("name", arrays())
def test_an_array_is_seen_as_numpy_sees_it(name):
    array = arrays()[name]
    seen = defib.inspect(array, quantiles=True)
    array = np.asarray(array)
    assert isinstance(seen, defib.Inspection)
    assert (seen.path, seen.shape, seen.count) == ("array", array.shape, array.size)
    if array.size == 0:
        assert seen.figures is None
        return
    agree(seen.figures, array)
    values = np.abs(array) if np.iscomplexobj(array) else np.asarray(array, np.float64)
    finite = values[np.isfinite(values)]
    for share, value in seen.figures["quantiles"].items():
        assert value == pytest.approx(np.quantile(finite, float(share)))


def test_a_dict_of_arrays_is_an_archive():
    seen = defib.inspect({"w": np.ones((2, 3)), "b": np.array([1, np.nan])})
    assert isinstance(seen, defib.Archive)
    assert [(array.path, array.shape) for array in seen.arrays] == [("w", (2, 3)), ("b", (2,))]
    assert seen.arrays[1].figures["nan"] == 1


def test_tensors_are_arrays():
    torch = pytest.importorskip("torch")
    tensor = torch.randn(4, 6, requires_grad=True)
    agree(defib.inspect(tensor).figures, tensor.detach().numpy())
    agree(defib.inspect(tensor.t()[1:]).figures, tensor.detach().numpy().T[1:])
    layer = torch.nn.Linear(3, 2)
    assert [array.path for array in defib.inspect(layer.state_dict()).arrays] == ["weight", "bias"]


def test_what_is_no_array_is_refused():
    with pytest.raises(defib.DefibError, match="Python objects"):
        defib.inspect(object())


SLICES = [
    "0", "-1", ":", "1:5", "::-1", "::3, 1", ":, -1", "..., 0", "0, ..., 2:", "5:2",
    "::-2, ::2, ::-1", "2, 3, 1", "-3:, :4, -2:", "100:", ":-100:-1", "1, ::2",
]  # fmt: skip


@pytest.mark.parametrize("name", ["c", "fortran", "big"])
def test_parts_are_those_of_numpy(name, tmp_path):
    random = np.random.default_rng(5)
    array = {
        "c": random.normal(size=(7, 6, 3)).astype(np.float32),
        "fortran": np.asfortranarray(random.integers(-9, 9, (7, 6, 3))),
        "big": np.asfortranarray(random.normal(size=(800, 90, 30)).astype(">f8")),
    }[name]
    np.save(tmp_path / "a.npy", array)
    paths = [f"a.npy[{part}]" for part in SLICES]
    done = npyinspect("--head", "1000000", "--format", "json", *paths, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert len(shown) == len(SLICES)
    for part, entry in zip(SLICES, shown, strict=True):
        expected = eval(f"array[{part}]", {"array": array})
        assert entry["shape"] == list(expected.shape), part
        found = np.array(entry["values"], array.dtype).reshape(expected.shape)
        np.testing.assert_array_equal(found, expected, err_msg=part)
    for part in SLICES:
        seen = defib.inspect(tmp_path / f"a.npy[{part}]")
        expected = eval(f"array[{part}]", {"array": array})
        assert seen.shape == expected.shape
        if expected.size:
            agree(seen.figures, expected)


def test_rows_as_csv_are_read_by_numpy(tmp_path):
    array = np.random.default_rng(1).normal(size=(50, 4))
    np.save(tmp_path / "a.npy", array)
    for form, mark in (("csv", ","), ("tsv", "\t")):
        done = npyinspect("--head", "50", "--format", form, "a.npy", folder=tmp_path)
        found = np.loadtxt(done.stdout.splitlines(), delimiter=mark)
        np.testing.assert_array_equal(found, array)


def test_differences_are_those_of_numpy(tmp_path):
    random = np.random.default_rng(2)
    a = random.normal(size=(30, 20))
    b = a.copy()
    b[random.integers(0, 30, 9), random.integers(0, 20, 9)] += 0.01
    np.save(tmp_path / "a.npy", a)
    np.save(tmp_path / "b.npy", np.asfortranarray(b))
    done = npyinspect("diff", "--format", "json", "a.npy", "b.npy", folder=tmp_path)
    assert done.returncode == 1
    (found,) = json.loads(done.stdout)["arrays"]
    assert found["moved"] == (a != b).sum()
    assert found["largest"] == np.abs(a - b).max()
    assert np.abs(a - b)[tuple(found["index"])] == found["largest"]
    assert found["relative_norm"] == pytest.approx(np.linalg.norm(a - b) / np.linalg.norm(a))
    for tolerance in (0.0099, 0.0101):
        done = npyinspect("diff", "--atol", str(tolerance), "a.npy", "b.npy", folder=tmp_path)
        assert done.returncode == (0 if np.allclose(b, a, rtol=0, atol=tolerance) else 1)


@pytest.mark.parametrize("dtype", ["f4", "f8", "c16"])
def test_large_files_of_two_orders_are_compared(dtype, tmp_path):
    # More than is brought into memory as a whole, but for complex numbers, which take longer.
    shape = (9, 11, 13) if dtype == "c16" else (6011, 37, 45)
    a = np.random.default_rng(4).normal(size=shape).astype(dtype)
    b = a.copy(order="F")
    place = tuple(n * 2 // 3 for n in shape)
    b[place] += 3
    np.save(tmp_path / "a.npy", a)
    np.save(tmp_path / "b.npy", b)
    for names in (["a.npy", "b.npy"], ["b.npy", "a.npy"]):
        done = npyinspect("diff", "--format", "json", *names, folder=tmp_path)
        (found,) = json.loads(done.stdout)["arrays"]
        assert (found["moved"], tuple(found["index"])) == (1, place)
        assert found["largest"] == pytest.approx(3, rel=1e-6)
        norm = np.linalg.norm((a if names[0] == "a.npy" else b).astype("c16"))
        assert found["relative_norm"] == pytest.approx(3 / norm, rel=1e-6)
    done = npyinspect("--head", "2", "--format", "csv", "b.npy", folder=tmp_path)
    if dtype != "c16":
        rows = np.loadtxt(done.stdout.splitlines(), delimiter=",").astype(dtype)
        np.testing.assert_array_equal(rows, b[:2].reshape(2, -1))


def test_safetensors_are_read(tmp_path):
    header = {"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    text = json.dumps(header).encode()
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    (tmp_path / "m.safetensors").write_bytes(
        len(text).to_bytes(8, "little") + text + array.tobytes()
    )
    seen = defib.inspect(tmp_path / "m.safetensors")
    assert isinstance(seen, defib.Archive)
    agree(seen.arrays[0].figures, array)
    agree(defib.inspect(tmp_path / "m.safetensors:w[1]").figures, array[1])


def test_memory_stays_flat_on_a_large_file(tmp_path):
    rows, columns = 400_000, 128
    part = np.random.default_rng(0).normal(size=(1000, columns)).astype(np.float32)
    header = {"descr": "<f4", "fortran_order": False, "shape": (rows, columns)}
    with open(tmp_path / "large.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for _ in range(rows // len(part)):
            file.write(part.tobytes())
    limit = 150 << 20
    probe = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)\n"
    )
    for words in (
        ["--quantiles", "large.npy[:, ::-2]"], ["check", "large.npy"],
        ["diff", "large.npy", "large.npy"], ["--head", "3", "large.npy[::-1]"],
    ):  # fmt: skip
        command = [sys.executable, "-c", probe, sys.executable, "-c", COMMAND, *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        status, peak = map(int, done.stdout.split())
        assert status == 0, words
        assert peak < limit, (words, peak)
