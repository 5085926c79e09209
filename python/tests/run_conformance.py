"""The command behind scripts/conformance."""

import sys
from pathlib import Path

import conformance

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"


def main(arguments):
    if arguments == ["--write"]:
        PAGE.write_text(conformance.page(), encoding="utf-8")
        return 0
    strangers = [name for name in arguments if name not in conformance.operators()]
    if strangers:
        print(f"{', '.join(strangers)}: no operator of the engine", file=sys.stderr)
        return 64
    passed, wrong = 0, 0
    for name in conformance.supported():
        case = conformance.every_case()[name]
        if arguments and conformance.operator(case) not in arguments:
            continue
        found, why = conformance.outcome(case), conformance.reason(name)
        passed += found is None
        if (found is None) == (why is None):
            continue
        wrong += 1
        print(f"{name} ({conformance.operator(case)}): {found or f'passes, but: {why}'}")
    print(f"{passed} passed, {wrong} unexplained or with a stale reason")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
