"""Write a detector as files that other programs read: `python runners/export.py checkpoint_path=… output=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("export")  # before torch is imported

import logging
from pathlib import Path

from omegaconf import DictConfig

from ocr.detection.metadata import Metadata
from ocr.detection.reading import Reading
from ocr.export.state_folder import write_state_folder
from ocr.models.architecture import pick_architecture
from ocr.starts.shipped import STATE_FILE
from runners.cli.settings import plain
from runners.wiring.detector import load_detector

log = logging.getLogger(__name__)


@entry_point("export")
def main(config: DictConfig) -> None:
    """Writes the detector with the settings that it is read with."""
    output = Path(config.output)
    if (output / STATE_FILE).exists() and not config.overwrite:
        raise FileExistsError(f"{output} holds a detector already: choose another output=, or set overwrite=true")
    config.models.compile, config.trainer.accelerator = False, "cpu"
    detector, settings = load_detector(config.checkpoint_path, config)
    metadata = Metadata(
        Reading(detector.views.base, detector.postprocess),
        network=pick_architecture(plain(settings.models, resolve=True)),
        fingerprint=detector.source["checkpoint_sha256"],
        description=config.description or Path(config.checkpoint_path).name,
    )
    for path in write_state_folder(detector.network, metadata, output):
        log.info("%s: %.2f MB", path, path.stat().st_size / 1e6)


if __name__ == "__main__":
    main()
