"""Write what docs/ has from the code: `python runners/docs_pages.py`, or `make docs-pages`."""

from __future__ import annotations

from runners.cli.entry import CONFIG_DIR, check_command, entry_point

if __name__ == "__main__":
    check_command("docs_pages")  # before torch is imported

import logging
from pathlib import Path
from typing import cast

import numpy as np

from baseline_code.files.atomic import write_bytes_atomic
from runners.cli.settings_page import settings_page

SHIPPED = Path("weights/receipt_light/detector.safetensors")
SAMPLE = Path("data/sample")
EXAMPLE = "val_0000.jpg"
LEFT, TOP, WIDTH, HEIGHT = 20, 300, 260, 160
"""What the figures show of it, px of the network's input."""
ROW = 104
"""Of the shown part, along which values are drawn."""

log = logging.getLogger(__name__)


@entry_point("docs_pages")
def main(output: str, images: bool) -> None:
    """Writes docs/settings.md, and docs/how_it_works_*.png."""
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes_atomic(folder / "settings.md", settings_page(CONFIG_DIR).encode())
    log.info("%s", folder / "settings.md")
    if images:
        _draw(folder)


def _draw(output: Path) -> None:
    """The figures, of one generated receipt and the shipped detector."""
    import torch

    from baseline_code.images.reading import read_image
    from baseline_code.models.normalisation import Normalisation
    from ocr.annotations.reading import read_annotations
    from ocr.detection.engines.torch_engine import TorchEngine, load
    from ocr.geometry import transform_polygon, translation
    from ocr.transforms.warping import warp_image
    from ocr.visualization.figures import save_figure
    from ocr.visualization.how_it_works import PredictedMaps, plot_labels, plot_maps, plot_reading, plot_row

    engine, metadata = load(SHIPPED, "cpu", None)
    network, reading = cast(TorchEngine, engine).network, metadata.reading
    words = read_annotations(SAMPLE / "jsons/val.json")[EXAMPLE]
    pixels = read_image(SAMPLE / "images/val" / EXAMPLE)
    transform = reading.letterbox(pixels.shape[1], pixels.shape[0])
    image = warp_image(pixels, transform)
    with torch.inference_mode():
        batch = torch.from_numpy(image)[None].permute(0, 3, 1, 2)
        _, *maps = (values[0, 0].numpy() for values in network(Normalisation()(batch)))
    window = np.s_[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH]
    original_to_shown = translation(-LEFT, -TOP) @ transform.original_to_input
    polygons = [transform_polygon(polygon, original_to_shown) for polygon in words.polygons]
    shown, predicted = image[window], PredictedMaps(*(values[window] for values in maps))
    figures = {
        "labels": plot_labels(shown, polygons, reading.postprocess.shrink_ratio),
        "maps": plot_maps(predicted, ROW),
        "row": plot_row(predicted, ROW, network.head.k),
        "reading": plot_reading(shown, predicted.probability, reading.postprocess),
    }
    for name, figure in figures.items():
        save_figure(figure, output / f"how_it_works_{name}.png", dots_per_inch=110)
        log.info("%s", output / f"how_it_works_{name}.png")


if __name__ == "__main__":
    main()
