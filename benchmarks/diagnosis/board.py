"""The board as text, and its figures."""

from __future__ import annotations

from statistics import mean, median
from typing import Any

from .cases import Case
from .scoring import Verdict

PUBLISHED = (
    "Published: detection 94 % and diagnosis 64 % (DEFault), 52 % diagnosed (DeepFD), 65 % "
    "localised\n(DeepDiagnosis), precision 0.37 to 0.46, median 14 s a case. Each on cases of "
    "its own choice."
)


def share(part: int, whole: int) -> str:
    """Return "3/4 (75 %)"."""
    return f"{part}/{whole} ({100 * part / max(whole, 1):.0f} %)"


def print_cases(
    collection: str, chosen: list[Case], faulty: list[Verdict], repaired: list[Verdict]
) -> dict[str, Any]:
    """Print the board of one collection; returns its figures."""
    print(f"\n{collection} faults: accepted rules, the causes that were named, the rank\n")
    for verdict in faulty:
        rank = "-" if verdict.rank is None else str(verdict.rank)
        print(f"  {rank:>2}  {verdict.name:24} {', '.join(verdict.causes[:4]) or 'nothing found'}")
        if verdict.rank != 1:
            print(f"      {'':24} accepted: {', '.join(verdict.accepted)}")
    alarmed = [v for v in repaired if v.errors or v.warnings]
    print("\n  repaired variants with an alarm" + ("" if alarmed else ": none"))
    for verdict in alarmed:
        errors = f"errors {', '.join(verdict.errors)}" if verdict.errors else ""
        warnings = f"warnings {', '.join(verdict.warnings)}" if verdict.warnings else ""
        print(f"      {verdict.name:24} {'; '.join(part for part in (errors, warnings) if part)}")
    for case in chosen:
        if "argument" in case:
            print(f"\n  {case['id']}: {case['argument']}")

    n = len(faulty)
    seconds = [v.seconds for v in faulty + repaired]
    figures: dict[str, Any] = {
        "runs": n,
        "detected": sum(v.detected for v in faulty),
        "first": sum(v.rank == 1 for v in faulty),
        "within_three": sum(v.rank is not None and v.rank <= 3 for v in faulty),
        "repaired_with_errors": sum(bool(v.errors) for v in repaired),
        "repaired_with_warnings": sum(bool(v.warnings) for v in repaired),
        "median_seconds": median(seconds),
        "mean_seconds": mean(seconds),
        "longest_seconds": max(seconds),
    }
    print(f"\n  detected                  {share(figures['detected'], n)}")
    print(f"  accepted cause first      {share(figures['first'], n)}")
    print(f"  among the first three     {share(figures['within_three'], n)}")
    print(f"  repaired with an error    {share(figures['repaired_with_errors'], n)}")
    print(f"  repaired with a warning   {share(figures['repaired_with_warnings'], n)}")
    print(
        f"  seconds a run             median {median(seconds):.2f}, mean {mean(seconds):.2f}, ",
        end="",
    )
    print(f"longest {max(seconds):.2f}")
    print(f"\n  {PUBLISHED}".replace("\n(", "\n  ("))
    return figures


def print_healthy(found: list[Verdict]) -> dict[str, Any]:
    """Print the sound models; returns their figures."""
    print("\nsound models\n")
    for verdict in found:
        if verdict.detected:
            said = [f"error {rule}" for rule in verdict.errors]
            said += [f"warning {rule}" for rule in verdict.warnings]
            print(f"      {verdict.name:32} {', '.join(said)}")
    errors = sum(bool(v.errors) for v in found)
    warnings = sum(bool(v.warnings) for v in found)
    print(f"\n  with an error             {share(errors, len(found))}")
    print(f"  with a warning            {share(warnings, len(found))}")
    return {"runs": len(found), "errors": errors, "warnings": warnings}
