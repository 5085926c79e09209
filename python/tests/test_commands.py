"""The commands that come with the package, and the engine that a wheel chooses."""

import ctypes
import importlib.util
import os
import signal
import subprocess
import sys
import types
from pathlib import Path

import pytest

import defib
from defib import _native, _variants

ROOT = Path(__file__).parents[2]


def run(*words, **options):
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, **options
    )


@pytest.fixture
def small_libraries(tmp_path):
    """Build what a wheel holds beside its engines: a library that tells the level."""

    def build(level):
        source = tmp_path / "cpu.c"
        source.write_text(f"int defib_cpu_level(void) {{ return {level}; }}")
        library = tmp_path / "libdefib-cpu.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
        return tmp_path

    return build


@pytest.mark.engine
def test_the_module_is_the_command():
    done = run("-m", "defib", "--version")
    assert (done.returncode, done.stdout) == (0, f"defib {defib.__version__}\n")


@pytest.mark.engine
def test_statuses_and_streams_are_those_of_the_command(tmp_path):
    done = run("-m", "defib", "check", str(tmp_path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("defib: error: ")
    done = run("-m", "defib", "rules", "dead-unit")
    assert done.returncode == 64
    assert "dead-unit" in done.stderr


@pytest.mark.engine
def test_the_inspector_is_a_command_too(tmp_path):
    import numpy as np

    np.save(tmp_path / "w.npy", np.arange(6.0).reshape(2, 3))
    code = "import sys; from defib._commands import npyinspect; sys.exit(npyinspect())"
    done = run("-c", code, "w.npy", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "float64" in done.stdout
    assert run("-c", code, "none.npy", cwd=tmp_path).stderr.startswith("npyinspect: ")


def test_a_command_without_an_engine_says_so(tmp_path):
    done = run(
        "-m", "defib", "rules", env={**os.environ, "DEFIB_LIBRARY": str(tmp_path / "none.so")}
    )
    assert done.returncode == 2
    assert done.stderr.startswith("defib: error: DEFIB_LIBRARY names")
    assert done.stderr.count("\n") == 1


@pytest.mark.engine
def test_a_reader_that_goes_away_ends_the_command_silently():
    command = f"{sys.executable} -m defib rules --format json | head -c 10; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.endswith(str(128 + signal.SIGPIPE) + "\n")


def test_scripts_of_the_package_exist():
    toml = (ROOT / "python" / "pyproject.toml").read_text()
    for name in ("defib", "npyinspect"):
        assert f'{name} = "defib._commands:{name}"' in toml
        assert callable(getattr(importlib.import_module("defib._commands"), name))


@pytest.mark.parametrize(("level", "taken"), [(4, "v4"), (3, "v3"), (2, "v2")])
def test_the_processor_decides_which_engine_is_taken(small_libraries, level, taken):
    folder = small_libraries(level)
    for name in ("v2", "v3", "v4"):
        (folder / f"libdefib-{name}.so").touch()
    assert _variants.variant(folder) == folder / f"libdefib-{taken}.so"
    (folder / "libdefib-v4.so").unlink()
    (folder / "libdefib-v3.so").unlink()
    assert _variants.variant(folder) == folder / "libdefib-v2.so"


def test_a_processor_below_the_floor_gets_a_sentence(small_libraries):
    with pytest.raises(defib.EngineError, match="too old for Defib"):
        _variants.variant(small_libraries(1))


def test_a_source_tree_has_no_variants(tmp_path):
    assert _variants.variant(tmp_path) is None


def test_the_level_of_this_processor(tmp_path):
    library = tmp_path / "cpu.so"
    source = ROOT / "scripts" / "wheel" / "cpu.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    flags = next(
        set(line.split()) for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("flags")
    )  # fmt: skip
    level = 4 if "avx512bw" in flags else 3 if "avx2" in flags else 2
    assert ctypes.CDLL(str(library)).defib_cpu_level() == level


def test_a_missing_library_is_named_with_its_package(tmp_path):
    (tmp_path / "a.c").write_text("int dnnl_version(void); int f(void) { return dnnl_version(); }")
    (tmp_path / "d.c").write_text("int dnnl_version(void) { return 2; }")
    for command in (
        ["cc", "-shared", "-fPIC", "-o", "libdnnl.so.2", "d.c", "-Wl,-soname,libdnnl.so.2077"],
        ["cc", "-shared", "-fPIC", "-o", "a.so", "a.c", "-L.", "-l:libdnnl.so.2"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True)
    with pytest.raises(defib.EngineError, match=r"libdnnl\.so\.2077.*apt install libdnnl-dev"):
        _native._load(tmp_path / "a.so")


@pytest.fixture
def hook(monkeypatch):
    """The build hook; its base class, which is not installed here, has no part in the tests."""
    interface = types.ModuleType("interface")
    interface.BuildHookInterface = list
    monkeypatch.setitem(sys.modules, "hatchling.builders.hooks.plugin.interface", interface)
    spec = importlib.util.spec_from_file_location("hook", ROOT / "python" / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("missing", ["scripts", "swift"])
def test_a_source_install_that_lacks_something_ends_in_one_sentence(
    tmp_path, monkeypatch, missing, hook
):
    package = tmp_path / "python"
    package.mkdir()
    if missing == "swift":
        (tmp_path / "scripts").mkdir()
        (tmp_path / "scripts" / "build-engine").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="install a wheel") as ended:
        hook.build(package)
    assert "\n" not in str(ended.value)


@pytest.mark.parametrize("given", [True, False])
def test_a_wheel_has_the_page_for_coding_agents(tmp_path, monkeypatch, hook, given):
    if given:
        monkeypatch.setenv("DEFIB_WHEEL", str(tmp_path))
    made = hook.EngineHook()
    made.root, made.metadata = str(ROOT / "python"), types.SimpleNamespace(version="1")
    content = {"force_include": {}}
    made.initialize("standard", content)
    page = str(ROOT / "docs" / "agents" / "SKILL.md")
    assert content["force_include"][page] == "defib/agents/SKILL.md"
