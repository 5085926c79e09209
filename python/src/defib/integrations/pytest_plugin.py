"""The plugin of pytest: a fixture that checks a network, and a baseline of known faults."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .._baseline import Baseline
    from .._report import Report


def pytest_addoption(parser: Any) -> None:
    """Add the options."""
    group = parser.getgroup("defib", "checks of neural networks")
    group.addoption(
        "--defib-baseline", metavar="FILE", help="known faults: only a new cause fails a test"
    )
    group.addoption(
        "--defib-write-baseline", action="store_true",
        help="take what is found now for known, and write the file of --defib-baseline",
    )  # fmt: skip
    group.addoption(
        "--defib-summary", action="store_true",
        help="add the reports to the summary of the running job of GitHub Actions",
    )  # fmt: skip
    parser.addini("defib_baseline", "the file of --defib-baseline, from the folder of this file")


class _Session:
    """What the tests of a session share."""

    def __init__(self, config: Any) -> None:
        from .._baseline import Baseline

        path = config.getoption("defib_baseline")
        if path is None and config.getini("defib_baseline"):
            path = config.rootpath / config.getini("defib_baseline")
        self.path = path
        self.writes = bool(config.getoption("defib_write_baseline"))
        self.summary = bool(config.getoption("defib_summary"))
        if self.writes and path is None:
            raise pytest.UsageError("--defib-write-baseline needs --defib-baseline FILE")
        fresh = path is None or (self.writes and not os.path.exists(path))
        self.baseline: Baseline = Baseline() if fresh else Baseline.read(path)

    def judge(self, report: Report, name: str) -> None:
        """Hold a report against the baseline, or take it into it."""
        __tracebackhide__ = True
        from .._baseline import assert_healthy
        from .trackers import step_summary

        if self.summary:
            step_summary(report)
        if self.writes:
            self.baseline.accept(report, name)
        elif self.path is None:
            assert_healthy(report)
        else:
            assert_healthy(report, self.baseline, name=name)


@pytest.fixture(scope="session")
def _defib_session(request: Any) -> Any:
    from .._errors import InvalidArgument

    try:
        session = _Session(request.config)
    except InvalidArgument as error:
        raise pytest.UsageError(str(error)) from error
    yield session
    if session.writes:
        session.baseline.write(session.path)


@pytest.fixture
def defib_check(request: Any, _defib_session: Any) -> Callable[..., Report]:
    """Return a function with the arguments of `defib.check`, which fails the test by its report.

    With a baseline, only a cause that it does not know for this test fails it.
    """
    count = 0

    def check(*arguments: Any, **settings: Any) -> Report:
        __tracebackhide__ = True
        nonlocal count
        from .._api import check as plain

        count += 1
        report = plain(*arguments, **settings)
        name = request.node.nodeid + (f"#{count}" if count > 1 else "")
        _defib_session.judge(report, name)
        return report

    return check
