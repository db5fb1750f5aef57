"""The guided tour: ``python -m dualad``."""

import sys

import numpy as np
import scipy

from dualad.tour import SECTIONS, Tour


def main() -> int:
    """Take the tour, and return the exit status: 0 if every check held, else 1."""
    print("A guided tour of dualad. All numbers are computed now, and every claim is checked.")
    python = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {python}, NumPy {np.__version__}, SciPy {scipy.__version__}")
    tour = Tour(print)
    for number, (title, visit) in enumerate(SECTIONS, 1):
        tour.section(f"{number}. {title}", visit)
    held, count = sum(tour.results), len(tour.results)
    outcome = "all held" if held == count else f"{count - held} FAILED"
    print(f"\n{count} checks: {outcome}.")
    if held == count:
        print("Where to go next: README.md and docs/tutorial/, or help(dualad).")
    return 0 if held == count else 1


if __name__ == "__main__":
    sys.exit(main())
