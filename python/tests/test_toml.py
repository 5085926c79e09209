"""Files of settings beside Python's own reader of TOML: whatever it takes, the engine takes."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import defib

tomllib = pytest.importorskip("tomllib", reason="Python 3.11 brings it")
pytestmark = pytest.mark.engine

DOCUMENT = """\
# of others
title = "x \\u00e9 \\n"
[project]
name = 'y'
dependencies = [
  "a",  # first
  "b",
]
when = 1979-05-27T07:32:00Z
most = [inf, -nan, 0xFF, 1_000, 3.5e-2, true]
long = \"\"\"
a "quoted" \\
   line\"\"\"
longer = '''it's
two'''
"quoted key".b = {c = 1, d = [1, {e = 2}]}
[[tool.x]]
a = 1
[[tool.x]]
[tool.x.sub]
q = 07:32:00
[tool.defib]
ignore = ["zero-gradient"]
dead-units.warn-share = 0.9
"""

EDITS = st.lists(
    st.tuples(
        st.integers(0, len(DOCUMENT) - 1), st.integers(0, 2),
        st.sampled_from("[]{}\",'\n=#.\\ a1-\t\0é"),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    x = np.linspace(-1, 1, 8, dtype=np.float32)[:, None]
    model = defib.Sequential(defib.Dense(np.ones((1, 1), np.float32), np.zeros(1, np.float32)))
    return defib.export(tmp_path_factory.mktemp("project") / "run", model, x, x, loss="mse").path


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(EDITS)
def test_what_python_takes_is_taken_and_nothing_traps(run, edits):
    text = list(DOCUMENT)
    for place, kind, character in edits:
        if kind == 0:
            text[place % len(text)] = character
        elif kind == 1:
            text.insert(place, character)
        elif text:
            del text[place % len(text)]
    document = "".join(text)
    (run.parent / "pyproject.toml").write_text(document, newline="")
    try:
        defib.check(run)
        taken = True
    except defib.InvalidRun as error:
        # A value that no setting takes is TOML all the same.
        taken = "pyproject.toml" in str(error) and "line " not in str(error)
    try:
        tomllib.loads(document)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    assert taken, document
