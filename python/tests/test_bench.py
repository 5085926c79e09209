"""The benchmark compares like with like and reports correct figures; no time is judged here."""

import dataclasses
import json
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import defib  # noqa: E402
from benchmarks.replay import __main__ as command  # noqa: E402
from benchmarks.replay import (  # noqa: E402
    commands,
    hooks,
    limit,
    networks,
    plot,
    products,
    reference,
    sides,
    table,
    workloads,
)  # fmt: skip
from benchmarks.replay import turns as turning  # noqa: E402
from benchmarks.replay.measuring import Figures  # noqa: E402

NAMES = [workload.name for workload in workloads.WORKLOADS if not workload.is_large]


@pytest.fixture(autouse=True)
def _threads():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
    products.use_threads(before)


@pytest.fixture(scope="module", params=NAMES)
def prepared(request, tmp_path_factory):
    return table.BY_NAME[request.param].prepare(tmp_path_factory.mktemp("bench"), batches=2)


@pytest.mark.engine
def test_both_compute_the_same_loss(prepared):
    for threads in (1, 2):
        replay, plain = sides.Replay(prepared.run, threads), sides.PyTorch(prepared)
        assert replay() > 0
        plain()
        assert replay.loss == pytest.approx(plain.loss, rel=1e-4)


@pytest.mark.engine
def test_hooks_see_what_the_vitals_hold(prepared):
    vitals = {entry["layer"]: entry for entry in defib.vitals(prepared.single).layers}
    first = dataclasses.replace(prepared, batches=prepared.batches[:1])
    side = sides.PyTorch(first, hooks.Named())
    side()
    layers = dict(prepared.model.named_modules())
    compared = 0
    for name, found in side.collected:
        # These are one node of the graph each; an attention, for one, is many.
        if name not in vitals or not isinstance(layers[name], (torch.nn.Linear, torch.nn.ReLU)):
            continue
        if "mean" in found:
            figures = vitals[name]["forward"]
            expected = {
                "zeros": figures["zeros"], "mean": figures["mean"],
                "variance": np.square(figures["std"]), "min": figures["min"], "max": figures["max"],
            }  # fmt: skip
        else:
            expected = {key: vitals[name]["backward"][key] for key in ("mean_abs", "zeros", "norm")}
        for key, values in expected.items():
            # A value that rounds to zero on one side alone is a zero more.
            slack = 2 if key == "zeros" else 1e-6
            np.testing.assert_allclose(
                found[key].numpy(), values, rtol=2e-3, atol=slack, err_msg=f"{name} {key}"
            )
        compared += 1
    assert compared


@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 3), (2, 3, 4, 4)])
def test_the_tuned_hooks_find_what_the_named_ones_do(shape):
    values = torch.randn(shape).relu()
    named, tuned = hooks.Named(), hooks.Tuned()
    for a, b in (
        (named.forward(values), tuned.forward(values)),
        (named.backward(values), tuned.backward(values)),
    ):
        assert a.keys() == b.keys()
        for key in a:
            torch.testing.assert_close(a[key].float(), b[key], rtol=1e-4, atol=1e-5)
            assert a[key].shape == (3,)


def test_hooks_leave_the_model_as_it_was(tmp_path):
    prepared = table.BY_NAME["mlp-64"].prepare(tmp_path, batches=1)
    sides.PyTorch(prepared, hooks.Tuned())()
    assert not any(module._forward_hooks for module in prepared.model.modules())


def test_products_are_those_of_a_perceptron():
    assert products.products(torch.nn.Sequential(torch.nn.Conv1d(1, 1, 1)), 4) is None
    floor = products.products(table.BY_NAME["mlp-64"].build(), 4)
    if floor is None:
        pytest.skip("there is no oneDNN here")
    floor()


