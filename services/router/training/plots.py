"""The pictures of the model card and of the corrections curve: small PNGs, drawn without a screen.

matplotlib is a tool for development; nothing that runs in a city imports this file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from services.router.training.report import Bin

mpl.use("Agg")

DOTS_PER_INCH: Final = 80


def draw_calibration(bins: Sequence[Bin], path: Path) -> None:
    """Confidence against the share that is right; the area of a dot is the number of texts."""
    figure = Figure(figsize=(5, 4.5))
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    sizes = [max(12.0, one.texts / 3) for one in bins]
    axes.scatter([one.confidence for one in bins], [one.right for one in bins], s=sizes, color="#1f5f8b")
    axes.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1))
    axes.set_title("Held-out texts of the project's own corpus", fontsize=10)
    _save(figure, path)


def draw_confusion(labels: Sequence[str], answers: Sequence[str], path: Path) -> None:
    """Rows are the right departments, columns the answered ones; each row sums to 1."""
    codes = sorted({*labels, *answers})
    counts = np.zeros((len(codes), len(codes)))
    for label, answered in zip(labels, answers, strict=True):
        counts[codes.index(label), codes.index(answered)] += 1
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    figure = Figure(figsize=(7.5, 7))
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(codes)), codes, rotation=90, fontsize=7)
    axes.set_yticks(range(len(codes)), codes, fontsize=7)
    axes.set(xlabel="answered", ylabel="right")
    _write_shares(axes, shares)
    _save(figure, path)


def draw_curve(curves: Mapping[str, Sequence[tuple[int, float]]], path: Path) -> None:
    """Accuracy by number of corrections, one line a way of choosing them."""
    figure = Figure(figsize=(5.5, 4))
    axes = figure.add_subplot()
    for name, points in curves.items():
        axes.plot([rows for rows, _ in points], [accuracy for _, accuracy in points], marker="o", label=name)
    axes.set(xlabel="labelled rows of the city added", ylabel="accuracy")
    axes.set_xscale("symlog", linthresh=50)
    ticks = sorted({rows for points in curves.values() for rows, _ in points})
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.legend(fontsize=8)
    axes.grid(color="0.9")
    _save(figure, path)


def _write_shares(axes: Axes, shares: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    for row, column in np.argwhere(shares >= 0.05).tolist():
        dark = shares[row, column] > 0.5
        text = f"{shares[row, column]:.2f}".lstrip("0")
        axes.text(column, row, text, ha="center", va="center", fontsize=5.5, color="white" if dark else "black")


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
