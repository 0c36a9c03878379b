"""Figures as files."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from baseline_code.files.atomic import write_bytes_atomic


def check_chart_file(path: Path, setting: str = "output=") -> None:
    """Checks that a chart may be written: a chart is drawn anew whenever it is asked for, and replaces a chart only.

    Matplotlib names itself in its files. Photographs and scans, which may be PNGs as well, are no charts.

    Args:
        path: where to.
        setting: that names it.

    Raises:
        FileExistsError: if a file is there that Matplotlib did not draw.
    """
    if path.exists() and not _is_chart(path):
        raise FileExistsError(f"{path} is there already and is no chart: choose another {setting}, or move it")


def _is_chart(path: Path) -> bool:
    try:
        with Image.open(path, formats=("PNG",)) as image:
            return str(image.info.get("Software", "")).startswith("Matplotlib")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # no PNG, or a broken one
        return False


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
