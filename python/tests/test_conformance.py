"""Every node test case of the onnx package whose operators the engine has."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

pytest.importorskip("onnx")

import conformance
from conformance_reasons import REASONS

pytestmark = pytest.mark.engine

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"


@pytest.mark.parametrize("name", conformance.supported())
def test_case(name):
    """It passes, or it fails for a reason that is written down."""
    found = conformance.outcome(conformance.every_case()[name])
    why = conformance.reason(name)
    if why is None:
        assert found is None, found
    else:
        assert found is not None, f"passes; take it out of conformance_reasons.py: {why}"


def test_reasons_name_cases():
    """A reason for a case that onnx no longer has, or never had, is a mistake."""
    cases = conformance.every_case()
    strangers = [key for key in REASONS if not any(fnmatchcase(name, key) for name in cases)]
    assert not strangers


def test_every_operator_has_a_case():
    about = {
        conformance.operator(conformance.every_case()[name]) for name in conformance.supported()
    }
    assert set(conformance.operators()) <= about


def test_page_is_fresh():
    written = PAGE.read_text(encoding="utf-8")
    assert written == conformance.page(), "run scripts/conformance --write"
