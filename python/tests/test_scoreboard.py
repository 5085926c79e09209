"""The diagnosis on faults that people reported, on injected ones, and on sound models.

The bounds are those that the project promises; `make scoreboard` prints the board itself.
"""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from benchmarks.diagnosis import __main__ as command  # noqa: E402
from benchmarks.diagnosis import cases, healthy  # noqa: E402
from benchmarks.diagnosis.healthy import fitting  # noqa: E402

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def _one_thread(tmp_path_factory, monkeypatch):
    monkeypatch.setattr(command, "CACHE", tmp_path_factory.mktemp("runs"))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_repair_changes_what_it_names_and_nothing_else():
    case = {
        "layers": [{"type": "dense", "init": "zeros"}],
        "data": {"generator": "moons", "args": {"n": 5}},
        "repair": {
            "changes": [
                {"path": "layers.0.init", "value": "he_normal"},
                {"path": "data.preprocessing", "value": []},
            ]
        },
    }
    repaired = cases.repaired(case)
    assert repaired["layers"] == [{"type": "dense", "init": "he_normal"}]
    assert repaired["data"] == {"generator": "moons", "args": {"n": 5}, "preprocessing": []}
    assert case["layers"][0]["init"] == "zeros"


def test_causes_that_were_only_inferred_do_not_count():
    faults = [
        {"code": "LR_LOW", "primary": False, "by": "answer"},
        {"code": "DATA_NAN", "primary": True, "by": "answer"},
        {"code": "IN_SCALE", "primary": True, "by": "inferred"},
    ]
    assert cases.accepted({"faults": faults}) == [
        "non-finite", "learning-rate-too-low", "too-few-updates",
    ]  # fmt: skip


@pytest.mark.parametrize("collection", cases.COLLECTIONS)
def test_faults_are_named_and_repairs_are_left_alone(collection):
    chosen = cases.load(collection)
    faulty = command.verdicts(chosen, [0], "faulty")
    missed = [verdict.name for verdict in faulty if not verdict.detected]
    assert len(missed) <= 0.02 * len(faulty), missed
    late = [(v.name, v.causes, v.accepted) for v in faulty if v.rank is None or v.rank > 3]
    assert len(late) <= 0.1 * len(faulty), late
    behind = [(v.name, v.causes) for v in faulty if v.rank != 1]
    assert len(behind) <= 0.25 * len(faulty), behind

    alarmed = [(v.name, v.errors) for v in command.verdicts(chosen, [0], "repaired") if v.errors]
    assert len(alarmed) <= 0.03 * len(chosen), alarmed


def test_a_model_that_does_not_learn_is_not_called_sound(tmp_path):
    x, y = torch.randn(60, 3), torch.randint(2, (60,))
    recipe = fitting.Recipe(epochs=1, least=0.99)
    with pytest.raises(fitting.NotLearned, match="reaches"):
        fitting.fit(
            tmp_path / "noise", torch.nn.Linear(3, 2), x, y, torch.nn.CrossEntropyLoss(),
            fitting.accuracy, recipe,
        )  # fmt: skip
    assert not (tmp_path / "noise").exists()


def test_sound_models_raise_no_error(tmp_path):
    found = healthy.verdicts(tmp_path, "", lambda _: None)
    assert len(found) >= 96
    assert not [(verdict.name, verdict.errors) for verdict in found if verdict.errors]
    warned = [(verdict.name, verdict.warnings) for verdict in found if verdict.warnings]
    assert len(warned) <= 0.03 * len(found), warned
