"""The collections of loops: what they hold, and the diagnosis of a small share of them.

`make scoreboard` prints all of them.
"""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from benchmarks.diagnosis import board, loops  # noqa: E402
from benchmarks.diagnosis.loops import faults, numpy_faults, sound_updates, torch_sound  # noqa: E402
from benchmarks.diagnosis.loops.script import Script, Setup  # noqa: E402

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _quiet(_):
    pass


def test_every_case_has_a_name_of_its_own_and_rules_that_name_it():
    found = list(loops.faulty())
    assert len({case.id for case in found}) == len(found) >= 44
    assert all(case.accepted for case in found)
    names = [name for name, _ in torch_sound.loops()]
    assert len(set(names)) == len(names) >= 64


@pytest.mark.parametrize("kind", ["clipped-gradients", "decayed-learning-rate"])
def test_most_scripts_do_not_tell_their_clip_or_schedule(kind):
    rows = [case.id for case in loops.faulty() if case.accepted[0] == kind]
    assert sum("told" in name for name in rows) <= len(rows) / 2


def test_a_loop_and_its_repair_start_alike_and_end_apart():
    case = next(case for case in faults.cases() if case.id.startswith("never-cleared-digits"))
    wrong, right = case.make(True), case.make(False)
    for name, start in wrong.given["initial"].items():
        assert torch.equal(start, right.given["initial"][name])
    assert wrong.skill < 0.5 < right.skill


def test_a_gradient_by_hand_is_that_of_pytorch():
    network = numpy_faults.Numpy("blobs", "tanh", 0.1, 1)
    told = network.train()
    x, y = torch.tensor(told.x[:32]).double(), torch.tensor(told.y[:32])
    weights = [torch.tensor(w, requires_grad=True) for w in network.weights]
    first, second, third, fourth, fifth, sixth = weights
    hidden = torch.tanh(torch.tanh(x @ first + second) @ third + fourth)
    loss = torch.nn.functional.cross_entropy(hidden @ fifth + sixth, y)
    loss.backward()
    targets = torch.nn.functional.one_hot(y, 6).numpy()
    by_hand, gradients = network._back(x.numpy(), targets, True)
    assert by_hand == pytest.approx(loss.item())
    for gradient, weight in zip(gradients, weights, strict=True):
        assert gradient == pytest.approx(weight.grad.numpy(), abs=1e-7)


def test_a_fault_that_does_no_harm_is_an_error(tmp_path, monkeypatch):
    def make(_):
        script = Script(Setup("moons-mlp", "adam", 0.01, 20))
        sound_updates.plain(script)
        return script.told()

    monkeypatch.setattr(loops, "faulty", lambda: iter([faults.Case("none", ("x",), make)]))
    with pytest.raises(loops.NotAsMeant, match="with its fault and"):
        loops.verdicts(tmp_path, "", _quiet)


def test_a_share_of_the_faults_is_found_and_their_repairs_are_left_alone(tmp_path, capsys):
    told = loops.verdicts(tmp_path, "moons", _quiet)
    told = {
        way: told[way] + more
        for way, more in loops.verdicts(tmp_path, "head-only-table", _quiet).items()
    }
    assert [v.name for v in told["full"]] == [v.name for v in told["repaired"]]
    assert not [(v.name, v.errors) for v in told["repaired"] if v.errors]
    heads = [v for v in told["full"] if v.name.startswith("head-only")]
    assert heads
    assert all(v.rank == 1 for v in heads), [(v.name, v.causes) for v in heads]
    figures = board.print_loops(told)
    assert figures["runs"] == len(told["full"])
    assert "unoptimized-parameters" in capsys.readouterr().out


def test_a_share_of_the_sound_loops_raises_no_error(tmp_path):
    found = loops.sound(tmp_path, "moons", _quiet) + loops.sound(tmp_path, "numpy", _quiet)
    assert len(found) >= 8
    assert not [(v.name, v.errors) for v in found if v.errors]