def test_every_side_has_a_turn_in_every_round(monkeypatch):
    monkeypatch.setattr(turning, "REST", 0)
    monkeypatch.setattr(turning, "_busy", lambda: 0.0)
    turns = []
    sides = {name: lambda name=name: turns.append(name) for name in "abc"}
    rounds = turning.alternate(sides, 2, 0, lambda _: None)
    assert turns == list("abcbcacab")
    assert [set(one.turns) for one in rounds] == [set("abc")] * 2


def test_rounds_are_repeated_while_others_work_and_the_quietest_count(monkeypatch):
    others = iter([9, 5, 0, 3, 0.05, 7])
    monkeypatch.setattr(
        turning, "_round", lambda sides: turning.Round(dict.fromkeys(sides), next(others))
    )
    rounds = turning.alternate({"a": None}, 2, 0, lambda _: None)
    assert [one.others for one in rounds] == [0, 0.05]
    assert next(others) == 7
    others = iter([9, 5, 4, 3, 2, 1, 6, 7])
    assert [one.others for one in turning.alternate({"a": None}, 2, 0, lambda _: None)] == [1, 2]
    assert next(others) == 7


def test_a_round_waits_for_others_to_come_to_rest(monkeypatch):
    looks = iter([0.9, 0.8, 0.0, 0.0, 0.0, 0.0, 5.0])

    def others(work):
        work()
        return next(looks)

    monkeypatch.setattr(turning, "LOOK", 0)
    monkeypatch.setattr(turning, "_others", others)
    assert len(turning.alternate({"a": lambda: None}, 1, 60, lambda _: None)) == 1
    assert next(looks) == 5.0


def figures(name, threads, defib_time, **others):
    milliseconds = {"defib": defib_time, **others}
    return Figures(
        name, threads, 32, 8, milliseconds, {k: defib_time / v for k, v in others.items()},
        defib_time / 2, 12.5, dict.fromkeys(milliseconds, 1.0), 0.0, {},
    )  # fmt: skip


ONE = [
    figures("mlp-512", 1, 6.0, plain=12.0, hooks=12.0, tuned=12.0, products=4.0),
    figures("lstm", 1, 0.45, plain=0.5, hooks=1.0, tuned=0.75),
]
TWO = [figures("mlp-512", 2, 4.0, plain=6.0, hooks=8.0, tuned=8.0, products=2.0)]


def cells(text):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]


def test_the_limit_counts_what_is_multiplied():
    model, rows = torch.nn.Sequential(torch.nn.Linear(8, 6), torch.nn.Linear(6, 4)), 5
    x, y = torch.randn(rows, 8), torch.randn(rows, 4)
    # Of the first layer nobody asks for the gradient of its input.
    wanted = 2 * rows * (2 * 8 * 6 + 3 * 6 * 4)
    assert limit.arithmetic(model, torch.nn.MSELoss(), x, y) == wanted
    recurrent = limit.arithmetic(networks.Recurrent(), torch.nn.CrossEntropyLoss(),
                                 torch.randn(2, 50, 64), torch.tensor([1, 2]))  # fmt: skip
    assert recurrent > 2 * 50 * 2 * 3 * 4 * 128 * (64 + 128)
    side = limit.Limit(operations=2.0 * limit.SIDE**3, batches=6)
    side()
    assert (side.count, side.factor) == (6, 1.0)


def test_the_table_of_times():
    rows = cells(table.times(ONE))
    assert rows[0] == [
        "workload", "Defib", "of it replay", "plain", "hooks", "tuned hooks", "products", "limit",
        "a call",
    ]  # fmt: skip
    assert rows[2] == ["mlp-512", "6.00", "3.00", "12.0", "12.0", "12.0", "4.00", "-", "12.5"]
    assert rows[3] == ["lstm", "0.450", "0.225", "0.500", "1.00", "0.750", "-", "-", "12.5"]
    assert len({len(line) for line in table.times(ONE).splitlines()}) == 1


