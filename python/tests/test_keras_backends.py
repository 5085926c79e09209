"""The tests of Keras once more on its torch backend, which one process cannot change."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("keras")
pytest.importorskip("torch")
pytest.importorskip("tensorflow")  # else torch is the backend of these tests anyway

HERE = Path(__file__).parent


@pytest.mark.parametrize("file", ["test_export_keras", "test_keras_training"])
def test_on_torch(file):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"{HERE / file}.py"]
    environment = os.environ | {"KERAS_BACKEND": "torch"}
    result = subprocess.run(
        command, env=environment, cwd=HERE.parent, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout[-4000:]
