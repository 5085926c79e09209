"""The instruction counts: what callgrind wrote is added up rightly, and compared with a margin."""

from pathlib import Path

import pytest

from benchmarks.instructions import __main__ as command
from benchmarks.instructions import callgrind, workloads

PROFILE = """\
ob=(1) /own
fn=(1) main
12 100
+3 20
cob=(2) /lib/libdnnl.so
calls=7 0
15 900
16 5
ob=(2)
fn=(2) kernel
1 4000
ob=(1)
* 1
"""


def test_only_the_lines_of_the_executable_count():
    assert callgrind.own_instructions(PROFILE, Path("/own")) == 126
    assert callgrind.own_instructions(PROFILE, Path("/lib/libdnnl.so")) == 4000


@pytest.mark.parametrize(
    ("found", "failed", "text"),
    [(109, False, "+9.00%"), (111, True, "find out"), (80, False, "fewer")],
)
def test_ten_percent_more_are_too_many(found, failed, text, capsys):
    assert command.too_many({"check": found}, {"check": 100}) == failed
    assert text in capsys.readouterr().out


def test_the_workloads_are_the_same_every_time(tmp_path):
    for name, workload in workloads.WORKLOADS:
        first, again = tmp_path / "first" / name, tmp_path / "again" / name
        workload(first), workload(again)
        files = [path for path in first.rglob("*") if path.is_file()]
        assert files
        for path in files:
            assert path.read_bytes() == (again / path.relative_to(first)).read_bytes()
