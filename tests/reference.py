"""Writes the lists of docs/reference/rows.md from the table: ``python -m tests.reference``.

What stands before the first list stays as it is. An entry is a heading, a label and a function:
usually a subject, a kind, and what is of that kind. Entries of functions that this NumPy does not
have stay, so that the page can be written with any NumPy from 2.0 on.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from dualad import rules
from dualad.core.row import row_of
from dualad.rules import special as special_rules
from dualad.rules.refused import REFUSED
from dualad.rules.special.refused import REFUSED as REFUSED_SPECIAL
from dualad.scipy import special as dualad_special

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "rows.md"
SUBJECTS = (*rules.SUBJECTS, *special_rules.SUBJECTS)
ALIASES, REFUSALS = "Other names", "Refused"  # headings beside those of the subjects
WIDTH = 138


class Entry(NamedTuple):
    """A function on the page."""

    heading: str
    label: str
    name: str


def heading_of(subject: Any) -> str:
    """Return the first line of a subject's docstring as a heading."""
    return subject.__doc__.strip().splitlines()[0].replace("``", "`").rstrip(". ")


def entries() -> set[Entry]:
    """Return the entries of the functions of this NumPy."""
    found = {Entry(REFUSALS, reason, _short(name)) for name, reason in _refused()}
    for subject in SUBJECTS:
        for row in subject.ROWS:
            name = _short(row.name)
            if name.endswith(".getitem"):
                found.add(Entry(heading_of(subject), row.kind, "x[index]"))
            elif _function(name) == row.function:  # not a row that dualad has for its own use
                found.add(Entry(heading_of(subject), row.kind, name))
    return found | set(_aliases())


def _refused() -> Iterator[tuple[str, str]]:
    """Yield the functions without a row, and why they have none."""
    yield from REFUSED.items()
    for name, reason in REFUSED_SPECIAL.items():
        if _function(name) is not None:  # SciPy drops some names
            yield name, reason


def _aliases() -> Iterator[Entry]:
    """Yield the names that functions have beside their own."""
    for namespace in (np, np.linalg, np.fft, special):
        for alias, value in vars(namespace).items():
            row = row_of(value) if callable(value) and not alias.startswith("_") else None
            name = f"{namespace.__name__}.{alias}"
            if row is not None and row.name != name:
                yield Entry(ALIASES, f"`{_short(row.name)}`", _short(name))


def _short(name: str) -> str:
    """Return a function's name as it is usually written."""
    return re.sub(r"^numpy\.", "np.", name)


def _function(name: str) -> Any:
    """Return a function of this NumPy, or None if it is not there."""
    home, _, own = name.rpartition("special.")
    if home in ("scipy.", "dualad.scipy."):
        if home == "dualad.scipy." and hasattr(special, own):  # dualad has more for its own use
            return getattr(dualad_special, own)
        return getattr(special, own, None)
    found: Any = np if name.startswith("np.") else None
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    return found


def is_here(entry: Entry) -> bool:
    """Return whether this NumPy has the function of an entry."""
    return entry.name == "x[index]" or _function(entry.name) is not None


def parsed(text: str) -> set[Entry]:
    """Return the entries of a page."""
    found = set()
    for section in text.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        for item in re.split(r"^- ", body, flags=re.M)[1:]:
            label, _, names = item.partition(": ")
            found |= {Entry(heading, label, name) for name in re.findall(r"`([^`]+)`", names)}
    return found


def written(old: str, found: Iterable[Entry]) -> str:
    """Return the text of a page with other entries."""
    lists: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for heading, label, name in sorted(found):
        lists[heading][label].append(f"`{name}`")
    parts = [old.partition("\n## ")[0].rstrip() + "\n"]
    for heading in [*map(heading_of, SUBJECTS), ALIASES, REFUSALS]:
        items = [
            fill(f"- {label}: {', '.join(names)}", WIDTH, subsequent_indent="  ",
                 break_long_words=False, break_on_hyphens=False)
            for label, names in sorted(lists[heading].items(), key=lambda item: item[0].strip("`"))
        ]  # fmt: skip
        parts.append("\n".join([f"## {heading}\n", *items, ""]))
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    old = PAGE.read_text("utf-8")
    kept = {entry for entry in parsed(old) if not is_here(entry)}
    PAGE.write_text(written(old, entries() | kept), "utf-8")


if __name__ == "__main__":
    main()
