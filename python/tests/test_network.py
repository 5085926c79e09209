"""Nothing speaks to a network: no export, check, report or revive, and nothing in the engine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from defib import _native

pytestmark = pytest.mark.engine

HERE = Path(__file__).parents[1]

#: What a program calls that opens a connection, waits for one, or looks up a name; a socketpair,
#: which Foundation knows, joins two ends on the same machine.
CALLS = {
    "socket", "connect", "bind", "listen", "accept", "accept4", "send", "sendto",
    "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg", "getaddrinfo",
    "getnameinfo", "gethostbyname", "gethostbyname_r", "gethostbyaddr", "res_query", "res_search",
    "curl_easy_init", "SSL_connect",
}  # fmt: skip

#: All that a user does, in a process that has no network where the system allows that, and in
#: which every socket is an error.
PROGRAM = """
import ctypes, os, pathlib, sys
unshared = ctypes.CDLL(None).unshare(0x40000000) == 0
import numpy as np
seen = []
def hook(event, _):
    if event.startswith("socket.") and event != "socket.gethostname" or event == "urllib.Request":
        seen.append(event)
        raise RuntimeError(event)
sys.addaudithook(hook)
import defib
from defib import _commands
folder = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(0)
x = rng.standard_normal((400, 8)).astype(np.float32)
y = (x @ rng.standard_normal((8, 1)) + 3).astype(np.float32)
model = defib.Sequential(defib.Dense(np.ones((8, 1), np.float32), [1.0], name="out"))
training = dict(loss="mse", optimizer={"kind": "sgd", "learning_rate": 1e-5}, batch_size=50)
run = defib.export(folder / "run", model, x, y, **training)
report = defib.check(run)
report.to_html(folder / "page.html")
for name in ("text", "json", "html", "markdown", "github", "sarif", "junit"):
    report.render(name)
defib.vitals(run), defib.replay(run), defib.inspect(folder / "run"), defib.rules()
sys.argv = ["defib", "revive", str(folder / "run"), "--output", str(folder / "revived"), "--quiet",
            "--effort", "0.05"]
assert _commands.defib() == 0
assert (folder / "revived" / "run.json").exists()
open_ones = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")
             if os.path.lexists(f"/proc/self/fd/{n}")]
assert not [name for name in open_ones if name.startswith("socket:")], open_ones
print("unshared" if unshared else "shared", seen)
"""


def test_nothing_that_a_user_does_opens_a_socket(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(HERE / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "[]"


def test_a_socket_would_be_seen(tmp_path: Path) -> None:
    """The test above can fail."""
    start = PROGRAM[: PROGRAM.index("import defib\n")]
    done = subprocess.run(
        [sys.executable, "-c", f"{start}\nimport socket\nsocket.socket()", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "RuntimeError: socket." in done.stderr


def needed(library: str) -> set[str]:
    """The functions that a library takes from elsewhere."""
    if shutil.which("nm") is None:
        pytest.skip("there is no nm")
    told = subprocess.run(
        ["nm", "-D", "--undefined-only", library], capture_output=True, text=True, check=True
    )
    return {line.split()[-1].partition("@")[0] for line in told.stdout.splitlines() if line}


def test_the_engine_takes_no_function_of_a_network_from_the_system() -> None:
    library = _native.library()._name
    found = needed(library)
    assert {"read", "write"} & found
    assert not found & CALLS
    with open("/proc/self/maps") as maps:
        mapped = {line.split()[-1] for line in maps if "/" in line}
    libraries = {path for path in mapped if re.search(r"/lib(dnnl|gomp|OpenCL|defib)[^/]*$", path)}
    assert library in libraries or len(libraries) > 1
    assert not {path for path in libraries if needed(path) & CALLS}


def test_a_library_with_sockets_would_be_seen() -> None:
    import _socket

    if getattr(_socket, "__file__", None) is None:
        pytest.skip("the module socket is part of the interpreter")
    assert needed(_socket.__file__) & CALLS
