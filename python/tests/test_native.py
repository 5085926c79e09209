"""The ctypes table against the header, and what happens without an engine."""

import ctypes
import re
import subprocess
import sys
from pathlib import Path

import pytest

import defib
from defib import _native
from defib._errors import error_for

PYTHON = Path(__file__).parent.parent
HEADER = PYTHON.parent / "Sources" / "CEngine" / "include" / "defib.h"

TYPES = {
    "defib_status": ctypes.c_int32,
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "size_t": ctypes.c_size_t,
    "void": None,
    "const char *": ctypes.c_char_p,
}


def header():
    text = re.sub(r"/\*.*?\*/", " ", HEADER.read_text(), flags=re.S)
    text = re.sub(r"^#.*$", " ", text, flags=re.M)
    text = re.sub(r"DEFIB_(NONNULL|NULLABLE)", "", text)
    return re.sub(r"\s+", " ", text)


def functions():
    found = {}
    for result, name, arguments in re.findall(
        r"(?<=[;}]) ?((?:const )?\w+[ *]+)(defib_\w+)\(([^()]*)\) ?(?=;)", header()
    ):
        parts = [] if arguments.strip() == "void" else arguments.split(",")
        found[name] = (result.strip(), [part.strip() for part in parts])
    return found


def test_every_function_of_the_header_is_in_the_table():
    assert len(functions()) > 15
    assert list(functions()) == list(_native.FUNCTIONS)


@pytest.mark.parametrize("name", _native.FUNCTIONS)
def test_a_function_has_the_types_of_the_header(name):
    result, arguments = functions()[name]
    restype, argtypes = _native.FUNCTIONS[name]
    # The bytes of a text may hold zeros, at which ctypes would end a c_char_p.
    expected = (
        ctypes.c_void_p if name == "defib_text_data" else TYPES[re.sub(r"\s*\*", " *", result)]
    )
    assert expected is restype
    assert len(arguments) == len(argtypes), arguments
    for written, declared in zip(arguments, argtypes, strict=True):
        stars = written.count("*")
        if "char" in written and stars == 2:
            expected = ctypes.POINTER(ctypes.c_char_p)
        elif "char" in written:
            expected = ctypes.c_char_p
        elif "defib_array" in written:
            expected = ctypes.POINTER(_native.Array)
        elif "defib_options" in written:
            expected = ctypes.POINTER(_native.Options)
        elif stars == 2:
            expected = ctypes.POINTER(ctypes.c_void_p)
        elif stars == 1:
            expected = ctypes.c_void_p
        else:
            expected = {
                "size_t": ctypes.c_size_t,
                "int32_t": ctypes.c_int32,
                "defib_replay_kind": ctypes.c_int32,
            }[written.split()[0]]
        assert declared is expected, written


@pytest.mark.parametrize(
    ("name", "structure"),
    [
        ("defib_array", _native.Array),
        ("defib_options", _native.Options),
        ("defib_shard_request", _native.ShardRequest),
    ],
)
def test_structures_have_the_fields_of_the_header(name, structure):
    body = re.search(rf"typedef struct {name} {{(.*?)}} {name};", header())[1]
    fields = re.findall(r"(\w+) ?;", body)
    assert fields == [field[0].rstrip("_") for field in structure._fields_]
    for field, line in zip(structure._fields_, body.split(";"), strict=False):
        long = re.search(r"\*|defib_(progress|read|executor)|size_t|int64_t", line)
        assert ctypes.sizeof(field[1]) == (8 if long else 4), line


def test_statuses_are_those_of_the_header():
    found = dict(re.findall(r"DEFIB_([A-Z_]+) = (\d+)", header()))
    for status in defib.Status:
        assert int(found[status.name]) == status
        if status:
            assert error_for(status, "m").status == status
    for kind in ("OUTPUTS", "GRADIENTS", "LOSSES"):
        assert int(found[kind]) == getattr(_native, kind)


def test_missing_library(monkeypatch, tmp_path):
    monkeypatch.setattr(_native, "_loaded", None)
    monkeypatch.setenv("DEFIB_LIBRARY", str(tmp_path / "none.so"))
    with pytest.raises(defib.EngineError, match=r"none\.so, and there is no such file"):
        defib.check("runs/a")
    monkeypatch.delenv("DEFIB_LIBRARY")
    monkeypatch.setattr(_native, "__file__", str(tmp_path / "_native.py"))
    with pytest.raises(defib.EngineError, match="make build"):
        defib.rules()
    (tmp_path / "libdefib.so").write_text("no library")
    with pytest.raises(defib.EngineError, match="cannot be loaded"):
        defib.rules()


def test_another_library(monkeypatch):
    monkeypatch.setattr(_native, "_loaded", None)
    with pytest.raises(defib.EngineError, match="not a Defib engine"):
        _native._load(Path("libc.so.6"))


def test_versions_of_the_interface(monkeypatch):
    where = Path("libdefib.so")
    _native.check_abi((_native.ABI_MAJOR << 16) | 7, where)
    with pytest.raises(defib.EngineError, match=r"version 2\.0"):
        _native.check_abi((_native.ABI_MAJOR + 1) << 16, where)
    monkeypatch.setattr(_native, "ABI_MINOR", 3)
    with pytest.warns(defib.DefibWarning, match="newer features"):
        _native.check_abi((_native.ABI_MAJOR << 16) | 2, where)


def test_importing_needs_numpy_alone():
    code = (
        "import sys, defib; "
        "bad = {'torch', 'keras', 'sklearn', 'onnx', 'rich', 'tqdm', 'dask', 'distributed'}; "
        "bad &= set(sys.modules); "
        "assert not bad, bad"
    )
    environment = {"PYTHONPATH": str(PYTHON / "src"), "PATH": "/usr/bin:/bin"}
    pythons = [sys.executable]
    if Path("/usr/bin/python3").exists():
        pythons.append("/usr/bin/python3")  # Debian's own, with an old NumPy
    for python in pythons:
        subprocess.run([python, "-c", code], check=True, env=environment)


def test_all_names_exist():
    assert sorted(defib.__all__) == sorted(set(defib.__all__))
    for name in set(defib.__all__) - set(defib._LATER):  # these need their framework
        assert hasattr(defib, name)
