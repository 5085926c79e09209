#!/usr/bin/env python3
"""Writes what a wheel is made of, as CycloneDX 1.5 beside it: sbom.py WHEEL, WHEEL.cdx.json.

All is read off the wheel itself: its requirements, its libraries, and what these take from
elsewhere, with the versions of the system's packages that they were built against. The same wheel
gives the same text, but for a system that was updated in between.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import uuid
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Component = dict[str, Any]


def output(*words: str) -> str:
    """Return what a command prints; nothing where it fails or is missing."""
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def needed(library: Path) -> list[str]:
    """The names of the libraries that one takes from elsewhere."""
    told = subprocess.run(
        ["readelf", "--dynamic", str(library)], capture_output=True, text=True, check=True
    )
    return re.findall(r"\(NEEDED\).*\[(.+)\]", told.stdout)


def of_system(name: str) -> Component:
    """A library of the system, as the package that has it."""
    path = output("cc", f"-print-file-name={name}")
    place = str(Path(path).resolve()) if "/" in path else ""
    owner = output("dpkg-query", "--search", place) if place else ""
    package = owner.rpartition(": ")[0].partition(":")[0]
    found: Component = {"type": "library", "bom-ref": f"system:{name}", "name": name}
    if package:
        version = output("dpkg-query", "--show", "--showformat=${Version}", package)
        found["version"] = version
        found["purl"] = (
            f"pkg:deb/debian/{package}@{version.replace(':', '%3A').replace('+', '%2B')}"
        )
    return found


def built_in() -> list[Component]:
    """What is linked into the engine: Swift's own library, and packages of Swift."""
    version = re.search(r"Swift version (\S+)", output("swift", "--version"))
    found: list[Component] = []
    if version:
        found.append(
            {
                "type": "library", "bom-ref": "swift-runtime", "name": "swift-runtime",
                "version": version[1],
            }
        )  # fmt: skip
    resolved = ROOT / "Package.resolved"
    if resolved.exists():
        for pin in json.loads(resolved.read_text())["pins"]:
            place = re.sub(r"^https://|\.git$", "", pin["location"])
            version_of = pin["state"]["version"]
            found.append(
                {
                    "type": "library", "bom-ref": pin["identity"], "name": pin["identity"],
                    "version": version_of, "purl": f"pkg:swift/{place}@{version_of}",
                }
            )  # fmt: skip
    return found


def library(name: str, file: Path) -> Component:
    """A library of the wheel; that of Debian's oneDNN, under a name of ours, with its package."""
    found: Component = {"type": "library", "bom-ref": f"wheel:{name}", "name": name}
    if name.endswith("-defib.so.2"):
        origin = of_system(name.replace("-defib", ""))
        found |= {key: origin[key] for key in ("version", "purl") if key in origin}
    found["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(file.read_bytes()).hexdigest()}]
    return found


def described(wheel: Path) -> dict[str, Any]:
    """Return the whole document of a wheel."""
    parts: dict[str, Component] = {}
    edges: dict[str, list[str]] = {}
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        meta = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        head = Parser().parsestr(archive.read(meta).decode())
        names = [name for name in archive.namelist() if ".so" in Path(name).name]
        files = {Path(name).name: Path(archive.extract(name, folder)) for name in names}
        inner = {entry["bom-ref"]: entry for entry in built_in()}
        for name, file in sorted(files.items()):
            parts[f"wheel:{name}"] = library(name, file)
            wanted = needed(file)
            refs = [f"wheel:{lib}" if lib in files else f"system:{lib}" for lib in wanted]
            parts |= {f"system:{lib}": of_system(lib) for lib in wanted if lib not in files}
            # Each engine has Swift in it; the small libraries are in C.
            engine = b"swift_retain" in file.read_bytes()
            edges[f"wheel:{name}"] = sorted([*refs, *(inner if engine else ())])
            parts |= inner if engine else {}
    root = f"pkg:pypi/{head['Name']}@{head['Version']}"
    edges[root] = [f"wheel:{name}" for name in sorted(files)]
    for text in head.get_all("Requires-Dist", []):
        if "extra ==" not in text:
            name = re.split(r"[^\w.-]", text)[0]
            requirement = {"name": "defib:requirement", "value": text}
            parts[f"pkg:pypi/{name}"] = {
                "type": "library", "bom-ref": f"pkg:pypi/{name}", "name": name,
                "purl": f"pkg:pypi/{name}", "properties": [requirement],
            }  # fmt: skip
            edges[root].append(f"pkg:pypi/{name}")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library", "bom-ref": root, "name": head["Name"],
                "version": head["Version"], "purl": root,
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
        },
        "components": [parts[key] for key in sorted(parts)],
        "dependencies": [
            {"ref": ref, "dependsOn": edges.get(ref, [])} for ref in [root, *sorted(parts)]
        ],
    }  # fmt: skip


def main() -> None:
    """Write the document beside the wheel."""
    wheel = Path(sys.argv[1])
    target = wheel.with_name(wheel.name + ".cdx.json")
    target.write_text(json.dumps(described(wheel), indent=2) + "\n")
    print(f"{target}: what the wheel is made of")


if __name__ == "__main__":
    main()
