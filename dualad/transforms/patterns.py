"""Drawings of sparsity patterns, with the colors of the directions that give the elements."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from dualad.errors import MissingExtraError, SparsityError
from dualad.transforms.coloring import Coloring

LETTERS = "abcdefghijklmnopqrstuvwxyz"  # of columns that are pushed; capitals of rows pulled
MOST_ROWS, MOST_COLUMNS = 40, 80  # characters of a text
INCHES = 5.0  # of the longer side of a figure


@dataclass(frozen=True, slots=True, repr=False)
class PatternDrawing:
    """A sparsity pattern: print it, or let a notebook show it.

    Attributes
    ----------
    shape : tuple of int
        Of the matrix, (m, n).
    rows, columns : ndarray of int, shape (count,)
        Where it may be nonzero.
    colors : ndarray of int, shape (count,)
        The direction that gives each element: first those pushed, then those pulled.
    pushed, pulled : int
        How many directions there are of either; none of both without a coloring.
    """

    shape: tuple[int, int]
    rows: Any
    columns: Any
    colors: Any
    pushed: int
    pulled: int

    def __str__(self) -> str:
        """One character an element, or a block of them: a letter for its direction.

        Columns pushed together share a small letter, rows pulled together a capital; ``*`` stands
        for elements without a color, or with one beyond the alphabet, ``#`` for several colors.
        """
        m, n = self.shape
        block = max(1, -(-m // MOST_ROWS), -(-n // MOST_COLUMNS))
        marks = [self._letter(color) for color in range(max(self.pushed + self.pulled, 1))]
        grid = [["."] * -(-n // block) for _ in range(-(-m // block))]
        for i, j, color in zip(self.rows // block, self.columns // block, self.colors, strict=True):
            mark = marks[color]
            grid[i][j] = mark if grid[i][j] in (".", mark) else "#"
        lines = ["".join(line) for line in grid]
        of_blocks = f", {block} by {block} a character" if block > 1 else ""
        directions = f", {self.pushed} pushed and {self.pulled} pulled"
        directions = directions if self.pushed + self.pulled else ""
        head = f"{m} by {n}, {len(self.rows)} elements{directions}{of_blocks}"
        return "\n".join([head, *[f"    {line}" for line in lines]])

    __repr__ = __str__

    def _letter(self, color: int) -> str:
        """Return what stands for a color."""
        if not self.pushed + self.pulled:
            return "*"
        place = color if color < self.pushed else color - self.pushed
        letter = LETTERS[place] if place < len(LETTERS) else "*"
        return letter if color < self.pushed else letter.upper()

    def figure(self) -> Any:
        """The picture.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        MissingExtraError
            If the package matplotlib is missing: ``pip install dualad[draw]``.
        """
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise MissingExtraError("the picture of a pattern", "matplotlib", "draw") from None
        m, n = self.shape
        longest = max(m, n, 1)
        figure = Figure(figsize=(max(INCHES * n / longest, 1), max(INCHES * m / longest, 1)))
        axes = figure.subplots()
        side = 72 * INCHES * 0.7 / longest  # points
        axes.scatter(self.columns, self.rows, side**2, self.colors % 20, marker="s", linewidths=0,
                     cmap="tab20", vmin=0, vmax=19)  # fmt: skip
        axes.set(xlim=(-0.5, n - 0.5), ylim=(m - 0.5, -0.5), aspect="equal")
        return figure

    def save(self, path: str | Path) -> None:
        """Write the picture into a file, in the format that its suffix names.

        Parameters
        ----------
        path : str or Path
            Ending in .png, .svg, .pdf or another format of Matplotlib.

        Raises
        ------
        MissingExtraError
            If the package matplotlib is missing: ``pip install dualad[draw]``.
        """
        self.figure().savefig(path)

    def _repr_png_(self) -> bytes | None:
        """The picture for a notebook; None, for the text to take its place, if it cannot be had."""
        image = BytesIO()
        try:
            self.figure().savefig(image, format="png")
        except MissingExtraError:
            return None
        return image.getvalue()


def drawn(pattern: Any, coloring: Coloring | None = None) -> PatternDrawing:
    """Return the drawing of a pattern.

    Raises
    ------
    SparsityError
        If the pattern is no matrix, or the coloring one of another shape.
    """
    from scipy import sparse  # heavy

    if getattr(pattern, "ndim", 0) != 2:
        raise SparsityError("the pattern", "it is no matrix")
    found = sparse.coo_array(pattern)
    found.sum_duplicates()
    kept = found.data != 0
    i, j = found.coords[0][kept], found.coords[1][kept]
    m, n = found.shape
    if coloring is None:
        return PatternDrawing((m, n), i, j, np.zeros(len(i), int), 0, 0)
    if coloring.rows.shape + coloring.columns.shape != (m, n):
        raise SparsityError("the coloring", "it is of a matrix of another shape")
    of_row, of_column = coloring.rows[i], coloring.columns[j]
    if coloring.is_symmetric:  # what is not pushed is read at its mirrored place
        of_column = np.where(of_column >= 0, of_column, coloring.columns[i])
    colors = np.where(of_row >= 0, coloring.pushed + of_row, of_column)
    return PatternDrawing((m, n), i, j, colors, coloring.pushed, coloring.pulled)
