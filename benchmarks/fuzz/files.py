"""Damages files of arrays and has the engine look at them, in processes like a user's.

PYTHONPATH=python:python/src python -m benchmarks.fuzz.files COUNT [SEED]

A file ends in an inspection or in an error with a message, within its time and memory. One that
ends the process, or takes too much, is saved in .fuzz, and the status is 1.
"""

from __future__ import annotations

import mmap
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import defib
from benchmarks.fuzz import seeds
from defib import _native

#: Seconds of the processor, and bytes beyond those of the process, for one file.
SECONDS, MEMORY = 1.0, 600 << 20
#: Files that one process looks at.
BATCH = 2000
#: Where files go that fail.
FAILURES = Path(__file__).resolve().parents[2] / ".fuzz"
#: What stands in headers and directories, and what may stand there instead.
WORDS = [
    b"'<f4'", b"'>f8'", b"'|O'", b"'<U9'", b"'<c16'", b"True", b"False", b"(", b")", b",", b"-1",
    b"0", b"nan",
    b"4611686018427387904", b"99999999999999999999", b"{", b"}", b"'", b"\x00", b"\xff\xff\xff\xff",
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x93NUMPY", b'"F32"', b'"I64"', b"[0,24]",
]  # fmt: skip


def whole() -> list[tuple[str, bytes]]:
    """Return sound files, each with the end of its name."""
    kinds = {"npy": seeds.arrays(), "npz": seeds.archives(), "safetensors": seeds.tensors()}
    return [(kind, content) for kind, files in kinds.items() for content in files.values()]


def damaged(rng: Random, content: bytes, other: bytes) -> bytes:
    """Return a file with one to four pieces changed."""
    data = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 3, 4])):
        # Most of what can go wrong stands at the beginning, and at the end of an archive.
        span = rng.choice([16, 128, max(1, len(data))])
        at = min(rng.randrange(span), len(data))
        at = max(0, len(data) - at) if rng.randrange(4) == 0 else at
        kind = rng.randrange(8)
        if kind == 0 and data:
            data[min(at, len(data) - 1)] = rng.randrange(256)
        elif kind == 1:
            word = rng.choice(WORDS)
            data[at : at + len(word)] = word
        elif kind == 2:
            data[at:at] = rng.choice(WORDS)
        elif kind == 3:
            del data[at : at + rng.choice([1, 2, 8, 64])]
        elif kind == 4:
            del data[rng.randrange(len(data) + 1) :]
        elif kind == 5:
            size = rng.choice([1, 2, 4, 8])
            number = rng.choice([0, 1, 2**7, 2**15, 2**31, 2**63, 2**64 - 1, rng.getrandbits(64)])
            data[at : at + size] = (number % 256**size).to_bytes(size, "little")
        elif kind == 6:
            data[at:at] = data[at : at + rng.choice([4, 32, 200])]
        else:
            data[at:] = other[at:]
    return bytes(data)


@dataclass
class Outcome:
    """How all files ended."""

    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    #: The most memory that one process had beyond what it began with, in bytes.
    grown: int = 0
    failures: list[str] = field(default_factory=list)


def case(seed: int, number: int, files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return a damaged file and the end of its name; it depends on nothing but the arguments."""
    rng = Random(f"{seed}/{number}")
    kind = rng.choice(sorted({kind for kind, _ in files}))
    content = rng.choice([content for found, content in files if found == kind])
    return kind, damaged(rng, content, rng.choice(files)[1])


def _look(seed: int, numbers: range, folder: Path, place: mmap.mmap) -> None:
    """Look at files in this process, and say in `place` how far that is."""
    files = whole()
    _native.library()
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = slowest = 0
    for number in numbers:
        place[:8] = number.to_bytes(8, "little")
        kind, content = case(seed, number, files)
        path = folder / f"input.{kind}"
        path.write_bytes(content)
        start = time.process_time()
        try:
            defib.inspect(path, quantiles=number % 8 == 0)
            read += 1
        except defib.DefibError as error:
            if not str(error).strip():
                os._exit(3)
        taken = time.process_time() - start
        if taken > SECONDS:
            os._exit(4)
        slowest = max(slowest, int(taken * 1e6))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - begin
    for index, value in enumerate((read, slowest, grown * 1024), start=1):
        place[8 * index : 8 * index + 8] = value.to_bytes(8, "little")
    os._exit(0)


_CAUSES = {1: "raised what is no DefibError", 3: "an error without a message", 4: "too slow"}


def survey(count: int, seed: int) -> Outcome:
    """Look at damaged files; those that fail are saved."""
    outcome, begin = Outcome(), 0
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
        while begin < count:
            end = min(count, begin + BATCH)
            with mmap.mmap(-1, mmap.PAGESIZE) as place:
                process = os.fork()
                if process == 0:
                    try:
                        _look(seed, range(begin, end), Path(name), place)
                    finally:
                        os._exit(1)
                status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
                number, read, slowest, grown = (
                    int.from_bytes(place[8 * i : 8 * i + 8], "little") for i in range(4)
                )
            if status == 0:
                outcome.read += read
                outcome.refused += end - begin - read
                outcome.slowest = max(outcome.slowest, slowest / 1e6)
                outcome.grown = max(outcome.grown, grown)
                begin = end
                continue
            # Those before it ended well, or they would have ended the process.
            outcome.refused += number - begin
            begin = number + 1
            kind, content = case(seed, number, whole())
            file = FAILURES / f"file-{seed}-{number}.{kind}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            cause = f"signal {-status}" if status < 0 else _CAUSES.get(status, f"status {status}")
            outcome.failures.append(f"{cause}: {file}")
    return outcome


def main() -> int:
    """Look at as many files as the first argument says; returns 1 when one failed."""
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    outcome = survey(count, seed)
    for failure in outcome.failures:
        print(failure)
    print(f"{count} files with seed {seed}: {outcome.read} read, {outcome.refused} refused,")
    print(f"{len(outcome.failures)} failed; the longest took {outcome.slowest * 1e3:.0f} ms, and")
    print(f"no process of {BATCH} grew by more than {outcome.grown / 2**20:.0f} MB")
    return int(bool(outcome.failures))


if __name__ == "__main__":
    sys.exit(main())
