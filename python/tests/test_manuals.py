"""The man pages and completions that come with the commands."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from defib import _native

SCRIPT = Path(__file__).parents[2] / "scripts" / "manuals.py"
pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manuals")
    subprocess.run([SCRIPT, _native.library_path(), folder], check=True)
    return folder / "share"


def test_every_command_has_a_page(written):
    names = {page.name for page in (written / "man/man1").iterdir()}
    assert names == {
        "defib.1", "defib-check.1", "defib-revive.1", "defib-rules.1", "defib-inspect.1",
        "defib-inspect-diff.1", "defib-inspect-check.1", "npyinspect.1", "npyinspect-diff.1",
        "npyinspect-check.1",
    }  # fmt: skip


def test_pages_hold_the_options_that_the_help_has(written):
    for name in ("defib-check", "npyinspect", "npyinspect-diff"):
        text = (written / f"man/man1/{name}.1").read_text().replace("\\", "")
        words = name.split("-")
        done = subprocess.run(
            [SCRIPT, "--run", _native.library_path(), *words, "--help"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        options = {word.strip(",") for word in done.stdout.split() if word.startswith("--")}
        assert options
        for option in options:
            assert option.rstrip(".;") in text, (name, option)


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_pages_are_sound(written):
    for page in (written / "man/man1").iterdir():
        done = subprocess.run(
            ["groff", "-k", "-man", "-Tutf8", "-ww", page],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == "", page.name
        # Bold letters are printed twice.
        assert "NAME" in re.sub(".\b", "", done.stdout)


def completed(written, *words):
    """Return what bash offers for the last word."""
    script = written / "bash-completion/completions" / words[0]
    program = f"""
        source {script}
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${{#COMP_LINE}}
        function=$(complete -p {words[0]} | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        $function {words[0]} "${{COMP_WORDS[$# - 1]}}" "${{COMP_WORDS[$# - 2]}}"
        printf "%s\\n" "${{COMPREPLY[@]}}"
    """
    # As an interactive shell with completion has it.
    command = ["bash", "-O", "extglob", "-c", program, "bash", *words]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_bash_completes_commands_options_and_formats(written):
    assert {"check", "revive", "rules", "inspect"} <= completed(written, "defib", "")
    assert "--format" in completed(written, "defib", "check", "--f")
    assert {"sarif", "junit"} <= completed(written, "defib", "check", "--format", "")
    assert "--quantiles" in completed(written, "npyinspect", "--q")
    assert completed(written, "npyinspect", "--format", "c") == {"csv"}


def test_shells_can_read_their_scripts(written):
    for shell, place in (
        ("bash", "bash-completion/completions/{}"), ("zsh", "zsh/site-functions/_{}"),
        ("fish", "fish/vendor_completions.d/{}.fish"),
    ):  # fmt: skip
        for program in ("defib", "npyinspect"):
            script = written / place.format(program)
            assert program in script.read_text()
            if shutil.which(shell):
                subprocess.run([shell, "-n", script], check=True)
