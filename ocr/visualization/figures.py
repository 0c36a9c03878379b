"""Figures as files."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from baseline_code.files.atomic import write_bytes_atomic


def save_figure(figure: Figure, path: Path, *, dots_per_inch: int = 150) -> None:
    """Writes a figure as PNG, whole or not at all; works without a screen, and in any thread.

    Args:
        figure: made by `Figure(…)` itself, not by pyplot, which keeps figures and asks for windows.
        path: where to, `*.png`; missing folders are made.
        dots_per_inch: of the image.

    Raises:
        ValueError: if the name ends otherwise.
    """
    if path.suffix.lower() != ".png":
        raise ValueError(f"expected the name of an image that ends in .png, got {path}")
    image = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(image, format="png", dpi=dots_per_inch)
    write_bytes_atomic(path, image.getvalue())
