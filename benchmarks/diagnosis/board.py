"""The board as text, and its figures."""

from __future__ import annotations

from collections import Counter
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
    listed = [(v, rule) for v in faulty for rule in v.causes]
    figures: dict[str, Any] = {
        "runs": n,
        "detected": sum(v.detected for v in faulty),
        "first": sum(v.rank == 1 for v in faulty),
        "within_three": sum(v.rank is not None and v.rank <= 3 for v in faulty),
        "wrong_first": sum(bool(v.causes) and v.rank != 1 for v in faulty),
        "could_not_tell": sum(not v.causes and not v.healthy for v in faulty),
        "called_healthy": sum(v.healthy for v in faulty),
        "precision": round(sum(rule in v.accepted for v, rule in listed) / max(1, len(listed)), 3),
        "repaired_with_errors": sum(bool(v.errors) for v in repaired),
        "repaired_with_warnings": sum(bool(v.warnings) for v in repaired),
        "median_seconds": median(seconds),
        "mean_seconds": mean(seconds),
        "longest_seconds": max(seconds),
    }
    print(f"\n  detected                  {share(figures['detected'], n)}")
    print(f"  accepted cause first      {share(figures['first'], n)}")
    print(f"  among the first three     {share(figures['within_three'], n)}")
    print(f"  another cause first       {share(figures['wrong_first'], n)}")
    print(f"  could not tell            {share(figures['could_not_tell'], n)}")
    print(f"  called healthy            {share(figures['called_healthy'], n)}")
    print(f"  precision of the causes   {figures['precision']:.2f}")
    print(f"  repaired with an error    {share(figures['repaired_with_errors'], n)}")
    print(f"  repaired with a warning   {share(figures['repaired_with_warnings'], n)}")
    print(
        f"  seconds a run             median {median(seconds):.2f}, mean {mean(seconds):.2f}, ",
        end="",
    )
    print(f"longest {max(seconds):.2f}")
    print(f"\n  {PUBLISHED}".replace("\n(", "\n  ("))
    return figures


def print_healthy(
    found: list[Verdict], collection: str = "healthy", messages: bool = False
) -> dict[str, Any]:
    """Print the sound models; returns their figures."""
    print("\nsound models\n" if collection == "healthy" else "\nsound loops\n")
    for verdict in found:
        if verdict.detected or verdict.refused:
            said = ["refused by the exporter"] if verdict.refused else []
            said += [f"error {rule}" for rule in verdict.errors]
            said += [f"warning {rule}" for rule in verdict.warnings]
            print(f"      {verdict.name:32} {', '.join(said)}")
            _print_message(verdict, messages)
    errors = sum(bool(v.errors) for v in found)
    warnings = sum(bool(v.warnings) for v in found)
    print(f"\n  with an error             {share(errors, len(found))}")
    print(f"  with a warning            {share(warnings, len(found))}")
    figures = {"runs": len(found), "errors": errors, "warnings": warnings}
    if any(v.refused for v in found):
        figures["refused"] = sum(v.refused for v in found)
        print(f"  refused by the exporter   {share(figures['refused'], len(found))}")
    for severity in ("errors", "warnings"):
        _print_rules(severity, [getattr(v, severity) for v in found])
    return figures


def print_loops(told: dict[str, list[Verdict]], messages: bool = False) -> dict[str, Any]:
    """Print the loops with a fault, by kind; returns their figures."""
    full, lazy, repaired = told["full"], told["lazy"], told["repaired"]
    print("\nfaults of the loop that are not named first: the causes that were, and the rank\n")
    for verdict in full:
        if verdict.rank != 1:
            rank = "-" if verdict.rank is None else str(verdict.rank)
            said = "refused by the exporter" if verdict.refused else "nothing found"
            print(f"  {rank:>2}  {verdict.name:48} {', '.join(verdict.causes[:4]) or said}")
            print(f"      {'':48} accepted: {', '.join(verdict.accepted)}")
            _print_message(verdict, messages)
    print("\n  kind                         first   in three   lazy first   called healthy")
    for kind in dict.fromkeys(v.accepted[0] for v in full):
        rows = [v for v in full if v.accepted[0] == kind]
        little = [v for v in lazy if v.accepted[0] == kind]
        first, three = sum(v.rank == 1 for v in rows), sum(_in_three(v) for v in rows)
        healthy = sum(v.healthy for v in rows)
        lazily = sum(v.rank == 1 for v in little)
        print(f"  {kind:24} {first:>4}/{len(rows):<4} {three:>6} {lazily:>11} {healthy:>13}")
    figures = {
        "runs": len(full),
        "first": sum(v.rank == 1 for v in full),
        "within_three": sum(_in_three(v) for v in full),
        "lazy_first": sum(v.rank == 1 for v in lazy),
        "lazy_within_three": sum(_in_three(v) for v in lazy),
        "called_healthy": sum(v.healthy for v in full),
        "lazy_called_healthy": sum(v.healthy for v in lazy),
        "refused": sum(v.refused for v in full),
        "repaired_with_errors": sum(bool(v.errors) for v in repaired),
        "repaired_with_warnings": sum(bool(v.warnings) for v in repaired),
    }
    print()
    for figure, count in figures.items():
        if figure != "runs":
            print(f"  {figure.replace('_', ' '):26} {share(count, len(full))}")
    for severity in ("errors", "warnings"):
        _print_rules(f"{severity} of repaired loops", [getattr(v, severity) for v in repaired])
        for verdict in repaired:
            if severity == "errors" and verdict.errors:
                print(f"      {verdict.name:48} {', '.join(verdict.errors)}")
    seconds = [v.seconds for v in full + lazy + repaired]
    print(f"  seconds a run             median {median(seconds):.2f}, longest {max(seconds):.2f}")
    return figures


def _in_three(verdict: Verdict) -> bool:
    return verdict.rank is not None and verdict.rank <= 3


def _print_message(verdict: Verdict, wanted: bool) -> None:
    if wanted and verdict.message:
        print(f"      {'':8} {verdict.message[:300]}")


def _print_rules(what: str, rules: list[list[str]]) -> None:
    counts = Counter(rule for found in rules for rule in found)
    if counts:
        listed = ", ".join(f"{rule} {count}" for rule, count in counts.most_common())
        print(f"  {what} by rule: {listed}")
