"""The list of what a wheel is made of: all that its libraries take, and nothing else."""

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from defib import _native

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(shutil.which("readelf") is None, reason="there is no readelf"),
]


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    wheel = tmp_path_factory.mktemp("wheel") / "defib-9.9.9-py3-none-any.whl"
    head = (
        "Metadata-Version: 2.4\nName: defib\nVersion: 9.9.9\nRequires-Dist: numpy>=1.24\n"
        "Provides-Extra: torch\nRequires-Dist: torch>=2.1; extra == 'torch'\n"
    )
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(_native.library()._name, "defib/libdefib.so")
        archive.writestr("defib-9.9.9.dist-info/METADATA", head)
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "scripts" / "sbom.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.described(wheel)
    assert json.loads(json.dumps(found)) == found == module.described(wheel)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert found["metadata"]["component"]["hashes"][0]["content"] == digest
    return found


def test_every_library_is_named_with_the_version_of_its_package(document):
    told = subprocess.run(
        ["readelf", "--dynamic", _native.library()._name],
        capture_output=True,
        text=True,
        check=True,
    )
    needed = {f"system:{name}" for name in re.findall(r"NEEDED.*\[(.+)\]", told.stdout)}
    parts = {part["bom-ref"]: part for part in document["components"]}
    assert {ref for ref in parts if ref.startswith("system:")} == needed
    if shutil.which("dpkg-query") and shutil.which("cc"):
        dnnl = parts["system:libdnnl.so.2"]
        assert dnnl["purl"].startswith("pkg:deb/debian/libdnnl")
        assert dnnl["version"]
    engine = parts["wheel:libdefib.so"]["hashes"][0]["content"]
    assert engine == hashlib.sha256(Path(_native.library()._name).read_bytes()).hexdigest()


def test_requirements_are_those_of_a_plain_install(document):
    names = {part["name"] for part in document["components"]}
    assert "numpy" in names
    assert "torch" not in names


def test_the_form_is_that_of_cyclonedx(document):
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", document["serialNumber"])
    refs = [part["bom-ref"] for part in document["components"]]
    refs.append(document["metadata"]["component"]["bom-ref"])
    assert len(refs) == len(set(refs))
    assert {entry["ref"] for entry in document["dependencies"]} == set(refs)
    assert {ref for entry in document["dependencies"] for ref in entry["dependsOn"]} <= set(refs)
    assert all(part["type"] == "library" and part["name"] for part in document["components"])
