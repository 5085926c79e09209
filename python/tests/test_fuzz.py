"""Hundreds of damaged runs: each ends in a report or in an error, and none ends the process."""

import os
import signal

import pytest

import defib
from benchmarks.fuzz import files
from fuzz import cases, drive, zoo
from fuzz.mutations import MUTATIONS

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def runs():
    return zoo.zoo()


def survey(runs, folder, chosen, **budget):
    return drive.survey(drive.Driver(runs, folder, drive.Budget(**budget)), chosen, lambda _: None)


def test_a_case_is_what_its_seed_and_its_number_say(runs):
    names = list(runs)
    assert cases.case(3, 17, names) == cases.case(3, 17, names)
    assert cases.case(3, 17, names) != cases.case(3, 18, names)
    drawn = [cases.build(cases.case(3, number, names), runs).text for number in range(30)]
    again = [cases.build(cases.case(3, number, names), zoo.zoo()).text for number in range(30)]
    assert drawn == again


def test_the_zoo_is_sound_and_every_change_changes_something(runs, tmp_path):
    whole = [cases.Case(0, n, base, cases.FOLDER, ()) for n, base in enumerate(runs)]
    assert survey(runs, tmp_path, whole).counts == {"done": len(runs)}
    for name in MUTATIONS:
        chosen = [cases.Case(0, n, base, cases.MEMORY, ((name, n),)) for n, base in enumerate(runs)]
        built = [cases.build(case, runs) for case in chosen]
        changed = [
            b.text != runs[c.base].text or b.raw or b.arrays.keys() != runs[c.base].arrays.keys()
            or any(b.arrays[p] is not runs[c.base].arrays[p] for p in b.arrays)
            for b, c in zip(built, chosen, strict=True)
        ]  # fmt: skip
        assert any(changed), name


def test_damaged_runs_end_in_a_report_or_an_error(runs, tmp_path):
    chosen = [cases.case(2026, number, list(runs)) for number in range(300)]
    summary = survey(runs, tmp_path, chosen)
    assert not [(f.kind, str(f.small or f.case), f.text) for f in summary.failures]
    assert sum(summary.counts.values()) == len(chosen)
    assert summary.counts["done"] > 30
    assert summary.counts["refused"] > 30


@pytest.mark.parametrize(
    ("body", "kind"),
    [("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "trap"),
     ("while True: pass", "hang"), ("raise ValueError('odd')", "wrong")],
)  # fmt: skip
def test_what_goes_wrong_is_caught_and_made_small(body, kind, runs, tmp_path, monkeypatch):
    # A stand-in for the engine: it fails on runs that name an optimizer which is none.
    fake = tmp_path / "sitecustomize.py"
    fake.write_text(
        "import defib._engine as e\nreal = e.created\n"
        "def created(text, arrays, *rest):\n"
        f'    if \'"kind": "adagrad"\' in text:\n        {body}\n'
        "    return real(text, arrays, *rest)\ne.created = created\n"
    )
    path = f"{tmp_path}:{drive.PYTHON / 'src'}"
    monkeypatch.setenv("PYTHONPATH", path)
    guilty = next(
        seed for seed in range(99)
        if '"adagrad"' in cases.build(
            cases.Case(0, 1, "dense", cases.MEMORY, (("settings.optimizer", seed),)), runs
        ).text
    )  # fmt: skip
    steps = (("settings.history", 1), ("settings.optimizer", guilty), ("arrays.value", 5))
    chosen = [
        cases.Case(0, 0, "lstm", cases.MEMORY, ()),
        cases.Case(0, 1, "dense", cases.MEMORY, steps),
        cases.Case(0, 2, "dense", cases.MEMORY, ()),
    ]
    summary = survey(runs, tmp_path, chosen, seconds=3)
    assert summary.counts == {"done": 2, kind: 1}
    (failure,) = summary.failures
    assert failure.case.number == 1
    assert failure.small.steps == (("settings.optimizer", guilty),)


def test_damaged_files_end_in_an_inspection_or_an_error():
    sound = files.whole()
    assert files.case(3, 17, sound) == files.case(3, 17, sound) != files.case(3, 18, sound)
    outcome = files.survey(400, 2026)
    assert not outcome.failures
    assert outcome.read > 20
    assert outcome.refused > 200
    assert outcome.read + outcome.refused == 400


@pytest.mark.parametrize(
    ("end", "cause"),
    [(lambda: os.kill(os.getpid(), signal.SIGILL), "signal 4"),
     (lambda: sum(range(300_000_000)), "too slow"), (lambda: 1 / 0, "raised"),
     (lambda: bytearray(2 << 30), "raised")],
)  # fmt: skip
def test_a_file_that_fails_is_saved(end, cause, tmp_path, monkeypatch):
    real = defib.inspect

    def inspect(path, **options):
        if path.suffix == ".npz":
            end()
        return real(path, **options)

    monkeypatch.setattr(defib, "inspect", inspect)
    monkeypatch.setattr(files, "FAILURES", tmp_path)
    sound = files.whole()
    guilty = [n for n in range(12) if files.case(5, n, sound)[0] == "npz"]
    outcome = files.survey(12, 5)
    assert guilty
    assert [str(tmp_path / f"file-5-{n}.npz") in f for n, f in
            zip(guilty, outcome.failures, strict=True)] == [True] * len(guilty)  # fmt: skip
    assert all(failure.startswith(cause) for failure in outcome.failures)
    assert (tmp_path / f"file-5-{guilty[0]}.npz").read_bytes() == files.case(5, guilty[0], sound)[1]
