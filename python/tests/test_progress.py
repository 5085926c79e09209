"""Stopping a call: stands in for the engine with a function that calls the callback."""

import signal
import threading
import time

import numpy as np
import pytest

import defib
from defib._errors import Cancelled
from defib._progress import Monitor


def engine(monitor, steps=200):
    """Call back as the engine would, until told to stop."""

    def work():
        for step in range(steps):
            if monitor.pointer(None, b"replay", step, steps):
                raise Cancelled("stopped")
            time.sleep(0.01)
        return "done"

    return work


def test_callable_sees_every_step():
    seen = []
    monitor = Monitor(lambda *step: seen.append(step))
    assert monitor.run(engine(monitor, 3)) == "done"
    assert seen == [("replay", 0, 3), ("replay", 1, 3), ("replay", 2, 3)]


def test_stages_are_timed():
    monitor = Monitor(None)
    for stage in (b"data", b"data", b"replay", b"data"):
        monitor.pointer(None, stage, 0, 1)
    monitor.turn()
    assert list(monitor.seconds) == ["data", "replay"]
    assert all(seconds > 0 for seconds in monitor.seconds.values())


def test_a_report_tells_what_its_stages_took():
    x = np.arange(40.0, dtype=np.float32).reshape(20, 2)
    model = defib.Sequential(defib.Dense(np.ones((2, 1), np.float32), np.zeros(1, np.float32)))
    report = defib.check(model, x, x[:, :1], loss="mse")
    assert next(iter(report.seconds)) == "export"
    assert len(report.seconds) > 1
    assert all(seconds > 0 for seconds in report.seconds.values())
    # Times are none of the report: it stays the same in every run.
    assert "seconds" not in report.to_dict()
    assert defib.Report.from_dict(report.to_dict()).seconds == {}


@pytest.mark.parametrize("kind", [KeyError, KeyboardInterrupt])
def test_what_the_callable_raises_comes_out(kind):
    def bad(*_):
        raise kind("mine")

    monitor = Monitor(bad)
    with pytest.raises(kind, match="mine"):
        monitor.run(engine(monitor))


def test_interrupt_stops_the_engine():
    monitor = Monitor(None)
    # A shell that started the tests in the background has told them to ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    main = threading.main_thread().ident
    timer = threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    ended = []

    def work():
        try:
            engine(monitor, 1000)()
        finally:
            time.sleep(0.1)
            ended.append(True)

    try:
        with pytest.raises(KeyboardInterrupt):
            monitor.run(work)
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended == [True]


def test_another_thread_works_too():
    result = []
    monitor = Monitor(None)
    thread = threading.Thread(target=lambda: result.append(monitor.run(engine(monitor, 2))))
    thread.start()
    thread.join()
    assert result == ["done"]


def test_errors_of_the_engine_come_out():
    def work():
        raise defib.InvalidRun("run.json: found 1, expected 2")

    with pytest.raises(defib.InvalidRun, match="expected 2"):
        Monitor(None).run(work)


def test_no_bar_without_a_terminal(capsys):
    monitor = Monitor(True)
    assert monitor.run(engine(monitor, 2)) == "done"
    assert capsys.readouterr() == ("", "")


def test_progress_is_checked():
    with pytest.raises(TypeError, match="callable"):
        Monitor("yes")
