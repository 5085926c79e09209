"""Prints the board: every case, faulty and repaired, and what the diagnosis said of it."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import torch

from . import board, cases, cures, healthy, loops, training
from .scoring import Verdict, judge

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".scoreboard"
COLLECTIONS = (*cases.COLLECTIONS, "loops", "healthy", "sound-loops")  # the board by default


def trained(case: cases.Case, variant: str, seed: int) -> Path:
    """Return the run of a case, trained now unless it was before."""
    facts = json.dumps([case, variant, seed], sort_keys=True)
    digest = hashlib.sha256(facts.encode()).hexdigest()[:12]
    run = CACHE / f"{case['id']}-{variant}-{seed}-{digest}"
    if not run.exists():
        CACHE.mkdir(exist_ok=True)
        training.train(case, seed, run)
    return run


def progress(text: str) -> None:
    """Show where the work is, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def verdicts(chosen: list[cases.Case], seeds: list[int], variant: str) -> list[Verdict]:
    """Train and judge one variant of every case under every seed."""
    results = []
    for case in chosen:
        built = case if variant == "faulty" else cases.repaired(case)
        for seed in seeds:
            progress(f"{variant} {case['id']} (seed {seed})")
            name = case["id"] if len(seeds) == 1 else f"{case['id']}/{seed}"
            results.append(judge(name, trained(built, variant, seed), cases.accepted(case)))
    progress("")
    return results


def main() -> int:
    """Run the board; returns 0, or 1 when a sound model was called an error."""
    parser = argparse.ArgumentParser(prog="benchmarks.diagnosis", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="seeds for each case (default 1)")
    parser.add_argument("--only", default="", help="cases whose id contains this")
    parser.add_argument("--collection", choices=(*COLLECTIONS, cases.KEPT), action="append")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--messages", action="store_true", help="print what first causes say")
    parser.add_argument(
        "--cures", action="store_true", help="train reported and further faults with their cures"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    seeds = list(range(options.seeds))

    figures = {}
    for collection in options.collection or COLLECTIONS:
        if collection == "loops":
            told = loops.verdicts(CACHE, options.only, progress)
            figures[collection] = board.print_loops(told, options.messages)
            continue
        if collection in ("healthy", "sound-loops"):
            sound = healthy.verdicts if collection == "healthy" else loops.sound
            found = sound(CACHE, options.only, progress)
            figures[collection] = board.print_healthy(found, collection, options.messages)
            continue
        chosen = [c for c in cases.load(collection) if options.only in c["id"]]
        if chosen and options.cures:
            figures[f"{collection} cures"] = cures.show([
                cures.judge(case, trained(case, "faulty", seed))
                for case in chosen for seed in seeds
            ])  # fmt: skip
        elif chosen:
            faulty = verdicts(chosen, seeds, "faulty")
            repaired = verdicts(chosen, seeds, "repaired")
            figures[collection] = board.print_cases(collection, chosen, faulty, repaired)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return int(any(figure.get("errors", 0) for figure in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
