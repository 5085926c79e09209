#!/usr/bin/env python3
"""Writes man pages and completions of both commands, as the engine itself describes them.

    manuals.py LIBRARY FOLDER

makes share/man/man1, share/bash-completion/completions, share/zsh/site-functions and
share/fish/vendor_completions.d in FOLDER. LIBRARY is libdefib.so, which holds the commands.
"""

from __future__ import annotations

import ctypes
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROGRAMS = ("defib", "npyinspect")
COMPLETIONS = {
    "bash": "share/bash-completion/completions/{}",
    "zsh": "share/zsh/site-functions/_{}",
    "fish": "share/fish/vendor_completions.d/{}.fish",
}


def main() -> int:
    """Write everything."""
    if sys.argv[1:2] == ["--run"]:
        return run(sys.argv[2], sys.argv[3:])
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    library, folder = sys.argv[1], Path(sys.argv[2])
    release = said(library, "defib", "--version").split()[1]
    for program in PROGRAMS:
        for shell, place in COMPLETIONS.items():
            script = said(library, program, "--generate-completion-script", shell)
            write(folder / place.format(program), script)
        tool = json.loads(said(library, program, "--experimental-dump-help"))
        for name, page in pages(tool["command"], release):
            write(folder / "share/man/man1" / f"{name}.1", page)
    return 0


def run(library: str, words: list[str]) -> int:
    """Do what a command does in this process."""
    encoded = [word.encode() for word in words]
    array = (ctypes.c_char_p * len(encoded))(*encoded)
    return int(ctypes.CDLL(library).defib_command_run(len(encoded), array))


def said(library: str, *words: str) -> str:
    """Return what a command prints."""
    command = [sys.executable, __file__, "--run", str(Path(library).resolve()), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def write(path: Path, text: str) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def pages(command: dict[str, Any], release: str, above: str = "") -> Iterator[tuple[str, str]]:
    """Make the page of a command and of those below it: their names and texts."""
    words = f"{above} {command['commandName']}".strip()
    below = [sub for sub in command.get("subcommands", ()) if sub["commandName"] != "help"]
    yield words.replace(" ", "-"), page(command, words, below, release)
    for sub in below:
        yield from pages(sub, release, words)


def page(command: dict[str, Any], words: str, below: list[dict[str, Any]], release: str) -> str:
    """Return a page in the macros of man."""
    shown = [entry for entry in command.get("arguments", ()) if entry.get("shouldDisplay", True)]
    places = [entry for entry in shown if entry["kind"] == "positional"]
    options = [entry for entry in shown if entry["kind"] != "positional"]
    name = words.replace(" ", "-")
    lines = [
        f'.TH "{name.upper()}" "1" "" "Defib {release}" "Defib"',
        ".SH NAME",
        f"{plain(name)} \\- {plain(command.get('abstract', '').rstrip('.'))}",
        ".SH SYNOPSIS",
    ]
    if places or not below:
        lines.append(f".B {plain(words)}")
        lines += ["[\\fIoptions\\fR]"] if options else []
        lines += [synopsis(entry) for entry in places]
    if below:
        lines += [".br"] if places else []
        lines += [f".B {plain(words)}", "\\fIcommand\\fR [\\fIoptions\\fR] ..."]
    if command.get("discussion"):
        lines.append(".SH DESCRIPTION")
        for paragraph in re.split(r"\n\s*\n", command["discussion"].strip()):
            lines += [".PP", plain(" ".join(paragraph.split()))]
    if places:
        lines.append(".SH ARGUMENTS")
        for entry in places:
            lines += [".TP", f"\\fI{plain(entry.get('valueName', ''))}\\fR", told(entry)]
    if options:
        lines.append(".SH OPTIONS")
        for entry in options:
            lines += [".TP", ", ".join(spelled(entry)), told(entry)]
    if below:
        lines.append(".SH COMMANDS")
        for sub in below:
            lines += [".TP", f"\\fB{plain(sub['commandName'])}\\fR", plain(sub.get("abstract", ""))]
        lines.append(".SH SEE ALSO")
        names = [f"\\fB{plain(name)}\\-{plain(sub['commandName'])}\\fR(1)" for sub in below]
        lines.append(", ".join(names))
    return "\n".join(lines) + "\n"


def synopsis(entry: dict[str, Any]) -> str:
    """Return an argument as it stands in the synopsis."""
    text = f"\\fI{plain(entry.get('valueName', ''))}\\fR"
    text += " ..." if entry.get("isRepeating") else ""
    return f"[{text}]" if entry.get("isOptional") else text


def spelled(entry: dict[str, Any]) -> Iterator[str]:
    """Return the spellings of an option."""
    for name in entry.get("names") or ():
        dashes = "--" if name["kind"] == "long" else "-"
        text = f"\\fB{plain(dashes + name['name'])}\\fR"
        value = entry.get("valueName") if entry["kind"] == "option" else None
        yield f"{text} \\fI{plain(value)}\\fR" if value else text


def told(entry: dict[str, Any]) -> str:
    """Return what an argument means, its values and what it is unless told."""
    text = entry.get("abstract", "")
    if entry.get("allValues"):
        text += f" One of {', '.join(entry['allValues'])}."
    if entry.get("defaultValue"):
        text += f" Default: {entry['defaultValue']}."
    return plain(text.strip())


def plain(text: str) -> str:
    """Escape what means something to troff."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text)


if __name__ == "__main__":
    sys.exit(main())
