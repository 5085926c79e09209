"""How the package is laid: which files every exporter has, and that imports go one way."""

import ast
from pathlib import Path

import pytest

import defib

ROOT = Path(defib.__file__).parent
EXPORTERS = ROOT / "exporters"
FRAMEWORKS = sorted(folder.parent.name for folder in EXPORTERS.glob("*/build.py"))
PARTS = ("build", "graph", "names", "loss", "optimizer", "proof")
#: what a framework does not have: a model of ONNX is a graph without loss and optimizer, whose
#: operators are those of a run; `defib.Sequential` has names of its own, and losses by name alone
MISSING = {
    "onnx": {"loss.py", "optimizer.py", "layers or ops"},
    "sequential": {"loss.py", "optimizer.py", "names.py", "proof.py"},
}


def module_of(file):
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(file): file for file in ROOT.rglob("*.py")}


def imported(name):
    """Return the modules of the package that a module imports, inside of functions too."""
    file = MODULES[name]
    package = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
    found = set()
    for node in ast.walk(without_type_checking(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module or "").split(".")
            base = ".".join(part for part in base if part)
            inner = {f"{base}.{alias.name}" for alias in node.names}
            submodules = inner & MODULES.keys()
            found |= submodules
            if len(submodules) < len(inner):
                found.add(base)
    return found


def without_type_checking(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    return tree


def test_every_exporter_has_the_same_files():
    assert FRAMEWORKS == ["keras", "onnx", "sequential", "sklearn", "torch"]
    common = {
        f"{name}.py"
        for name in ["__init__", "build", "graph", "names", "loss", "optimizer", "proof"]
    }
    for framework in FRAMEWORKS:
        folder = EXPORTERS / framework
        missing = {name for name in common if not (folder / name).is_file()}
        if not any((folder / name).exists() for name in ("layers", "ops")):
            missing.add("layers or ops")
        assert missing == MISSING.get(framework, set()), framework


def test_imports_go_in_no_circle():
    edges = {name: imported(name) for name in MODULES}
    assert edges["defib._api"] >= {"defib._engine", "defib.exporters"}
    done, path = set(), []

    def follow(name):
        if name in path:
            pytest.fail(" -> ".join([*path[path.index(name) :], name]))
        if name in done:
            return
        path.append(name)
        for other in sorted(edges[name]):
            follow(other)
        path.pop()
        done.add(name)

    for name in sorted(edges):
        follow(name)


def test_no_two_classes_share_a_name_but_for_what_every_exporter_has():
    places = {}
    for name, file in MODULES.items():
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(name)
    shared = {name: found for name, found in places.items() if len(found) > 1}
    assert set(shared) <= {"Call", "Lowering", "Prover"}, shared