def test_the_table_of_ratios_names_the_targets_of_one_thread():
    rows = cells(table.ratios(ONE))
    assert rows[2] == ["mlp-512", "0.50 (1.00 met)", "0.50", "0.50", "1.50 (1.25 missed)", "-"]
    assert rows[3] == ["lstm", "0.90 (1.00 met)", "0.45", "0.60", "-", "-"]
    assert cells(table.ratios(TWO))[2] == ["mlp-512", "0.67", "0.50", "0.50", "2.00", "-"]


def test_the_table_of_speedups():
    rows = cells(table.speedups({f.workload: f for f in ONE}, {f.workload: f for f in TWO}))
    assert rows[2:] == [["mlp-512", "1.50", "2.00", "1.50", "1.50", "2.00", "-", "1.85 missed"]]


def test_what_is_missed_is_said():
    assert table.summary(ONE + TWO).splitlines() == [
        "2 of 3 targets met",
        "mlp-512 / products: 1.50 instead of 1.25, 20 % too much",
    ]
    assert table.disturbed(ONE) == []
    (line,) = table.disturbed([dataclasses.replace(ONE[1], others=0.5), *TWO])
    assert line.startswith("lstm, threads: 1: do not trust it")
    assert "0.50 cores" in line


@pytest.mark.engine
def test_the_command(tmp_path, monkeypatch, capsys):
    small = dataclasses.replace(table.BY_NAME["mlp-64"], batches=2)
    monkeypatch.setattr(command, "WORKLOADS", (small,))
    monkeypatch.setattr(turning, "REPEATS", 1)
    target, image = tmp_path / "figures.json", tmp_path / "ratios.svg"
    arguments = [
        "--only",
        "mlp-64",
        "--rounds",
        "2",
        "--patience",
        "0",
        "--json",
        target,
        "--plot",
        image,
    ]
    monkeypatch.setattr(sys, "argv", ["bench", *map(str, arguments)])
    assert command.main() == 0
    output = capsys.readouterr()
    assert "2 batches of 32" in output.out
    assert "One thread each" in output.out
    assert "Two threads each" in output.out
    found = json.loads(target.read_text())
    assert found["rounds"] == 2
    assert [entry["threads"] for entry in found["figures"]] == [1, 2]
    assert set(found["figures"][0]["milliseconds"]) == {"defib", "plain", "hooks", "tuned", "limit"}
    assert all(len(turns) == 2 for turns in found["figures"][0]["rounds"].values())
    assert image.exists() if plot.available() else "matplotlib" in output.err


def test_changes_of_ratios_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "FILE", tmp_path / "ratios.json")
    assert "nothing to compare with" in reference.changes({"a": 1.0})
    reference.store({"a": 1.0, "b": 2.0})
    reference.store({"a": 0.5})
    assert reference.load()["ratios"] == {"a": 0.5, "b": 2.0}
    told = reference.changes({"a": 0.75, "c": 1.0})
    assert "a: 0.750, was 0.500, +50 %" in told
    assert "c: 1.000, not stored" in told


def test_commands_are_told_with_their_targets():
    command = commands.Command("x", "a command", lambda _: {}, targets={"other": 0.5}, most=2)
    found = commands.Taken("x", {"defib": 3.0, "other": 30.0}, {"other": 0.1}, others=0.0)
    told = table.processes([found], [command])
    assert "3.00 ms, missed: at most 2 ms" in told
    assert "other 30.0 ms: 10.0 times as long, met: at most 0.5 of it" in told


@pytest.mark.engine
def test_a_small_check_and_its_script_run(tmp_path):
    for side in commands.small_check(tmp_path).values():
        side()


def test_a_check_is_measured_by_size():
    from benchmarks.sizes.__main__ import line
    from benchmarks.sizes.measure import measured

    found = measured(8, 1, 200)
    assert (found["network"], found["parameters"]) == ("64-8-1", 64 * 8 + 8 + 8 + 1)
    assert found["seconds"] >= 0
    assert found["megabytes"] >= 0
    found |= {"seconds": 1.25, "megabytes": 9, "left_out": ["a", "b"]}
    assert line(found) == "| 64-8-1 | 529 | 200 | 1.2 s | 9 MB | `a`, `b` |"
