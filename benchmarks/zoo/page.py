"""The page of docs that tells which models were replayed, and how that went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .verdicts import Verdict

HEAD = """# Models that were tried

Written by `make zoo`, which makes each of these models in a small size, without trained weights,
replays one batch of it, and holds outputs, loss and every gradient against the framework itself
in float64. *Exact* is a distance of at most 1e-3 of the norm, or of four times what the framework
loses itself in float32: deep networks with batch norms lose up to a tenth there on a batch of
three pictures. Estimators of scikit-learn are held by what they predict; their gradients are held
in the tests. What cannot be replayed is refused with a sentence that says what to do; nothing is
replayed wrong.

"""


def page(found: Sequence[Verdict]) -> str:
    """Return the page, in Markdown."""
    used = [verdict for verdict in found if verdict.outcome != "unusable"]
    exact = sum(verdict.outcome == "exact" for verdict in used)
    lines = [
        f"Of {len(used)} models {exact} are replayed exactly, {len(used) - exact} are refused.", "",
        "| library | models | exact | refused |", "|---|---|---|---|",
    ]  # fmt: skip
    libraries = list(dict.fromkeys(verdict.subject.library for verdict in used))
    for library in libraries:
        own = [verdict for verdict in used if verdict.subject.library == library]
        good = sum(verdict.outcome == "exact" for verdict in own)
        lines.append(f"| {library} | {len(own)} | {good} | {len(own) - good} |")
    for library in libraries:
        lines += [
            "",
            f"## {library}",
            "",
            *_listed(v for v in used if v.subject.library == library),
        ]
    return HEAD + "\n".join(lines) + "\n"


def _listed(found: Iterable[Verdict]) -> list[str]:
    exact, others = [], []
    for verdict in found:
        name = f"`{verdict.subject.name}`"
        if verdict.outcome == "exact":
            exact.append(name)
        else:
            others.append(f"- {name}: {verdict.outcome}. {_sentence(verdict.detail)}")
    lines = [", ".join(exact) + "."] if exact else []
    return [*lines, *([""] if lines and others else []), *others]


def _sentence(text: str) -> str:
    """Return the reasons of a refusal in one line; of many the first three."""
    first, *rest = text.splitlines()
    reasons = [line.strip() for line in rest if line.startswith("  ")]
    kinds = list(dict.fromkeys(reason.split(": ", 1)[-1] for reason in reasons))
    return f"{first} {'; '.join(kinds[:3])}".strip().replace("|", "/")
