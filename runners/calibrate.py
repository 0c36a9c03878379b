"""Find post-processing settings on labelled maps: `python runners/calibrate.py checkpoint_path=… split=val`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("calibrate")  # before torch is imported

import logging
from pathlib import Path

from rich.progress import track

from baseline_code.files.claims import claimed, refuse_overwrite
from ocr.calibration import calibrate, read_axes, write_calibration
from ocr.calibration.heat_map import write_heat_map
from ocr.calibration.report import print_calibration
from runners.cli.settings import Group
from runners.wiring.checkpoints import Overrides
from runners.wiring.labelled_maps import LabelledSplit, gather_maps

IOU_WEIGHTS = {"hmean": 0.0, "iou_hmean": 1.0}

log = logging.getLogger(__name__)


@entry_point("calibrate")
def main(
    checkpoint_path: str | None,
    maps: str | None,
    split: str,
    annotations: str | None,
    limit: int | None,
    output: str,
    overwrite: bool,
    allow_leak: bool,
    objective: str,
    iou_weight: float,
    seed: int,
    threads: int,
    search: Group,
    **overrides: object,
) -> None:
    """Searches, says whether the gain is real, and writes the settings and a heat map."""
    target = check_output(Path(output), None if annotations is None else Path(annotations), overwrite=overwrite)
    with claimed(target):
        axes = read_axes(search["axes"])
        gathered = gather_maps(
            checkpoint_path,
            maps,
            LabelledSplit(split, annotations, limit),
            Overrides.of(overrides),
            folder=Path(maps or f"{target.with_suffix('')}_maps"),
            overwrite=overwrite,
            allow_leak=allow_leak,
        )
        calibrated = calibrate(
            gathered.maps,
            vars(gathered.postprocess),
            axes,
            iou_weight=iou_weight if objective == "weighted" else IOU_WEIGHTS[objective],
            n_trials=search["n_trials"],
            repeats=search["repeats"],
            confidence=search["confidence"],
            seed=seed,
            threads=threads,
            source=gathered.source,
            track=track,
        )
        write_heat_map(target.with_suffix(".png"), calibrated.scan, calibrated.calibration)
        write_calibration(target, calibrated.calibration)
        print_calibration(calibrated)
    log.info("calibration=%s for predict, evaluate and ensemble; heat map: %s", target, target.with_suffix(".png"))


def check_output(output: Path, annotations: Path | None, *, overwrite: bool) -> Path:
    """The file to write, if nothing is lost by it or by the heat map beside it.

    Raises:
        ValueError: if it does not end in .json.
        FileExistsError: if one of the two is there already and may not be replaced, or it is the labels that are read.
    """
    if output.suffix != ".json":
        raise ValueError(f"expected output= to end in .json, the heat map beside it in .png, got {output}")
    read = {} if annotations is None else {"annotations=": annotations}
    for path in (output, output.with_suffix(".png")):
        refuse_overwrite(path, overwrite=overwrite, read=read)
    return output


if __name__ == "__main__":
    main()
