"""Runs the node test cases of the onnx package against the engine, one in-memory run per case."""

import functools
import re
import warnings
from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
import onnx
from conformance_reasons import REASONS
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

from defib import DefibError, _engine
from defib._progress import Monitor
from defib.exporters import RunDocument
from defib.exporters.onnx.graph import write
from defib.exporters.onnx.load import Loaded

#: Operators that the engine lacks and the exporter replaces or works out itself.
REPLACED = {"CastLike", "Mod"}


class NotComparable(Exception):
    """A case that has no counterpart in a run at all."""


@functools.cache
def every_case():
    """Return all cases by name; computing their expected values takes some seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # overflows that the cases mean to have
        return {case.name: case for case in collect_testcases(None)}


#: Operators of the engine that ONNX lacks.
OWN = {"StopGradient"}


@functools.cache
def operators():
    """Return the names of the engine's operators of ONNX."""
    listed = _engine.parsed("defib_catalogue")["operators"]
    return tuple(entry["name"] for entry in listed if entry["name"] not in OWN)


def operator(case):
    """Return the operator that a case is about, whether as a node or expanded into others."""
    base = every_case().get(re.sub(r"_expanded(_ver\d+)?$", "", case.name), case)
    return base.model.graph.node[0].op_type


def expanded(case):
    """Whether the case spells out its operator as a graph of others."""
    return re.search(r"_expanded(_ver\d+)?$", case.name) is not None


def supported():
    """Return the names of the cases that the engine must run, in order."""
    known = set(operators()) | REPLACED
    return sorted(
        name
        for name, case in every_case().items()
        if all(n.op_type in known and n.domain in ("", "ai.onnx") for n in case.model.graph.node)
        and operator(case) not in REPLACED
    )


def reason(name):
    """Return why a case is known to fail; None when it must pass."""
    if name in REASONS:
        return REASONS[name]
    return next((text for key, text in REASONS.items() if fnmatchcase(name, key)), None)


def run(case):
    """Run a case and compare.

    Raises an AssertionError where a value differs, a DefibError where the engine or the exporter
    refuses, and NotComparable where the case is not about arrays of numbers.
    """
    for given, expected in case.data_sets:
        outputs = replay(case.model, given)
        names = [value.name for value in case.model.graph.output]
        for name, wanted in zip(names, expected, strict=True):
            compare(outputs[name], _array(wanted), case.rtol, case.atol, name)


def replay(model, given):
    """Replay a model whose inputs are all parameters, and return its outputs by name."""
    frozen = onnx.ModelProto()
    frozen.CopyFrom(model)
    values = list(frozen.graph.input)
    del frozen.graph.input[:]
    for value, array in zip(values, given, strict=True):
        frozen.graph.initializer.append(_tensor(array, value.name))
    document = RunDocument("onnx", onnx.__version__)
    write(document, Loaded(frozen, None), {}, mode=None, trainable=[])
    with _engine.created(document.to_json(), document.arrays) as handle:
        chosen = _engine.options(Monitor(None), workers=1)
        return _engine.replay(handle, chosen)[0]


def compare(found, wanted, rtol, atol, name):
    """Compare a result of the engine, as the type that was expected."""
    assert found.shape == wanted.shape, f"{name}: shape {found.shape}, expected {wanted.shape}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if wanted.dtype.kind in "biu":
            np.testing.assert_array_equal(found.astype(wanted.dtype), wanted, name)
        else:
            cast = found.astype(wanted.dtype).astype(np.float64)
            np.testing.assert_allclose(cast, wanted.astype(np.float64), rtol, atol, err_msg=name)


def outcome(case):
    """Run a case and say in a line what went wrong; None when nothing did."""
    try:
        run(case)
    except (AssertionError, DefibError, NotComparable) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return f"{type(error).__name__}: {' | '.join(lines[:12])}"
    return None


def page():
    """Return the page docs/conformance.md."""
    counts = {name: [0, 0, 0, 0] for name in operators()}
    listed: dict[str, dict[str, list[str]]] = {}
    for name in supported():
        case = every_case()[name]
        op, why = operator(case), reason(name)
        row = counts.setdefault(op, [0, 0, 0, 0])
        if why is None:
            row[2 if expanded(case) else 0] += 1
        else:
            row[3 if expanded(case) else 1] += 1
            listed.setdefault(op, {}).setdefault(why, []).append(name)
    return _page(counts, listed)


def _page(counts, listed):
    total = [sum(row[i] for row in counts.values()) for i in range(4)]
    lines = [
        "<!-- Written by `scripts/conformance --write`: do not edit. -->",
        "",
        "# ONNX conformance",
        "",
        f"The onnx package {onnx.__version__} holds {len(every_case())} test cases for single "
        "operators. Every case whose operators the engine has is replayed and compared within the "
        'case\'s own tolerance; it passes, or a reason is written down. "Expanded" cases spell '
        "out one operator as a graph of others.",
        "",
        f"{total[0] + total[2]} cases pass, {total[1] + total[3]} carry a reason.",
        "",
        "| operator | passed | with a reason | total | expanded: passed | with a reason |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for op in sorted(counts):
        a, b, c, d = counts[op]
        lines.append(f"| `{op}` | {a} | {b} | {a + b} | {c} | {d} |")
    lines += ["", "## Reasons", ""]
    for op in sorted(listed):
        for why, names in sorted(listed[op].items()):
            lines.append(f"- `{op}`: {why}: {', '.join(f'`{n}`' for n in sorted(names))}")
    return "\n".join(lines) + "\n"


def _tensor(value, name):
    if isinstance(value, onnx.TensorProto):
        tensor = onnx.TensorProto()
        tensor.CopyFrom(value)
        tensor.name = name
        return tensor
    if value is None or isinstance(value, Sequence):
        raise NotComparable(f"input {name} is a sequence or nothing")
    array = np.asarray(value)
    if array.dtype.kind in "OUS":
        raise NotComparable(f"input {name} holds texts")
    return helper.make_tensor(
        name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape,
        np.ascontiguousarray(array).tobytes(), raw=True,
    )  # fmt: skip


def _array(value):
    if isinstance(value, onnx.TensorProto):
        value = numpy_helper.to_array(value)
    if value is None or isinstance(value, Sequence):
        raise NotComparable("an output is a sequence or nothing")
    array = np.asarray(value)
    if array.dtype.kind in "OUS":
        raise NotComparable("an output holds texts")
    return array
