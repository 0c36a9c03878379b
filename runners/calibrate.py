"""Find post-processing settings on labelled maps: `python runners/calibrate.py checkpoint_path=… split=val`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("calibrate")  # before torch is imported

import logging
from pathlib import Path

from omegaconf import DictConfig
from rich.progress import track

from baseline_code.files.claims import claimed
from ocr.calibration import calibrate, read_axes, write_calibration
from ocr.calibration.heat_map import write_heat_map
from ocr.calibration.report import print_calibration
from runners.cli.settings import plain
from runners.wiring.labelled_maps import gather_maps

IOU_WEIGHTS = {"hmean": 0.0, "iou_hmean": 1.0}

log = logging.getLogger(__name__)


@entry_point("calibrate")
def main(config: DictConfig) -> None:
    """Searches, says whether the gain is real, and writes the settings and a heat map."""
    output = claim_output(Path(config.output), overwrite=config.overwrite)
    with claimed(output):
        _calibrate(config, output)


def _calibrate(config: DictConfig, output: Path) -> None:
    axes = read_axes(plain(config.search.axes))
    gathered = gather_maps(config)
    calibrated = calibrate(
        gathered.maps,
        vars(gathered.postprocess),
        axes,
        iou_weight=config.iou_weight if config.objective == "weighted" else IOU_WEIGHTS[config.objective],
        n_trials=config.search.n_trials,
        repeats=config.search.repeats,
        confidence=config.search.confidence,
        seed=config.seed,
        threads=config.threads,
        source=gathered.source,
        track=track,
    )
    write_heat_map(output.with_suffix(".png"), calibrated.scan, calibrated.calibration)
    write_calibration(output, calibrated.calibration)
    print_calibration(calibrated)
    log.info("calibration=%s for predict, evaluate and ensemble; heat map: %s", output, output.with_suffix(".png"))


def claim_output(output: Path, *, overwrite: bool) -> Path:
    """The file to write, if nothing is lost by that.

    Raises:
        ValueError: if it does not end in .json, or it is there already and may not be replaced.
    """
    if output.suffix != ".json":
        raise ValueError(f"expected output= to end in .json, the heat map beside it in .png, got {output}")
    if output.exists() and not overwrite:
        raise ValueError(f"{output} is there already: choose another output=, or replace it by overwrite=true")
    return output


if __name__ == "__main__":
    main()
