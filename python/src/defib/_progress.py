"""Progress bars, and stopping a running call: by the callback, by an exception, by Ctrl-C."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from html import escape
from typing import Any, TypeVar

from . import _native
from ._errors import Cancelled

Callback = Callable[[str, int, int], object]
Result = TypeVar("Result")


class Monitor(AbstractContextManager["Monitor"]):
    """Connects the engine's callback with the user.

    `progress` is None or False (silent), True (a bar beneath the cell of a notebook, or where
    stderr is a terminal and rich or tqdm is installed) or a callable (stage, done, total). A
    callable that raises stops the call, and its exception is what the user gets.
    """

    def __init__(self, progress: bool | Callback | None) -> None:
        self._stack = ExitStack()
        self._callback = self._callable(progress)
        self._stop = threading.Event()
        self._raised: BaseException | None = None
        self._stage, self._since = "", time.perf_counter()
        #: Stage -> the seconds that it took, in their order.
        self.seconds: dict[str, float] = {}
        self.pointer = _native.Progress(self._report)

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _callable(self, progress: bool | Callback | None) -> Callback | None:
        if progress is True:
            return _bar(self._stack)
        if progress is None or progress is False:
            return None
        if not callable(progress):
            raise TypeError("progress is True, False or a callable(stage, done, total)")
        return progress

    def _report(self, _: Any, stage: bytes | None, done: int, total: int) -> int:
        # No exception may leave this function: ctypes would print and drop it.
        try:
            if self._stop.is_set():
                return 1
            name = (stage or b"").decode("utf-8", "replace")
            if name != self._stage:
                self.turn(name)
            if self._callback is not None:
                self._callback(name, done, total)
        except BaseException as error:
            self._raised = error
            self._stop.set()
            return 1
        return 0

    def tell(self, stage: str, done: int, total: int) -> bool:
        """Report progress where the engine cannot; return False when the call must stop."""
        return self._report(None, stage.encode(), done, total) == 0

    def turn(self, stage: str = "") -> None:
        """End the stage so far, and begin another one."""
        now = time.perf_counter()
        if self._stage:
            before = self.seconds.get(self._stage, 0.0)
            self.seconds[self._stage] = before + now - self._since
        self._stage, self._since = stage, now

    def fail(self, error: BaseException) -> None:
        """Keep the error that the user gets when the engine says that the call was stopped."""
        self._raised = self._raised or error

    def run(self, work: Callable[[], Result]) -> Result:
        """Run `work`, a call of the engine that was given `pointer`.

        From the main thread the call moves to a thread of its own: Python delivers Ctrl-C to the
        main thread only between two of its own instructions, and never inside a C function.
        """
        outcome: list[Result] = []
        failure: list[BaseException] = []
        finished = threading.Event()

        def body() -> None:
            try:
                outcome.append(work())
            except BaseException as error:
                failure.append(error)
            finally:
                finished.set()

        if threading.current_thread() is threading.main_thread():
            threading.Thread(target=body, name="defib", daemon=True).start()
            self._wait(finished)
        else:
            body()
        if self._raised is not None and (not failure or isinstance(failure[0], Cancelled)):
            raise self._raised
        if failure:
            raise failure[0]
        return outcome[0]

    def _wait(self, finished: threading.Event) -> None:
        # Whatever interrupts, the wait goes on until the engine has stopped: it still reads the
        # arrays, which the caller is free to drop afterwards. (Thread.join will not do: an
        # interrupted one takes the thread for ended before Python 3.13.)
        try:
            while not finished.is_set():
                try:
                    finished.wait()
                except BaseException as error:
                    self._raised = self._raised or error
                    self._stop.set()
        finally:
            self._stop.set()
            finished.wait()


def _bar(stack: ExitStack) -> Callback | None:
    notebook = _notebook_bar(stack)
    if notebook is not None:
        return notebook
    if not sys.stderr.isatty():
        return None
    return _rich_bar(stack) or _tqdm_bar(stack)


def _notebook_bar(stack: ExitStack) -> Callback | None:
    """Return a bar beneath the running cell; None outside of a notebook."""
    shell = sys.modules.get("IPython")
    running = None if shell is None else shell.get_ipython()
    if running is None or not hasattr(running, "kernel"):
        return None
    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)
    stack.callback(lambda: handle.update(HTML("")))
    shown = ""

    def show(stage: str, done: int, total: int) -> None:
        nonlocal shown
        share = 100 * done // max(total, 1)
        text = f'<progress value="{share}" max="100"></progress> {escape(stage)} {share} %'
        # A message per percent: a kernel sends each one to the browser.
        if text != shown:
            shown = text
            handle.update(HTML(text))

    return show


def _rich_bar(stack: ExitStack) -> Callback | None:
    try:
        from rich.console import Console
        from rich.progress import Progress
    except ImportError:
        return None
    progress = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
    tasks: dict[str, Any] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = progress.add_task(stage)
        progress.update(tasks[stage], completed=done, total=total)

    return show


def _tqdm_bar(stack: ExitStack) -> Callback | None:
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    bar = stack.enter_context(tqdm(leave=False, file=sys.stderr))

    def show(stage: str, done: int, total: int) -> None:
        bar.total = total
        bar.set_description(stage, refresh=False)
        bar.n = done
        bar.refresh()

    return show
