"""First inputs for the fuzzers that coverage leads: files of every kind, and runs of python/fuzz.

PYTHONPATH=python python -m benchmarks.fuzz.seeds FOLDER
"""

from __future__ import annotations

import io
import json
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from fuzz import zoo

TYPES = [
    "<f4",
    ">f4",
    "<f8",
    "<f2",
    "<i8",
    ">i4",
    "<u2",
    "|i1",
    "|b1",
    "<c8",
    "<U3",
    "|S4",
    "<M8[s]",
]
TOML = """# rules
select = ["dead-units", 'oscillating-loss']
ignore = []
[dead-units]
warn-share = 0.2
other.deep = {a = 1, b = [1, 0x1F, 1_000]}
[tool.defib.saturated-units]
text = \"\"\"a\\u00e9
b\"\"\"
day = 1979-05-27T07:32:00Z
[[list]]
x = -inf
"""


def npy(array: Any, version: tuple[int, int] | None = None) -> bytes:
    """Return the bytes of a .npy file."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array), version=version)
    return stream.getvalue()


def arrays() -> dict[str, bytes]:
    """Return .npy files of many types, orders and shapes, by name."""
    numbers = np.arange(12).reshape(3, 4)
    files = {f"type-{n}": npy(numbers.astype(kind)) for n, kind in enumerate(TYPES)}
    files |= {
        "fortran": npy(np.asfortranarray(numbers)), "scalar": npy(np.float64(3)),
        "empty": npy(np.zeros((0, 3))), "deep": npy(np.zeros((1, 2, 1, 2, 1), np.float32)),
        "version2": npy(numbers, (2, 0)), "version3": npy(numbers, (3, 0)),
        "odd": npy(np.array([np.nan, np.inf, -0.0, 1e-310])),
        "record": npy(np.zeros(2, [("a", "<f4"), ("b", "<i2", (2,))])),
    }  # fmt: skip
    return files


def archives() -> dict[str, bytes]:
    """Return .npz files, by name."""
    result = {}
    for name, method in {"stored": zipfile.ZIP_STORED, "deflated": zipfile.ZIP_DEFLATED}.items():
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            # Of a date that stays, for a case is known by its number.
            for place, array in (("a", np.arange(6.0).reshape(2, 3)), ("b", np.ones(3, np.int32))):
                archive.writestr(zipfile.ZipInfo(f"{place}.npy"), npy(array), method)
        result[name] = stream.getvalue()
    return result


def tensors() -> dict[str, bytes]:
    """Return .safetensors files, by name."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, kind, size in (("a", "F32", 4), ("b", "BF16", 2), ("c", "I64", 8), ("d", "BOOL", 1)):
        header[name] = {"dtype": kind, "shape": [2, 3], "data_offsets": [offset, offset + 6 * size]}
        offset += 6 * size
    text = json.dumps(header).encode()
    return {"four": struct.pack("<Q", len(text)) + text + bytes(offset)}


def named(path: str, array: Any) -> str:
    """Return the path whose SeedArray is like an array."""
    folder, _, name = path.removesuffix(".npy").rpartition("/")
    shape = "x".join(map(str, array.shape)) or "s"
    kind = f"{'i' if array.dtype.kind == 'b' else array.dtype.kind}{array.dtype.itemsize}"
    fill = ""
    if array.dtype.kind in "iu":
        fill = f".c{int(array.max()) + 1}" if array.size > 8 and array.min() >= 0 else ""
        fill = fill or ".v" + "_".join(str(value) for value in array.ravel()[:16])
    elif array.size and array.min() == array.max():
        fill = ".one" if array.max() == 1 else ".zero"
    elif array.size and array.min() >= 0 and array.max() <= 1:
        fill = ".p1"
    return f"{folder}/{name.replace('.', '_')}.{shape}.{kind}{fill}.npy"


def runs() -> dict[str, bytes]:
    """Return the runs of python/fuzz as texts that hold their arrays in their paths."""
    result = {}
    for name, subject in zoo.zoo().items():
        paths = {path: named(path, array) for path, array in subject.arrays.items()}

        def renamed(value: Any, paths: dict[str, str] = paths) -> Any:
            if isinstance(value, dict):
                return {key: renamed(member) for key, member in value.items()}
            if isinstance(value, list):
                return [renamed(member) for member in value]
            return paths.get(value, value) if isinstance(value, str) else value

        result[name] = json.dumps(renamed(subject.document)).encode()
    return result


def main() -> None:
    """Write the inputs into one folder for each target."""
    texts = runs()
    targets = {
        "npy": arrays(), "npz": archives(), "safetensors": tensors(), "run": texts, "replay": texts,
        "check": texts, "json": texts, "toml": {"all": TOML.encode()},
        "pass": {}, "lanes": {}, "report": {},
    }  # fmt: skip
    for target, files in targets.items():
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / f"seed-{name}").write_bytes(content)


if __name__ == "__main__":
    main()
