"""Runs what stands in examples/use, and holds each to what its table says is found first."""

import ast
import contextlib
import importlib.util
import io
import json
import os
import re
import runpy
import subprocess
from pathlib import Path

import pytest

import defib

USE = Path(__file__).resolve().parent / "use"
ROOT = USE.parents[1]
TABLE = dict(
    re.findall(r"\]\((\w+\.\w+)\).*\| `?([^|`]+)`? \|$", (USE / "README.md").read_text(), re.M)
)
#: script -> the package without which it is skipped
NEEDED = {
    "pytorch_loop.py": "torch", "lightning_trainer.py": "lightning",
    "transformers_trainer.py": "transformers", "keras_fit.py": "keras",
    "sklearn_estimator.py": "sklearn", "onnx_model.py": "onnx", "numpy_loop.py": "numpy",
}  # fmt: skip


def first_rule(text):
    """Return the rule of the first cause in a report as text."""
    return re.search(r"^1\..*?\[([a-z-]+)\]", text, re.MULTILINE | re.DOTALL).group(1)


def test_everything_stands_in_the_table():
    held = {path.name for path in USE.iterdir() if path.is_file()} - {"README.md"}
    assert held == set(TABLE)
    assert {name for name in held if name.endswith(".py")} == set(NEEDED)


@pytest.fixture(autouse=True)
def _one_thread():
    """Networks this small are slower on several threads."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NEEDED)
def test_script(name, tmp_path, monkeypatch, capsys):
    if importlib.util.find_spec(NEEDED[name]) is None:
        pytest.skip(f"there is no {NEEDED[name]}")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(USE / name), run_name="__main__")
    assert first_rule(capsys.readouterr().out) == TABLE[name]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder in which numpy_loop.py has run."""
    folder = tmp_path_factory.mktemp("numpy")
    before = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(str(USE / "numpy_loop.py"), run_name="__main__")
    finally:
        os.chdir(before)
    return folder


def test_program_in_c(trained, tmp_path):
    command = re.search(r"cc .*PWD/bin", (USE / "check_run.c").read_text()).group()
    binary = tmp_path / "check_run"
    subprocess.run(f"{command} -o {binary}", shell=True, check=True, cwd=ROOT)
    found = subprocess.run([binary, trained / "runs" / "numpy"], capture_output=True, text=True)
    assert found.returncode == 1
    assert found.stdout.strip() == str(defib.check(trained / "runs" / "numpy")).strip()
    missing = subprocess.run([binary, tmp_path / "none"], capture_output=True, text=True)
    assert missing.returncode == 2
    assert "none" in missing.stderr


def test_notebook(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    content = json.loads((USE / "notebook.ipynb").read_text())
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(nbformat.from_dict(content))
    monkeypatch.chdir(tmp_path)
    names, shown = {}, []
    for cell in content["cells"]:
        if cell["cell_type"] != "code":
            continue
        assert not cell["outputs"]  # which a report of another machine would be
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), "cell", "eval"), names))
    (page,) = [value._repr_html_() for value in shown if hasattr(value, "_repr_html_")]
    assert TABLE["notebook.ipynb"] in page
    assert capsys.readouterr().out.startswith(TABLE["notebook.ipynb"])


def test_workflow(trained, tmp_path, monkeypatch):
    yaml = pytest.importorskip("yaml")
    workflow = yaml.safe_load((USE / "workflow.yml").read_text())
    steps = {s.get("name"): s.get("run") for s in workflow["jobs"]["check"]["steps"]}
    monkeypatch.chdir(trained)
    monkeypatch.setenv("PATH", f"{ROOT / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    def run(name):
        return subprocess.run(steps[name], shell=True, capture_output=True, text=True)

    assert steps["Train"] == "python train.py"
    diagnosis = run("Diagnose")
    assert diagnosis.returncode == 1
    assert diagnosis.stdout.startswith("::error")
    assert run("Summary").returncode == 0
    assert TABLE["numpy_loop.py"] in (tmp_path / "summary.md").read_text()
